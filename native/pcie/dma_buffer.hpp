// SPDX-License-Identifier: Apache-2.0
// Memory of this process in a file of its own, so that another process can map the same.
#pragma once

#include <cstdint>

#include "descriptor.hpp"

namespace hpb {

class DmaBuffer {
 public:
  // Zeroed; `bytes` are rounded up to whole pages. Throws std::bad_alloc.
  explicit DmaBuffer(std::uint64_t bytes);
  ~DmaBuffer();
  DmaBuffer(const DmaBuffer &) = delete;
  DmaBuffer &operator=(const DmaBuffer &) = delete;

  void *data() const { return data_; }
  std::uint64_t bytes() const { return bytes_; }
  // Its size is sealed: whoever has it, too, cannot take the memory away.
  int file() const { return file_.get(); }

 private:
  std::uint64_t bytes_;
  Descriptor file_;
  void *data_;
};

}  // namespace hpb
