/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

#include <secp256k1_recovery.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

double wall_seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* splitmix64: test data, not secrets. */
static void fill(uint8_t *bytes, size_t length, uint64_t *state) {
  for (size_t i = 0; i < length; i++) {
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    bytes[i] = (uint8_t)(z >> 40);
  }
}

void make_record(const secp256k1_context *context, uint64_t *state, uint8_t *verify,
                 uint8_t *recover) {
  uint8_t secret[32], sec1[65];
  size_t length = sizeof sec1;
  int id = 0;
  secp256k1_pubkey key;
  secp256k1_ecdsa_recoverable_signature signature;
  fill(secret, sizeof secret, state);
  fill(verify, 32, state);
  if (!secp256k1_ec_pubkey_create(context, &key, secret) ||
      !secp256k1_ecdsa_sign_recoverable(context, &signature, verify, secret, NULL, NULL)) {
    abort();
  }
  secp256k1_ecdsa_recoverable_signature_serialize_compact(context, verify + 32, &id, &signature);
  secp256k1_ec_pubkey_serialize(context, sec1, &length, &key, SECP256K1_EC_UNCOMPRESSED);
  memcpy(verify + 96, sec1 + 1, 64);
  memset(recover, 0, RECOVER_BYTES);
  memcpy(recover, verify, 96);
  recover[96] = (uint8_t)id;
}
