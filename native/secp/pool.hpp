// SPDX-License-Identifier: Apache-2.0
// Batches in, answers out: threads that share the records of the oldest batch first.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

#include "answer.hpp"
#include "event.hpp"

namespace hpb {

struct Batch {
  std::uint32_t id;
  std::uint32_t op;
  bool allow_high_s;
  std::vector<std::uint8_t> records;
  std::vector<std::uint8_t> reasons;
  std::vector<std::uint8_t> keys;
  // Guarded by the pool's mutex.
  std::size_t started = 0;
  std::size_t finished = 0;
};

class Pool {
 public:
  // Throws std::system_error, std::bad_alloc.
  explicit Pool(unsigned threads);
  ~Pool();
  Pool(const Pool &) = delete;
  Pool &operator=(const Pool &) = delete;

  const secp256k1_context *context() const { return context_.get(); }
  int event_fd() const { return event_.fd(); }

  // False when the id is in use.
  bool submit(std::unique_ptr<Batch> batch);
  std::uint32_t collect(std::uint32_t *ids, std::uint32_t capacity);
  // Null when no finished batch has this id.
  std::shared_ptr<Batch> take(std::uint32_t id);
  void cancel(std::uint32_t id);

 private:
  void work();
  void stop();

  Context context_;
  Event event_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::deque<std::shared_ptr<Batch>> queue_;  // records left to start
  std::unordered_map<std::uint32_t, std::shared_ptr<Batch>> batches_;  // not taken yet
  std::deque<std::uint32_t> finished_;                                 // not collected yet
  std::vector<std::thread> threads_;
};

}  // namespace hpb
