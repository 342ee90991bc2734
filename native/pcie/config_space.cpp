// SPDX-License-Identifier: Apache-2.0
#include "config_space.hpp"

#include <linux/pci_regs.h>

#include <cstdio>

#include "errors.hpp"

namespace hpb {
namespace {

// Capabilities start behind the header and take four bytes at least: no list is longer.
constexpr unsigned kMostCapabilities = (256 - 64) / 4;

std::uint16_t read16(Port &port, unsigned offset) {
  std::uint8_t bytes[2];
  port.read(kConfig, offset, bytes, sizeof bytes);
  return static_cast<std::uint16_t>(bytes[0] | bytes[1] << 8);
}

std::uint8_t read8(Port &port, unsigned offset) {
  std::uint8_t byte;
  port.read(kConfig, offset, &byte, 1);
  return byte;
}

bool has_capability(Port &port, unsigned id) {
  if ((read16(port, PCI_STATUS) & PCI_STATUS_CAP_LIST) == 0) return false;
  unsigned at = read8(port, PCI_CAPABILITY_LIST) & ~3u;
  for (unsigned i = 0; i < kMostCapabilities && at >= 64; i++) {
    if (read8(port, at + PCI_CAP_LIST_ID) == id) return true;
    at = read8(port, at + PCI_CAP_LIST_NEXT) & ~3u;
  }
  return false;
}

std::string hex16(unsigned value) {
  char text[8];
  std::snprintf(text, sizeof text, "%04x", value & 0xffff);
  return text;
}

}  // namespace

void check_config_space(Port &port) {
  if (port.region_bytes(kConfig) < 256) {
    throw Unavailable("it has no PCI configuration space");
  }
  const std::uint16_t vendor = read16(port, PCI_VENDOR_ID);
  const std::string name = hex16(vendor) + ":" + hex16(read16(port, PCI_DEVICE_ID));
  if (vendor == 0xffff) throw Unavailable("it does not answer: vendor ffff; is the card powered?");
  const unsigned header = read8(port, PCI_HEADER_TYPE) & 0x7f;
  if (header != PCI_HEADER_TYPE_NORMAL) {
    throw Unavailable(name + " is a bridge (header type " + std::to_string(header) +
                      "), no card");
  }
  if (!has_capability(port, PCI_CAP_ID_MSIX)) {
    throw Unavailable(name + " has no MSI-X, which a card needs for its interrupt");
  }
}

void enable_card(Port &port, bool on) {
  const std::uint16_t old = read16(port, PCI_COMMAND);
  const unsigned bits = PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER;
  const unsigned value = on ? old | bits : old & ~static_cast<unsigned>(PCI_COMMAND_MASTER);
  const std::uint8_t bytes[2] = {static_cast<std::uint8_t>(value),
                                 static_cast<std::uint8_t>(value >> 8)};
  port.write(kConfig, PCI_COMMAND, bytes, sizeof bytes);
}

}  // namespace hpb
