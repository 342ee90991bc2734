// SPDX-License-Identifier: Apache-2.0
// The FST file of a run; nothing at all in a build without tracing.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

#include "Vcard.h"
#ifdef HPBCARD_WAVES
#include "verilated_fst_c.h"
#endif

namespace hpb {

#ifdef HPBCARD_WAVES

constexpr bool kHasWaves = true;

class Waves {
 public:
  // An empty path records nothing. Throws std::runtime_error if the file cannot be written.
  Waves(VerilatedContext &context, Vcard &card, const std::string &path) : recording_(!path.empty()) {
    if (!recording_) return;
    context.traceEverOn(true);
    card.trace(&file_, kDepth);
    file_.open(path.c_str());
    if (!file_.isOpen()) throw std::runtime_error("cannot write " + path);
  }
  ~Waves() {
    if (recording_) file_.close();
  }

  // Two half cycles each: low, then high.
  void dump(std::uint64_t half_cycle) {
    if (recording_) file_.dump(half_cycle);
  }

 private:
  static constexpr int kDepth = 99;  // levels of hierarchy: all
  const bool recording_;
  VerilatedFstC file_;
};

#else

constexpr bool kHasWaves = false;

class Waves {
 public:
  Waves(VerilatedContext &, Vcard &, const std::string &path) {
    if (!path.empty()) throw std::runtime_error("built without waves");
  }
  void dump(std::uint64_t) {}
};

#endif

}  // namespace hpb
