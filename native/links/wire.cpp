// SPDX-License-Identifier: Apache-2.0
#include "wire.hpp"

namespace hpb {
namespace {

// Frames taken from the link at once, before the card goes on.
constexpr unsigned kAtOnce = 64;
// Draws of the way in are others than those of the way out.
constexpr std::uint64_t kInwards = 0x696e;

}  // namespace

Wire::Wire(const WireOptions &options) {
  // What is only text first: nothing is begun by a call that is refused.
  if (options.impairment) {
    ImpairmentSettings settings = ImpairmentSettings::parse(*options.impairment);
    out_.emplace(settings);
    settings.seed ^= kInwards;
    in_.emplace(settings);
  }
  link_ = open_link(options.link);
  if (options.pcap) recording_.emplace(*options.pcap);
}

void Wire::send(const Frame &frame, std::uint64_t now_ns) {
  counters_.frames_out++;
  counters_.bytes_out += frame.size();
  record(frame, now_ns);
  if (!out_) {
    link_->send(frame);
    return;
  }
  out_->push(frame, now_ns);
  pass_on(now_ns);
}

bool Wire::receive(Frame &frame, std::uint64_t now_ns) {
  if (in_) {
    pass_on(now_ns);
    take_in(now_ns);
    if (!in_->pop(frame, now_ns)) return false;
  } else if (!link_->receive(frame)) {
    return false;
  }
  counters_.frames_in++;
  counters_.bytes_in += frame.size();
  record(frame, now_ns);
  return true;
}

void Wire::pass_on(std::uint64_t now_ns) {
  while (out_->pop(frame_, now_ns)) link_->send(frame_);
}

void Wire::take_in(std::uint64_t now_ns) {
  for (unsigned i = 0; i < kAtOnce && link_->receive(frame_); i++) in_->push(frame_, now_ns);
}

void Wire::record(const Frame &frame, std::uint64_t now_ns) {
  if (!recording_) return;
  recording_->add(frame, epoch_ns_ + now_ns);
  is_recorded_ = false;
}

void Wire::flush() {
  if (is_recorded_) return;
  recording_->flush();
  is_recorded_ = true;
}

std::optional<std::uint64_t> Wire::next_ns() const {
  if (!out_) return std::nullopt;
  const auto out = out_->next_ns(), in = in_->next_ns();
  if (!out) return in;
  return in && *in < *out ? in : out;
}

WireCounters Wire::counters() const {
  WireCounters all = counters_;
  all.dropped += link_->counters().dropped;
  for (const auto *impairment : {&out_, &in_}) {
    if (!*impairment) continue;
    const ImpairmentCounters &c = (*impairment)->counters();
    all.dropped += c.dropped;
    all.lost += c.lost;
    all.duplicated += c.duplicated;
    all.reordered += c.reordered;
    all.corrupted += c.corrupted;
  }
  return all;
}

}  // namespace hpb
