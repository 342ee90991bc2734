// SPDX-License-Identifier: Apache-2.0
// A machine and who may run it: a thread of its own, or the caller step by step.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "machine.hpp"

namespace hpb {

class Device {
 public:
  // Throws as Machine does.
  Device(hpbcard_mode mode, const MachineOptions &options);
  ~Device();
  Device(const Device &) = delete;
  Device &operator=(const Device &) = delete;

  int event_fd() const { return machine_.event_fd(); }
  std::uint32_t take_events() { return machine_.take_events(); }
  std::uint64_t now() const { return machine_.now(); }
  void read_counters(hpbcard_counters &counters) const;

  hpbcard_status read32(std::uint32_t offset, std::uint32_t &value);
  hpbcard_status write32(std::uint32_t offset, std::uint32_t value);
  std::shared_ptr<Region> alloc(std::uint64_t bytes);
  // Memory of somebody else; see Region. False where it overlaps, or is not there.
  bool map(std::uint64_t bus, std::uint64_t bytes, std::uint8_t *data);
  bool unmap(std::uint64_t bus);
  void arm(std::uint64_t cycle);
  void inject(std::uint32_t fault, std::uint32_t count, std::uint64_t value);
  hpbcard_status step(std::uint64_t cycles);
  // Throws LinkError. Returns: OK, ARGUMENT when there is a link already.
  hpbcard_status attach(const char *link, const char *pcap, const char *impairment);
  void read_link_counters(hpbcard_link_counters &counters) const {
    machine_.read_link_counters(counters);
  }
  std::string link_error() const { return machine_.link_error(); }

 private:
  using Command = std::function<void(Machine &)>;

  bool threaded() const { return thread_.joinable(); }
  // Done in order, before the next cycle; at once when stepped.
  void post(Command command);
  // The same, and waits until it is done.
  void call(const Command &command);
  void run();
  void sleep();
  std::vector<Command> take_mail();

  Machine machine_;
  // Stepped: whoever calls runs the machine. Free: guards the mailbox.
  std::mutex mutex_;
  std::vector<Command> mailbox_;
  bool is_asleep_ = false;
  Event bell_;  // wakes it
  std::atomic<bool> has_mail_{false};
  bool stopping_ = false;
  std::atomic<bool> is_attached_{false};
  std::uint64_t next_bus_;
  std::atomic<std::uint64_t> awake_ns_{0};
  std::atomic<std::uint64_t> sleeps_{0};
  std::thread thread_;  // last: it uses everything above
};

}  // namespace hpb
