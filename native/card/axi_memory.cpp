// SPDX-License-Identifier: Apache-2.0
#include "axi_memory.hpp"

#include <cstring>

namespace hpb {
namespace {

constexpr std::uint8_t kOkay = 0;
constexpr std::uint8_t kSlaveError = 2;
constexpr std::uint8_t kDecodeError = 3;
constexpr std::uint64_t kBeatBytes = 8;
// Bursts taken before the address channels stall.
constexpr std::size_t kQueue = 64;
// Bit of the transfer id that tells rings from records; see hdl/card/README.md.
constexpr std::uint8_t kRingId = 0x20;

// The other side reads while this side writes: whole words, in order.
void store(std::uint8_t *memory, std::uint64_t value) {
  __atomic_store_n(reinterpret_cast<std::uint64_t *>(memory), value, __ATOMIC_RELEASE);
}

void store_bytes(std::uint8_t *memory, std::uint64_t value, std::uint8_t strobe) {
  for (unsigned i = 0; i < kBeatBytes; i++) {
    if (strobe & (1u << i)) memory[i] = static_cast<std::uint8_t>(value >> (8 * i));
  }
}

std::uint64_t load(const std::uint8_t *memory) {
  return __atomic_load_n(reinterpret_cast<const std::uint64_t *>(memory), __ATOMIC_ACQUIRE);
}

}  // namespace

AxiMemory::AxiMemory(const AxiSignals &signals, HostMemory &memory, Faults &faults, std::uint64_t seed,
                     std::uint32_t latency, std::uint32_t stall_percent)
    : axi_(signals),
      memory_(memory),
      faults_(faults),
      random_(seed),
      latency_(latency),
      stall_percent_(stall_percent) {}

AxiMemory::Burst AxiMemory::make_burst(std::uint8_t id, std::uint64_t address, std::uint32_t beats,
                                       bool write) {
  const bool ring = (id & kRingId) != 0;
  Burst burst{};
  burst.id = id;
  burst.address = address;
  burst.beats = beats;
  burst.due = now_ + latency_;
  if (stall_percent_ != 0) burst.due += random_.below(latency_ + 16);
  burst.memory = address % kBeatBytes == 0 ? memory_.find(address, beats * kBeatBytes) : nullptr;
  if (burst.memory == nullptr) {
    burst.response = kDecodeError;
    statistics_.bad_accesses++;
  }
  (write ? statistics_.write_bursts : statistics_.read_bursts)++;
  if (faults_.take(write ? HPBCARD_FAULT_WRITE_ERROR : HPBCARD_FAULT_READ_ERROR, ring)) {
    burst.response = kSlaveError;
    burst.memory = nullptr;
  }
  if (write) {
    burst.dropped =
        faults_.take(ring ? HPBCARD_FAULT_DROP_COMPLETION : HPBCARD_FAULT_DROP_RESULT);
    const auto flip = ring ? HPBCARD_FAULT_CORRUPT_COMPLETION : HPBCARD_FAULT_CORRUPT_RESULT;
    if (faults_.take(flip)) burst.flip = faults_.value(flip);
  }
  return burst;
}

int AxiMemory::choose(const std::vector<Burst> &queue) {
  if (queue.empty()) return -1;
  if (stall_percent_ == 0) return queue.front().due <= now_ ? 0 : -1;
  if (stall()) return -1;
  const std::size_t pick = random_.below(static_cast<std::uint32_t>(queue.size()));
  if (queue[pick].due > now_) return -1;
  for (std::size_t i = 0; i < pick; i++) {
    if (queue[i].id == queue[pick].id) return -1;  // an older one of this id goes first
  }
  return static_cast<int>(pick);
}

void AxiMemory::drive_busy() {
  if (read_taken_) axi_.rvalid = 0;
  if (answer_taken_) axi_.bvalid = 0;
  read_taken_ = answer_taken_ = false;
  const bool hang = faults_.active(HPBCARD_FAULT_HANG);
  axi_.arready = !hang && reads_.size() < kQueue && !stall();
  axi_.awready = !hang && writes_.size() + answers_.size() < kQueue && !stall();
  axi_.wready = !hang && !writes_.empty() && !stall();
  if (hang) return;
  drive_read();
  drive_answer();
  // Ready for a request, and nothing else to do: sample() looks out for it alone.
  if (quiet() && stall_percent_ == 0) awake_ = false;
}

// What is valid stays as it is until taken; only a free channel gets something new.
void AxiMemory::drive_read() {
  if (axi_.rvalid) return;
  if (reading_ < 0) reading_ = choose(reads_);
  if (reading_ < 0 || stall()) return;
  const Burst &burst = reads_[reading_];
  axi_.rvalid = 1;
  axi_.rid = burst.id;
  axi_.rresp = burst.response;
  axi_.rdata = burst.memory ? load(burst.memory + burst.done * kBeatBytes) : 0;
  axi_.rlast = burst.done + 1 == burst.beats;
}

void AxiMemory::drive_answer() {
  if (axi_.bvalid) return;
  answering_ = choose(answers_);
  if (answering_ < 0) return;
  axi_.bvalid = 1;
  axi_.bid = answers_[answering_].id;
  axi_.bresp = answers_[answering_].response;
}

void AxiMemory::take_read() {
  Burst &burst = reads_[reading_];
  if (++burst.done < burst.beats) return;
  reads_.erase(reads_.begin() + reading_);
  reading_ = -1;
}

void AxiMemory::take_data() {
  Burst &burst = writes_.front();
  if (burst.memory != nullptr && !burst.dropped) {
    std::uint8_t *at = burst.memory + burst.done * kBeatBytes;
    const std::uint64_t data = axi_.wdata ^ (burst.done == 0 ? burst.flip : 0);
    if (axi_.wstrb == 0xff) {
      store(at, data);
    } else {
      store_bytes(at, data, axi_.wstrb);
    }
  }
  if (++burst.done < burst.beats) return;
  burst.due = now_ + latency_ + (stall_percent_ != 0 ? random_.below(latency_ + 16) : 0);
  answers_.push_back(burst);
  writes_.erase(writes_.begin());
}

// Which transfers does the coming edge make?
void AxiMemory::sample_busy() {
  now_++;
  read_taken_ = axi_.rvalid && axi_.rready;
  answer_taken_ = axi_.bvalid && axi_.bready;
  const bool data_taken = axi_.wvalid && axi_.wready;
  const bool write_taken = axi_.awvalid && axi_.awready;
  const bool request_taken = axi_.arvalid && axi_.arready;
  if (read_taken_) take_read();
  if (answer_taken_) {
    answers_.erase(answers_.begin() + answering_);
    answering_ = -1;
  }
  if (data_taken) take_data();
  if (write_taken) {
    writes_.push_back(make_burst(axi_.awid, axi_.awaddr, axi_.awlen + 1u, true));
  }
  if (request_taken) {
    reads_.push_back(make_burst(axi_.arid, axi_.araddr, axi_.arlen + 1u, false));
  }
  awake_ = true;
}

}  // namespace hpb
