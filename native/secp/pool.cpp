// SPDX-License-Identifier: Apache-2.0
#include "pool.hpp"

#include <sched.h>

#include <algorithm>

namespace hpb {
namespace {

// Records a thread takes at a time: about a millisecond of work, so that a lock costs nothing and
// the threads of a batch end together.
constexpr std::size_t kChunk = 16;

// A thread that wakes up takes the processor from whoever woke it, milliseconds each batch; the event loop
// is to keep it. Where the system refuses, all goes on as before.
void yield_to_submitter() {
  const sched_param none{};
  sched_setscheduler(0, SCHED_BATCH, &none);
}

}  // namespace

Pool::Pool(unsigned threads) : context_(make_context()) {
  try {
    for (unsigned i = 0; i < threads; i++) threads_.emplace_back([this] { work(); });
  } catch (...) {
    stop();
    throw;
  }
}

Pool::~Pool() { stop(); }

void Pool::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread &thread : threads_) thread.join();
  threads_.clear();
}

void Pool::work() {
  yield_to_submitter();
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (stopping_) return;
    const std::shared_ptr<Batch> batch = queue_.front();
    const std::size_t total = batch->reasons.size();
    const std::size_t from = batch->started;
    const std::size_t count = std::min(kChunk, total - from);
    batch->started += count;
    if (batch->started == total) queue_.pop_front();
    lock.unlock();
    std::uint8_t *keys = batch->keys.data();
    answer_records(context_.get(), batch->op, batch->allow_high_s,
                   batch->records.data() + from * record_bytes(batch->op), count,
                   batch->reasons.data() + from,
                   keys == nullptr ? nullptr : keys + from * HPBNATIVE_KEY_BYTES);
    lock.lock();
    batch->finished += count;
    const auto known = batches_.find(batch->id);
    const bool wanted = known != batches_.end() && known->second == batch;
    if (batch->finished == total && wanted) {
      finished_.push_back(batch->id);
      event_.raise();
    }
  }
}

bool Pool::submit(std::unique_ptr<Batch> batch) {
  const std::shared_ptr<Batch> shared = std::move(batch);
  {
    const std::lock_guard lock(mutex_);
    if (!batches_.emplace(shared->id, shared).second) return false;
    queue_.push_back(shared);
  }
  wake_.notify_all();
  return true;
}

std::uint32_t Pool::collect(std::uint32_t *ids, std::uint32_t capacity) {
  const std::lock_guard lock(mutex_);
  std::uint32_t count = 0;
  while (count < capacity && !finished_.empty()) {
    ids[count++] = finished_.front();
    finished_.pop_front();
  }
  if (finished_.empty()) event_.clear();
  return count;
}

std::shared_ptr<Batch> Pool::take(std::uint32_t id) {
  const std::lock_guard lock(mutex_);
  const auto found = batches_.find(id);
  if (found == batches_.end()) return nullptr;
  const std::shared_ptr<Batch> batch = found->second;
  if (batch->finished != batch->reasons.size()) return nullptr;
  batches_.erase(found);
  return batch;
}

void Pool::cancel(std::uint32_t id) {
  const std::lock_guard lock(mutex_);
  const auto found = batches_.find(id);
  if (found == batches_.end()) return;
  const auto queued = std::find(queue_.begin(), queue_.end(), found->second);
  if (queued != queue_.end()) queue_.erase(queued);
  finished_.erase(std::remove(finished_.begin(), finished_.end(), id), finished_.end());
  batches_.erase(found);
}

}  // namespace hpb
