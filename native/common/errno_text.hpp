// SPDX-License-Identifier: Apache-2.0
// The text of a system error, by default of the last one.
#pragma once

#include <cerrno>
#include <cstring>
#include <string>

namespace hpb {

inline std::string errno_text(int error = errno) { return std::strerror(error); }

}  // namespace hpb
