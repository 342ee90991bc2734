// SPDX-License-Identifier: Apache-2.0
// A PCI function that another process presents over vfio-user.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "port.hpp"

namespace hpb {

// Throws Unavailable with what to do.
std::unique_ptr<Port> open_user_port(const std::string &path, std::uint32_t timeout_ms);

}  // namespace hpb
