// SPDX-License-Identifier: Apache-2.0
#include "mac.hpp"

#include <algorithm>
#include <cstring>

namespace hpb {
namespace {

constexpr std::size_t kBeatBytes = 8;
constexpr std::size_t kShortest = 60;   // without FCS
constexpr std::size_t kLongest = 1518;  // with a VLAN's tag, without FCS
constexpr std::size_t kOverhead = 24;   // preamble, FCS, gap

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "a beat is read and written as a number");

// Bytes of a beat: ones from the lowest bit, without gaps
std::size_t bytes_of(std::uint8_t keep) {
  return keep == 0xff ? kBeatBytes : static_cast<std::size_t>(__builtin_ctz(~unsigned{keep}));
}

}  // namespace

unsigned Mac::gap_behind(std::size_t bytes, unsigned &rest) {
  const std::size_t beats = (bytes + kBeatBytes - 1) / kBeatBytes;
  const auto owed = static_cast<unsigned>(bytes + kOverhead - beats * kBeatBytes) + rest;
  rest = owed % kBeatBytes;
  return owed / kBeatBytes;
}

bool Mac::arrive(Frame &&frame) {
  if (frame.size() > kLongest) return false;
  if (frame.size() < kShortest) frame.resize(kShortest);
  arriving_.push_back(std::move(frame));
  return true;
}

bool Mac::depart(Frame &frame) {
  if (departures_.empty()) return false;
  frame = std::move(departures_.front());
  departures_.pop_front();
  return true;
}

// The card cannot hold a beat back: each one is gone with its edge.
void Mac::drive_arriving() {
  if (at_ == frame_.size()) {
    card_.s_mac_axis_tvalid = 0;
    if (gap_in_ != 0) {
      gap_in_--;
      return;
    }
    if (arriving_.empty()) return;
    frame_ = std::move(arriving_.front());
    arriving_.pop_front();
    at_ = 0;
  }
  const std::size_t bytes = std::min(kBeatBytes, frame_.size() - at_);
  // The first byte on the wire is the lowest, here as in memory
  std::uint64_t data = 0;
  std::memcpy(&data, frame_.data() + at_, bytes);
  at_ += bytes;
  card_.s_mac_axis_tdata = data;
  card_.s_mac_axis_tkeep = static_cast<std::uint8_t>(0xff >> (kBeatBytes - bytes));
  card_.s_mac_axis_tvalid = 1;
  card_.s_mac_axis_tlast = at_ == frame_.size();
  card_.s_mac_axis_tuser = 0;
  if (at_ == frame_.size()) gap_in_ = gap_behind(at_, rest_in_);
}

void Mac::take_beat() {
  const std::uint64_t data = card_.m_mac_axis_tdata;
  // A frame without an end is no frame: the link will drop what is longer than any.
  if (sent_bytes_ <= kMaxFrame) {
    std::memcpy(sent_.data() + sent_bytes_, &data, kBeatBytes);
    sent_bytes_ += bytes_of(card_.m_mac_axis_tkeep);
  }
  if (!card_.m_mac_axis_tlast) return;
  gap_out_ = gap_behind(sent_bytes_, rest_out_);
  departures_.emplace_back(sent_.begin(), sent_.begin() + static_cast<std::ptrdiff_t>(sent_bytes_));
  sent_bytes_ = 0;
}

}  // namespace hpb
