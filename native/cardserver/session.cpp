// SPDX-License-Identifier: Apache-2.0
#include "session.hpp"

#include <poll.h>

#include <cerrno>
#include <cstring>

#include "stream.hpp"

namespace hpb {
namespace {

using namespace vfio_user;

constexpr std::size_t kDescriptors = 8;
// A client that does not take its answers for so long is gone.
constexpr int kSendMs = 5000;
constexpr char kCapabilities[] =
    "{\"capabilities\":{\"max_msg_fds\":1,\"max_data_xfer_size\":4096}}";
constexpr std::uint32_t kMaxTransfer = 4096;

template <typename T>
bool parse(T &value, const std::uint8_t *payload, std::size_t bytes) {
  if (bytes < sizeof value) return false;
  std::memcpy(&value, payload, sizeof value);
  return true;
}

template <typename T>
std::vector<std::uint8_t> bytes_of(const T &value) {
  const auto *first = reinterpret_cast<const std::uint8_t *>(&value);
  return {first, first + sizeof value};
}

}  // namespace

bool Session::serve(std::string &why) {
  std::uint8_t chunk[4096];
  const ssize_t got = receive_some(socket_.get(), chunk, sizeof chunk, came_);
  if (got == 0) return false;
  if (got < 0) {
    if (errno == EAGAIN || errno == EWOULDBLOCK) return true;
    why = std::strerror(errno);
    return false;
  }
  if (came_.size() > kDescriptors) {
    why = "more descriptors than messages";
    return false;
  }
  incoming_.insert(incoming_.end(), chunk, chunk + got);
  std::size_t at = 0;
  while (incoming_.size() - at >= sizeof(Header)) {
    Header header;
    std::memcpy(&header, incoming_.data() + at, sizeof header);
    if (header.size < sizeof header || header.size > kMaxMessage ||
        (header.flags & kTypeMask) != 0) {
      why = "a malformed message of " + std::to_string(header.size) + " bytes";
      return false;
    }
    if (incoming_.size() - at < header.size) break;
    const std::uint8_t *payload = incoming_.data() + at + sizeof header;
    if (!take(header, payload, header.size - sizeof header, why)) return false;
    at += header.size;
  }
  incoming_.erase(incoming_.begin(), incoming_.begin() + static_cast<std::ptrdiff_t>(at));
  return true;
}

bool Session::take(const Header &header, const std::uint8_t *payload, std::size_t bytes,
                   std::string &why) {
  if (agreed_ != (header.command != kVersion)) {
    why = agreed_ ? "a second VERSION" : "no VERSION first";
    return false;
  }
  const Reply reply = answer(header, payload, bytes);
  if (header.command == kVersion && reply.error != 0) {
    why = "another version of the protocol";
    return false;
  }
  return (header.flags & kNoReply) != 0 || send(header, reply, why);
}

Session::Reply Session::answer(const Header &header, const std::uint8_t *payload,
                               std::size_t bytes) {
  switch (header.command) {
    case kVersion: {
      Version version;
      if (!parse(version, payload, bytes) || version.major != kMajor) return {EINVAL, {}};
      agreed_ = true;
      const Version ours{kMajor, version.minor < kMinor ? version.minor : kMinor};
      Reply reply{0, bytes_of(ours)};
      const auto *text = reinterpret_cast<const std::uint8_t *>(kCapabilities);
      reply.payload.insert(reply.payload.end(), text, text + sizeof kCapabilities);
      return reply;
    }
    case kGetInfo: {
      const DeviceInfo info{sizeof info, VFIO_DEVICE_FLAGS_PCI | VFIO_DEVICE_FLAGS_RESET,
                            VFIO_PCI_NUM_REGIONS, VFIO_PCI_NUM_IRQS};
      return {0, bytes_of(info)};
    }
    case kGetRegionInfo: return region_info(payload, bytes);
    case kGetIrqInfo: return irq_info(payload, bytes);
    case kSetIrqs: return set_irqs(payload, bytes);
    case kDmaMap: return dma_map(payload, bytes);
    case kDmaUnmap: return dma_unmap(payload, bytes);
    case kRegionRead: return access(false, payload, bytes);
    case kRegionWrite: return access(true, payload, bytes);
    case kReset: function_.reset(); return {};
    default: return {ENOTSUP, {}};
  }
}

Session::Reply Session::region_info(const std::uint8_t *payload, std::size_t bytes) {
  RegionInfo info;
  if (!parse(info, payload, bytes) || info.index >= VFIO_PCI_NUM_REGIONS) return {EINVAL, {}};
  RegionInfo reply{};
  reply.argsz = sizeof reply;
  reply.index = info.index;
  reply.size = Function::region_bytes(info.index);
  if (reply.size != 0) reply.flags = VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE;
  return {0, bytes_of(reply)};
}

Session::Reply Session::irq_info(const std::uint8_t *payload, std::size_t bytes) {
  IrqInfo info;
  if (!parse(info, payload, bytes) || info.index >= VFIO_PCI_NUM_IRQS) return {EINVAL, {}};
  IrqInfo reply{};
  reply.argsz = sizeof reply;
  reply.index = info.index;
  if (info.index == VFIO_PCI_MSIX_IRQ_INDEX) {
    reply.flags = VFIO_IRQ_INFO_EVENTFD;
    reply.count = 1;
  }
  return {0, bytes_of(reply)};
}

Session::Reply Session::set_irqs(const std::uint8_t *payload, std::size_t bytes) {
  IrqSet set;
  if (!parse(set, payload, bytes) || set.index != VFIO_PCI_MSIX_IRQ_INDEX) return {EINVAL, {}};
  if (set.flags == (VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_TRIGGER) && set.count == 0) {
    function_.set_interrupt(Descriptor());
    return {};
  }
  if (set.flags != (VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER) || set.start != 0 ||
      set.count != 1) {
    return {EINVAL, {}};
  }
  Descriptor event;
  if (!came_.empty()) {
    event = std::move(came_.front());
    came_.erase(came_.begin());
  }
  function_.set_interrupt(std::move(event));
  return {};
}

Session::Reply Session::dma_map(const std::uint8_t *payload, std::size_t bytes) {
  DmaMap map;
  if (!parse(map, payload, bytes)) return {EINVAL, {}};
  // Memory that can only be asked for by message is of no use to this card.
  if (came_.empty()) return {ENOTSUP, {}};
  const Descriptor file = std::move(came_.front());
  came_.erase(came_.begin());
  const bool both = (map.flags & (kReadable | kWriteable)) == (kReadable | kWriteable);
  return {function_.map(map.address, map.size, map.offset, file.get(), both), {}};
}

Session::Reply Session::dma_unmap(const std::uint8_t *payload, std::size_t bytes) {
  DmaUnmap unmap;
  if (!parse(unmap, payload, bytes)) return {EINVAL, {}};
  return {function_.unmap(unmap.address, unmap.size), bytes_of(unmap)};
}

Session::Reply Session::access(bool write, const std::uint8_t *payload, std::size_t bytes) {
  RegionAccess where;
  if (!parse(where, payload, bytes) || where.count > kMaxTransfer) return {EINVAL, {}};
  Reply reply{0, bytes_of(where)};
  if (write) {
    const std::uint8_t *data = payload + sizeof where;
    const bool whole = bytes - sizeof where == where.count;
    if (!whole || !function_.write(where.region, where.offset, data, where.count)) {
      return {EINVAL, {}};
    }
    return reply;
  }
  reply.payload.resize(sizeof where + where.count);
  std::uint8_t *data = reply.payload.data() + sizeof where;
  if (!function_.read(where.region, where.offset, data, where.count)) return {EINVAL, {}};
  return reply;
}

bool Session::send(const Header &request, const Reply &reply, std::string &why) {
  const bool failed = reply.error != 0;
  std::vector<std::uint8_t> message(sizeof(Header) + (failed ? 0 : reply.payload.size()));
  const Header header{request.id, request.command, static_cast<std::uint32_t>(message.size()),
                      kTypeReply | (failed ? kError : 0),
                      static_cast<std::uint32_t>(reply.error)};
  std::memcpy(message.data(), &header, sizeof header);
  if (!failed && !reply.payload.empty()) {
    std::memcpy(message.data() + sizeof header, reply.payload.data(), reply.payload.size());
  }
  for (std::size_t at = 0; at < message.size();) {
    const ssize_t sent = send_some(socket_.get(), message.data() + at, message.size() - at, -1);
    if (sent >= 0) {
      at += static_cast<std::size_t>(sent);
      continue;
    }
    pollfd room{socket_.get(), POLLOUT, 0};
    if ((errno == EAGAIN || errno == EWOULDBLOCK) && poll(&room, 1, kSendMs) == 1) continue;
    why = "it does not take its answers";
    return false;
  }
  return true;
}

}  // namespace hpb
