/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libhpbnative: batches of secp256k1 ECDSA on libsecp256k1, in a pool of threads.
 *
 * One engine may be used from one thread at a time; its own threads never call back. Records and
 * answers are copied, so no pointer outlives the call it is passed to.
 *
 * Records, big-endian fields:
 *   verify  160 bytes: digest 32, r 32, s 32, x 32, y 32
 *   recover 104 bytes: digest 32, r 32, s 32, recovery id 1, zeros 7
 */
#ifndef HPBNATIVE_H
#define HPBNATIVE_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

#define HPBNATIVE_ABI_VERSION 1u

#define HPBNATIVE_VERIFY_BYTES 160u
#define HPBNATIVE_RECOVER_BYTES 104u
#define HPBNATIVE_KEY_BYTES 64u

/* Appended to, never renumbered. */
typedef enum hpbnative_status {
  HPBNATIVE_OK = 0,
  HPBNATIVE_ARGUMENT = 1,
  HPBNATIVE_MEMORY = 2,
  HPBNATIVE_SYSTEM = 3, /* a thread or a descriptor could not be had */
  HPBNATIVE_UNKNOWN = 4 /* no finished batch has this id */
} hpbnative_status;

typedef enum hpbnative_op { HPBNATIVE_VERIFY = 1, HPBNATIVE_RECOVER = 2 } hpbnative_op;

/* Flag: accept s above n/2. */
#define HPBNATIVE_ALLOW_HIGH_S 1u

/* The same numbers on every backend, checked in this order. */
typedef enum hpbnative_reason {
  HPBNATIVE_REASON_OK = 0,
  HPBNATIVE_REASON_MALFORMED = 1,
  HPBNATIVE_REASON_RECOVERY_ID = 2,
  HPBNATIVE_REASON_R_RANGE = 3,
  HPBNATIVE_REASON_S_RANGE = 4,
  HPBNATIVE_REASON_HIGH_S = 5,
  HPBNATIVE_REASON_KEY_RANGE = 6,
  HPBNATIVE_REASON_NOT_ON_CURVE = 7,
  HPBNATIVE_REASON_X_RANGE = 8,
  HPBNATIVE_REASON_NOT_A_SQUARE = 9,
  HPBNATIVE_REASON_INFINITY = 10,
  HPBNATIVE_REASON_MISMATCH = 11
} hpbnative_reason;

typedef struct hpbnative_engine hpbnative_engine;

/* Returns: HPBNATIVE_ABI_VERSION of the library; the caller compares it with its header's. */
uint32_t hpbnative_abi_version(void);

/* Starts an engine.
 *
 * Returns: OK, ARGUMENT (threads not 1..1024, out null), MEMORY, SYSTEM.
 * Out:     out     - the engine, to be closed; null on failure.
 * In:      threads - size of the pool.
 */
hpbnative_status hpbnative_open(uint32_t threads, hpbnative_engine **out);

/* Descriptor that is readable while finished batches wait to be collected; owned by the engine.
 *
 * Returns: the descriptor.
 */
int32_t hpbnative_event_fd(const hpbnative_engine *engine);

/* Queues a batch and returns at once.
 *
 * Returns: OK, ARGUMENT, MEMORY.
 * In:      id      - the caller's name for the batch, unique among those not taken yet.
 *          op      - hpbnative_op.
 *          flags   - 0 or HPBNATIVE_ALLOW_HIGH_S.
 *          records - `count` records of the operation; copied.
 *          count   - 1 or more.
 */
hpbnative_status hpbnative_submit(hpbnative_engine *engine, uint32_t id, uint32_t op,
                                  uint32_t flags, const uint8_t *records, uint32_t count);

/* Lists batches that finished since the last call, and clears the event if all fitted.
 *
 * Returns: how many ids were written.
 * Out:     ids      - at most `capacity`.
 */
uint32_t hpbnative_collect(hpbnative_engine *engine, uint32_t *ids, uint32_t capacity);

/* Takes the answers of a finished batch; the id is free again.
 *
 * Returns: OK, ARGUMENT, UNKNOWN.
 * Out:     reasons - one hpbnative_reason per record.
 *          keys    - recover: 64 bytes per record, x then y, zeros where invalid; else may be null.
 */
hpbnative_status hpbnative_take(hpbnative_engine *engine, uint32_t id, uint8_t *reasons,
                                uint8_t *keys);

/* Gives up a batch: what has not started never will, and its answers are dropped. */
void hpbnative_cancel(hpbnative_engine *engine, uint32_t id);

/* Stops the threads, after at most one chunk of records each, and frees everything. Null is fine. */
void hpbnative_close(hpbnative_engine *engine);

/* Answers a batch on the calling thread; the measure for the pool, and a check without it.
 *
 * Returns: OK, ARGUMENT.
 * Out/In:  as hpbnative_take and hpbnative_submit.
 */
hpbnative_status hpbnative_answer(const hpbnative_engine *engine, uint32_t op, uint32_t flags,
                                  const uint8_t *records, uint32_t count, uint8_t *reasons,
                                  uint8_t *keys);

/* Signs in batches, on the calling thread. Digests are hashes already; s is low (BIP 62). */
typedef struct hpbnative_signer hpbnative_signer;

/* Flag: take nonces from a fixed table of 256 instead of deriving them (RFC 6979). A hundred times
 * faster, and whoever sees two signatures computes the secret key: only to make load, with keys
 * that everybody knows. */
#define HPBNATIVE_REUSE_NONCES 1u

/* Opens a signer.
 *
 * Returns: OK, ARGUMENT (a secret not in 1..n-1, count not 1..65536, unknown flag), MEMORY, SYSTEM.
 * Out:     out     - the signer, to be closed; null on failure.
 * In:      secrets - `count` keys of 32 bytes, big-endian; copied, and wiped on close.
 *          flags   - 0 or HPBNATIVE_REUSE_NONCES.
 */
hpbnative_status hpbnative_signer_open(const uint8_t *secrets, uint32_t count, uint32_t flags,
                                       hpbnative_signer **out);

/* Signs the digests of recover records.
 *
 * Returns: OK, ARGUMENT (then nothing is written), SYSTEM.
 * In/out:  records - `count` recover records; the digest is read, the other 72 bytes are written.
 * In:      keys    - the place of each record's secret in the list given to open.
 *          count   - may be 0.
 */
hpbnative_status hpbnative_sign_batch(const hpbnative_signer *signer, uint8_t *records,
                                      const uint32_t *keys, uint32_t count);

/* Wipes the keys and frees everything. Null is fine. */
void hpbnative_signer_close(hpbnative_signer *signer);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
