// SPDX-License-Identifier: Apache-2.0
#include "connection.hpp"
#include "errno_text.hpp"

#include <poll.h>

#include <chrono>
#include <cstring>

#include "errors.hpp"
#include "stream.hpp"

namespace hpb {
namespace {

using vfio_user::Header;

// What the other side may leave lying before it counts as hanging.
constexpr std::size_t kMaxOutgoing = 1 << 20;
constexpr std::size_t kMaxAnnounced = 4096;

const char *name_of(std::uint16_t command) {
  switch (command) {
    case vfio_user::kVersion: return "VERSION";
    case vfio_user::kDmaMap: return "DMA_MAP";
    case vfio_user::kDmaUnmap: return "DMA_UNMAP";
    case vfio_user::kGetInfo: return "DEVICE_GET_INFO";
    case vfio_user::kGetRegionInfo: return "DEVICE_GET_REGION_INFO";
    case vfio_user::kGetIrqInfo: return "DEVICE_GET_IRQ_INFO";
    case vfio_user::kSetIrqs: return "DEVICE_SET_IRQS";
    case vfio_user::kRegionRead: return "REGION_READ";
    case vfio_user::kRegionWrite: return "REGION_WRITE";
    case vfio_user::kReset: return "DEVICE_RESET";
    default: return "a command";
  }
}

std::string refusal(std::uint16_t command, std::uint32_t error) {
  return std::string(name_of(command)) + " was refused: " + errno_text(static_cast<int>(error));
}

constexpr char kGone[] =
    "the process behind the card closed the connection: it ended, or serves somebody else";

// What it means that a socket does not work any more.
std::string socket_failure(int error) {
  const bool closed = error == EPIPE || error == ECONNRESET;
  return closed ? kGone : "the process behind the card cannot be reached: " + errno_text(error);
}

}  // namespace

Connection::Connection(const std::string &path, std::uint32_t timeout_ms)
    : timeout_ms_(timeout_ms), socket_(connect_socket(path)), thread_([this] { run(); }) {}

Connection::~Connection() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.raise();
  thread_.join();
}

std::vector<std::uint8_t> Connection::call(vfio_user::Command command, const void *request,
                                           std::size_t bytes, int descriptor) {
  std::unique_lock lock(mutex_);
  Waiter waiter;
  waiter.command = command;
  const std::uint16_t id = fresh_id();
  waiters_.emplace(id, &waiter);
  send(command, 0, id, request, bytes, descriptor);
  const auto limit = std::chrono::milliseconds(timeout_ms_);
  answered_.wait_for(lock, limit, [&] { return waiter.done || !failure_.empty(); });
  if (!waiter.done) {
    fail(std::string("no answer to ") + name_of(command) + " within " +
         std::to_string(timeout_ms_) + " ms: the other side hangs");
  }
  waiters_.erase(id);
  if (!waiter.done) throw DeviceFailed(failure_);
  if (waiter.refused) {
    throw DeviceFailed(refusal(command, waiter.error));
  }
  return std::move(waiter.payload);
}

void Connection::announce(vfio_user::Command command, const void *request, std::size_t bytes,
                          int descriptor) {
  const std::lock_guard lock(mutex_);
  if (announced_.size() >= kMaxAnnounced) fail("the other side does not answer: it hangs");
  if (!failure_.empty()) throw DeviceFailed(failure_);
  const std::uint16_t id = fresh_id();
  announced_.emplace(id, command);
  send(command, 0, id, request, bytes, descriptor);
}

std::uint16_t Connection::fresh_id() {
  while (waiters_.count(next_id_) != 0 || announced_.count(next_id_) != 0) next_id_++;
  return next_id_++;
}

void Connection::post(vfio_user::Command command, const void *request, std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  send(command, vfio_user::kNoReply, 0, request, bytes, -1);
  if (!failure_.empty()) throw DeviceFailed(failure_);
}

void Connection::on_failure(int event) {
  const std::lock_guard lock(mutex_);
  failure_event_ = event;
}

void Connection::send(vfio_user::Command command, std::uint32_t flags, std::uint16_t id,
                      const void *request, std::size_t bytes, int descriptor) {
  if (!failure_.empty()) return;
  Outgoing message{std::vector<std::uint8_t>(sizeof(Header) + bytes), 0, descriptor};
  const Header header{id, command, static_cast<std::uint32_t>(message.bytes.size()), flags, 0};
  std::memcpy(message.bytes.data(), &header, sizeof header);
  if (bytes != 0) std::memcpy(message.bytes.data() + sizeof header, request, bytes);
  outgoing_bytes_ += message.bytes.size();
  outgoing_.push_back(std::move(message));
  if (outgoing_bytes_ > kMaxOutgoing) {
    fail("the other side does not take messages: it hangs");
  } else if (!flush()) {
    wake_.raise();
  }
}

// Sends until the socket is full; true when nothing is left.
bool Connection::flush() {
  while (!outgoing_.empty() && failure_.empty()) {
    Outgoing &message = outgoing_.front();
    const ssize_t sent = send_some(socket_.get(), message.bytes.data() + message.sent,
                                   message.bytes.size() - message.sent, message.descriptor);
    if (sent < 0) {
      if (errno == EAGAIN || errno == EWOULDBLOCK) return false;
      fail(socket_failure(errno));
      return true;
    }
    message.descriptor = -1;
    message.sent += static_cast<std::size_t>(sent);
    if (message.sent < message.bytes.size()) continue;
    outgoing_bytes_ -= message.bytes.size();
    outgoing_.pop_front();
  }
  return true;
}

void Connection::fail(const std::string &why) {
  if (!failure_.empty()) return;
  failure_ = why;
  answered_.notify_all();
  wake_.raise();
  if (failure_event_ >= 0) {
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = write(failure_event_, &one, sizeof one);
  }
}

void Connection::take(const std::vector<std::uint8_t> &message) {
  Header header;
  std::memcpy(&header, message.data(), sizeof header);
  if ((header.flags & vfio_user::kTypeMask) != vfio_user::kTypeReply) {
    fail("the other side asks for command " + std::to_string(header.command) +
         ", which this driver does not serve");
    return;
  }
  const auto announced = announced_.find(header.id);
  if (announced != announced_.end() && announced->second == header.command) {
    announced_.erase(announced);
    if ((header.flags & vfio_user::kError) != 0) fail(refusal(header.command, header.error));
    return;
  }
  const auto found = waiters_.find(header.id);
  if (found == waiters_.end() || found->second->command != header.command ||
      found->second->done) {
    fail("malformed message: a reply to command " + std::to_string(header.command) +
         " that was not asked");
    return;
  }
  Waiter &waiter = *found->second;
  waiter.refused = (header.flags & vfio_user::kError) != 0;
  waiter.error = header.error;
  waiter.payload.assign(message.begin() + sizeof header, message.end());
  waiter.done = true;
  answered_.notify_all();
}

// Takes what has come; false when there is nothing more for now.
bool Connection::receive() {
  std::uint8_t chunk[4096];
  std::vector<Descriptor> came;  // nobody asked for any: they are closed
  const ssize_t got = receive_some(socket_.get(), chunk, sizeof chunk, came);
  if (got < 0) {
    if (errno == EAGAIN || errno == EWOULDBLOCK) return false;
    fail(socket_failure(errno));
    return false;
  }
  if (got == 0) {
    fail(kGone);
    return false;
  }
  incoming_.insert(incoming_.end(), chunk, chunk + got);
  while (incoming_.size() >= sizeof(Header) && failure_.empty()) {
    Header header;
    std::memcpy(&header, incoming_.data(), sizeof header);
    if (header.size < sizeof header || header.size > vfio_user::kMaxMessage) {
      fail("malformed message: " + std::to_string(header.size) + " bytes, expected " +
           std::to_string(sizeof header) + " to " + std::to_string(vfio_user::kMaxMessage));
      return false;
    }
    if (incoming_.size() < header.size) break;
    const std::vector<std::uint8_t> message(incoming_.begin(), incoming_.begin() + header.size);
    incoming_.erase(incoming_.begin(), incoming_.begin() + header.size);
    take(message);
  }
  return failure_.empty();
}

void Connection::run() {
  for (;;) {
    short events = POLLIN;
    bool failed;
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) return;
      failed = !failure_.empty();
      if (!failed && !flush()) events |= POLLOUT;
    }
    // A connection that failed is left alone: only the end is waited for.
    pollfd waiting[2] = {{wake_.fd(), POLLIN, 0}, {socket_.get(), events, 0}};
    if (poll(waiting, failed ? 1 : 2, -1) < 0 && errno != EINTR) continue;
    if (waiting[0].revents != 0) wake_.clear();
    if (failed || (waiting[1].revents & ~POLLOUT) == 0) continue;
    const std::lock_guard lock(mutex_);
    while (failure_.empty() && receive()) continue;
  }
}

}  // namespace hpb
