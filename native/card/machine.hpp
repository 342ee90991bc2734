// SPDX-License-Identifier: Apache-2.0
// The card, its clock, its buses and its interrupt line: everything that happens in a cycle.
//
// One thread at a time. Only now(), counters() and the event may be used from others.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "Vcard.h"
#include "axi_memory.hpp"
#include "event.hpp"
#include "faults.hpp"
#include "hpbcard.h"
#include "host_memory.hpp"
#include "waves.hpp"

namespace hpb {

struct MachineOptions {
  std::uint64_t seed;
  std::uint32_t latency;
  std::uint32_t stall_percent;
  std::uint32_t cycles_per_ms;
  std::string waves;  // empty: none
};

class Machine {
 public:
  // Throws std::runtime_error, std::system_error, std::bad_alloc.
  explicit Machine(const MachineOptions &options);
  ~Machine();
  Machine(const Machine &) = delete;
  Machine &operator=(const Machine &) = delete;

  void cycle();

  // Nothing in flight, on either side: the clock may stop.
  bool idle() const { return card_->idle && memory_bus_.quiet() && delayed_irq_ == 0; }

  // Runs the clock until the card has answered.
  hpbcard_status read32(std::uint32_t offset, std::uint32_t &value);
  hpbcard_status write32(std::uint32_t offset, std::uint32_t value);

  void add_memory(std::shared_ptr<Region> region) { memory_.add(std::move(region)); }
  void inject(std::uint32_t fault, std::uint32_t count, std::uint64_t value);

  // The alarm; 0: none.
  void arm(std::uint64_t cycle) { alarm_ = cycle; }
  bool armed() const { return alarm_ != 0; }
  // Lets the time until the alarm pass without simulating it; only while idle.
  void skip_to_alarm();

  // Any thread.
  std::uint64_t now() const { return now_.load(std::memory_order_relaxed); }
  int event_fd() const { return event_.fd(); }
  std::uint32_t take_events();
  // Everything but the thread's own figures.
  void read_counters(hpbcard_counters &counters) const;
  // Makes the counters of the running cycle visible to other threads.
  void publish();

 private:
  // A clock cycle of the card: what is offered is transferred, then the edge.
  void edge();
  void signal(std::uint32_t events);
  void irq_changed();
  bool dead() const { return faults_.active(HPBCARD_FAULT_DEAD); }

  VerilatedContext context_;  // before the card, which uses it
  std::unique_ptr<Vcard> card_;
  Waves waves_;
  Faults faults_;
  HostMemory memory_;
  AxiMemory memory_bus_;
  Event event_;
  std::atomic<std::uint32_t> events_{0};

  std::atomic<std::uint64_t> now_{0};
  std::uint64_t time_ = 0;     // device time: cycles_ + skipped_
  std::uint64_t cycles_ = 0;
  std::uint64_t skipped_ = 0;
  std::uint64_t alarm_ = 0;
  const std::uint32_t cycles_per_ms_;
  std::uint32_t until_tick_;
  bool irq_ = false;
  std::uint64_t delayed_irq_ = 0;  // device time of a late interrupt; 0: none
  std::uint64_t interrupts_ = 0;

  struct Published {
    std::atomic<std::uint64_t> cycles{0}, skipped{0}, reads{0}, writes{0}, bad{0}, interrupts{0};
  } published_;
};

}  // namespace hpb
