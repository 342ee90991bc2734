// SPDX-License-Identifier: Apache-2.0
// The card as a PCI function: configuration space, BAR 0, memory of the client, one MSI-X vector.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "card.hpp"
#include "descriptor.hpp"

namespace hpb {

constexpr std::uint32_t kConfigBytes = 256;
constexpr std::uint32_t kBarBytes = 0x10000;

class Function {
 public:
  Function(const CardLibrary &library, const CardSettings &settings);
  ~Function();
  Function(const Function &) = delete;
  Function &operator=(const Function &) = delete;

  // Bytes of a region by its VFIO index; 0 where there is none.
  static std::uint64_t region_bytes(std::uint32_t region);

  // False where the access is outside, or not one that the region has.
  bool read(std::uint32_t region, std::uint64_t offset, std::uint8_t *data, std::uint32_t bytes);
  bool write(std::uint32_t region, std::uint64_t offset, const std::uint8_t *data,
             std::uint32_t bytes);

  // Maps memory of a file. Returns 0 or an errno.
  int map(std::uint64_t bus, std::uint64_t bytes, std::uint64_t offset, int file, bool writeable);
  int unmap(std::uint64_t bus, std::uint64_t bytes);

  // -1: nobody.
  void set_interrupt(Descriptor event) { interrupt_ = std::move(event); }

  int event_fd() const { return card_->event_fd(); }
  void forward_interrupt();

  // As after power on; the client's memory stays mapped.
  void reset();

 private:
  struct Mapping {
    std::uint64_t bytes;
    void *memory;
  };

  bool command(std::uint16_t bit) const;
  void power_on();
  void update_mastering();

  const CardLibrary &library_;
  const CardSettings settings_;
  std::uint8_t config_[kConfigBytes];
  std::map<std::uint64_t, Mapping> mappings_;
  // Taken away from the card, which may still be in the middle of them.
  std::vector<Mapping> retired_;
  std::uint64_t mapped_bytes_ = 0;
  bool mastering_ = false;
  Descriptor interrupt_;
  std::unique_ptr<Card> card_;  // last: it reaches the mappings
};

}  // namespace hpb
