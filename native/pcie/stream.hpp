// SPDX-License-Identifier: Apache-2.0
// A Unix stream socket with descriptors beside the bytes.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>
#include <vector>

#include "descriptor.hpp"

namespace hpb {

// Both: errno on failure; never SIGPIPE; without waiting.
// Sends some of the bytes, the descriptor with the first of them; -1: none.
ssize_t send_some(int socket, const void *data, std::size_t bytes, int descriptor);
// Receives some; 0 at the end. Descriptors that came are added, and none of them leaks.
ssize_t receive_some(int socket, void *data, std::size_t bytes, std::vector<Descriptor> &came);

// A socket at a path. Throws Unavailable.
Descriptor connect_socket(const std::string &path);
// Throws std::system_error; a socket that nobody serves any more is replaced.
Descriptor listen_socket(const std::string &path);

}  // namespace hpb
