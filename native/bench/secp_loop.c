/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The measure for every backend: a plain C loop over libsecp256k1 on one thread.
 *
 * Signs COUNT digests, then parses and verifies each record as the
 * native backend has to, and prints signatures per second as JSON.
 *
 * Usage: secp_loop [COUNT [ROUNDS]]
 */
#include <secp256k1_recovery.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "records.h"

static size_t verify_all(const secp256k1_context *context, const uint8_t *records, size_t count) {
  size_t valid = 0;
  for (size_t i = 0; i < count; i++) {
    const uint8_t *record = records + i * VERIFY_BYTES;
    uint8_t sec1[65] = {4};
    secp256k1_pubkey key;
    secp256k1_ecdsa_signature signature;
    memcpy(sec1 + 1, record + 96, 64);
    valid += secp256k1_ec_pubkey_parse(context, &key, sec1, sizeof sec1) &&
             secp256k1_ecdsa_signature_parse_compact(context, &signature, record + 32) &&
             secp256k1_ecdsa_verify(context, &signature, record, &key);
  }
  return valid;
}

static size_t recover_all(const secp256k1_context *context, const uint8_t *records, size_t count,
                          uint8_t *keys) {
  size_t valid = 0;
  for (size_t i = 0; i < count; i++) {
    const uint8_t *record = records + i * RECOVER_BYTES;
    size_t length = 65;
    secp256k1_pubkey key;
    secp256k1_ecdsa_recoverable_signature signature;
    valid += secp256k1_ecdsa_recoverable_signature_parse_compact(context, &signature, record + 32,
                                                                 record[96]) &&
             secp256k1_ecdsa_recover(context, &key, &signature, record) &&
             secp256k1_ec_pubkey_serialize(context, keys + 65 * i, &length, &key,
                                           SECP256K1_EC_UNCOMPRESSED);
  }
  return valid;
}

int main(int argc, char **argv) {
  const size_t count = argc > 1 ? strtoul(argv[1], NULL, 10) : 4096;
  const size_t rounds = argc > 2 ? strtoul(argv[2], NULL, 10) : 8;
  secp256k1_context *context = secp256k1_context_create(SECP256K1_CONTEXT_NONE);
  uint8_t *verify = malloc(count * VERIFY_BYTES);
  uint8_t *recover = malloc(count * RECOVER_BYTES);
  uint8_t *keys = malloc(count * 65);
  uint64_t state = 1;
  double best_verify = 1e9, best_recover = 1e9;
  if (context == NULL || verify == NULL || recover == NULL || keys == NULL || count == 0) return 1;
  for (size_t i = 0; i < count; i++) {
    make_record(context, &state, verify + i * VERIFY_BYTES, recover + i * RECOVER_BYTES);
  }
  for (size_t i = 0; i < rounds; i++) {
    const double start = wall_seconds();
    const size_t verified = verify_all(context, verify, count);
    const double middle = wall_seconds();
    const size_t recovered = recover_all(context, recover, count, keys);
    const double end = wall_seconds();
    if (verified != count || recovered != count) return 1;
    if (middle - start < best_verify) best_verify = middle - start;
    if (end - middle < best_recover) best_recover = end - middle;
  }
  printf("{\"verifyPerSecond\": %.0f, \"recoverPerSecond\": %.0f}\n", (double)count / best_verify,
         (double)count / best_recover);
  free(keys);
  free(recover);
  free(verify);
  secp256k1_context_destroy(context);
  return 0;
}
