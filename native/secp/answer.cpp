// SPDX-License-Identifier: Apache-2.0
#include "answer.hpp"

#include <secp256k1_recovery.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <new>

namespace hpb {
namespace {

using Bytes32 = std::array<std::uint8_t, 32>;

constexpr Bytes32 kOrder = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                            0xff, 0xff, 0xff, 0xff, 0xfe, 0xba, 0xae, 0xdc, 0xe6, 0xaf, 0x48,
                            0xa0, 0x3b, 0xbf, 0xd2, 0x5e, 0x8c, 0xd0, 0x36, 0x41, 0x41};
// floor(n / 2), the largest low s.
constexpr Bytes32 kHalfOrder = {0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                0xff, 0xff, 0xff, 0xff, 0xff, 0x5d, 0x57, 0x6e, 0x73, 0x57, 0xa4,
                                0x50, 0x1d, 0xdf, 0xe9, 0x2f, 0x46, 0x68, 0x1b, 0x20, 0xa0};
constexpr Bytes32 kPrime = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                            0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                            0xff, 0xff, 0xff, 0xff, 0xff, 0xfe, 0xff, 0xff, 0xfc, 0x2f};
// p - n: r + n is below p only for r below this.
constexpr Bytes32 kPrimeMinusOrder = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0x45, 0x51,
                                      0x23, 0x19, 0x50, 0xb7, 0x5f, 0xc4, 0x40, 0x2d, 0xa1, 0x72,
                                      0x2f, 0xc9, 0xba, 0xee};

// Big-endian numbers compare as bytes do.
bool below(const std::uint8_t *value, const Bytes32 &bound) {
  return std::memcmp(value, bound.data(), bound.size()) < 0;
}

bool is_zero(const std::uint8_t *value) {
  return std::all_of(value, value + 32, [](std::uint8_t byte) { return byte == 0; });
}

bool is_scalar(const std::uint8_t *value) { return below(value, kOrder) && !is_zero(value); }

Bytes32 subtract(const std::uint8_t *a, const Bytes32 &b) {
  Bytes32 out{};
  int borrow = 0;
  for (int i = 31; i >= 0; i--) {
    const int difference = a[i] - b[i] - borrow;
    borrow = difference < 0 ? 1 : 0;
    out[i] = static_cast<std::uint8_t>(difference);
  }
  return out;
}

// a + b, which the caller knows to fit.
Bytes32 add(const std::uint8_t *a, const Bytes32 &b) {
  Bytes32 out{};
  int carry = 0;
  for (int i = 31; i >= 0; i--) {
    const int sum = a[i] + b[i] + carry;
    carry = sum >> 8;
    out[i] = static_cast<std::uint8_t>(sum);
  }
  return out;
}

struct Fields {
  const std::uint8_t *digest;
  const std::uint8_t *r;  // r and s, 64 bytes
  const std::uint8_t *s;
};

hpbnative_reason check_signature(const Fields &f, bool allow_high_s) {
  if (!is_scalar(f.r)) return HPBNATIVE_REASON_R_RANGE;
  if (!is_scalar(f.s)) return HPBNATIVE_REASON_S_RANGE;
  const bool high = std::memcmp(f.s, kHalfOrder.data(), 32) > 0;
  return high && !allow_high_s ? HPBNATIVE_REASON_HIGH_S : HPBNATIVE_REASON_OK;
}

// Is u1 G + u2 Q, and so e G + r Q, the point at infinity? Asked only when a signature fails.
bool sum_is_infinite(const secp256k1_context *context, const Fields &f, secp256k1_pubkey key) {
  Bytes32 digest;
  std::copy_n(f.digest, 32, digest.begin());
  if (!below(f.digest, kOrder)) digest = subtract(f.digest, kOrder);
  return secp256k1_ec_pubkey_tweak_mul(context, &key, f.r) &&
         !secp256k1_ec_pubkey_tweak_add(context, &key, digest.data());
}

hpbnative_reason verify(const secp256k1_context *context, bool allow_high_s,
                        const std::uint8_t *record) {
  const Fields f{record, record + 32, record + 64};
  const hpbnative_reason checked = check_signature(f, allow_high_s);
  if (checked != HPBNATIVE_REASON_OK) return checked;
  if (!below(record + 96, kPrime) || !below(record + 128, kPrime)) {
    return HPBNATIVE_REASON_KEY_RANGE;
  }
  std::array<std::uint8_t, 65> sec1;
  sec1[0] = 0x04;
  std::copy_n(record + 96, 64, sec1.begin() + 1);
  secp256k1_pubkey key;
  if (!secp256k1_ec_pubkey_parse(context, &key, sec1.data(), sec1.size())) {
    return HPBNATIVE_REASON_NOT_ON_CURVE;
  }
  secp256k1_ecdsa_signature signature;
  secp256k1_ecdsa_signature_parse_compact(context, &signature, f.r);
  // secp256k1_ecdsa_verify takes low s only; -s verifies exactly when s does.
  if (allow_high_s) secp256k1_ecdsa_signature_normalize(context, &signature, &signature);
  if (secp256k1_ecdsa_verify(context, &signature, f.digest, &key)) return HPBNATIVE_REASON_OK;
  return sum_is_infinite(context, f, key) ? HPBNATIVE_REASON_INFINITY : HPBNATIVE_REASON_MISMATCH;
}

// Does the curve have a point with this x?
bool has_point(const secp256k1_context *context, const Bytes32 &x) {
  std::array<std::uint8_t, 33> sec1;
  sec1[0] = 0x02;
  std::copy(x.begin(), x.end(), sec1.begin() + 1);
  secp256k1_pubkey point;
  return secp256k1_ec_pubkey_parse(context, &point, sec1.data(), sec1.size());
}

hpbnative_reason recover(const secp256k1_context *context, bool allow_high_s,
                         const std::uint8_t *record, std::uint8_t *out) {
  const Fields f{record, record + 32, record + 64};
  const std::uint8_t id = record[96];
  if (std::any_of(record + 97, record + HPBNATIVE_RECOVER_BYTES, [](auto b) { return b != 0; })) {
    return HPBNATIVE_REASON_MALFORMED;
  }
  if (id > 3) return HPBNATIVE_REASON_RECOVERY_ID;
  const hpbnative_reason checked = check_signature(f, allow_high_s);
  if (checked != HPBNATIVE_REASON_OK) return checked;
  if (id >= 2 && !below(f.r, kPrimeMinusOrder)) return HPBNATIVE_REASON_X_RANGE;
  secp256k1_ecdsa_recoverable_signature signature;
  secp256k1_ecdsa_recoverable_signature_parse_compact(context, &signature, f.r, id);
  secp256k1_pubkey key;
  if (!secp256k1_ecdsa_recover(context, &key, &signature, f.digest)) {
    Bytes32 x;
    std::copy_n(f.r, 32, x.begin());
    if (id >= 2) x = add(f.r, kOrder);
    return has_point(context, x) ? HPBNATIVE_REASON_INFINITY : HPBNATIVE_REASON_NOT_A_SQUARE;
  }
  std::array<std::uint8_t, 65> sec1;
  std::size_t length = sec1.size();
  secp256k1_ec_pubkey_serialize(context, sec1.data(), &length, &key, SECP256K1_EC_UNCOMPRESSED);
  std::copy(sec1.begin() + 1, sec1.end(), out);
  return HPBNATIVE_REASON_OK;
}

}  // namespace

Context make_context() {
  Context context(secp256k1_context_create(SECP256K1_CONTEXT_NONE));
  if (!context) throw std::bad_alloc();
  return context;
}

std::size_t record_bytes(std::uint32_t op) {
  switch (op) {
    case HPBNATIVE_VERIFY:
      return HPBNATIVE_VERIFY_BYTES;
    case HPBNATIVE_RECOVER:
      return HPBNATIVE_RECOVER_BYTES;
    default:
      return 0;
  }
}

void answer_records(const secp256k1_context *context, std::uint32_t op, bool allow_high_s,
                    const std::uint8_t *records, std::size_t count, std::uint8_t *reasons,
                    std::uint8_t *keys) {
  const std::size_t size = record_bytes(op);
  for (std::size_t i = 0; i < count; i++) {
    const std::uint8_t *record = records + i * size;
    if (op == HPBNATIVE_VERIFY) {
      reasons[i] = static_cast<std::uint8_t>(verify(context, allow_high_s, record));
    } else {
      std::uint8_t *key = keys + i * HPBNATIVE_KEY_BYTES;
      std::fill_n(key, HPBNATIVE_KEY_BYTES, std::uint8_t{0});
      reasons[i] = static_cast<std::uint8_t>(recover(context, allow_high_s, record, key));
    }
  }
}

}  // namespace hpb
