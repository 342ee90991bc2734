// SPDX-License-Identifier: Apache-2.0
// xorshift64*: small, fast, the same everywhere.
#pragma once

#include <cstdint>

namespace hpb {

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed * 2 + 1) {}

  std::uint32_t next() {
    state_ ^= state_ >> 12;
    state_ ^= state_ << 25;
    state_ ^= state_ >> 27;
    return static_cast<std::uint32_t>((state_ * 0x2545f4914f6cdd1dULL) >> 32);
  }

  // Uniform enough below `bound`, which is not 0.
  std::uint32_t below(std::uint32_t bound) {
    return static_cast<std::uint32_t>((std::uint64_t{next()} * bound) >> 32);
  }

  bool chance(std::uint32_t percent) { return percent != 0 && below(100) < percent; }

 private:
  std::uint64_t state_;
};

}  // namespace hpb
