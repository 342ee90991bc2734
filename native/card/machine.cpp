// SPDX-License-Identifier: Apache-2.0
#include "machine.hpp"

#include <algorithm>

namespace hpb {
namespace {

constexpr unsigned kResetCycles = 16;
// A register access takes a few cycles; a card that needs this many is broken.
constexpr unsigned kAccessCycles = 10000;
constexpr std::uint32_t kAllOnes = 0xffffffff;

hpbcard_status from_response(unsigned response) {
  return response == 0 ? HPBCARD_OK : HPBCARD_BUS_ERROR;
}

}  // namespace

Machine::Machine(const MachineOptions &options)
    : card_(std::make_unique<Vcard>(&context_, "card")),
      waves_(context_, *card_, options.waves),
      memory_bus_(*card_, memory_, faults_, options.seed, options.latency, options.stall_percent),
      cycles_per_ms_(options.cycles_per_ms),
      until_tick_(options.cycles_per_ms) {
  card_->rst = 1;
  for (unsigned i = 0; i < kResetCycles; i++) cycle();
  card_->rst = 0;
  cycle();
  publish();
}

Machine::~Machine() { card_->final(); }

void Machine::cycle() {
  memory_bus_.drive();
  card_->tick_ms = --until_tick_ == 0;
  if (until_tick_ == 0) until_tick_ = cycles_per_ms_;
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
}

#ifdef HPBCARD_WAVES

// With the clock as an engineer wants to see it.
void Machine::edge() {
  card_->clk = 0;
  card_->eval();
  waves_.dump(2 * cycles_);
  memory_bus_.sample();
  card_->clk = 1;
  card_->eval();
  waves_.dump(2 * cycles_ + 1);
}

#else

// In one evaluation: see card_ticked.sv.
void Machine::edge() {
  memory_bus_.sample();
  card_->tick ^= 1;
  card_->eval();
}

#endif

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

void Machine::skip_to_alarm() {
  if (alarm_ > time_) {
    skipped_ += alarm_ - time_;
    time_ = alarm_;
    now_.store(time_, std::memory_order_relaxed);
  }
  alarm_ = 0;
  signal(HPBCARD_EVENT_ALARM);
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
  published_.bad.store(bus.bad_accesses, std::memory_order_relaxed);
  published_.interrupts.store(interrupts_, std::memory_order_relaxed);
}

void Machine::read_counters(hpbcard_counters &counters) const {
  counters.cycles = published_.cycles.load(std::memory_order_relaxed);
  counters.skipped_cycles = published_.skipped.load(std::memory_order_relaxed);
  counters.read_bursts = published_.reads.load(std::memory_order_relaxed);
  counters.write_bursts = published_.writes.load(std::memory_order_relaxed);
  counters.bad_accesses = published_.bad.load(std::memory_order_relaxed);
  counters.interrupts = published_.interrupts.load(std::memory_order_relaxed);
}

}  // namespace hpb
