// SPDX-License-Identifier: Apache-2.0
// Frames as a pcap file with stamps in nanoseconds, which Wireshark opens.
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>

#include "link.hpp"

namespace hpb {

class Recording {
 public:
  // Begins the file anew. Throws LinkError when it cannot be written.
  explicit Recording(const std::string &path);

  // Adds a frame; `time_ns` is the caller's, since whatever it counts from. Throws LinkError when
  // the disk is full.
  void add(const Frame &frame, std::uint64_t time_ns);

  // Writes out what is in memory still. Throws LinkError.
  void flush();

 private:
  struct Close {
    void operator()(std::FILE *file) const { std::fclose(file); }
  };
  void write(const void *bytes, std::size_t count);

  std::string path_;
  std::unique_ptr<std::FILE, Close> file_;
};

}  // namespace hpb
