/* SPDX-License-Identifier: Apache-2.0 */
/* Signed records for the benches, the same on every run. */
#ifndef HPB_BENCH_RECORDS_H
#define HPB_BENCH_RECORDS_H

#include <secp256k1.h>
#include <stdint.h>

enum { VERIFY_BYTES = 160, RECOVER_BYTES = 104 };

/* Returns: seconds of the monotonic clock. */
double wall_seconds(void);

/* Makes a valid record in both forms.
 *
 * Out: verify - 160 bytes.  recover - 104 bytes.
 * In:  state  - of the generator; any value at the start.
 */
void make_record(const secp256k1_context *context, uint64_t *state, uint8_t *verify,
                 uint8_t *recover);

#endif
