// SPDX-License-Identifier: Apache-2.0
#include "signer.hpp"

#include <secp256k1_recovery.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace hpb {
namespace {

constexpr std::size_t kNonces = 256;

// n - 2: the exponent of an inverse (Fermat). n / 2: the largest low s.
constexpr Scalar kOrderMinus2 = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                 0xff, 0xff, 0xff, 0xff, 0xfe, 0xba, 0xae, 0xdc, 0xe6, 0xaf, 0x48,
                                 0xa0, 0x3b, 0xbf, 0xd2, 0x5e, 0x8c, 0xd0, 0x36, 0x41, 0x3f};
constexpr Scalar kHalfOrder = {0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                               0xff, 0xff, 0xff, 0xff, 0xff, 0x5d, 0x57, 0x6e, 0x73, 0x57, 0xa4,
                               0x50, 0x1d, 0xdf, 0xe9, 0x2f, 0x46, 0x68, 0x1b, 0x20, 0xa0};

}  // namespace

Signer::Signer(const std::uint8_t *secrets, std::size_t count, bool reuse_nonces)
    : context_(make_context()), secrets_(count) {
  for (std::size_t i = 0; i < count; i++) {
    std::copy_n(secrets + 32 * i, 32, secrets_[i].begin());
    if (!secp256k1_ec_seckey_verify(context_.get(), secrets_[i].data())) {
      throw std::invalid_argument("secret key out of range");
    }
  }
  if (!reuse_nonces) return;
  for (std::uint32_t number = 0; nonces_.size() < kNonces; number++) {
    const Nonce nonce = make_nonce(number);
    // An x of n or above would need recovery ids 2 and 3; none is known.
    if (secp256k1_ec_seckey_verify(context_.get(), nonce.r.data())) nonces_.push_back(nonce);
  }
}

Signer::~Signer() {
  for (Scalar &secret : secrets_) {
    volatile std::uint8_t *bytes = secret.data();
    for (std::size_t i = 0; i < secret.size(); i++) bytes[i] = 0;
  }
}

Signer::Nonce Signer::make_nonce(std::uint32_t number) const {
  static constexpr unsigned char kTag[] = "hpb/nonces of load";
  Scalar nonce;
  secp256k1_pubkey point;
  std::uint8_t message[4];
  std::memcpy(message, &number, sizeof message);
  if (!secp256k1_tagged_sha256(context_.get(), nonce.data(), kTag, sizeof kTag - 1, message,
                               sizeof message) ||
      !secp256k1_ec_pubkey_create(context_.get(), &point, nonce.data())) {
    throw std::runtime_error("no point for a nonce");
  }
  std::array<std::uint8_t, 33> sec1;
  std::size_t length = sec1.size();
  secp256k1_ec_pubkey_serialize(context_.get(), sec1.data(), &length, &point,
                                SECP256K1_EC_COMPRESSED);
  Nonce out;
  out.inverse = invert(nonce);
  std::copy_n(sec1.begin() + 1, 32, out.r.begin());
  out.odd = sec1[0] & 1;
  return out;
}

Scalar Signer::invert(const Scalar &value) const {
  // The highest bit of n - 2 is set: the power begins with value itself.
  Scalar power = value;
  for (int bit = 254; bit >= 0; bit--) {
    const Scalar square = power;
    bool ok = secp256k1_ec_seckey_tweak_mul(context_.get(), power.data(), square.data());
    if ((kOrderMinus2[31 - bit / 8] >> (bit % 8)) & 1) {
      ok = ok && secp256k1_ec_seckey_tweak_mul(context_.get(), power.data(), value.data());
    }
    if (!ok) throw std::runtime_error("a product of scalars is 0");
  }
  return power;
}

// s = (z + r d) / k. False in the cases of probability 2^-127 that the library refuses.
bool Signer::sign_reusing(std::uint8_t *record, const Scalar &secret) const {
  std::uint32_t pick;
  std::memcpy(&pick, record, sizeof pick);
  const Nonce &nonce = nonces_[pick % nonces_.size()];
  const auto *context = context_.get();
  Scalar s = secret;
  if (!secp256k1_ec_seckey_tweak_mul(context, s.data(), nonce.r.data()) ||
      !secp256k1_ec_seckey_tweak_add(context, s.data(), record) ||
      !secp256k1_ec_seckey_tweak_mul(context, s.data(), nonce.inverse.data())) {
    return false;
  }
  const bool high = std::memcmp(s.data(), kHalfOrder.data(), s.size()) > 0;
  if (high && !secp256k1_ec_seckey_negate(context, s.data())) return false;
  std::copy(nonce.r.begin(), nonce.r.end(), record + 32);
  std::copy(s.begin(), s.end(), record + 64);
  record[96] = nonce.odd ^ (high ? 1 : 0);
  return true;
}

void Signer::sign(std::uint8_t *record, std::size_t key) const {
  const Scalar &secret = secrets_[key];
  std::fill(record + 97, record + HPBNATIVE_RECOVER_BYTES, std::uint8_t{0});
  if (!nonces_.empty() && sign_reusing(record, secret)) return;
  secp256k1_ecdsa_recoverable_signature signature;
  int id = 0;
  if (!secp256k1_ecdsa_sign_recoverable(context_.get(), &signature, record, secret.data(), nullptr,
                                        nullptr)) {
    throw std::runtime_error("no signature for a valid key");
  }
  secp256k1_ecdsa_recoverable_signature_serialize_compact(context_.get(), record + 32, &id,
                                                          &signature);
  record[96] = static_cast<std::uint8_t>(id);
}

}  // namespace hpb
