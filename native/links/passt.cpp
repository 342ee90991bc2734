// SPDX-License-Identifier: Apache-2.0
// passt: real sockets of the host, without root. Frames on a Unix stream socket, each behind its
// length as four bytes, the highest first.
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "descriptor.hpp"
#include "link.hpp"

extern char **environ;

namespace hpb {
namespace {

// Frames that wait because the socket takes no more; beyond this they are dropped
constexpr std::size_t kMaxWaiting = 1 << 20;
constexpr std::size_t kReadBytes = 1 << 17;

class Passt : public Link {
 public:
  Passt(const std::string &path, const std::vector<std::string> &arguments) {
    if (path.empty()) start(arguments);
    else connect_to(path);
    fd_.set_nonblocking();
  }

  ~Passt() override {
    fd_.reset();  // passt --one-off ends when its client is gone
    if (child_ <= 0) return;
    kill(child_, SIGTERM);
    int status = 0;
    while (waitpid(child_, &status, 0) < 0 && errno == EINTR) {
    }
  }

  int fd() const override { return fd_.get(); }

  void send(const Frame &frame) override {
    flush();
    const std::size_t waiting = out_.size() - out_at_;
    if (!is_frame(frame.size()) || waiting + 4 + frame.size() > kMaxWaiting) {
      counters_.dropped++;
      return;
    }
    const auto length = static_cast<std::uint32_t>(frame.size());
    for (int shift = 24; shift >= 0; shift -= 8) {
      out_.push_back(static_cast<std::uint8_t>(length >> shift));
    }
    out_.insert(out_.end(), frame.begin(), frame.end());
    counters_.sent++;
    flush();
  }

  bool receive(Frame &frame) override {
    flush();
    if (take(frame)) return true;
    read_some();
    return take(frame);
  }

 private:
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
    if (!fd_) throw LinkError("link passt: socket: " + last_error());
    if (connect(fd_.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address) < 0) {
      throw LinkError("link passt:" + path + ": cannot connect: " + last_error() +
                      "; start it first: passt --foreground --socket " + path);
    }
  }

  // passt inherits one end of a socket pair: no path, no race, and it ends with us.
  void start(const std::vector<std::string> &arguments) {
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) {
      throw LinkError("link passt: socketpair: " + last_error());
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

    // A duplicate above kTheirs first: dup2 onto itself would leave it to be closed.
    const Descriptor high(fcntl(theirs.get(), F_DUPFD_CLOEXEC, kTheirs + 1));
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, high.get(), kTheirs);
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
      if (sent < 0) throw gone(last_error());
      out_at_ += static_cast<std::size_t>(sent);
    }
    out_.clear();
    out_at_ = 0;
  }

  void read_some() {
    in_.erase(in_.begin(), in_.begin() + static_cast<std::ptrdiff_t>(in_at_));
    in_at_ = 0;
    const std::size_t have = in_.size();
    in_.resize(have + kReadBytes);
    const ssize_t got = read(fd_.get(), in_.data() + have, kReadBytes);
    in_.resize(have + (got > 0 ? static_cast<std::size_t>(got) : 0));
    if (got == 0) throw gone("it closed the connection");
    if (got < 0 && errno != EAGAIN && errno != EINTR) throw gone(last_error());
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

  LinkError gone(const std::string &why) const { return LinkError("link passt: " + why); }

  Descriptor fd_;
  pid_t child_ = 0;
  Frame out_, in_;
  std::size_t out_at_ = 0, in_at_ = 0;  // what is before was sent, or taken
};

}  // namespace

std::unique_ptr<Link> open_passt(const std::string &socket_path,
                                 const std::vector<std::string> &arguments) {
  return std::make_unique<Passt>(socket_path, arguments);
}

}  // namespace hpb
