// SPDX-License-Identifier: Apache-2.0
// One record to one reason, by libsecp256k1.
#pragma once

#include <secp256k1.h>

#include <cstddef>
#include <cstdint>
#include <memory>

#include "hpbnative.h"

namespace hpb {

struct ContextDeleter {
  void operator()(secp256k1_context *context) const { secp256k1_context_destroy(context); }
};
using Context = std::unique_ptr<secp256k1_context, ContextDeleter>;

// Throws std::bad_alloc.
Context make_context();

// Bytes of one record; 0 for an unknown operation.
std::size_t record_bytes(std::uint32_t op);

// Answers `count` records. `keys` is 64 bytes per record for recover, unused for verify.
void answer_records(const secp256k1_context *context, std::uint32_t op, bool allow_high_s,
                    const std::uint8_t *records, std::size_t count, std::uint8_t *reasons,
                    std::uint8_t *keys);

}  // namespace hpb
