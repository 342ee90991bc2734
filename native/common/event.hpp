// SPDX-License-Identifier: Apache-2.0
// An eventfd: readable while raised. Any thread may raise; the owner clears.
#pragma once

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <system_error>

namespace hpb {

class Event {
 public:
  Event() : fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (fd_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
  }
  ~Event() { close(fd_); }
  Event(const Event &) = delete;
  Event &operator=(const Event &) = delete;

  int fd() const { return fd_; }

  void raise() {
    const std::uint64_t one = 1;
    // Fails only when 2^64 - 1 raises are pending: raised is raised.
    [[maybe_unused]] const ssize_t written = write(fd_, &one, sizeof one);
  }

  void clear() {
    std::uint64_t count = 0;
    // Fails only when it is not raised.
    [[maybe_unused]] const ssize_t got = read(fd_, &count, sizeof count);
  }

 private:
  int fd_;
};

}  // namespace hpb
