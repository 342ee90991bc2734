// SPDX-License-Identifier: Apache-2.0
// Memory that the host and the card both see, under different addresses.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

namespace hpb {

// One allocation, unmapped when destroyed, or memory that somebody else owns.
class Region {
 public:
  // Throws std::bad_alloc. `bytes` is rounded up to whole pages.
  Region(std::uint64_t bus, std::uint64_t bytes);
  // The owner keeps `data` until the card is gone: a transfer under way may outlive `remove`.
  Region(std::uint64_t bus, std::uint64_t bytes, std::uint8_t *data)
      : bus_(bus), bytes_(bytes), data_(data), owned_(false) {}
  ~Region();
  Region(const Region &) = delete;
  Region &operator=(const Region &) = delete;

  std::uint64_t bus() const { return bus_; }
  std::uint64_t bytes() const { return bytes_; }
  std::uint8_t *data() const { return data_; }

  static std::uint64_t round_up(std::uint64_t bytes);

 private:
  std::uint64_t bus_;
  std::uint64_t bytes_;
  std::uint8_t *data_;
  bool owned_ = true;
};

// What the card can reach. Used by the thread that runs the model only.
class HostMemory {
 public:
  // False, and nothing is added, where it overlaps another.
  bool add(std::shared_ptr<Region> region);
  // False where no region begins there.
  bool remove(std::uint64_t bus);

  // Host address of `bytes` at a bus address; null unless all of them were allocated.
  std::uint8_t *find(std::uint64_t bus, std::uint64_t bytes) const;

 private:
  std::vector<std::shared_ptr<Region>> regions_;  // by rising bus address
};

}  // namespace hpb
