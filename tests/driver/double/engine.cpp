// SPDX-License-Identifier: Apache-2.0
// Behaviour of the test double of sigv_top: frames in, libsecp256k1, frames out.
#include <cstdint>
#include <cstring>
#include <deque>
#include <vector>

#include "answer.hpp"
#include "svdpi.h"

namespace {

constexpr std::size_t kVerifyBeats = 21;   // header, digest, r, s, x, y
constexpr std::size_t kRecoverBeats = 13;  // header, digest, r, s
constexpr std::size_t kFieldBytes = 96;    // digest, r, s
// Cycles from a job's last beat to its result.
constexpr std::uint64_t kLatency = 100;

struct Result {
  std::uint64_t due;
  std::vector<std::uint64_t> beats;
};

class Engine {
 public:
  explicit Engine(std::size_t jobs) : context_(hpb::make_context()), jobs_(jobs) {}

  void reset() {
    job_.clear();
    results_.clear();
    sent_ = 0;
    offering_ = false;
  }

  void put(std::uint64_t beat, bool last) {
    if (job_.size() <= kVerifyBeats) job_.push_back(beat);  // one too many is enough to tell
    if (!last) return;
    results_.push_back({now_ + kLatency, answer()});
    job_.clear();
  }

  void result_taken() {
    if (++sent_ < results_.front().beats.size()) return;
    results_.pop_front();
    sent_ = 0;
    offering_ = false;
  }

  void tick() {
    now_++;
    offering_ = !results_.empty() && results_.front().due <= now_;
  }

  bool ready() const { return results_.size() < jobs_; }
  bool valid() const { return offering_; }
  std::uint64_t data() const { return offering_ ? results_.front().beats[sent_] : 0; }
  bool last() const { return offering_ && sent_ + 1 == results_.front().beats.size(); }
  bool empty() const { return results_.empty() && job_.empty(); }

 private:
  std::vector<std::uint64_t> answer() const {
    const std::uint64_t header = job_[0];
    const std::uint32_t op = header & 0xff;
    const std::uint32_t flags = header >> 8 & 0xff;
    const std::uint32_t id = header >> 16 & 0xff;
    const bool recover = op == HPBNATIVE_RECOVER;
    const bool whole = job_.size() == (recover ? kRecoverBeats : kVerifyBeats);
    const bool known = recover || (op == HPBNATIVE_VERIFY && id == 0);
    const bool clean = (flags & ~HPBNATIVE_ALLOW_HIGH_S) == 0 && (header >> 24 & 0xff) == 0;
    std::uint8_t record[HPBNATIVE_VERIFY_BYTES] = {};
    std::uint8_t key[HPBNATIVE_KEY_BYTES] = {};
    std::uint8_t reason = HPBNATIVE_REASON_MALFORMED;
    if (whole && known && clean) {
      std::memcpy(record, &job_[1], (job_.size() - 1) * 8);
      if (recover) record[kFieldBytes] = static_cast<std::uint8_t>(id);
      const bool high = (flags & HPBNATIVE_ALLOW_HIGH_S) != 0;
      hpb::answer_records(context_.get(), op, high, record, 1, &reason, key);
    }
    const std::uint64_t valid = reason == HPBNATIVE_REASON_OK;
    std::vector<std::uint64_t> beats{valid | std::uint64_t{reason} << 8 |
                                     (header >> 32) << 32};
    if (recover && valid) {
      beats.resize(1 + sizeof key / 8);
      std::memcpy(&beats[1], key, sizeof key);
    }
    return beats;
  }

  hpb::Context context_;
  std::size_t jobs_;
  std::uint64_t now_ = 0;
  std::vector<std::uint64_t> job_;
  std::deque<Result> results_;
  std::size_t sent_ = 0;
  bool offering_ = false;
};

}  // namespace

extern "C" {

void *sigv_double_new(int jobs) { return new Engine(static_cast<std::size_t>(jobs)); }

void sigv_double_free(void *engine) { delete static_cast<Engine *>(engine); }

void sigv_double_clock(void *handle, svBit reset, svBit job_taken, unsigned long long job_data,
                       svBit job_last, svBit result_taken, svBit *job_ready, svBit *result_valid,
                       unsigned long long *result_data, svBit *result_last, svBit *empty) {
  Engine &engine = *static_cast<Engine *>(handle);
  if (reset) {
    engine.reset();
  } else {
    if (result_taken) engine.result_taken();
    if (job_taken) engine.put(job_data, job_last);
    engine.tick();
  }
  *job_ready = engine.ready();
  *result_valid = engine.valid();
  *result_data = engine.data();
  *result_last = engine.last();
  *empty = engine.empty();
}

}  // extern "C"
