// SPDX-License-Identifier: Apache-2.0
// The C boundary of libhpbpcie: arguments checked, exceptions turned into a status and words.
#include <cstring>
#include <memory>
#include <mutex>
#include <new>
#include <string>

#include "board.hpp"
#include "errors.hpp"
#include "hpbpcie.h"
#include "kernel_port.hpp"
#include "user_port.hpp"

struct hpbpcie_device {
  explicit hpbpcie_device(std::unique_ptr<hpb::Port> port) : board(std::move(port)) {}

  void remember(const char *what) {
    const std::lock_guard lock(mutex);
    last = what;
  }
  std::string failure() {
    const std::lock_guard lock(mutex);
    return last;
  }

  hpb::Board board;
  std::mutex mutex;
  std::string last;  // what went wrong most recently
};

namespace {

constexpr std::uint32_t kWindowBytes = 0x10000;
constexpr std::uint64_t kMaxAlloc = 1ull << 40;
constexpr std::uint32_t kMaxTimeout = 600000;
constexpr char kUserPrefix[] = "vfio-user:";

bool is_register(std::uint32_t offset) { return offset % 4 == 0 && offset < kWindowBytes; }

void tell(char *message, std::uint32_t bytes, const char *text) {
  if (message == nullptr || bytes == 0) return;
  std::strncpy(message, text, bytes - 1);
  message[bytes - 1] = '\0';
}

template <typename Body>
hpbpcie_status guarded(hpbpcie_device *device, Body body) {
  try {
    return body();
  } catch (const std::bad_alloc &) {
    return HPBPCIE_MEMORY;
  } catch (const std::exception &error) {
    device->remember(error.what());
    return HPBPCIE_DEVICE;
  }
}

std::unique_ptr<hpb::Port> open_port(const std::string &address, const char *root,
                                     std::uint32_t timeout_ms) {
  if (address.rfind(kUserPrefix, 0) == 0) {
    return hpb::open_user_port(address.substr(sizeof kUserPrefix - 1), timeout_ms);
  }
  return hpb::open_kernel_port(address, root);
}

}  // namespace

extern "C" {

uint32_t hpbpcie_abi_version(void) { return HPBPCIE_ABI_VERSION; }

hpbpcie_status hpbpcie_open(const char *address, const char *root, uint32_t timeout_ms,
                            hpbpcie_device **out, char *message, uint32_t message_bytes) {
  tell(message, message_bytes, "");
  if (out == nullptr) return HPBPCIE_ARGUMENT;
  *out = nullptr;
  if (address == nullptr || root == nullptr || timeout_ms == 0 || timeout_ms > kMaxTimeout) {
    return HPBPCIE_ARGUMENT;
  }
  try {
    *out = new hpbpcie_device(open_port(address, root, timeout_ms));
    return HPBPCIE_OK;
  } catch (const std::bad_alloc &) {
    return HPBPCIE_MEMORY;
  } catch (const std::exception &error) {
    tell(message, message_bytes, error.what());
    return HPBPCIE_UNAVAILABLE;
  }
}

int32_t hpbpcie_event_fd(const hpbpcie_device *device) { return device->board.event_fd(); }

uint32_t hpbpcie_take_interrupts(hpbpcie_device *device) {
  return device->board.take_interrupts() ? 1 : 0;
}

uint32_t hpbpcie_is_mapped(const hpbpcie_device *device) { return device->board.mapped() ? 1 : 0; }

hpbpcie_status hpbpcie_read32(hpbpcie_device *device, uint32_t offset, uint32_t *value) {
  if (device == nullptr || value == nullptr || !is_register(offset)) return HPBPCIE_ARGUMENT;
  return guarded(device, [&] {
    *value = device->board.read32(offset);
    return HPBPCIE_OK;
  });
}

hpbpcie_status hpbpcie_write32(hpbpcie_device *device, uint32_t offset, uint32_t value) {
  if (device == nullptr || !is_register(offset)) return HPBPCIE_ARGUMENT;
  return guarded(device, [&] {
    device->board.write32(offset, value);
    return HPBPCIE_OK;
  });
}

hpbpcie_status hpbpcie_alloc(hpbpcie_device *device, uint64_t bytes, void **pointer,
                             uint64_t *bus) {
  if (device == nullptr || pointer == nullptr || bus == nullptr) return HPBPCIE_ARGUMENT;
  if (bytes == 0 || bytes > kMaxAlloc) return HPBPCIE_ARGUMENT;
  return guarded(device, [&] {
    const auto memory = device->board.alloc(bytes);
    *pointer = memory.data;
    *bus = memory.bus;
    return HPBPCIE_OK;
  });
}

void hpbpcie_failure(hpbpcie_device *device, char *message, uint32_t message_bytes) {
  tell(message, message_bytes, device->failure().c_str());
}

void hpbpcie_close(hpbpcie_device *device) { delete device; }

}  // extern "C"
