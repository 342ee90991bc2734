// SPDX-License-Identifier: Apache-2.0
// When the card's millisecond input ticks: every so many cycles, or as the clock on the wall says.
//
// After the wall, a simulation is seldom on time: what is owed is given one by one, with cycles
// between in which the card sees to each, and what it cannot make up for is forgotten.
#pragma once

#include <algorithm>
#include <cstdint>

namespace hpb {

class Ticks {
 public:
  explicit Ticks(std::uint32_t cycles_per_ms) : cycles_per_ms_(cycles_per_ms), until_(cycles_per_ms) {}

  // From now on after the wall.
  void follow(std::uint64_t now_ns) {
    is_paced_ = true;
    begin_ns_ = now_ns;
    until_ = kStep;
  }

  // What time it is.
  void observe(std::uint64_t now_ns) { owed_ = (now_ns - begin_ns_) / kNsPerMs - given_; }

  // So many ticks mean nothing to the card but that time passes: they may follow one another closely.
  void hurry(std::uint64_t count) { hurried_ = std::min(count, owed_); }
  std::uint64_t hurried() const { return hurried_; }

  // What is later than that is not given any more: a card that cannot keep up has a slow clock.
  void forgive() {
    if (owed_ <= kMostOwed) return;
    begin_ns_ += (owed_ - kMostOwed) * kNsPerMs;
    owed_ = kMostOwed;
  }

  // Ticks that are late.
  std::uint64_t owed() const { return owed_; }

  // When the `n`-th tick from the last given one is due, after the wall.
  std::uint64_t due_ns(std::uint64_t n) const { return begin_ns_ + (given_ + n) * kNsPerMs; }

  // Once a cycle: does it have a tick? `idle`: the card has nothing to do.
  bool next(bool idle) {
    if (--until_ != 0) return false;
    if (is_paced_) return next_paced(idle);
    until_ = cycles_per_ms_;
    return true;
  }

 private:
  static constexpr std::uint64_t kNsPerMs = 1000000;
  // Cycles between two late ticks: at least; when idle, enough to see that the card is no longer; busy
  static constexpr std::uint32_t kStep = 2;
  static constexpr std::uint32_t kIdleCycles = 4;
  static constexpr std::uint32_t kBusyCycles = 16;
  static constexpr std::uint64_t kMostOwed = 200;

  bool next_paced(bool idle) {
    until_ = kStep;
    since_ = std::min(since_ + kStep, kBusyCycles);
    if (owed_ == 0) return false;
    if (hurried_ != 0) hurried_--;
    else if (since_ < (idle ? kIdleCycles : kBusyCycles)) return false;
    owed_--;
    given_++;
    since_ = 0;
    return true;
  }

  const std::uint32_t cycles_per_ms_;
  std::uint32_t until_;
  bool is_paced_ = false;
  std::uint32_t since_ = 0;  // cycles since the last tick
  std::uint64_t begin_ns_ = 0;
  std::uint64_t given_ = 0, owed_ = 0, hurried_ = 0;
};

}  // namespace hpb
