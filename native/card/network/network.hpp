// SPDX-License-Identifier: Apache-2.0
// What the card's TCP engine has around it: a MAC with a link, and memory of its own. Nothing at all in
// a build without that engine.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include "Vcard.h"
#include "axi_memory.hpp"
#include "faults.hpp"
#include "hpbcard.h"
#include "host_memory.hpp"
#ifdef HPBCARD_TOE
#include "mac.hpp"
#include "wire.hpp"
#endif

namespace hpb {

#ifdef HPBCARD_TOE

constexpr bool kHasToe = true;

class Network {
 public:
  // `buffers`: of 2,048 bytes in card memory, which begins at address 0 and stalls as host memory does.
  Network(Vcard &card, std::uint64_t seed, std::uint32_t stall_percent);

  void set_memory(std::uint64_t bytes);

  // Nothing under way between the card and what is around it
  bool quiet() const {
    return received_bus_.quiet() && sent_bus_.quiet() && mac_.quiet() && !mac_.has_departures();
  }

  void drive() {
    received_bus_.drive();
    sent_bus_.drive();
    mac_.drive();
  }
  void sample() {
    received_bus_.sample();
    sent_bus_.sample();
    mac_.sample();
  }

  bool has_departures() const { return mac_.has_departures(); }
  // Milliseconds until the card's earliest deadline; all ones without one. While it is idle.
  std::uint32_t due_ms() const { return card_.tick_due_ms; }

  // Throws LinkError. The last two may be null.
  static std::unique_ptr<Wire> open_wire(const char *link, const char *pcap, const char *impairment);
  // At most once. `epoch_ns`: added to times for the recording.
  void attach(std::unique_ptr<Wire> wire, std::uint64_t epoch_ns);
  bool is_attached() const { return wire_ != nullptr; }
  // Frames that the card has sent, onto the wire. Returns false when the link is gone: once.
  bool send(std::uint64_t now_ns);
  // The same, and frames that have come, to the card.
  bool exchange(std::uint64_t now_ns);
  // The same, before a rest: what was recorded is written out.
  bool settle(std::uint64_t now_ns);

  // Readable when a frame may have come; -1 without a link.
  int fd() const { return wire_ && error_.empty() ? wire_->fd() : -1; }
  // When something that is held back on the wire goes on.
  std::optional<std::uint64_t> next_ns() const;
  // Why the link is gone; empty while it is not.
  const std::string &error() const { return error_; }

  WireCounters counters() const;
  std::uint64_t bad_accesses() const {
    return received_bus_.statistics().bad_accesses + sent_bus_.statistics().bad_accesses;
  }

 private:
  template <typename Body>
  bool guarded(Body body);

  Vcard &card_;
  Faults no_faults_;
  HostMemory memory_;
  CData no_id_ = 0;  // of the ports of memory
  AxiMemory received_bus_;
  AxiMemory sent_bus_;
  Mac mac_;
  std::unique_ptr<Wire> wire_;
  std::string error_;
  std::uint64_t too_long_ = 0;  // frames that no Ethernet has
};

#else

constexpr bool kHasToe = false;

// Nothing, at no cost.
struct WireCounters {
  std::uint64_t frames_in = 0, bytes_in = 0, frames_out = 0, bytes_out = 0, dropped = 0;
  std::uint64_t lost = 0, duplicated = 0, reordered = 0, corrupted = 0;
};
class Wire {};

class Network {
 public:
  Network(Vcard &, std::uint64_t, std::uint32_t) {}
  void set_memory(std::uint64_t) {}
  bool quiet() const { return true; }
  void drive() {}
  void sample() {}
  bool has_departures() const { return false; }
  std::uint32_t due_ms() const { return ~0u; }
  static std::unique_ptr<Wire> open_wire(const char *, const char *, const char *) { return nullptr; }
  void attach(std::unique_ptr<Wire>, std::uint64_t) {}
  bool is_attached() const { return false; }
  bool send(std::uint64_t) { return true; }
  bool exchange(std::uint64_t) { return true; }
  bool settle(std::uint64_t) { return true; }
  int fd() const { return -1; }
  std::optional<std::uint64_t> next_ns() const { return std::nullopt; }
  std::string error() const { return ""; }
  WireCounters counters() const { return {}; }
  std::uint64_t bad_accesses() const { return 0; }
};

#endif

}  // namespace hpb
