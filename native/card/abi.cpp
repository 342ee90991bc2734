// SPDX-License-Identifier: Apache-2.0
// The C boundary of libhpbcard: arguments checked, exceptions turned into a status.
#include <algorithm>
#include <new>
#include <string>

#include "device.hpp"
#include "hpbcard.h"

struct hpbcard_device {
  hpbcard_device(hpbcard_mode mode, const hpb::MachineOptions &options) : device(mode, options) {}
  hpb::Device device;
};

namespace {

constexpr std::uint32_t kWindowBytes = 0x10000;
constexpr std::uint32_t kMaxStall = 90;
constexpr std::uint64_t kMaxAlloc = 1ull << 40;

template <typename Body>
hpbcard_status guarded(Body body) {
  try {
    return body();
  } catch (const std::bad_alloc &) {
    return HPBCARD_MEMORY;
  } catch (...) {
    return HPBCARD_SYSTEM;
  }
}

// A text for the caller, cut to what there is room for.
void copy_text(const std::string &text, char *out, std::uint32_t bytes) {
  if (out == nullptr || bytes == 0) return;
  const std::size_t length = std::min<std::size_t>(text.size(), bytes - 1);
  text.copy(out, length);
  out[length] = '\0';
}

bool is_register(std::uint32_t offset) { return offset % 4 == 0 && offset < kWindowBytes; }

}  // namespace

extern "C" {

uint32_t hpbcard_abi_version(void) { return HPBCARD_ABI_VERSION; }

uint32_t hpbcard_has_waves(void) { return hpb::kHasWaves ? 1 : 0; }

uint32_t hpbcard_has_toe(void) { return hpb::kHasToe ? 1 : 0; }

hpbcard_status hpbcard_open(uint32_t mode, uint64_t seed, uint32_t latency, uint32_t stall_percent,
                            uint32_t cycles_per_ms, const char *waves, hpbcard_device **out) {
  if (out == nullptr) return HPBCARD_ARGUMENT;
  *out = nullptr;
  if (mode > HPBCARD_STEPPED || stall_percent > kMaxStall || cycles_per_ms == 0) {
    return HPBCARD_ARGUMENT;
  }
  if (waves != nullptr && !hpb::kHasWaves) return HPBCARD_UNSUPPORTED;
  return guarded([&] {
    const hpb::MachineOptions options{seed, latency, stall_percent, cycles_per_ms,
                                      waves == nullptr ? "" : waves};
    *out = new hpbcard_device(static_cast<hpbcard_mode>(mode), options);
    return HPBCARD_OK;
  });
}

int32_t hpbcard_event_fd(const hpbcard_device *device) { return device->device.event_fd(); }

uint32_t hpbcard_take_events(hpbcard_device *device) { return device->device.take_events(); }

hpbcard_status hpbcard_read32(hpbcard_device *device, uint32_t offset, uint32_t *value) {
  if (device == nullptr || value == nullptr || !is_register(offset)) return HPBCARD_ARGUMENT;
  return guarded([&] { return device->device.read32(offset, *value); });
}

hpbcard_status hpbcard_write32(hpbcard_device *device, uint32_t offset, uint32_t value) {
  if (device == nullptr || !is_register(offset)) return HPBCARD_ARGUMENT;
  return guarded([&] { return device->device.write32(offset, value); });
}

hpbcard_status hpbcard_alloc(hpbcard_device *device, uint64_t bytes, void **pointer,
                             uint64_t *bus) {
  if (device == nullptr || pointer == nullptr || bus == nullptr) return HPBCARD_ARGUMENT;
  if (bytes == 0 || bytes > kMaxAlloc) return HPBCARD_ARGUMENT;
  return guarded([&] {
    const auto region = device->device.alloc(bytes);
    *pointer = region->data();
    *bus = region->bus();
    return HPBCARD_OK;
  });
}

hpbcard_status hpbcard_map(hpbcard_device *device, uint64_t bus, uint64_t bytes, void *memory) {
  if (device == nullptr || memory == nullptr) return HPBCARD_ARGUMENT;
  if (bytes == 0 || bytes > kMaxAlloc || (bytes | bus) % hpb::Region::round_up(1) != 0 ||
      bus + bytes < bus) {
    return HPBCARD_ARGUMENT;
  }
  return guarded([&] {
    const bool mapped = device->device.map(bus, bytes, static_cast<std::uint8_t *>(memory));
    return mapped ? HPBCARD_OK : HPBCARD_ARGUMENT;
  });
}

hpbcard_status hpbcard_unmap(hpbcard_device *device, uint64_t bus) {
  if (device == nullptr) return HPBCARD_ARGUMENT;
  return guarded([&] {
    return device->device.unmap(bus) ? HPBCARD_OK : HPBCARD_ARGUMENT;
  });
}

uint64_t hpbcard_now(const hpbcard_device *device) { return device->device.now(); }

hpbcard_status hpbcard_arm(hpbcard_device *device, uint64_t cycle) {
  return guarded([&] {
    device->device.arm(cycle);
    return HPBCARD_OK;
  });
}

hpbcard_status hpbcard_step(hpbcard_device *device, uint64_t cycles) {
  return guarded([&] { return device->device.step(cycles); });
}

hpbcard_status hpbcard_attach(hpbcard_device *device, const char *link, const char *pcap,
                              const char *impairment, char *error, uint32_t error_bytes) {
  copy_text("", error, error_bytes);
  if (device == nullptr || link == nullptr) return HPBCARD_ARGUMENT;
  if (!hpb::kHasToe) return HPBCARD_UNSUPPORTED;
  return guarded([&] {
    try {
      const hpbcard_status status = device->device.attach(link, pcap, impairment);
      if (status != HPBCARD_OK) copy_text("a link is attached already", error, error_bytes);
      return status;
    } catch (const std::runtime_error &reason) {
      copy_text(reason.what(), error, error_bytes);
      return HPBCARD_SYSTEM;
    }
  });
}

void hpbcard_read_link_counters(const hpbcard_device *device, hpbcard_link_counters *counters) {
  device->device.read_link_counters(*counters);
}

uint32_t hpbcard_link_error(const hpbcard_device *device, char *error, uint32_t error_bytes) {
  const std::string text = device->device.link_error();
  copy_text(text, error, error_bytes);
  return static_cast<uint32_t>(text.size());
}

hpbcard_status hpbcard_inject(hpbcard_device *device, uint32_t fault, uint32_t count,
                              uint64_t value) {
  if (device == nullptr || fault >= hpb::kFaultKinds) return HPBCARD_ARGUMENT;
  return guarded([&] {
    device->device.inject(fault, count, value);
    return HPBCARD_OK;
  });
}

void hpbcard_read_counters(const hpbcard_device *device, hpbcard_counters *counters) {
  device->device.read_counters(*counters);
}

void hpbcard_close(hpbcard_device *device) { delete device; }

}  // extern "C"
