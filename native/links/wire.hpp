// SPDX-License-Identifier: Apache-2.0
// A link as a port of the card has it: what goes wrong on the way, a recording, counters.
//
// Both directions are impaired alike, each by draws of its own from the one seed. The recording shows
// what the port sees: frames as the card sent them, and as they reached it. Times are the caller's, in
// nanoseconds that never go back.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "impairment.hpp"
#include "link.hpp"
#include "recording.hpp"

namespace hpb {

struct WireOptions {
  std::string link;                       // as open_link reads it
  std::optional<std::string> pcap;        // file to record
  std::optional<std::string> impairment;  // as ImpairmentSettings::parse reads it
};

struct WireCounters {
  std::uint64_t frames_in = 0, bytes_in = 0;    // that reached the card
  std::uint64_t frames_out = 0, bytes_out = 0;  // that the card sent
  std::uint64_t dropped = 0;                    // by the link or for want of room
  std::uint64_t lost = 0, duplicated = 0, reordered = 0, corrupted = 0;  // on purpose
};

class Wire {
 public:
  // Throws LinkError, which says what was expected and got.
  explicit Wire(const WireOptions &options);

  // Readable when a frame may have arrived.
  int fd() const { return link_->fd(); }

  // What is added to times to get those of the recording, which counts from 1970.
  void set_epoch(std::uint64_t nanoseconds) { epoch_ns_ = nanoseconds; }

  // The three below throw LinkError when the link is gone or the recording's disk is full.

  // A frame of the card sets out.
  void send(const Frame &frame, std::uint64_t now_ns);
  // Takes a frame that has reached the card; also passes on what was held back.
  bool receive(Frame &frame, std::uint64_t now_ns);
  // Writes out the recording.
  void flush();

  // When something that is held back goes on; none while nothing is.
  std::optional<std::uint64_t> next_ns() const;

  WireCounters counters() const;

 private:
  void pass_on(std::uint64_t now_ns);
  void take_in(std::uint64_t now_ns);
  void record(const Frame &frame, std::uint64_t now_ns);

  std::unique_ptr<Link> link_;
  std::optional<Recording> recording_;
  std::optional<Impairment> out_, in_;
  std::uint64_t epoch_ns_ = 0;
  bool is_recorded_ = true;  // all of it written out
  WireCounters counters_;
  Frame frame_;
};

}  // namespace hpb
