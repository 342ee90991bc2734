// SPDX-License-Identifier: Apache-2.0
#include "dma_buffer.hpp"

#include <fcntl.h>
#include <sys/mman.h>

#include <new>

namespace hpb {
namespace {

constexpr std::uint64_t kPage = 4096;

}  // namespace

DmaBuffer::DmaBuffer(std::uint64_t bytes)
    : bytes_((bytes + kPage - 1) & ~(kPage - 1)),
      file_(memfd_create("hpb-dma", MFD_CLOEXEC | MFD_ALLOW_SEALING)),
      data_(MAP_FAILED) {
  if (!file_ || ftruncate(file_.get(), static_cast<off_t>(bytes_)) != 0) {
    throw std::bad_alloc();
  }
  fcntl(file_.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
  data_ = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_SHARED, file_.get(), 0);
  if (data_ == MAP_FAILED) throw std::bad_alloc();
}

DmaBuffer::~DmaBuffer() {
  if (data_ != MAP_FAILED) munmap(data_, bytes_);
}

}  // namespace hpb
