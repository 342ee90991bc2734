// SPDX-License-Identifier: Apache-2.0
// What the simulation is told to get wrong.
#pragma once

#include <array>
#include <cstdint>

#include "hpbcard.h"

namespace hpb {

constexpr std::size_t kFaultKinds = HPBCARD_FAULT_CORRUPT_COMPLETION + 1;

class Faults {
 public:
  void inject(std::uint32_t kind, std::uint32_t count, std::uint64_t value) {
    faults_[kind] = {count, value};
  }

  bool active(hpbcard_fault kind) const { return faults_[kind].count != 0; }
  std::uint64_t value(hpbcard_fault kind) const { return faults_[kind].value; }

  // One occasion to go wrong: true if this one does.
  bool take(hpbcard_fault kind) {
    if (faults_[kind].count == 0) return false;
    faults_[kind].count--;
    return true;
  }

  // The same, if the transfer is one that the fault is aimed at.
  bool take(hpbcard_fault kind, bool ring) {
    const std::uint64_t target = faults_[kind].value;
    const bool aimed = target == HPBCARD_TARGET_ANY ||
                       target == (ring ? HPBCARD_TARGET_RING : HPBCARD_TARGET_RECORDS);
    return aimed && take(kind);
  }

 private:
  struct Fault {
    std::uint32_t count = 0;
    std::uint64_t value = 0;
  };
  std::array<Fault, kFaultKinds> faults_;
};

}  // namespace hpb
