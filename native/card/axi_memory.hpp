// SPDX-License-Identifier: Apache-2.0
// Memory behind an AXI4 manager port of the card: the host's, or the card's own.
//
// Each cycle: drive() sets the inputs of the card, the model is evaluated, sample() sees which
// transfers the coming clock edge makes. While nothing is under way the card pays four compares.
#pragma once

#include <cstdint>
#include <vector>

#include "axi_signals.hpp"
#include "faults.hpp"
#include "host_memory.hpp"
#include "random.hpp"

namespace hpb {

struct AxiStatistics {
  std::uint64_t read_bursts = 0;
  std::uint64_t write_bursts = 0;
  std::uint64_t bad_accesses = 0;
};

class AxiMemory {
 public:
  // Everything given by reference outlives this.
  AxiMemory(const AxiSignals &signals, HostMemory &memory, Faults &faults, std::uint64_t seed,
            std::uint32_t latency, std::uint32_t stall_percent);

  // Nothing under way on this side.
  bool quiet() const { return reads_.empty() && writes_.empty() && answers_.empty(); }
  // Something outside changed (a fault): look at everything again.
  void wake() { awake_ = true; }
  const AxiStatistics &statistics() const { return statistics_; }

  // Sets ready, read data and write responses for the coming edge.
  void drive() {
    if (awake_) drive_busy();
  }

  // After evaluation: takes what the coming edge transfers.
  void sample() {
    if (awake_ || axi_.arvalid || axi_.awvalid || axi_.wvalid) sample_busy();
  }

 private:
  struct Burst {
    std::uint8_t id;
    std::uint64_t address;
    std::uint32_t beats;
    std::uint32_t done;
    std::uint8_t *memory;  // null: outside, or refused
    std::uint8_t response;
    std::uint64_t due;  // first cycle of an answer
    bool dropped;        // write: acknowledged, not stored
    std::uint64_t flip;  // write: XOR of the first beat
  };

  void drive_busy();
  void sample_busy();
  void drive_read();
  void drive_answer();
  void take_read();
  void take_data();
  bool stall() { return random_.chance(stall_percent_); }
  // Index of the transfer to answer now, or -1: the oldest, or when stalling any oldest of its id.
  int choose(const std::vector<Burst> &queue);
  Burst make_burst(std::uint8_t id, std::uint64_t address, std::uint32_t beats, bool write);

  AxiSignals axi_;
  HostMemory &memory_;
  Faults &faults_;
  Random random_;
  const std::uint32_t latency_;
  const std::uint32_t stall_percent_;
  bool awake_ = true;
  bool read_taken_ = false;    // the last edge took what was on the R channel
  bool answer_taken_ = false;  // ... on the B channel
  std::uint64_t now_ = 0;
  // Some few each: what is looked at every cycle is their length
  std::vector<Burst> reads_;
  int reading_ = -1;           // index in reads_ of the burst on the R channel
  std::vector<Burst> writes_;   // data not complete
  std::vector<Burst> answers_;  // response due
  int answering_ = -1;
  AxiStatistics statistics_;
};

}  // namespace hpb
