// SPDX-License-Identifier: Apache-2.0
#include "card.hpp"

#include <dlfcn.h>

#include <stdexcept>

namespace hpb {

template <typename Function>
void CardLibrary::find(Function &function, const char *name) {
  function = reinterpret_cast<Function>(dlsym(handle_, name));
  if (function == nullptr) {
    throw std::runtime_error(path_ + " has no " + name + ": run `make build`");
  }
}

CardLibrary::CardLibrary(const std::string &path)
    : path_(path), handle_(dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL)) {
  if (handle_ == nullptr) throw std::runtime_error(dlerror());
  decltype(&hpbcard_abi_version) version;
  find(version, "hpbcard_abi_version");
  if (version() != HPBCARD_ABI_VERSION) {
    throw std::runtime_error(path + " has ABI " + std::to_string(version()) + ", expected " +
                             std::to_string(HPBCARD_ABI_VERSION) + ": run `make build`");
  }
  find(open, "hpbcard_open");
  find(close, "hpbcard_close");
  find(event_fd, "hpbcard_event_fd");
  find(take_events, "hpbcard_take_events");
  find(read32, "hpbcard_read32");
  find(write32, "hpbcard_write32");
  find(map, "hpbcard_map");
  find(unmap, "hpbcard_unmap");
}

Card::Card(const CardLibrary &library, const CardSettings &settings) : library_(library) {
  const hpbcard_status status =
      library_.open(HPBCARD_FREE, settings.seed, settings.latency, 0, settings.cycles_per_ms,
                    nullptr, &device_);
  if (status != HPBCARD_OK) {
    throw std::runtime_error("the card does not start: status " + std::to_string(status));
  }
}

std::uint32_t Card::read32(std::uint32_t offset) {
  std::uint32_t value = 0;
  return library_.read32(device_, offset, &value) == HPBCARD_OK ? value : 0xffffffff;
}

void Card::write32(std::uint32_t offset, std::uint32_t value) {
  library_.write32(device_, offset, value);
}

}  // namespace hpb
