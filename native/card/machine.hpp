// SPDX-License-Identifier: Apache-2.0
// The card, its clock, its buses and its interrupt line: everything that happens in a cycle.
//
// One thread at a time. Only now(), counters() and the event may be used from others.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "Vcard.h"
#include "axi_memory.hpp"
#include "event.hpp"
#include "faults.hpp"
#include "hpbcard.h"
#include "host_memory.hpp"
#include "network/network.hpp"
#include "ticks.hpp"
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
  bool idle() const {
    return card_->idle && memory_bus_.quiet() && delayed_irq_ == 0 && network_.quiet() &&
           ticks_.owed() == 0;
  }

  // Runs the clock until the card has answered.
  hpbcard_status read32(std::uint32_t offset, std::uint32_t &value);
  hpbcard_status write32(std::uint32_t offset, std::uint32_t value);

  bool add_memory(std::shared_ptr<Region> region) { return memory_.add(std::move(region)); }
  bool remove_memory(std::uint64_t bus) { return memory_.remove(bus); }
  void inject(std::uint32_t fault, std::uint32_t count, std::uint64_t value);

  // The alarm; 0: none.
  void arm(std::uint64_t cycle);
  bool armed() const { return alarm_ != 0; }
  // Lets the time until the alarm pass without simulating it; only while idle.
  void skip_to_alarm();

  // Joins a wire to the MAC. `paced`: ticks, delays and the alarm of a card that sleeps follow the
  // wall; else cycles are what time is.
  void attach(std::unique_ptr<Wire> wire, bool paced);
  bool is_attached() const { return network_.is_attached(); }
  bool is_paced() const { return is_paced_; }
  // Gives the ticks that are due and exchanges frames with the link. Without a link nothing.
  void look();
  // Before a sleep: exchanges frames, and writes out what is recorded.
  void settle();
  // After a sleep: is the alarm due?
  void wake();
  int link_fd() const { return network_.fd(); }
  // How long the card may sleep: paced, until its next deadline, alarm or frame.
  std::uint64_t sleep_ns() const;

  // Any thread.
  std::uint64_t now() const { return now_.load(std::memory_order_relaxed); }
  int event_fd() const { return event_.fd(); }
  std::uint32_t take_events();
  // Everything but the thread's own figures.
  void read_counters(hpbcard_counters &counters) const;
  void read_link_counters(hpbcard_link_counters &counters) const;
  // Why the link is gone; empty while it is not.
  std::string link_error() const;
  // Makes the counters of the running cycle visible to other threads.
  void publish();

 private:
  // A clock cycle of the card: what is offered is transferred, then the edge.
  void edge();
  void sample();
  void signal(std::uint32_t events);
  void irq_changed();
  bool dead() const { return faults_.active(HPBCARD_FAULT_DEAD); }
  // Nanoseconds of whatever time the network goes by
  std::uint64_t network_ns() const;
  void catch_up(std::uint64_t now_ns);
  void link_lost();

  VerilatedContext context_;  // before the card, which uses it
  std::unique_ptr<Vcard> card_;
  Waves waves_;
  Faults faults_;
  HostMemory memory_;
  AxiMemory memory_bus_;
  Network network_;
  Event event_;
  std::atomic<std::uint32_t> events_{0};

  std::atomic<std::uint64_t> now_{0};
  std::uint64_t time_ = 0;     // device time: cycles_ + skipped_
  std::uint64_t cycles_ = 0;
  std::uint64_t skipped_ = 0;
  std::uint64_t alarm_ = 0;
  const std::uint32_t cycles_per_ms_;
  Ticks ticks_;
  bool is_paced_ = false;
  std::uint64_t alarm_ns_ = 0;  // paced: when a card that sleeps reaches the alarm
  bool irq_ = false;
  std::uint64_t delayed_irq_ = 0;  // device time of a late interrupt; 0: none
  std::uint64_t interrupts_ = 0;

  struct Published {
    std::atomic<std::uint64_t> cycles{0}, skipped{0}, reads{0}, writes{0}, bad{0}, interrupts{0};
  } published_;
  mutable std::mutex link_mutex_;  // guards both below
  WireCounters link_counters_;
  std::string link_error_;
};

}  // namespace hpb
