// SPDX-License-Identifier: Apache-2.0
// The C boundary of libhpbnative: arguments checked, exceptions turned into a status.
#include <algorithm>
#include <new>
#include <stdexcept>
#include <system_error>

#include "hpbnative.h"
#include "pool.hpp"
#include "signer.hpp"

struct hpbnative_engine {
  explicit hpbnative_engine(unsigned threads) : pool(threads) {}
  hpb::Pool pool;
};

struct hpbnative_signer {
  hpbnative_signer(const std::uint8_t *secrets, std::size_t count, bool reuse_nonces)
      : signer(secrets, count, reuse_nonces) {}
  hpb::Signer signer;
};

namespace {

constexpr std::uint32_t kMaxKeys = 65536;
constexpr std::uint32_t kMaxThreads = 1024;

template <typename Body>
hpbnative_status guarded(Body body) {
  try {
    return body();
  } catch (const std::bad_alloc &) {
    return HPBNATIVE_MEMORY;
  } catch (const std::invalid_argument &) {
    return HPBNATIVE_ARGUMENT;
  } catch (...) {
    return HPBNATIVE_SYSTEM;
  }
}

bool acceptable(const void *engine, std::uint32_t op, std::uint32_t flags,
                const std::uint8_t *records, std::uint32_t count) {
  return engine != nullptr && hpb::record_bytes(op) != 0 &&
         (flags & ~HPBNATIVE_ALLOW_HIGH_S) == 0 && records != nullptr && count != 0;
}

}  // namespace

extern "C" {

uint32_t hpbnative_abi_version(void) { return HPBNATIVE_ABI_VERSION; }

hpbnative_status hpbnative_open(uint32_t threads, hpbnative_engine **out) {
  if (out == nullptr) return HPBNATIVE_ARGUMENT;
  *out = nullptr;
  if (threads == 0 || threads > kMaxThreads) return HPBNATIVE_ARGUMENT;
  return guarded([&] {
    *out = new hpbnative_engine(threads);
    return HPBNATIVE_OK;
  });
}

int32_t hpbnative_event_fd(const hpbnative_engine *engine) { return engine->pool.event_fd(); }

hpbnative_status hpbnative_submit(hpbnative_engine *engine, uint32_t id, uint32_t op,
                                  uint32_t flags, const uint8_t *records, uint32_t count) {
  if (!acceptable(engine, op, flags, records, count)) return HPBNATIVE_ARGUMENT;
  return guarded([&] {
    auto batch = std::make_unique<hpb::Batch>();
    batch->id = id;
    batch->op = op;
    batch->allow_high_s = (flags & HPBNATIVE_ALLOW_HIGH_S) != 0;
    batch->records.assign(records, records + std::size_t{count} * hpb::record_bytes(op));
    batch->reasons.resize(count);
    if (op == HPBNATIVE_RECOVER) batch->keys.resize(std::size_t{count} * HPBNATIVE_KEY_BYTES);
    return engine->pool.submit(std::move(batch)) ? HPBNATIVE_OK : HPBNATIVE_ARGUMENT;
  });
}

uint32_t hpbnative_collect(hpbnative_engine *engine, uint32_t *ids, uint32_t capacity) {
  return engine == nullptr || ids == nullptr ? 0 : engine->pool.collect(ids, capacity);
}

hpbnative_status hpbnative_take(hpbnative_engine *engine, uint32_t id, uint8_t *reasons,
                                uint8_t *keys) {
  if (engine == nullptr || reasons == nullptr) return HPBNATIVE_ARGUMENT;
  return guarded([&] {
    const auto batch = engine->pool.take(id);
    if (!batch) return HPBNATIVE_UNKNOWN;
    std::copy(batch->reasons.begin(), batch->reasons.end(), reasons);
    if (keys != nullptr) std::copy(batch->keys.begin(), batch->keys.end(), keys);
    return HPBNATIVE_OK;
  });
}

void hpbnative_cancel(hpbnative_engine *engine, uint32_t id) {
  if (engine != nullptr) engine->pool.cancel(id);
}

void hpbnative_close(hpbnative_engine *engine) { delete engine; }

hpbnative_status hpbnative_answer(const hpbnative_engine *engine, uint32_t op, uint32_t flags,
                                  const uint8_t *records, uint32_t count, uint8_t *reasons,
                                  uint8_t *keys) {
  if (!acceptable(engine, op, flags, records, count) || reasons == nullptr ||
      (op == HPBNATIVE_RECOVER && keys == nullptr)) {
    return HPBNATIVE_ARGUMENT;
  }
  hpb::answer_records(engine->pool.context(), op, (flags & HPBNATIVE_ALLOW_HIGH_S) != 0, records,
                      count, reasons, keys);
  return HPBNATIVE_OK;
}

hpbnative_status hpbnative_signer_open(const uint8_t *secrets, uint32_t count, uint32_t flags,
                                       hpbnative_signer **out) {
  if (out == nullptr) return HPBNATIVE_ARGUMENT;
  *out = nullptr;
  if (secrets == nullptr || count == 0 || count > kMaxKeys ||
      (flags & ~HPBNATIVE_REUSE_NONCES) != 0) {
    return HPBNATIVE_ARGUMENT;
  }
  return guarded([&] {
    *out = new hpbnative_signer(secrets, count, (flags & HPBNATIVE_REUSE_NONCES) != 0);
    return HPBNATIVE_OK;
  });
}

hpbnative_status hpbnative_sign_batch(const hpbnative_signer *signer, uint8_t *records,
                                      const uint32_t *keys, uint32_t count) {
  if (signer == nullptr || (count != 0 && (records == nullptr || keys == nullptr))) {
    return HPBNATIVE_ARGUMENT;
  }
  const std::size_t known = signer->signer.keys();
  if (std::any_of(keys, keys + count, [&](std::uint32_t key) { return key >= known; })) {
    return HPBNATIVE_ARGUMENT;
  }
  return guarded([&] {
    for (std::uint32_t i = 0; i < count; i++) {
      signer->signer.sign(records + std::size_t{i} * HPBNATIVE_RECOVER_BYTES, keys[i]);
    }
    return HPBNATIVE_OK;
  });
}

void hpbnative_signer_close(hpbnative_signer *signer) { delete signer; }

}  // extern "C"
