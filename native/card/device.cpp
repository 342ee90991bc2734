// SPDX-License-Identifier: Apache-2.0
#include "device.hpp"

#include <poll.h>
#include <pthread.h>

#include <chrono>
#include <ctime>

namespace hpb {
namespace {

// Cycles between looks at the clock on the wall; about a millisecond.
constexpr unsigned kSlice = 1024;
// The same with a link, which is looked at as well.
constexpr unsigned kLinkSlice = 128;
// Bus addresses start far from any pointer, and allocations keep a page of nothing between them.
constexpr std::uint64_t kFirstBus = 0x100000000;
constexpr std::uint64_t kGap = 4096;

std::uint64_t nanoseconds() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
}

}  // namespace

Device::Device(hpbcard_mode mode, const MachineOptions &options)
    : machine_(options), next_bus_(kFirstBus) {
  if (mode == HPBCARD_FREE) thread_ = std::thread([this] { run(); });
}

Device::~Device() {
  if (!threaded()) return;
  post([this](Machine &) { stopping_ = true; });
  thread_.join();
}

void Device::post(Command command) {
  const std::lock_guard lock(mutex_);
  if (!threaded()) {
    command(machine_);
    return;
  }
  mailbox_.push_back(std::move(command));
  has_mail_.store(true, std::memory_order_release);
  if (is_asleep_) bell_.raise();
}

void Device::call(const Command &command) {
  if (!threaded()) {
    post(command);
    return;
  }
  std::mutex mutex;
  std::condition_variable wake;
  bool done = false;
  post([&](Machine &machine) {
    command(machine);
    // Notified under the lock: the caller must not leave while this still uses its stack.
    const std::lock_guard lock(mutex);
    done = true;
    wake.notify_one();
  });
  std::unique_lock lock(mutex);
  wake.wait(lock, [&] { return done; });
}

void Device::run() {
#ifdef __linux__
  pthread_setname_np(pthread_self(), "hpb-card");  // in top -H, and for who counts its time
#endif
  std::uint64_t since = nanoseconds();
  while (!stopping_) {
    // Who asks what time it is wants it as of the question: mail first, then a look, then answers.
    const std::vector<Command> commands = take_mail();
    machine_.look();
    for (const Command &command : commands) command(machine_);
    const unsigned slice = machine_.is_attached() ? kLinkSlice : kSlice;
    for (unsigned i = 0; i < slice && !has_mail_.load(std::memory_order_relaxed); i++) {
      machine_.cycle();
      if (machine_.idle()) break;
    }
    const std::uint64_t now = nanoseconds();
    awake_ns_.fetch_add(now - since, std::memory_order_relaxed);
    machine_.publish();
    since = now;
    if (machine_.idle() && !has_mail_.load(std::memory_order_acquire) && !stopping_) {
      sleep();
      since = nanoseconds();
      // An alarm is a leap in time: not once somebody has asked for something, and counts from there.
      const std::lock_guard lock(mutex_);
      if (mailbox_.empty()) machine_.wake();
    }
  }
}

void Device::sleep() {
  machine_.settle();
  if (!machine_.idle()) return;  // a frame has come
  const bool paced = machine_.is_paced();
  if (machine_.armed() && !paced) machine_.skip_to_alarm();
  timespec most{};
  if (paced) {
    const std::uint64_t ns = machine_.sleep_ns();
    most = {static_cast<time_t>(ns / 1000000000), static_cast<long>(ns % 1000000000)};
  }
  {
    const std::lock_guard lock(mutex_);
    if (!mailbox_.empty()) return;
    is_asleep_ = true;
  }
  sleeps_.fetch_add(1, std::memory_order_relaxed);
  pollfd files[] = {{bell_.fd(), POLLIN, 0}, {machine_.link_fd(), POLLIN, 0}};
  ppoll(files, 2, paced ? &most : nullptr, nullptr);
  const std::lock_guard lock(mutex_);
  is_asleep_ = false;
  bell_.clear();
}

std::vector<Device::Command> Device::take_mail() {
  std::vector<Command> commands;
  if (!has_mail_.load(std::memory_order_acquire)) return commands;
  const std::lock_guard lock(mutex_);
  commands.swap(mailbox_);
  has_mail_.store(false, std::memory_order_release);
  return commands;
}

void Device::read_counters(hpbcard_counters &counters) const {
  machine_.read_counters(counters);
  counters.awake_ns = awake_ns_.load(std::memory_order_relaxed);
  counters.sleeps = sleeps_.load(std::memory_order_relaxed);
}

hpbcard_status Device::read32(std::uint32_t offset, std::uint32_t &value) {
  hpbcard_status status = HPBCARD_NO_ANSWER;
  call([&](Machine &machine) { status = machine.read32(offset, value); });
  return status;
}

hpbcard_status Device::write32(std::uint32_t offset, std::uint32_t value) {
  hpbcard_status status = HPBCARD_OK;
  if (threaded()) {
    post([offset, value](Machine &machine) { machine.write32(offset, value); });
  } else {
    call([&](Machine &machine) { status = machine.write32(offset, value); });
  }
  return status;
}

std::shared_ptr<Region> Device::alloc(std::uint64_t bytes) {
  std::uint64_t bus;
  {
    const std::lock_guard lock(mutex_);
    bus = next_bus_;
    next_bus_ += Region::round_up(bytes) + kGap;
  }
  auto region = std::make_shared<Region>(bus, bytes);
  post([region](Machine &machine) { machine.add_memory(region); });
  return region;
}

bool Device::map(std::uint64_t bus, std::uint64_t bytes, std::uint8_t *data) {
  auto region = std::make_shared<Region>(bus, bytes, data);
  bool added = false;
  call([&](Machine &machine) { added = machine.add_memory(region); });
  return added;
}

bool Device::unmap(std::uint64_t bus) {
  bool removed = false;
  call([&](Machine &machine) { removed = machine.remove_memory(bus); });
  return removed;
}

void Device::arm(std::uint64_t cycle) {
  post([cycle](Machine &machine) { machine.arm(cycle); });
}

void Device::inject(std::uint32_t fault, std::uint32_t count, std::uint64_t value) {
  post([=](Machine &machine) { machine.inject(fault, count, value); });
}

hpbcard_status Device::step(std::uint64_t cycles) {
  if (threaded()) return HPBCARD_UNSUPPORTED;
  call([cycles](Machine &machine) {
    for (std::uint64_t i = 0; i < cycles; i++) {
      if (i % kLinkSlice == 0) machine.look();
      machine.cycle();
    }
    machine.settle();
    machine.publish();
  });
  return HPBCARD_OK;
}

hpbcard_status Device::attach(const char *link, const char *pcap, const char *impairment) {
  if (is_attached_.exchange(true)) return HPBCARD_ARGUMENT;
  std::unique_ptr<Wire> wire;
  try {
    wire = Network::open_wire(link, pcap, impairment);
  } catch (...) {
    is_attached_ = false;
    throw;
  }
  call([&](Machine &machine) { machine.attach(std::move(wire), threaded()); });
  return HPBCARD_OK;
}

}  // namespace hpb
