// SPDX-License-Identifier: Apache-2.0
// Messages to a vfio-user server and its replies.
//
// A thread of its own sends what the socket does not take at once and receives. Whatever goes wrong, the
// connection fails for good: everybody who waits is told, and nobody waits longer than the time limit.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "descriptor.hpp"
#include "event.hpp"
#include "protocol.hpp"

namespace hpb {

class Connection {
 public:
  // Throws Unavailable, std::system_error.
  Connection(const std::string &path, std::uint32_t timeout_ms);
  ~Connection();
  Connection(const Connection &) = delete;
  Connection &operator=(const Connection &) = delete;

  // Sends a command and waits for the reply's payload.
  //
  // `request` is followed by `data`; `descriptor` goes with it. Throws DeviceFailed.
  std::vector<std::uint8_t> call(vfio_user::Command command, const void *request,
                                 std::size_t bytes, int descriptor = -1);

  // Sends a command and does not wait: a refusal fails the connection. `descriptor` stays open meanwhile.
  void announce(vfio_user::Command command, const void *request, std::size_t bytes,
                int descriptor);

  // Sends a command that has no reply.
  void post(vfio_user::Command command, const void *request, std::size_t bytes);

  // An eventfd to raise when the connection fails.
  void on_failure(int event);

 private:
  struct Outgoing {
    std::vector<std::uint8_t> bytes;
    std::size_t sent;
    int descriptor;
  };
  struct Waiter {
    vfio_user::Command command;
    bool done = false;
    std::uint32_t error = 0;
    bool refused = false;
    std::vector<std::uint8_t> payload;
  };

  // All of these: with the mutex held.
  std::uint16_t fresh_id();
  void send(vfio_user::Command command, std::uint32_t flags, std::uint16_t id, const void *request,
            std::size_t bytes, int descriptor);
  bool flush();
  void fail(const std::string &why);
  void take(const std::vector<std::uint8_t> &message);
  bool receive();

  void run();

  const std::uint32_t timeout_ms_;
  Descriptor socket_;
  Event wake_;  // of the thread
  std::mutex mutex_;
  std::condition_variable answered_;
  std::deque<Outgoing> outgoing_;
  std::size_t outgoing_bytes_ = 0;
  std::unordered_map<std::uint16_t, Waiter *> waiters_;
  std::unordered_map<std::uint16_t, vfio_user::Command> announced_;
  std::uint16_t next_id_ = 0;
  std::vector<std::uint8_t> incoming_;
  std::string failure_;
  int failure_event_ = -1;
  bool stopping_ = false;
  std::thread thread_;  // last: it uses everything above
};

}  // namespace hpb
