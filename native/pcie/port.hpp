// SPDX-License-Identifier: Apache-2.0
// The way to a PCI function: regions, memory, interrupts, reset. What the kernel and vfio-user differ in.
#pragma once

#include <cstddef>
#include <cstdint>

namespace hpb {

// Regions by their VFIO index.
constexpr unsigned kBar0 = 0;
constexpr unsigned kConfig = 7;

// A window of registers in this process; null where they are reached by read and write alone.
struct Window {
  void *memory = nullptr;
  std::uint64_t bytes = 0;
};

// All of it throws DeviceFailed; every wait is bounded.
class Port {
 public:
  virtual ~Port() = default;

  virtual std::uint64_t region_bytes(unsigned region) = 0;
  virtual Window map_region(unsigned region) = 0;
  virtual void read(unsigned region, std::uint64_t offset, void *data, std::size_t bytes) = 0;
  // Posted: in order, without waiting.
  virtual void write(unsigned region, std::uint64_t offset, const void *data,
                     std::size_t bytes) = 0;

  // Lets the card reach memory of this process, the file's from its start; whole pages. Without
  // waiting: a refusal may be told by a later call.
  virtual void map_dma(std::uint64_t bus, void *memory, std::uint64_t bytes, int file) = 0;

  // Vectors of MSI-X that the card has.
  virtual unsigned vectors() = 0;
  // The first vector raises an eventfd; the port raises it, too, when it fails.
  virtual void connect_interrupt(int event) = 0;

  virtual bool can_reset() const = 0;
  virtual void reset() = 0;
};

}  // namespace hpb
