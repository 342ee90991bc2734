// SPDX-License-Identifier: Apache-2.0
// vfio-user on the wire, version 0.1 as QEMU's docs/interop/vfio-user.rst has it; the part used here.
//
// Every message begins with a header; numbers are in host order, both ends are on one machine. A reply
// repeats command and id. Structures are sent as they lie in memory.
#pragma once

#include <linux/vfio.h>

#include <cstddef>
#include <cstdint>

namespace hpb::vfio_user {

enum Command : std::uint16_t {
  kVersion = 1,
  kDmaMap = 2,
  kDmaUnmap = 3,
  kGetInfo = 4,
  kGetRegionInfo = 5,
  kGetIrqInfo = 7,
  kSetIrqs = 8,
  kRegionRead = 9,
  kRegionWrite = 10,
  kReset = 13,
};

constexpr std::uint32_t kTypeMask = 0xf;
constexpr std::uint32_t kTypeReply = 1;
constexpr std::uint32_t kNoReply = 1u << 4;
constexpr std::uint32_t kError = 1u << 5;

struct Header {
  std::uint16_t id;
  std::uint16_t command;
  std::uint32_t size;  // header included
  std::uint32_t flags;
  std::uint32_t error;  // errno, in a reply with kError
};
static_assert(sizeof(Header) == 16);

// Version data, a JSON text with its NUL, follows.
struct Version {
  std::uint16_t major;
  std::uint16_t minor;
};
constexpr std::uint16_t kMajor = 0;
constexpr std::uint16_t kMinor = 1;

struct DmaMap {
  std::uint32_t argsz;
  std::uint32_t flags;
  std::uint64_t offset;
  std::uint64_t address;
  std::uint64_t size;
};
static_assert(sizeof(DmaMap) == 32);
constexpr std::uint32_t kReadable = 1;
constexpr std::uint32_t kWriteable = 2;

struct DmaUnmap {
  std::uint32_t argsz;
  std::uint32_t flags;
  std::uint64_t address;
  std::uint64_t size;
};
static_assert(sizeof(DmaUnmap) == 24);

// The kernel's structure has grown since.
struct DeviceInfo {
  std::uint32_t argsz;
  std::uint32_t flags;
  std::uint32_t regions;
  std::uint32_t irqs;
};
static_assert(sizeof(DeviceInfo) == 16);

using RegionInfo = vfio_region_info;
static_assert(sizeof(RegionInfo) == 32);

using IrqInfo = vfio_irq_info;
static_assert(sizeof(IrqInfo) == 16);

struct IrqSet {
  std::uint32_t argsz;
  std::uint32_t flags;
  std::uint32_t index;
  std::uint32_t start;
  std::uint32_t count;
};
static_assert(sizeof(IrqSet) == 20);

// `count` bytes follow in a write and in the reply to a read.
struct RegionAccess {
  std::uint64_t offset;
  std::uint32_t region;
  std::uint32_t count;
};
static_assert(sizeof(RegionAccess) == 16);

// Nothing that is used here is longer.
constexpr std::size_t kMaxMessage = 8192;

}  // namespace hpb::vfio_user
