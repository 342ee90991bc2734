// SPDX-License-Identifier: Apache-2.0
// The MAC at the card's port: frames to beats and back, at the pace of 10 Gb/s.
//
// 64 bits a cycle at 156.25 MHz. Besides its bytes a frame takes 24 of the wire: preamble 8, FCS 4, gap
// 12; the gap to the next is that many whole cycles, and what is left over counts for the one after.
#pragma once

#include <array>
#include <cstdint>
#include <deque>

#include "Vcard.h"
#include "link.hpp"

namespace hpb {

class Mac {
 public:
  explicit Mac(Vcard &card) : card_(card) { card_.m_mac_axis_tready = 1; }

  // Nothing on its way through, to the card or from it.
  bool quiet() const { return at_ == frame_.size() && arriving_.empty() && sent_bytes_ == 0; }

  bool has_room() const { return arriving_.size() < kRoom; }
  // A frame from the wire; padded to 60 bytes, as one that came over a wire would be. Returns false
  // for one that is longer than Ethernet has them: it is dropped.
  bool arrive(Frame &&frame);
  // Takes a frame that the card has sent.
  bool depart(Frame &frame);
  bool has_departures() const { return !departures_.empty(); }

  // Sets the card's inputs for the coming edge.
  void drive() {
    card_.m_mac_axis_tready = gap_out_ == 0;
    if (gap_out_ != 0) gap_out_--;
    drive_arriving();
  }

  // After evaluation: takes what the coming edge transfers.
  void sample() {
    if (card_.m_mac_axis_tvalid && card_.m_mac_axis_tready) take_beat();
  }

 private:
  static constexpr std::size_t kRoom = 64;  // frames that wait for the card

  void drive_arriving();
  void take_beat();
  // Cycles between the last beat of a frame and the first of the next
  static unsigned gap_behind(std::size_t bytes, unsigned &rest);

  Vcard &card_;
  std::deque<Frame> arriving_, departures_;
  Frame frame_;         // on its way to the card
  std::size_t at_ = 0;  // bytes of it that went
  // What has come of the frame that the card sends; a beat more than the longest there is
  std::array<std::uint8_t, kMaxFrame + 9> sent_;
  std::size_t sent_bytes_ = 0;
  unsigned gap_in_ = 0, gap_out_ = 0;
  unsigned rest_in_ = 0, rest_out_ = 0;  // bytes of the wire that no cycle stood for yet
};

}  // namespace hpb
