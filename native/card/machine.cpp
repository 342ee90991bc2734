// SPDX-License-Identifier: Apache-2.0
#include "machine.hpp"

#include <algorithm>
#include <chrono>

#include "../generated/hpb_card_registers.h"

namespace hpb {
namespace {

constexpr unsigned kResetCycles = 16;
// A register access takes a few cycles; a card that needs this many is broken.
constexpr unsigned kAccessCycles = 10000;
constexpr std::uint32_t kAllOnes = 0xffffffff;
constexpr std::uint64_t kBufferBytes = 2048;
constexpr std::uint64_t kNsPerMs = 1000000;
// A paced card sleeps no longer: on waking it catches up with the ticks that it missed.
constexpr std::uint64_t kLongestSleepNs = 200 * kNsPerMs;
// Cycles in which it does so, at most, before it sees to anything else.
constexpr unsigned kCatchUpCycles = 1 << 16;

template <typename Clock>
std::uint64_t clock_ns() {
  const auto now = Clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(now).count());
}

std::uint64_t wall_ns() { return clock_ns<std::chrono::steady_clock>(); }

hpbcard_status from_response(unsigned response) {
  return response == 0 ? HPBCARD_OK : HPBCARD_BUS_ERROR;
}

}  // namespace

Machine::Machine(const MachineOptions &options)
    : card_(std::make_unique<Vcard>(&context_, "card")),
      waves_(context_, *card_, options.waves),
      memory_bus_(host_signals(*card_), memory_, faults_, options.seed, options.latency,
                  options.stall_percent),
      network_(*card_, options.seed, options.stall_percent),
      cycles_per_ms_(options.cycles_per_ms),
      ticks_(options.cycles_per_ms) {
  card_->rst = 1;
  for (unsigned i = 0; i < kResetCycles; i++) cycle();
  card_->rst = 0;
  cycle();
  if constexpr (kHasToe) {
    std::uint32_t parameters = 0;
    read32(HPB_BLOCK_TOE + HPB_TOE_PARAMETERS, parameters);
    const std::uint32_t buffers_log2 = (parameters & HPB_TOE_PARAMETERS_BUFFERS_LOG2_MASK) >>
                                       HPB_TOE_PARAMETERS_BUFFERS_LOG2_SHIFT;
    network_.set_memory(std::uint64_t{kBufferBytes} << buffers_log2);
  }
  publish();
}

Machine::~Machine() { card_->final(); }

void Machine::cycle() {
  memory_bus_.drive();
  network_.drive();
  card_->tick_ms = ticks_.next(card_->idle);
  edge();
  cycles_++;
  time_++;
  now_.store(time_, std::memory_order_relaxed);
  if (static_cast<bool>(card_->irq) != irq_) irq_changed();
  if (delayed_irq_ != 0 && time_ >= delayed_irq_) {
    delayed_irq_ = 0;
    signal(HPBCARD_EVENT_IRQ);
  }
  if (alarm_ != 0 && time_ >= alarm_) {
    alarm_ = 0;
    signal(HPBCARD_EVENT_ALARM);
  }
  if (network_.has_departures() && !network_.send(network_ns())) link_lost();
}

#ifdef HPBCARD_WAVES

// With the clock as an engineer wants to see it.
void Machine::edge() {
  card_->clk = 0;
  card_->eval();
  waves_.dump(2 * cycles_);
  sample();
  card_->clk = 1;
  card_->eval();
  waves_.dump(2 * cycles_ + 1);
}

#else

// In one evaluation: see card_ticked.sv.
void Machine::edge() {
  sample();
  card_->tick ^= 1;
  card_->eval();
}

#endif

// What a bus shows in reset is no transfer.
void Machine::sample() {
  if (card_->rst) return;
  memory_bus_.sample();
  network_.sample();
}

void Machine::irq_changed() {
  irq_ = card_->irq;
  if (!irq_) return;
  interrupts_++;
  if (dead() || faults_.take(HPBCARD_FAULT_LOSE_IRQ)) return;
  if (faults_.take(HPBCARD_FAULT_DELAY_IRQ)) {
    delayed_irq_ = time_ + std::max<std::uint64_t>(1, faults_.value(HPBCARD_FAULT_DELAY_IRQ));
    return;
  }
  signal(HPBCARD_EVENT_IRQ);
}

void Machine::signal(std::uint32_t events) {
  // Counters first: who sees the event sees what led to it.
  publish();
  events_.fetch_or(events, std::memory_order_release);
  event_.raise();
}

std::uint32_t Machine::take_events() {
  event_.clear();
  return events_.exchange(0, std::memory_order_acquire);
}

void Machine::arm(std::uint64_t cycle) {
  alarm_ = cycle;
  if (!is_paced_) return;
  const std::uint64_t cycles = cycle > time_ ? cycle - time_ : 0;
  alarm_ns_ = wall_ns() + static_cast<std::uint64_t>(static_cast<double>(cycles) / cycles_per_ms_ *
                                                     kNsPerMs);
}

void Machine::skip_to_alarm() {
  if (alarm_ > time_) {
    skipped_ += alarm_ - time_;
    time_ = alarm_;
    now_.store(time_, std::memory_order_relaxed);
  }
  alarm_ = 0;
  signal(HPBCARD_EVENT_ALARM);
}

std::uint64_t Machine::network_ns() const {
  if (is_paced_) return wall_ns();
  return time_ / cycles_per_ms_ * kNsPerMs + time_ % cycles_per_ms_ * kNsPerMs / cycles_per_ms_;
}

void Machine::attach(std::unique_ptr<Wire> wire, bool paced) {
  network_.attach(std::move(wire), paced ? clock_ns<std::chrono::system_clock>() - wall_ns() : 0);
  is_paced_ = paced;
  if (paced) ticks_.follow(wall_ns());
  arm(alarm_);
}

void Machine::look() {
  if (!is_attached()) return;
  const std::uint64_t now = network_ns();
  if (is_paced_) catch_up(now);
  if (!network_.exchange(now)) link_lost();
}

// Time first: what comes now did not come before it passed. Only ticks before the card's next deadline
// are given here; the one that reaches it, and those behind, take their turn among other things.
void Machine::catch_up(std::uint64_t now_ns) {
  const std::uint64_t due = idle() ? network_.due_ms() : 0;
  ticks_.observe(now_ns);
  ticks_.hurry(due > 0 ? due - 1 : 0);
  for (unsigned i = 0; i < kCatchUpCycles && ticks_.hurried() != 0; i++) cycle();
  ticks_.hurry(0);
  ticks_.forgive();
}

void Machine::settle() {
  if (is_attached() && !network_.settle(network_ns())) link_lost();
}

void Machine::wake() {
  if (is_paced_ && alarm_ != 0 && wall_ns() >= alarm_ns_) skip_to_alarm();
}

std::uint64_t Machine::sleep_ns() const {
  const std::uint64_t now = wall_ns();
  std::uint64_t until = now + kLongestSleepNs;
  until = std::min(until, ticks_.due_ns(network_.due_ms()));
  if (alarm_ != 0) until = std::min(until, alarm_ns_);
  if (const auto next = network_.next_ns()) until = std::min(until, *next);
  return until > now ? until - now : 0;
}

void Machine::link_lost() {
  {
    const std::lock_guard lock(link_mutex_);
    link_error_ = network_.error();
  }
  signal(HPBCARD_EVENT_LINK);
}

std::string Machine::link_error() const {
  const std::lock_guard lock(link_mutex_);
  return link_error_;
}

void Machine::inject(std::uint32_t fault, std::uint32_t count, std::uint64_t value) {
  faults_.inject(fault, count, value);
  memory_bus_.wake();
}

hpbcard_status Machine::read32(std::uint32_t offset, std::uint32_t &value) {
  value = kAllOnes;
  if (dead()) return HPBCARD_OK;
  card_->s_axil_araddr = static_cast<std::uint16_t>(offset);
  card_->s_axil_arvalid = 1;
  card_->s_axil_rready = 1;
  hpbcard_status status = HPBCARD_NO_ANSWER;
  for (unsigned i = 0; i < kAccessCycles && status == HPBCARD_NO_ANSWER; i++) {
    // Registered outputs, settled since the last edge, tell what the coming edge transfers.
    const bool request = card_->s_axil_arvalid && card_->s_axil_arready;
    if (card_->s_axil_rvalid) {
      value = card_->s_axil_rdata;
      status = from_response(card_->s_axil_rresp);
    }
    cycle();
    if (request) card_->s_axil_arvalid = 0;
  }
  card_->s_axil_arvalid = 0;
  card_->s_axil_rready = 0;
  return status;
}

hpbcard_status Machine::write32(std::uint32_t offset, std::uint32_t value) {
  if (dead()) return HPBCARD_OK;
  card_->s_axil_awaddr = static_cast<std::uint16_t>(offset);
  card_->s_axil_awvalid = 1;
  card_->s_axil_wdata = value;
  card_->s_axil_wstrb = 0xf;
  card_->s_axil_wvalid = 1;
  card_->s_axil_bready = 1;
  hpbcard_status status = HPBCARD_NO_ANSWER;
  for (unsigned i = 0; i < kAccessCycles && status == HPBCARD_NO_ANSWER; i++) {
    const bool address = card_->s_axil_awvalid && card_->s_axil_awready;
    const bool data = card_->s_axil_wvalid && card_->s_axil_wready;
    if (card_->s_axil_bvalid) status = from_response(card_->s_axil_bresp);
    cycle();
    if (address) card_->s_axil_awvalid = 0;
    if (data) card_->s_axil_wvalid = 0;
  }
  card_->s_axil_awvalid = 0;
  card_->s_axil_wvalid = 0;
  card_->s_axil_bready = 0;
  return status;
}

void Machine::publish() {
  const AxiStatistics &bus = memory_bus_.statistics();
  published_.cycles.store(cycles_, std::memory_order_relaxed);
  published_.skipped.store(skipped_, std::memory_order_relaxed);
  published_.reads.store(bus.read_bursts, std::memory_order_relaxed);
  published_.writes.store(bus.write_bursts, std::memory_order_relaxed);
  published_.bad.store(bus.bad_accesses + network_.bad_accesses(), std::memory_order_relaxed);
  published_.interrupts.store(interrupts_, std::memory_order_relaxed);
  if (!is_attached()) return;
  const std::lock_guard lock(link_mutex_);
  link_counters_ = network_.counters();
}

void Machine::read_counters(hpbcard_counters &counters) const {
  counters.cycles = published_.cycles.load(std::memory_order_relaxed);
  counters.skipped_cycles = published_.skipped.load(std::memory_order_relaxed);
  counters.read_bursts = published_.reads.load(std::memory_order_relaxed);
  counters.write_bursts = published_.writes.load(std::memory_order_relaxed);
  counters.bad_accesses = published_.bad.load(std::memory_order_relaxed);
  counters.interrupts = published_.interrupts.load(std::memory_order_relaxed);
}

void Machine::read_link_counters(hpbcard_link_counters &counters) const {
  const std::lock_guard lock(link_mutex_);
  const WireCounters &c = link_counters_;
  counters = {c.frames_in, c.bytes_in,   c.frames_out, c.bytes_out, c.dropped,
              c.lost,      c.duplicated, c.reordered,  c.corrupted};
}

}  // namespace hpb
