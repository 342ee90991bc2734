// SPDX-License-Identifier: Apache-2.0
// What goes wrong on a wire, on purpose: loss, duplication, reordering, corruption, delay.
//
// The same seed, settings, frames and times give the same outcome, on every machine.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "link.hpp"

namespace hpb {

struct ImpairmentSettings {
  // Probabilities of a frame, from 0 to 1
  double loss = 0, duplicate = 0, reorder = 0, corrupt = 0;
  // Delay of every frame, and at most that much more, drawn evenly; with jitter frames overtake
  std::uint64_t delay_ns = 0, jitter_ns = 0;
  // How much later a frame comes that is reordered
  std::uint64_t reorder_ns = 1000000;
  std::uint64_t seed = 1;

  // Reads "loss=0.05,delay_ms=10,seed=1": loss, duplicate, reorder, corrupt; delay_ms, jitter_ms,
  // reorder_ms with fractions, up to a minute; seed. Throws LinkError, which says what was expected.
  static ImpairmentSettings parse(const std::string &text);
};

struct ImpairmentCounters {
  std::uint64_t frames = 0, lost = 0, duplicated = 0, reordered = 0, corrupted = 0;
  std::uint64_t dropped = 0;  // more waited than there is room for
};

class Impairment {
 public:
  explicit Impairment(const ImpairmentSettings &settings);

  // A frame enters at this time.
  void push(const Frame &frame, std::uint64_t now_ns);
  // Takes the next frame whose time has come.
  bool pop(Frame &frame, std::uint64_t now_ns);
  // When the next frame comes out; none while it is empty.
  std::optional<std::uint64_t> next_ns() const;

  const ImpairmentCounters &counters() const { return counters_; }

 private:
  struct Waiting {
    std::uint64_t at_ns, number;
    Frame frame;
  };
  // Earliest first; of the same time, the one that entered first
  struct Later {
    bool operator()(const Waiting &a, const Waiting &b) const {
      return a.at_ns != b.at_ns ? a.at_ns > b.at_ns : a.number > b.number;
    }
  };

  std::uint64_t draw();
  bool chance(double probability);
  void enter(const Frame &frame, std::uint64_t at_ns);

  ImpairmentSettings settings_;
  std::uint64_t state_;
  std::uint64_t number_ = 0;
  std::uint64_t waiting_bytes_ = 0;
  std::vector<Waiting> heap_;
  ImpairmentCounters counters_;
};

}  // namespace hpb
