// SPDX-License-Identifier: Apache-2.0
// A card behind a port: registers, memory, its interrupt. The same for every port.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "dma_buffer.hpp"
#include "event.hpp"
#include "port.hpp"

namespace hpb {

class Board {
 public:
  // Makes the card ready for use. Throws Unavailable, DeviceFailed.
  explicit Board(std::unique_ptr<Port> port);
  ~Board();
  Board(const Board &) = delete;
  Board &operator=(const Board &) = delete;

  int event_fd() const { return event_.fd(); }
  bool take_interrupts();
  bool mapped() const { return window_.memory != nullptr; }

  std::uint32_t read32(std::uint32_t offset);
  void write32(std::uint32_t offset, std::uint32_t value);

  struct Memory {
    void *data;
    std::uint64_t bus;
  };
  Memory alloc(std::uint64_t bytes);

 private:
  Event event_;  // before the port, which raises it
  std::mutex mutex_;
  std::vector<std::unique_ptr<DmaBuffer>> buffers_;  // before the port: the card lets go first
  std::uint64_t next_bus_;
  std::unique_ptr<Port> port_;
  Window window_;
};

}  // namespace hpb
