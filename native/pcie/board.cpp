// SPDX-License-Identifier: Apache-2.0
#include "board.hpp"

#include <poll.h>

#include <atomic>

#include "config_space.hpp"
#include "errors.hpp"

namespace hpb {
namespace {

constexpr std::uint64_t kWindowBytes = 0x10000;
// Bus addresses begin above what 32 bits reach: clear of every hole that a machine keeps below.
constexpr std::uint64_t kFirstBus = 0x100000000;
constexpr std::uint64_t kGap = 4096;

volatile std::uint32_t *at(const Window &window, std::uint32_t offset) {
  return reinterpret_cast<volatile std::uint32_t *>(static_cast<char *>(window.memory) + offset);
}

}  // namespace

Board::Board(std::unique_ptr<Port> port) : next_bus_(kFirstBus), port_(std::move(port)) {
  check_config_space(*port_);
  if (port_->can_reset()) port_->reset();
  enable_card(*port_, true);
  const std::uint64_t bytes = port_->region_bytes(kBar0);
  if (bytes < kWindowBytes) {
    throw Unavailable("BAR 0 has " + std::to_string(bytes) + " bytes, a card has " +
                      std::to_string(kWindowBytes) + " at least");
  }
  window_ = port_->map_region(kBar0);
  if (port_->vectors() == 0) throw Unavailable("it has no MSI-X vector");
  port_->connect_interrupt(event_.fd());
}

Board::~Board() {
  try {
    enable_card(*port_, false);
    if (port_->can_reset()) port_->reset();
  } catch (const std::exception &) {
    // It failed before, or now: closing the port takes memory and interrupt away from it.
  }
}

bool Board::take_interrupts() {
  // Asked first: whoever has the eventfd, too, may have made reading it wait.
  pollfd ready{event_.fd(), POLLIN, 0};
  if (poll(&ready, 1, 0) != 1) return false;
  event_.clear();
  return true;
}

std::uint32_t Board::read32(std::uint32_t offset) {
  if (mapped()) return *at(window_, offset);
  std::uint8_t bytes[4];
  port_->read(kBar0, offset, bytes, sizeof bytes);
  return bytes[0] | bytes[1] << 8 | bytes[2] << 16 | static_cast<std::uint32_t>(bytes[3]) << 24;
}

void Board::write32(std::uint32_t offset, std::uint32_t value) {
  if (mapped()) {
    // Descriptors are in memory before their doorbell is on its way.
    std::atomic_thread_fence(std::memory_order_seq_cst);
    *at(window_, offset) = value;
    return;
  }
  const std::uint8_t bytes[4] = {
      static_cast<std::uint8_t>(value), static_cast<std::uint8_t>(value >> 8),
      static_cast<std::uint8_t>(value >> 16), static_cast<std::uint8_t>(value >> 24)};
  port_->write(kBar0, offset, bytes, sizeof bytes);
}

Board::Memory Board::alloc(std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  auto buffer = std::make_unique<DmaBuffer>(bytes);
  const Memory memory{buffer->data(), next_bus_};
  port_->map_dma(memory.bus, buffer->data(), buffer->bytes(), buffer->file());
  next_bus_ += buffer->bytes() + kGap;
  buffers_.push_back(std::move(buffer));
  return memory;
}

}  // namespace hpb
