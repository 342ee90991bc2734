// SPDX-License-Identifier: Apache-2.0
#include "kernel_port.hpp"

#include <fcntl.h>
#include <linux/vfio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cstdio>
#include <cstring>
#include <vector>

#include "descriptor.hpp"
#include "errno_text.hpp"
#include "errors.hpp"

namespace hpb {
namespace {

static_assert(kConfig == VFIO_PCI_CONFIG_REGION_INDEX && kBar0 == VFIO_PCI_BAR0_REGION_INDEX);

bool exists(const std::string &path) {
  struct stat status;
  return lstat(path.c_str(), &status) == 0;
}

// Last part of where a link points; empty where there is none.
std::string link_name(const std::string &path) {
  char target[512];
  const ssize_t length = readlink(path.c_str(), target, sizeof target);
  if (length <= 0) return {};
  const std::string text(target, static_cast<std::size_t>(length));
  return text.substr(text.rfind('/') + 1);
}

bool is_address(const std::string &address) {
  unsigned domain, bus, slot, function;
  int end = 0;
  const int found = std::sscanf(address.c_str(), "%4x:%2x:%2x.%1x%n", &domain, &bus, &slot,
                                &function, &end);
  return found == 4 && slot < 32 && function < 8 && address.size() == 12 && static_cast<std::size_t>(end) == address.size();
}

Descriptor open_or_explain(const std::string &path, const std::string &missing) {
  Descriptor file(open(path.c_str(), O_RDWR | O_CLOEXEC));
  if (file) return file;
  const int error = errno;
  if (error == ENOENT || error == ENXIO || error == ENODEV) {
    throw Unavailable(path + " is missing: " + missing);
  }
  if (error == EACCES || error == EPERM) {
    throw Unavailable(path + ": no permission; as root: chown $USER " + path);
  }
  if (error == EBUSY) throw Unavailable(path + " is in use by another process");
  throw Unavailable(path + ": " + errno_text(error));
}

class KernelPort : public Port {
 public:
  KernelPort(const std::string &address, const std::string &root) {
    const std::string function = root + "/sys/bus/pci/devices/" + address;
    if (!exists(function)) {
      throw Unavailable("there is no PCI function " + address + " here; lspci -D lists them");
    }
    const std::string group = link_name(function + "/iommu_group");
    if (group.empty()) {
      throw Unavailable(address + " has no IOMMU group: switch the IOMMU on in the firmware "
                        "(VT-d, AMD-Vi) and, on Intel, boot with intel_iommu=on");
    }
    const std::string driver = link_name(function + "/driver");
    if (driver != "vfio-pci") {
      throw Unavailable(address + " is bound to " + (driver.empty() ? "no driver" : driver) +
                        ", not to vfio-pci; as root: modprobe vfio-pci; " +
                        "echo vfio-pci > " + function + "/driver_override; " +
                        (driver.empty() ? "" : "echo " + address + " > " + function +
                                                   "/driver/unbind; ") +
                        "echo " + address + " > " + root + "/sys/bus/pci/drivers_probe");
    }
    open_container(root + "/dev/vfio/vfio");
    open_group(root + "/dev/vfio/" + group, group);
    device_.reset(ioctl(group_.get(), VFIO_GROUP_GET_DEVICE_FD, address.c_str()));
    if (!device_) throw Unavailable(address + ": " + errno_text());
    info_.argsz = sizeof info_;
    if (ioctl(device_.get(), VFIO_DEVICE_GET_INFO, &info_) != 0) {
      throw Unavailable(address + " tells nothing about itself: " + errno_text());
    }
    if ((info_.flags & VFIO_DEVICE_FLAGS_PCI) == 0) throw Unavailable(address + " is no PCI device");
  }

  ~KernelPort() override {
    for (const Window &window : windows_) munmap(window.memory, window.bytes);
  }

  std::uint64_t region_bytes(unsigned region) override { return region_info(region).size; }

  Window map_region(unsigned region) override {
    const vfio_region_info info = region_info(region);
    if ((info.flags & VFIO_REGION_INFO_FLAG_MMAP) == 0) return {};
    void *memory = mmap(nullptr, info.size, PROT_READ | PROT_WRITE, MAP_SHARED, device_.get(),
                        static_cast<off_t>(info.offset));
    // Not all of it can be mapped, for example because MSI-X is in it: slower, but as good.
    if (memory == MAP_FAILED) return {};
    windows_.push_back({memory, info.size});
    return windows_.back();
  }

  void read(unsigned region, std::uint64_t offset, void *data, std::size_t bytes) override {
    const off_t at = place(region, offset);
    if (pread(device_.get(), data, bytes, at) != static_cast<ssize_t>(bytes)) {
      throw DeviceFailed("reading from the card: " + errno_text());
    }
  }

  void write(unsigned region, std::uint64_t offset, const void *data, std::size_t bytes) override {
    const off_t at = place(region, offset);
    if (pwrite(device_.get(), data, bytes, at) != static_cast<ssize_t>(bytes)) {
      throw DeviceFailed("writing to the card: " + errno_text());
    }
  }

  void map_dma(std::uint64_t bus, void *memory, std::uint64_t bytes, int) override {
    vfio_iommu_type1_dma_map map{};
    map.argsz = sizeof map;
    map.flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE;
    map.vaddr = reinterpret_cast<std::uintptr_t>(memory);
    map.iova = bus;
    map.size = bytes;
    if (ioctl(container_.get(), VFIO_IOMMU_MAP_DMA, &map) == 0) return;
    const bool locked = errno == ENOMEM || errno == EPERM;
    throw DeviceFailed("mapping " + std::to_string(bytes) + " bytes for DMA: " + errno_text() +
                       (locked ? "; raise the limit of locked memory (ulimit -l)" : ""));
  }

  unsigned vectors() override {
    vfio_irq_info info{};
    info.argsz = sizeof info;
    info.index = VFIO_PCI_MSIX_IRQ_INDEX;
    if (ioctl(device_.get(), VFIO_DEVICE_GET_IRQ_INFO, &info) != 0) return 0;
    return (info.flags & VFIO_IRQ_INFO_EVENTFD) != 0 ? info.count : 0;
  }

  void connect_interrupt(int event) override {
    alignas(vfio_irq_set) std::uint8_t buffer[sizeof(vfio_irq_set) + sizeof(std::int32_t)] = {};
    auto *set = reinterpret_cast<vfio_irq_set *>(buffer);
    set->argsz = sizeof buffer;
    set->flags = VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER;
    set->index = VFIO_PCI_MSIX_IRQ_INDEX;
    set->start = 0;
    set->count = 1;
    const std::int32_t descriptor = event;
    std::memcpy(set->data, &descriptor, sizeof descriptor);
    if (ioctl(device_.get(), VFIO_DEVICE_SET_IRQS, set) != 0) {
      throw DeviceFailed("enabling MSI-X: " + errno_text());
    }
  }

  bool can_reset() const override { return (info_.flags & VFIO_DEVICE_FLAGS_RESET) != 0; }

  void reset() override {
    if (ioctl(device_.get(), VFIO_DEVICE_RESET) != 0) {
      throw DeviceFailed("resetting the card: " + errno_text());
    }
  }

 private:
  void open_container(const std::string &path) {
    container_ = open_or_explain(path, "load the driver (as root: modprobe vfio-pci)");
    const int version = ioctl(container_.get(), VFIO_GET_API_VERSION);
    if (version != VFIO_API_VERSION) {
      throw Unavailable(path + " is no VFIO of version " + std::to_string(VFIO_API_VERSION) +
                        " (answer " + std::to_string(version) + ")");
    }
    if (ioctl(container_.get(), VFIO_CHECK_EXTENSION, VFIO_TYPE1v2_IOMMU) <= 0) {
      throw Unavailable("this IOMMU is of a kind that the driver does not know (no type 1 v2)");
    }
  }

  void open_group(const std::string &path, const std::string &name) {
    group_ = open_or_explain(path, "is the function bound to vfio-pci?");
    vfio_group_status status{};
    status.argsz = sizeof status;
    if (ioctl(group_.get(), VFIO_GROUP_GET_STATUS, &status) != 0) {
      throw Unavailable(path + ": " + errno_text());
    }
    if ((status.flags & VFIO_GROUP_FLAGS_VIABLE) == 0) {
      throw Unavailable("IOMMU group " + name + " is not viable: bind every function in "
                        "/sys/kernel/iommu_groups/" + name + "/devices to vfio-pci");
    }
    const int container = container_.get();
    if (ioctl(group_.get(), VFIO_GROUP_SET_CONTAINER, &container) != 0 ||
        ioctl(container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU) != 0) {
      throw Unavailable("IOMMU group " + name + ": " + errno_text());
    }
  }

  vfio_region_info region_info(unsigned region) {
    vfio_region_info info{};
    info.argsz = sizeof info;
    info.index = region;
    if (ioctl(device_.get(), VFIO_DEVICE_GET_REGION_INFO, &info) != 0) {
      throw DeviceFailed("asking about region " + std::to_string(region) + ": " + errno_text());
    }
    return info;
  }

  off_t place(unsigned region, std::uint64_t offset) {
    return static_cast<off_t>(region_info(region).offset + offset);
  }

  Descriptor container_;
  Descriptor group_;
  Descriptor device_;
  vfio_device_info info_{};
  std::vector<Window> windows_;
};

}  // namespace

std::unique_ptr<Port> open_kernel_port(const std::string &address, const std::string &root) {
  if (!is_address(address)) {
    throw Unavailable("expected a PCI address like 0000:01:00.0, or vfio-user:PATH, got " + address);
  }
  return std::make_unique<KernelPort>(address, root);
}

}  // namespace hpb
