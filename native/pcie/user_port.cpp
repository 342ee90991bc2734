// SPDX-License-Identifier: Apache-2.0
#include "user_port.hpp"

#include <cstring>
#include <vector>

#include "connection.hpp"
#include "errors.hpp"

namespace hpb {
namespace {

using namespace vfio_user;

// The protocol's own limit for what is told about nothing else; no transfer here is longer.
constexpr std::size_t kMaxTransfer = 64;
constexpr char kCapabilities[] = "{\"capabilities\":{\"max_msg_fds\":1}}";

class UserPort : public Port {
 public:
  UserPort(const std::string &path, std::uint32_t timeout_ms) : connection_(path, timeout_ms) {
    agree_on_version();
    DeviceInfo info{sizeof info, 0, 0, 0};
    info_ = ask(kGetInfo, info);
    if ((info_.flags & VFIO_DEVICE_FLAGS_PCI) == 0 || info_.regions <= kConfig ||
        info_.irqs <= VFIO_PCI_MSIX_IRQ_INDEX) {
      throw Unavailable("what is presented there is no PCI device");
    }
  }

  std::uint64_t region_bytes(unsigned region) override {
    RegionInfo info{};
    info.argsz = sizeof info;
    info.index = region;
    return ask(kGetRegionInfo, info).size;
  }

  // Registers of a process are reached by message alone.
  Window map_region(unsigned) override { return {}; }

  void read(unsigned region, std::uint64_t offset, void *data, std::size_t bytes) override {
    const RegionAccess access{offset, region, static_cast<std::uint32_t>(bytes)};
    const auto reply = connection_.call(kRegionRead, &access, sizeof access);
    RegionAccess echo;
    if (reply.size() != sizeof echo + bytes) throw malformed(kRegionRead, reply.size());
    std::memcpy(&echo, reply.data(), sizeof echo);
    if (echo.offset != offset || echo.region != region || echo.count != bytes) {
      throw DeviceFailed("malformed message: a read of other registers than were asked");
    }
    std::memcpy(data, reply.data() + sizeof echo, bytes);
  }

  void write(unsigned region, std::uint64_t offset, const void *data, std::size_t bytes) override {
    std::uint8_t request[sizeof(RegionAccess) + kMaxTransfer];
    if (bytes > kMaxTransfer) throw DeviceFailed("a write that is too long");
    const RegionAccess access{offset, region, static_cast<std::uint32_t>(bytes)};
    std::memcpy(request, &access, sizeof access);
    std::memcpy(request + sizeof access, data, bytes);
    connection_.post(kRegionWrite, request, sizeof access + bytes);
  }

  void map_dma(std::uint64_t bus, void *, std::uint64_t bytes, int file) override {
    const DmaMap map{sizeof map, kReadable | kWriteable, 0, bus, bytes};
    connection_.announce(kDmaMap, &map, sizeof map, file);
  }

  unsigned vectors() override {
    IrqInfo info{};
    info.argsz = sizeof info;
    info.index = VFIO_PCI_MSIX_IRQ_INDEX;
    const IrqInfo reply = ask(kGetIrqInfo, info);
    return (reply.flags & VFIO_IRQ_INFO_EVENTFD) != 0 ? reply.count : 0;
  }

  void connect_interrupt(int event) override {
    connection_.on_failure(event);
    const IrqSet set{sizeof set, VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER,
                     VFIO_PCI_MSIX_IRQ_INDEX, 0, 1};
    connection_.call(kSetIrqs, &set, sizeof set, event);
  }

  bool can_reset() const override { return (info_.flags & VFIO_DEVICE_FLAGS_RESET) != 0; }
  void reset() override { connection_.call(kReset, nullptr, 0); }

 private:
  void agree_on_version() {
    std::uint8_t request[sizeof(Version) + sizeof kCapabilities];
    const Version version{kMajor, kMinor};
    std::memcpy(request, &version, sizeof version);
    std::memcpy(request + sizeof version, kCapabilities, sizeof kCapabilities);
    const auto reply = connection_.call(kVersion, request, sizeof request);
    Version theirs;
    if (reply.size() < sizeof theirs) throw malformed(kVersion, reply.size());
    std::memcpy(&theirs, reply.data(), sizeof theirs);
    if (theirs.major != kMajor || theirs.minor > kMinor) {
      throw Unavailable("vfio-user " + std::to_string(theirs.major) + "." +
                        std::to_string(theirs.minor) + " is spoken there, expected 0.1");
    }
  }

  template <typename Info>
  Info ask(Command command, const Info &request) {
    const auto reply = connection_.call(command, &request, sizeof request);
    Info answer;
    if (reply.size() < sizeof answer) throw malformed(command, reply.size());
    std::memcpy(&answer, reply.data(), sizeof answer);
    return answer;
  }

  static DeviceFailed malformed(Command command, std::size_t bytes) {
    return DeviceFailed("malformed message: " + std::to_string(bytes) +
                        " bytes in the reply to command " + std::to_string(command));
  }

  Connection connection_;
  DeviceInfo info_{};
};

}  // namespace

std::unique_ptr<Port> open_user_port(const std::string &path, std::uint32_t timeout_ms) {
  return std::make_unique<UserPort>(path, timeout_ms);
}

}  // namespace hpb
