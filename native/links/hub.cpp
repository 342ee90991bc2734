// SPDX-License-Identifier: Apache-2.0
// hub: an Ethernet switch without a switch. Every port listens on a socket in one directory and is
// connected to every other one; it remembers behind which of them an address was seen.
#include <dirent.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <algorithm>
#include <map>

#include "descriptor.hpp"
#include "errno_text.hpp"
#include "link.hpp"

namespace hpb {
namespace {

// Addresses remembered; when there are more, all are forgotten and learned anew.
constexpr std::size_t kMaxAddresses = 65536;
constexpr std::size_t kMaxPorts = 1024;
// Bytes under way to each port
constexpr int kBufferBytes = 1 << 20;

using Address = std::uint64_t;

Address address_at(const Frame &frame, std::size_t offset) {
  Address address = 0;
  for (std::size_t i = 0; i < 6; i++) address = address << 8 | frame[offset + i];
  return address;
}

bool is_group(Address address) { return (address >> 40 & 1) != 0; }

class Hub : public Link {
 public:
  explicit Hub(const std::string &directory) : directory_(directory) {
    if (mkdir(directory.c_str(), 0700) < 0 && errno != EEXIST) {
      throw LinkError("link hub:" + directory + ": cannot make the directory: " + errno_text());
    }
    // Ports join one after the other, so that each pair has one connection.
    const Descriptor lock(open((directory + "/lock").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600));
    if (!lock || flock(lock.get(), LOCK_EX) < 0) {
      throw LinkError("link hub:" + directory + ": cannot lock it: " + errno_text() +
                      "; expected a directory that may be written");
    }
    epoll_ = Descriptor(epoll_create1(EPOLL_CLOEXEC));
    if (!epoll_) throw LinkError("link hub: epoll: " + errno_text());
    for (const auto &other : others_here()) join(other);
    listen_here();
  }

  ~Hub() override { unlink(path_.c_str()); }

  int fd() const override { return epoll_.get(); }

  void send(const Frame &frame) override {
    accept_all();
    if (!is_frame(frame.size())) {
      counters_.dropped++;
      return;
    }
    counters_.sent++;
    const auto known = ports_of_.find(address_at(frame, 0));
    if (known != ports_of_.end()) {
      send_to(known->second, frame);
      return;
    }
    for (std::size_t i = ports_.size(); i-- > 0;) send_to(ports_[i].get(), frame);
  }

  bool receive(Frame &frame) override {
    accept_all();
    // Fair: the one after the last that gave a frame comes first.
    for (std::size_t n = ports_.size(); n > 0; n--) {
      next_ = ports_.empty() ? 0 : (next_ + 1) % ports_.size();
      if (ports_.empty()) return false;
      if (receive_from(ports_[next_].get(), frame)) return true;
    }
    return false;
  }

 private:
  std::vector<std::string> others_here() const {
    std::vector<std::string> paths;
    DIR *folder = opendir(directory_.c_str());
    if (folder == nullptr) {
      throw LinkError("link hub:" + directory_ + ": cannot list it: " + errno_text());
    }
    while (const dirent *entry = readdir(folder)) {
      const std::string name = entry->d_name;
      if (name.rfind("port-", 0) == 0) paths.push_back(directory_ + "/" + name);
    }
    closedir(folder);
    if (paths.size() >= kMaxPorts) {
      throw LinkError("link hub:" + directory_ + ": expected fewer than " +
                      std::to_string(kMaxPorts) + " ports, got " + std::to_string(paths.size()));
    }
    return paths;
  }

  static sockaddr_un socket_address(const std::string &path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) {
      throw LinkError("link hub: expected a directory so short that " + path + " has at most " +
                      std::to_string(sizeof address.sun_path - 1) + " bytes, got " +
                      std::to_string(path.size()));
    }
    path.copy(address.sun_path, path.size());
    return address;
  }

  void listen_here() {
    listener_ = Descriptor(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!listener_) throw LinkError("link hub: socket: " + errno_text());
    for (std::size_t i = 0;; i++) {
      path_ = directory_ + "/port-" + std::to_string(getpid()) + "-" + std::to_string(i);
      const sockaddr_un address = socket_address(path_);
      if (bind(listener_.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0) {
        break;
      }
      if (errno != EADDRINUSE || i == kMaxPorts) {
        throw LinkError("link hub: cannot make the socket " + path_ + ": " + errno_text());
      }
    }
    if (listen(listener_.get(), static_cast<int>(kMaxPorts)) < 0) {
      throw LinkError("link hub: cannot listen on " + path_ + ": " + errno_text());
    }
    watch(listener_.get());
  }

  void join(const std::string &path) {
    const sockaddr_un address = socket_address(path);
    Descriptor port(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
    if (connect(port.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address) < 0) {
      if (errno == ECONNREFUSED) unlink(path.c_str());  // its owner died
      else if (errno != ENOENT) throw LinkError("link hub: connect " + path + ": " + errno_text());
      return;
    }
    add(std::move(port));
  }

  void accept_all() {
    for (;;) {
      Descriptor port(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!port) return;
      if (ports_.size() < kMaxPorts) add(std::move(port));
    }
  }

  void add(Descriptor port) {
    port.set_nonblocking();
    setsockopt(port.get(), SOL_SOCKET, SO_SNDBUF, &kBufferBytes, sizeof kBufferBytes);
    watch(port.get());
    ports_.push_back(std::move(port));
  }

  void watch(int fd) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd;
    if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) < 0) {
      throw LinkError("link hub: epoll: " + errno_text());
    }
  }

  void send_to(int port, const Frame &frame) {
    if (::send(port, frame.data(), frame.size(), MSG_NOSIGNAL) >= 0) return;
    counters_.dropped++;
    if (errno != EAGAIN && errno != ENOBUFS && errno != EINTR) remove(port);
  }

  bool receive_from(int port, Frame &frame) {
    for (;;) {
      const ssize_t got = recv(port, received_.data(), received_.size(), 0);
      if (got <= 0) {
        if (got == 0 || (errno != EAGAIN && errno != EINTR)) remove(port);
        return false;
      }
      if (is_frame(static_cast<std::size_t>(got))) {
        frame.assign(received_.begin(), received_.begin() + got);
        break;
      }
      counters_.dropped++;
    }
    const Address source = address_at(frame, 6);
    if (!is_group(source)) {
      if (ports_of_.size() >= kMaxAddresses) ports_of_.clear();
      ports_of_[source] = port;
    }
    counters_.received++;
    return true;
  }

  // A port is gone, and what was known of it.
  void remove(int port) {
    for (auto it = ports_of_.begin(); it != ports_of_.end();) {
      it = it->second == port ? ports_of_.erase(it) : std::next(it);
    }
    ports_.erase(std::remove_if(ports_.begin(), ports_.end(),
                                [port](const Descriptor &other) { return other.get() == port; }),
                 ports_.end());
  }

  std::string directory_, path_;
  Descriptor epoll_, listener_;
  std::vector<Descriptor> ports_;
  std::map<Address, int> ports_of_;
  Frame received_ = Frame(kMaxFrame);  // of which most frames fill little
  std::size_t next_ = 0;
};

}  // namespace

std::unique_ptr<Link> open_hub(const std::string &directory) {
  return std::make_unique<Hub>(directory);
}

}  // namespace hpb
