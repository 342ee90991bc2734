// SPDX-License-Identifier: Apache-2.0
#include "recording.hpp"

#include <cerrno>
#include <cstring>

namespace hpb {
namespace {

// Both headers in the machine's own byte order; the magic number tells it, and nanoseconds.
constexpr std::uint32_t kMagicNanoseconds = 0xa1b23c4d;
constexpr std::uint32_t kEthernet = 1;

struct FileHeader {
  std::uint32_t magic;
  std::uint16_t major, minor;
  std::int32_t zone;
  std::uint32_t accuracy, longest, network;
};
static_assert(sizeof(FileHeader) == 24);

struct FrameHeader {
  std::uint32_t seconds, nanoseconds, kept, length;
};
static_assert(sizeof(FrameHeader) == 16);

}  // namespace

Recording::Recording(const std::string &path)
    : path_(path), file_(std::fopen(path.c_str(), "wbe")) {
  if (!file_) throw LinkError("pcap " + path + ": cannot write it: " + std::strerror(errno));
  const FileHeader header{kMagicNanoseconds, 2, 4, 0, 0, kMaxFrame, kEthernet};
  write(&header, sizeof header);
  flush();
}

void Recording::add(const Frame &frame, std::uint64_t time_ns) {
  const auto length = static_cast<std::uint32_t>(frame.size());
  const FrameHeader header{static_cast<std::uint32_t>(time_ns / 1000000000),
                           static_cast<std::uint32_t>(time_ns % 1000000000), length, length};
  write(&header, sizeof header);
  write(frame.data(), frame.size());
}

void Recording::flush() {
  if (std::fflush(file_.get()) != 0) {
    throw LinkError("pcap " + path_ + ": write: " + std::strerror(errno));
  }
}

void Recording::write(const void *bytes, std::size_t count) {
  if (std::fwrite(bytes, 1, count, file_.get()) != count) {
    throw LinkError("pcap " + path_ + ": write: " + std::strerror(errno));
  }
}

}  // namespace hpb
