// SPDX-License-Identifier: Apache-2.0
// A PCI function through the kernel's VFIO: /dev/vfio, a group, its IOMMU.
#pragma once

#include <memory>
#include <string>

#include "port.hpp"

namespace hpb {

// `address` as 0000:01:00.0; `root` stands before /sys and /dev. Throws Unavailable with what to do.
std::unique_ptr<Port> open_kernel_port(const std::string &address, const std::string &root);

}  // namespace hpb
