// SPDX-License-Identifier: Apache-2.0
#include "impairment.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace hpb {
namespace {

// Bytes that wait at most: a second of 1 Gb/s
constexpr std::uint64_t kMaxWaiting = 125000000;
constexpr double kMaxMilliseconds = 60000;

// A number that is written with digits, and perhaps a fraction, and nothing else
double parse_number(const std::string &name, const std::string &text, double most) {
  const bool is_plain =
      !text.empty() && text.find_first_not_of("0123456789.") == std::string::npos;
  char *end = nullptr;
  const double value = is_plain ? std::strtod(text.c_str(), &end) : 0;
  if (!is_plain || *end != '\0' || !(value <= most)) {
    std::string limit = std::to_string(most);
    limit.erase(limit.find('.'));
    throw LinkError("impairment " + name + ": expected a number from 0 to " + limit + ", got \"" +
                    text + "\"");
  }
  return value;
}

std::uint64_t parse_seed(const std::string &text) {
  const bool is_plain = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
  errno = 0;
  const std::uint64_t value = is_plain ? std::strtoull(text.c_str(), nullptr, 10) : 0;
  if (!is_plain || errno == ERANGE) {
    throw LinkError("impairment seed: expected an integer from 0 to 2^64 - 1, got \"" + text + "\"");
  }
  return value;
}

}  // namespace

ImpairmentSettings ImpairmentSettings::parse(const std::string &text) {
  ImpairmentSettings settings;
  std::vector<std::string> seen;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t comma = std::min(text.find(',', at), text.size());
    const std::string part = text.substr(at, comma - at);
    at = comma + 1;
    const std::size_t equals = part.find('=');
    const std::string name = part.substr(0, equals);
    const std::string value = equals == std::string::npos ? "" : part.substr(equals + 1);
    if (std::find(seen.begin(), seen.end(), name) != seen.end()) {
      throw LinkError("impairment " + name + ": expected once, got twice");
    }
    seen.push_back(name);
    const auto probability = [&] { return parse_number(name, value, 1); };
    const auto nanoseconds = [&] {
      return static_cast<std::uint64_t>(parse_number(name, value, kMaxMilliseconds) * 1e6);
    };
    if (name == "loss") settings.loss = probability();
    else if (name == "duplicate") settings.duplicate = probability();
    else if (name == "reorder") settings.reorder = probability();
    else if (name == "corrupt") settings.corrupt = probability();
    else if (name == "delay_ms") settings.delay_ns = nanoseconds();
    else if (name == "jitter_ms") settings.jitter_ns = nanoseconds();
    else if (name == "reorder_ms") settings.reorder_ns = nanoseconds();
    else if (name == "seed") settings.seed = parse_seed(value);
    else {
      throw LinkError(
          "impairment: expected loss, duplicate, reorder, corrupt, delay_ms, jitter_ms, reorder_ms "
          "or seed, each with = and a number, got \"" + part + "\"");
    }
  }
  return settings;
}

Impairment::Impairment(const ImpairmentSettings &settings)
    : settings_(settings), state_(settings.seed) {}

// splitmix64
std::uint64_t Impairment::draw() {
  std::uint64_t z = state_ += 0x9e3779b97f4a7c15;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
  z = (z ^ z >> 27) * 0x94d049bb133111eb;
  return z ^ z >> 31;
}

// Draws even at 0, so that one setting does not shift what the others do.
bool Impairment::chance(double probability) {
  return static_cast<double>(draw() >> 11) * 0x1p-53 < probability;
}

void Impairment::push(const Frame &frame, std::uint64_t now_ns) {
  counters_.frames++;
  const bool is_lost = chance(settings_.loss);
  const bool is_double = chance(settings_.duplicate);
  const bool is_late = chance(settings_.reorder);
  const bool is_corrupt = chance(settings_.corrupt);
  const std::uint64_t jitter = draw() % (settings_.jitter_ns + 1);
  const std::uint64_t bit = draw() % (frame.empty() ? 1 : 8 * frame.size());
  if (is_lost) {
    counters_.lost++;
    return;
  }
  std::uint64_t at_ns = now_ns + settings_.delay_ns + jitter;
  if (is_late) {
    counters_.reordered++;
    at_ns += settings_.reorder_ns;
  }
  Frame changed = frame;
  if (is_corrupt && !frame.empty()) {
    counters_.corrupted++;
    changed[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
  }
  enter(changed, at_ns);
  if (is_double) {
    counters_.duplicated++;
    enter(changed, at_ns);
  }
}

void Impairment::enter(const Frame &frame, std::uint64_t at_ns) {
  if (waiting_bytes_ + frame.size() > kMaxWaiting) {
    counters_.dropped++;
    return;
  }
  waiting_bytes_ += frame.size();
  heap_.push_back({at_ns, number_++, frame});
  std::push_heap(heap_.begin(), heap_.end(), Later());
}

bool Impairment::pop(Frame &frame, std::uint64_t now_ns) {
  if (heap_.empty() || heap_.front().at_ns > now_ns) return false;
  std::pop_heap(heap_.begin(), heap_.end(), Later());
  frame = std::move(heap_.back().frame);
  heap_.pop_back();
  waiting_bytes_ -= frame.size();
  return true;
}

std::optional<std::uint64_t> Impairment::next_ns() const {
  if (heap_.empty()) return std::nullopt;
  return heap_.front().at_ns;
}

}  // namespace hpb
