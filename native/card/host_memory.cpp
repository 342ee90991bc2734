// SPDX-License-Identifier: Apache-2.0
#include "host_memory.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <new>

namespace hpb {
namespace {

constexpr std::uint64_t kPage = 4096;

}  // namespace

std::uint64_t Region::round_up(std::uint64_t bytes) { return (bytes + kPage - 1) & ~(kPage - 1); }

Region::Region(std::uint64_t bus, std::uint64_t bytes) : bus_(bus), bytes_(round_up(bytes)) {
  void *memory = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  data_ = static_cast<std::uint8_t *>(memory);
}

Region::~Region() {
  if (owned_) munmap(data_, bytes_);
}

bool HostMemory::add(std::shared_ptr<Region> region) {
  const auto after =
      std::upper_bound(regions_.begin(), regions_.end(), region->bus(),
                       [](std::uint64_t address, const auto &r) { return address < r->bus(); });
  if (after != regions_.end() && (*after)->bus() - region->bus() < region->bytes()) return false;
  if (after != regions_.begin()) {
    const Region &before = **(after - 1);
    if (region->bus() - before.bus() < before.bytes()) return false;
  }
  regions_.insert(after, std::move(region));
  return true;
}

bool HostMemory::remove(std::uint64_t bus) {
  const auto found = std::find_if(regions_.begin(), regions_.end(),
                                  [bus](const auto &region) { return region->bus() == bus; });
  if (found == regions_.end()) return false;
  regions_.erase(found);
  return true;
}

std::uint8_t *HostMemory::find(std::uint64_t bus, std::uint64_t bytes) const {
  const auto after =
      std::upper_bound(regions_.begin(), regions_.end(), bus,
                       [](std::uint64_t address, const auto &r) { return address < r->bus(); });
  if (after == regions_.begin()) return nullptr;
  const Region &region = **(after - 1);
  const std::uint64_t offset = bus - region.bus();
  if (offset >= region.bytes() || bytes > region.bytes() - offset) return nullptr;
  return region.data() + offset;
}

}  // namespace hpb
