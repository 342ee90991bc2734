// SPDX-License-Identifier: Apache-2.0
// The emulated card through its public C header, from a library that is loaded at run time.
#pragma once

#include <cstdint>
#include <string>

#include "hpbcard.h"

namespace hpb {

class CardLibrary {
 public:
  // Throws std::runtime_error: does not load, another ABI, functions missing.
  explicit CardLibrary(const std::string &path);

  decltype(&hpbcard_open) open;
  decltype(&hpbcard_close) close;
  decltype(&hpbcard_event_fd) event_fd;
  decltype(&hpbcard_take_events) take_events;
  decltype(&hpbcard_read32) read32;
  decltype(&hpbcard_write32) write32;
  decltype(&hpbcard_map) map;
  decltype(&hpbcard_unmap) unmap;

 private:
  template <typename Function>
  void find(Function &function, const char *name);

  std::string path_;
  void *handle_;  // stays loaded
};

struct CardSettings {
  std::uint64_t seed = 1;
  std::uint32_t latency = 100;
  std::uint32_t cycles_per_ms = 250000;
};

// A card that is powered on, in free mode.
class Card {
 public:
  // Throws std::runtime_error.
  Card(const CardLibrary &library, const CardSettings &settings);
  ~Card() { library_.close(device_); }
  Card(const Card &) = delete;
  Card &operator=(const Card &) = delete;

  int event_fd() const { return library_.event_fd(device_); }
  // True when the interrupt line rose since the last call.
  bool take_interrupt() { return (library_.take_events(device_) & HPBCARD_EVENT_IRQ) != 0; }
  // All ones where the card answers with an error, as a PCI Express root port has it.
  std::uint32_t read32(std::uint32_t offset);
  void write32(std::uint32_t offset, std::uint32_t value);
  bool map(std::uint64_t bus, std::uint64_t bytes, void *memory) {
    return library_.map(device_, bus, bytes, memory) == HPBCARD_OK;
  }
  void unmap(std::uint64_t bus) { library_.unmap(device_, bus); }

 private:
  const CardLibrary &library_;
  hpbcard_device *device_ = nullptr;
};

}  // namespace hpb
