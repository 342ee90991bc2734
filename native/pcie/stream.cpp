// SPDX-License-Identifier: Apache-2.0
#include "errno_text.hpp"
#include "stream.hpp"

#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "errors.hpp"

namespace hpb {
namespace {

// Descriptors of one message; more are closed by the kernel.
constexpr std::size_t kDescriptors = 8;

sockaddr_un address_of(const std::string &path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path) {
    throw Unavailable("socket path: expected 1 to " + std::to_string(sizeof address.sun_path - 1) +
                      " bytes, got " + std::to_string(path.size()));
  }
  std::memcpy(address.sun_path, path.c_str(), path.size());
  return address;
}

Descriptor make_socket() {
  Descriptor made(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!made) throw std::system_error(errno, std::generic_category(), "socket");
  return made;
}

}  // namespace

ssize_t send_some(int socket, const void *data, std::size_t bytes, int descriptor) {
  iovec part{const_cast<void *>(data), bytes};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (descriptor >= 0) {
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    cmsghdr *head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(head), &descriptor, sizeof descriptor);
  }
  ssize_t sent;
  do {
    sent = sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  } while (sent < 0 && errno == EINTR);
  return sent;
}

ssize_t receive_some(int socket, void *data, std::size_t bytes, std::vector<Descriptor> &came) {
  iovec part{data, bytes};
  alignas(cmsghdr) char control[CMSG_SPACE(kDescriptors * sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  ssize_t got;
  do {
    got = recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  } while (got < 0 && errno == EINTR);
  if (got < 0) return got;
  for (cmsghdr *head = CMSG_FIRSTHDR(&message); head; head = CMSG_NXTHDR(&message, head)) {
    if (head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (head->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; i++) {
      int descriptor;
      std::memcpy(&descriptor, CMSG_DATA(head) + i * sizeof descriptor, sizeof descriptor);
      came.emplace_back(descriptor);
    }
  }
  return got;
}

Descriptor connect_socket(const std::string &path) {
  const sockaddr_un address = address_of(path);
  Descriptor made = make_socket();
  if (connect(made.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0) {
    return made;
  }
  const int error = errno;
  const std::string serve = "; hpb card serve --socket " + path + " presents the emulated card";
  if (error == ENOENT) throw Unavailable("there is no socket " + path + serve);
  if (error == ECONNREFUSED) throw Unavailable("nobody serves " + path + serve);
  if (error == EAGAIN) throw Unavailable("whoever serves " + path + " takes no connections");
  throw Unavailable(path + ": " + errno_text(error));
}

Descriptor listen_socket(const std::string &path) {
  const sockaddr_un address = address_of(path);
  const auto *generic = reinterpret_cast<const sockaddr *>(&address);
  {
    Descriptor probe = make_socket();
    if (connect(probe.get(), generic, sizeof address) == 0) {
      throw std::system_error(EADDRINUSE, std::generic_category(), path);
    }
    // Left behind by a process that died; anything that is no socket stays.
    if (errno == ECONNREFUSED) unlink(path.c_str());
  }
  Descriptor made = make_socket();
  if (bind(made.get(), generic, sizeof address) != 0 || listen(made.get(), 4) != 0) {
    throw std::system_error(errno, std::generic_category(), path);
  }
  return made;
}

}  // namespace hpb
