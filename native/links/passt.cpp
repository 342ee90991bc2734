// SPDX-License-Identifier: Apache-2.0
// passt: real sockets of the host, without root. Frames on a Unix stream socket, each behind its
// length as four bytes, the highest first.
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <algorithm>
#include <chrono>
#include <sstream>

#include "descriptor.hpp"
#include "errno_text.hpp"
#include "link.hpp"
#include "passt_options.hpp"

extern char **environ;

namespace hpb {
namespace {

// Frames that wait because the socket takes no more; beyond this they are dropped
constexpr std::size_t kMaxWaiting = 1 << 20;
constexpr std::size_t kReadBytes = 1 << 17;
// Bytes that wait for the card, and frames of passt in its socket after them
constexpr std::size_t kMaxHeld = 1 << 22;
// What passt says on standard error is kept up to here, and told when it is gone
constexpr std::size_t kSaidBytes = 16384;
// For passt to begin: it opens ports and looks at routes
constexpr auto kStartLimit = std::chrono::seconds(30);

// Who has `gateway`? asks the card; what passt learns is the card's hardware address.
Frame arp_request(const std::array<std::uint8_t, 6> &mac, std::uint32_t address,
                  std::uint32_t gateway) {
  Frame frame(6, 0xff);
  const auto add = [&](const auto &bytes) { frame.insert(frame.end(), bytes.begin(), bytes.end()); };
  const auto add_address = [&](std::uint32_t value) {
    for (int shift = 24; shift >= 0; shift -= 8) {
      frame.push_back(static_cast<std::uint8_t>(value >> shift));
    }
  };
  add(mac);
  // ARP; Ethernet, IPv4, addresses of 6 and 4 bytes, a request
  add(std::array<std::uint8_t, 10>{8, 6, 0, 1, 8, 0, 6, 4, 0, 1});
  add(mac);
  add_address(address);
  add(std::array<std::uint8_t, 6>{});
  add_address(gateway);
  frame.resize(60);
  return frame;
}

bool is_arp_reply_of(const Frame &frame, std::uint32_t address) {
  if (frame.size() < 42 || frame[12] != 8 || frame[13] != 6 || frame[21] != 2) return false;
  std::uint32_t sender = 0;
  for (std::size_t i = 28; i < 32; i++) sender = sender << 8 | frame[i];
  return sender == address;
}

// A passt of 2023 drops IPv4 packets in frames that are longer than they are.
std::size_t length_without_padding(const Frame &frame) {
  constexpr std::size_t kHeader = 14;
  if (frame.size() < kHeader + 20 || frame[12] != 8 || frame[13] != 0) return frame.size();
  const std::size_t packet = std::size_t{frame[16]} << 8 | frame[17];
  return std::min(frame.size(), std::max(kHeader + packet, kHeader + 20));
}

class Passt : public Link {
 public:
  Passt(const PasstOptions &options, const std::vector<std::string> &more) {
    if (options.socket.empty()) {
      std::vector<std::string> arguments = options.arguments();
      arguments.insert(arguments.end(), more.begin(), more.end());
      start(arguments);
    } else {
      connect_to(options.socket);
    }
    fd_.set_nonblocking();
    try {
      if (options.mac) introduce(*options.mac, *options.address, *options.gateway);
    } catch (...) {
      end_child();
      throw;
    }
  }

  ~Passt() override { end_child(); }

  int fd() const override { return fd_.get(); }

  void send(const Frame &frame) override {
    flush();
    drain();
    const std::size_t waiting = out_.size() - out_at_;
    if (!is_frame(frame.size()) || waiting + 4 + frame.size() > kMaxWaiting) {
      counters_.dropped++;
      return;
    }
    const auto length = static_cast<std::uint32_t>(length_without_padding(frame));
    for (int shift = 24; shift >= 0; shift -= 8) {
      out_.push_back(static_cast<std::uint8_t>(length >> shift));
    }
    out_.insert(out_.end(), frame.begin(), frame.begin() + length);
    counters_.sent++;
    flush();
  }

  bool receive(Frame &frame) override {
    flush();
    drain();
    if (take(frame)) return true;
    if (ended_by_ != 0) throw gone(ended_by_);
    return false;
  }

 private:
  void end_child() {
    fd_.reset();  // passt --one-off ends when its client is gone
    if (child_ <= 0) return;
    kill(child_, SIGTERM);
    int status = 0;
    while (waitpid(child_, &status, 0) < 0 && errno == EINTR) {
    }
    child_ = 0;
  }

  // passt sends to the hardware address that it has heard, and a card that only serves is silent. Its
  // answer also says that its ports are open.
  void introduce(const std::array<std::uint8_t, 6> &mac, std::uint32_t address,
                 std::uint32_t gateway) {
    using Clock = std::chrono::steady_clock;
    const auto end = Clock::now() + kStartLimit;
    send(arp_request(mac, address, gateway));
    Frame frame;
    for (;;) {
      while (receive(frame)) {
        if (!is_arp_reply_of(frame, gateway)) continue;
        counters_ = {};  // not the card's
        return;
      }
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now());
      if (left.count() <= 0) {
        throw gone("expected an answer for " + dotted(gateway) + " within " +
                   std::to_string(kStartLimit.count()) + " s, got none");
      }
      pollfd file{fd_.get(), POLLIN, 0};
      poll(&file, 1, static_cast<int>(left.count()));
    }
  }

  void connect_to(const std::string &path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) {
      throw LinkError("link passt: expected a socket's path of at most " +
                      std::to_string(sizeof address.sun_path - 1) + " bytes, got " +
                      std::to_string(path.size()));
    }
    path.copy(address.sun_path, path.size());
    fd_ = Descriptor(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!fd_) throw LinkError("link passt: socket: " + errno_text());
    if (connect(fd_.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address) < 0) {
      throw LinkError("link passt:" + path + ": cannot connect: " + errno_text() +
                      "; start it first: passt --foreground --socket " + path);
    }
  }

  // passt inherits one end of a socket pair: no path, no race, and it ends with us.
  void start(const std::vector<std::string> &arguments) {
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) {
      throw LinkError("link passt: socketpair: " + errno_text());
    }
    fd_ = Descriptor(pair[0]);
    const Descriptor theirs(pair[1]);
    constexpr int kTheirs = 3;
    std::vector<std::string> words = {"passt", "--foreground", "--quiet", "--fd",
                                      std::to_string(kTheirs)};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char *> argv;
    for (auto &word : words) argv.push_back(word.data());
    argv.push_back(nullptr);

    // It fills up and is then full: nothing blocks, nothing grows.
    said_ = Descriptor(memfd_create("passt", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    if (!said_ || ftruncate(said_.get(), kSaidBytes) < 0 ||
        fcntl(said_.get(), F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK) < 0) {
      throw LinkError("link passt: memory for its messages: " + errno_text());
    }

    // A duplicate above kTheirs first: dup2 onto itself would leave it to be closed.
    const Descriptor high(fcntl(theirs.get(), F_DUPFD_CLOEXEC, kTheirs + 1));
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, high.get(), kTheirs);
    posix_spawn_file_actions_adddup2(&actions, said_.get(), STDERR_FILENO);
    const int error = posix_spawnp(&child_, "passt", &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0) {
      child_ = 0;
      throw LinkError(std::string("link passt: cannot start passt: ") + std::strerror(error) +
                      "; install it: apt-get install passt (https://passt.top)");
    }
  }

  void flush() {
    while (out_at_ < out_.size()) {
      const ssize_t sent =
          ::send(fd_.get(), out_.data() + out_at_, out_.size() - out_at_, MSG_NOSIGNAL);
      if (sent < 0 && errno == EINTR) continue;
      if (sent < 0 && errno == EAGAIN) return;
      if (sent < 0) throw gone(errno);
      out_at_ += static_cast<std::size_t>(sent);
    }
    out_.clear();
    out_at_ = 0;
  }

  // Takes over what has come. What passt finds no room for it drops, and it recovers badly from that.
  void drain() {
    if (2 * in_at_ >= in_.size()) {
      in_.erase(in_.begin(), in_.begin() + static_cast<std::ptrdiff_t>(in_at_));
      in_at_ = 0;
    }
    while (ended_by_ == 0 && in_.size() - in_at_ < kMaxHeld) {
      const std::size_t have = in_.size();
      in_.resize(have + kReadBytes);
      const ssize_t got = read(fd_.get(), in_.data() + have, kReadBytes);
      const int error = errno;
      in_.resize(have + (got > 0 ? static_cast<std::size_t>(got) : 0));
      if (got == 0) ended_by_ = ECONNRESET;
      if (got < 0 && error == EINTR) continue;
      if (got < 0 && error != EAGAIN) ended_by_ = error;
      if (got <= 0) return;
    }
  }

  // Takes a whole frame out of what was read.
  bool take(Frame &frame) {
    while (in_.size() - in_at_ >= 4) {
      std::size_t length = 0;
      for (int i = 0; i < 4; i++) length = length << 8 | in_[in_at_ + static_cast<std::size_t>(i)];
      if (length > kMaxFrame) {
        throw gone("expected a frame of at most " + std::to_string(kMaxFrame) + " bytes, got " +
                   std::to_string(length));
      }
      if (in_.size() - in_at_ < 4 + length) return false;
      const auto begin = in_.begin() + static_cast<std::ptrdiff_t>(in_at_ + 4);
      in_at_ += 4 + length;
      if (!is_frame(length)) {
        counters_.dropped++;
        continue;
      }
      frame.assign(begin, begin + static_cast<std::ptrdiff_t>(length));
      counters_.received++;
      return true;
    }
    return false;
  }

  LinkError gone(int error) const {
    const bool is_closed = error == EPIPE || error == ECONNRESET;
    return gone(is_closed ? "it closed the connection" : std::strerror(error));
  }

  LinkError gone(const std::string &why) const { return LinkError("link passt: " + why + said()); }

  // What passt has said, in one line.
  std::string said() const {
    if (!said_) return "";
    std::string text(kSaidBytes, '\0');
    const ssize_t got = pread(said_.get(), text.data(), text.size(), 0);
    text.resize(got < 0 ? 0 : std::min(static_cast<std::size_t>(got), text.find('\0')));
    std::istringstream lines(text);
    std::string line, all;
    while (std::getline(lines, line)) {
      // Where no syslog runs it says so after each line; started by root it always says that.
      const bool is_news = line.rfind("Failed to send ", 0) != 0 && line.rfind("Don't run as", 0) != 0;
      if (is_news && !line.empty()) all += "; " + line;
    }
    return all;
  }

  Descriptor fd_, said_;
  pid_t child_ = 0;
  Frame out_, in_;
  std::size_t out_at_ = 0, in_at_ = 0;  // what is before was sent, or taken
  int ended_by_ = 0;                    // the error with which passt's bytes ended
};

}  // namespace

std::unique_ptr<Link> open_passt(const PasstOptions &options,
                                 const std::vector<std::string> &arguments) {
  return std::make_unique<Passt>(options, arguments);
}

}  // namespace hpb
