// SPDX-License-Identifier: Apache-2.0
// link_pipe: a link between standard input and output, for tests and for looking at a link by hand.
//
//   link_pipe LINK [--pcap FILE] [--impair SETTINGS] [-- ARGUMENTS OF PASST]
//
// Frames on both are each behind their length, four bytes, the highest first. --impair harms what
// goes out. Says "ready" on standard error; ends with its input, when all has gone out, after a line
// of counters in JSON. Exit status 1 with a message when the link fails, 2 for wrong arguments.
#include <poll.h>

#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <optional>

#include "descriptor.hpp"
#include "impairment.hpp"
#include "link.hpp"
#include "recording.hpp"

namespace {

template <typename Clock>
std::uint64_t now_ns() {
  using std::chrono::duration_cast;
  using std::chrono::nanoseconds;
  return static_cast<std::uint64_t>(
      duration_cast<nanoseconds>(Clock::now().time_since_epoch()).count());
}

struct Arguments {
  std::string link, pcap;
  std::optional<hpb::ImpairmentSettings> impair;
  std::vector<std::string> passt;
};

Arguments parse(int count, char **words) {
  Arguments arguments;
  if (count < 2) throw std::invalid_argument("expected a link");
  arguments.link = words[1];
  for (int i = 2; i < count; i++) {
    const std::string word = words[i];
    if (word == "--") {
      arguments.passt.assign(words + i + 1, words + count);
      break;
    }
    if (i + 1 == count) throw std::invalid_argument("expected a value behind " + word);
    if (word == "--pcap") arguments.pcap = words[++i];
    else if (word == "--impair") arguments.impair = hpb::ImpairmentSettings::parse(words[++i]);
    else throw std::invalid_argument("expected --pcap, --impair or --, got " + word);
  }
  return arguments;
}

// Standard input, cut into frames
class Input {
 public:
  // Reads what is there. Returns false at its end.
  bool read_some() {
    std::uint8_t bytes[65536];
    const ssize_t got = read(STDIN_FILENO, bytes, sizeof bytes);
    if (got > 0) bytes_.insert(bytes_.end(), bytes, bytes + got);
    return got > 0;
  }

  bool take(hpb::Frame &frame) {
    if (bytes_.size() < 4) return false;
    std::size_t length = 0;
    for (std::size_t i = 0; i < 4; i++) length = length << 8 | bytes_[i];
    if (length > hpb::kMaxFrame) throw std::invalid_argument("expected frames of 65535 bytes at most");
    if (bytes_.size() < 4 + length) return false;
    const auto end = bytes_.begin() + static_cast<std::ptrdiff_t>(4 + length);
    frame.assign(bytes_.begin() + 4, end);
    bytes_.erase(bytes_.begin(), end);
    return true;
  }

 private:
  hpb::Frame bytes_;
};

void print(const hpb::Frame &frame) {
  const auto length = static_cast<std::uint32_t>(frame.size());
  for (int shift = 24; shift >= 0; shift -= 8) std::putchar(static_cast<int>(length >> shift & 255));
  std::fwrite(frame.data(), 1, frame.size(), stdout);
}

void run(const Arguments &arguments) {
  using Monotonic = std::chrono::steady_clock;
  using Wall = std::chrono::system_clock;
  const auto link = hpb::open_link(arguments.link, arguments.passt);
  std::optional<hpb::Recording> recording;
  if (!arguments.pcap.empty()) recording.emplace(arguments.pcap);
  hpb::Impairment impairment(arguments.impair.value_or(hpb::ImpairmentSettings{}));
  std::fputs("ready\n", stderr);

  Input input;
  hpb::Frame frame;
  bool is_open = true;
  while (is_open || impairment.next_ns()) {
    int timeout_ms = -1;
    if (const auto next = impairment.next_ns()) {
      const std::uint64_t now = now_ns<Monotonic>();
      timeout_ms = *next <= now ? 0 : static_cast<int>((*next - now) / 1000000 + 1);
    }
    pollfd files[2] = {{link->fd(), POLLIN, 0}, {is_open ? STDIN_FILENO : -1, POLLIN, 0}};
    poll(files, 2, timeout_ms);

    if (files[1].revents != 0) is_open = input.read_some();
    while (input.take(frame)) impairment.push(frame, now_ns<Monotonic>());
    while (impairment.pop(frame, now_ns<Monotonic>())) {
      if (recording) recording->add(frame, now_ns<Wall>());
      link->send(frame);
    }
    while (link->receive(frame)) {
      if (recording) recording->add(frame, now_ns<Wall>());
      print(frame);
    }
    std::fflush(stdout);
  }
  if (recording) recording->flush();
  const auto &c = link->counters();
  const auto &i = impairment.counters();
  std::fprintf(stderr,
               "{\"sent\":%" PRIu64 ",\"received\":%" PRIu64 ",\"dropped\":%" PRIu64
               ",\"frames\":%" PRIu64 ",\"lost\":%" PRIu64 ",\"duplicated\":%" PRIu64
               ",\"reordered\":%" PRIu64 ",\"corrupted\":%" PRIu64 "}\n",
               c.sent, c.received, c.dropped, i.frames, i.lost, i.duplicated, i.reordered,
               i.corrupted);
}

}  // namespace

int main(int count, char **words) {
  try {
    run(parse(count, words));
    return 0;
  } catch (const std::invalid_argument &error) {
    std::fprintf(stderr, "link_pipe: %s\n", error.what());
    return 2;
  } catch (const std::exception &error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
