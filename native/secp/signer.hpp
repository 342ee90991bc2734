// SPDX-License-Identifier: Apache-2.0
// Signatures in batches, with deterministic nonces or with nonces that are used again.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "answer.hpp"

namespace hpb {

using Scalar = std::array<std::uint8_t, 32>;

class Signer {
 public:
  // Throws std::bad_alloc; std::invalid_argument when a secret is not in 1..n-1.
  Signer(const std::uint8_t *secrets, std::size_t count, bool reuse_nonces);
  ~Signer();
  Signer(const Signer &) = delete;
  Signer &operator=(const Signer &) = delete;

  std::size_t keys() const { return secrets_.size(); }

  // Completes a recover record: its digest is there, its signature is written behind it.
  void sign(std::uint8_t *record, std::size_t key) const;

 private:
  struct Nonce {
    Scalar inverse;
    Scalar r;
    std::uint8_t odd;  // parity of the y of k G
  };

  bool sign_reusing(std::uint8_t *record, const Scalar &secret) const;
  Nonce make_nonce(std::uint32_t number) const;
  Scalar invert(const Scalar &value) const;

  Context context_;
  std::vector<Scalar> secrets_;
  std::vector<Nonce> nonces_;
};

}  // namespace hpb
