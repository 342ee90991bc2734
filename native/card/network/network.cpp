// SPDX-License-Identifier: Apache-2.0
#include "network.hpp"

namespace hpb {
namespace {

// Cycles from a request to its first answer: memory beside the card's FPGA.
constexpr std::uint32_t kLatency = 40;
// The stalls of each port are other ones than those of host memory.
constexpr std::uint64_t kReceivedSeed = 0x6d656d;
constexpr std::uint64_t kSentSeed = 0x6d656e;

// In the order of AxiSignals; these ports have one id, and no signals for it.
#define HPB_MEMORY_SIGNALS(port)                                                                \
  {no_id,                  card.port##_awaddr,  card.port##_awlen,  card.port##_awvalid,        \
   card.port##_awready,    card.port##_wdata,   card.port##_wstrb,  card.port##_wvalid,         \
   card.port##_wready,     no_id,               card.port##_bresp,  card.port##_bvalid,         \
   card.port##_bready,     no_id,               card.port##_araddr, card.port##_arlen,          \
   card.port##_arvalid,    card.port##_arready, no_id,              card.port##_rdata,          \
   card.port##_rresp,      card.port##_rlast,   card.port##_rvalid, card.port##_rready}

AxiSignals received_signals(Vcard &card, CData &no_id) {
  return HPB_MEMORY_SIGNALS(m_rx_mem_axi);
}

AxiSignals sent_signals(Vcard &card, CData &no_id) { return HPB_MEMORY_SIGNALS(m_tx_mem_axi); }

#undef HPB_MEMORY_SIGNALS

}  // namespace

Network::Network(Vcard &card, std::uint64_t seed, std::uint32_t stall_percent)
    : card_(card),
      received_bus_(received_signals(card, no_id_), memory_, no_faults_, seed ^ kReceivedSeed,
                    kLatency, stall_percent),
      sent_bus_(sent_signals(card, no_id_), memory_, no_faults_, seed ^ kSentSeed, kLatency,
                stall_percent),
      mac_(card) {}

void Network::set_memory(std::uint64_t bytes) { memory_.add(std::make_shared<Region>(0, bytes)); }

std::unique_ptr<Wire> Network::open_wire(const char *link, const char *pcap,
                                         const char *impairment) {
  const auto optional = [](const char *text) {
    return text == nullptr ? std::nullopt : std::optional<std::string>(text);
  };
  return std::make_unique<Wire>(WireOptions{link, optional(pcap), optional(impairment)});
}

void Network::attach(std::unique_ptr<Wire> wire, std::uint64_t epoch_ns) {
  wire_ = std::move(wire);
  wire_->set_epoch(epoch_ns);
}

// A link that is gone stays gone; the card hears and says nothing any more.
template <typename Body>
bool Network::guarded(Body body) {
  if (wire_ && error_.empty()) {
    try {
      body(*wire_);
      return true;
    } catch (const LinkError &error) {
      error_ = error.what();
    }
    return false;
  }
  Frame unheard;
  while (mac_.depart(unheard)) {
  }
  return true;
}

bool Network::send(std::uint64_t now_ns) {
  return guarded([&](Wire &wire) {
    Frame frame;
    while (mac_.depart(frame)) wire.send(frame, now_ns);
  });
}

bool Network::exchange(std::uint64_t now_ns) {
  return guarded([&](Wire &wire) {
    Frame frame;
    while (mac_.depart(frame)) wire.send(frame, now_ns);
    while (mac_.has_room() && wire.receive(frame, now_ns)) {
      if (!mac_.arrive(std::move(frame))) too_long_++;
    }
  });
}

bool Network::settle(std::uint64_t now_ns) {
  return exchange(now_ns) && guarded([](Wire &wire) { wire.flush(); });
}

std::optional<std::uint64_t> Network::next_ns() const {
  return wire_ && error_.empty() ? wire_->next_ns() : std::nullopt;
}

WireCounters Network::counters() const {
  if (!wire_) return {};
  WireCounters counters = wire_->counters();
  counters.dropped += too_long_;
  return counters;
}

}  // namespace hpb
