// SPDX-License-Identifier: Apache-2.0
#include "function.hpp"

#include <linux/pci_regs.h>
#include <linux/vfio.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

namespace hpb {
namespace {

// Of the range that QEMU's list of PCI ids leaves for experiments.
constexpr std::uint16_t kVendor = 0x1af4;
constexpr std::uint16_t kDevice = 0x10ff;
// Processing accelerator.
constexpr std::uint8_t kClass = 0x12;
constexpr unsigned kMsix = 0x40;
// The table's place, for whoever looks; it is not reached by messages.
constexpr std::uint32_t kTableBar = 2;
constexpr std::uint32_t kTableBarBytes = 4096;

constexpr std::size_t kMaxMappings = 4096;
constexpr std::uint64_t kMaxMapped = 1ull << 36;

void put16(std::uint8_t *at, unsigned value) {
  at[0] = static_cast<std::uint8_t>(value);
  at[1] = static_cast<std::uint8_t>(value >> 8);
}

}  // namespace

Function::Function(const CardLibrary &library, const CardSettings &settings)
    : library_(library), settings_(settings) {
  power_on();
}

Function::~Function() {
  card_.reset();
  for (const auto &[bus, mapping] : mappings_) munmap(mapping.memory, mapping.bytes);
  for (const Mapping &mapping : retired_) munmap(mapping.memory, mapping.bytes);
}

void Function::power_on() {
  std::memset(config_, 0, sizeof config_);
  put16(config_ + PCI_VENDOR_ID, kVendor);
  put16(config_ + PCI_DEVICE_ID, kDevice);
  put16(config_ + PCI_STATUS, PCI_STATUS_CAP_LIST);
  config_[PCI_CLASS_DEVICE + 1] = kClass;
  config_[PCI_CAPABILITY_LIST] = kMsix;
  config_[kMsix + PCI_CAP_LIST_ID] = PCI_CAP_ID_MSIX;
  config_[kMsix + PCI_MSIX_TABLE] = kTableBar;
  put16(config_ + kMsix + PCI_MSIX_PBA, kTableBar | 0x800);
  mastering_ = false;
  card_ = std::make_unique<Card>(library_, settings_);
}

void Function::reset() {
  card_.reset();
  for (const Mapping &mapping : retired_) munmap(mapping.memory, mapping.bytes);
  retired_.clear();
  power_on();
}

std::uint64_t Function::region_bytes(std::uint32_t region) {
  switch (region) {
    case VFIO_PCI_BAR0_REGION_INDEX: return kBarBytes;
    case VFIO_PCI_BAR2_REGION_INDEX: return kTableBarBytes;
    case VFIO_PCI_CONFIG_REGION_INDEX: return kConfigBytes;
    default: return 0;
  }
}

bool Function::command(std::uint16_t bit) const {
  return ((config_[PCI_COMMAND] | config_[PCI_COMMAND + 1] << 8) & bit) != 0;
}

bool Function::read(std::uint32_t region, std::uint64_t offset, std::uint8_t *data,
                    std::uint32_t bytes) {
  const std::uint64_t size = region_bytes(region);
  if (bytes == 0 || offset > size || bytes > size - offset) return false;
  if (region == VFIO_PCI_CONFIG_REGION_INDEX) {
    std::memcpy(data, config_ + offset, bytes);
    return true;
  }
  if (region != VFIO_PCI_BAR0_REGION_INDEX || bytes != 4 || offset % 4 != 0) return false;
  std::uint32_t value = 0xffffffff;
  if (command(PCI_COMMAND_MEMORY)) value = card_->read32(static_cast<std::uint32_t>(offset));
  std::memcpy(data, &value, sizeof value);
  return true;
}

bool Function::write(std::uint32_t region, std::uint64_t offset, const std::uint8_t *data,
                     std::uint32_t bytes) {
  const std::uint64_t size = region_bytes(region);
  if (bytes == 0 || offset > size || bytes > size - offset) return false;
  if (region == VFIO_PCI_CONFIG_REGION_INDEX) {
    // Only the command register keeps anything.
    for (std::uint32_t i = 0; i < bytes; i++) {
      const std::uint64_t at = offset + i;
      if (at == PCI_COMMAND) config_[at] = data[i] & (PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
    }
    update_mastering();
    return true;
  }
  if (region != VFIO_PCI_BAR0_REGION_INDEX || bytes != 4 || offset % 4 != 0) return false;
  std::uint32_t value;
  std::memcpy(&value, data, sizeof value);
  if (command(PCI_COMMAND_MEMORY)) card_->write32(static_cast<std::uint32_t>(offset), value);
  return true;
}

// Without bus mastering the card reaches no memory.
void Function::update_mastering() {
  const bool on = command(PCI_COMMAND_MASTER);
  if (on == mastering_) return;
  mastering_ = on;
  for (const auto &[bus, mapping] : mappings_) {
    if (on) card_->map(bus, mapping.bytes, mapping.memory);
    else card_->unmap(bus);
  }
}

int Function::map(std::uint64_t bus, std::uint64_t bytes, std::uint64_t offset, int file,
                  bool writeable) {
  constexpr std::uint64_t kPage = 4096;
  if (bytes == 0 || (bus | bytes | offset) % kPage != 0 || bus + bytes < bus) return EINVAL;
  if (!writeable) return ENOTSUP;
  if (mappings_.size() + retired_.size() >= kMaxMappings || bytes > kMaxMapped - mapped_bytes_) {
    return ENOMEM;
  }
  const auto after = mappings_.upper_bound(bus);
  if (after != mappings_.end() && after->first - bus < bytes) return EEXIST;
  if (after != mappings_.begin()) {
    const auto before = std::prev(after);
    if (bus - before->first < before->second.bytes) return EEXIST;
  }
  // Memory that is not there would end this process when the card reaches for it.
  struct stat status;
  if (fstat(file, &status) != 0 || status.st_size < 0) return EBADF;
  const auto size = static_cast<std::uint64_t>(status.st_size);
  if (offset > size || bytes > size - offset) return EINVAL;
  void *memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file,
                      static_cast<off_t>(offset));
  if (memory == MAP_FAILED) return errno;
  mappings_.emplace(bus, Mapping{bytes, memory});
  mapped_bytes_ += bytes;
  if (mastering_) card_->map(bus, bytes, memory);
  return 0;
}

int Function::unmap(std::uint64_t bus, std::uint64_t bytes) {
  const auto found = mappings_.find(bus);
  if (found == mappings_.end() || found->second.bytes != bytes) return ENOENT;
  if (mastering_) card_->unmap(bus);
  retired_.push_back(found->second);
  mappings_.erase(found);
  return 0;
}

void Function::forward_interrupt() {
  if (!card_->take_interrupt() || !interrupt_) return;
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(interrupt_.get(), &one, sizeof one);
}

}  // namespace hpb
