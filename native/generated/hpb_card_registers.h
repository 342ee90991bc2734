/* SPDX-License-Identifier: Apache-2.0 */
/* Register offsets, ring layouts and codes of the card.
 * Generated from hdl/card/registers.json by hdl/card/registers/generate.js; do not edit. */
#ifndef HPB_CARD_REGISTERS_H
#define HPB_CARD_REGISTERS_H

#include <stdint.h>

/* Register-map hash as MAP_HASH_HI:MAP_HASH_LO */
#define HPB_MAP_HASH 0xc9350d2e4c79c31bull

/* Blocks */
#define HPB_BLOCK_CARD 0x0000u
#define HPB_BLOCK_SIGVERIFY 0x1000u
#define HPB_BLOCK_TOE 0x2000u
#define HPB_BLOCK_BROADCAST 0x3000u

/* Registers of the card layout: offset in the block; masks of their fields */
#define HPB_CARD_MAGIC 0x000u
#define HPB_CARD_VERSION 0x004u
#define HPB_CARD_VERSION_MINOR_SHIFT 0
#define HPB_CARD_VERSION_MINOR_MASK 0x0000ffffu
#define HPB_CARD_VERSION_MAJOR_SHIFT 16
#define HPB_CARD_VERSION_MAJOR_MASK 0xffff0000u
#define HPB_CARD_MAP_HASH_LO 0x008u
#define HPB_CARD_MAP_HASH_HI 0x00cu
#define HPB_CARD_CAPABILITIES 0x010u
#define HPB_CARD_CAPABILITIES_SIGVERIFY_SHIFT 0
#define HPB_CARD_CAPABILITIES_SIGVERIFY_MASK 0x00000001u
#define HPB_CARD_CAPABILITIES_TOE_SHIFT 1
#define HPB_CARD_CAPABILITIES_TOE_MASK 0x00000002u
#define HPB_CARD_CAPABILITIES_BROADCAST_SHIFT 2
#define HPB_CARD_CAPABILITIES_BROADCAST_MASK 0x00000004u
#define HPB_CARD_CAPABILITIES_ENGINE_BLOCKS_SHIFT 8
#define HPB_CARD_CAPABILITIES_ENGINE_BLOCKS_MASK 0x00000f00u
#define HPB_CARD_CONTROL 0x014u
#define HPB_CARD_CONTROL_RESET_SHIFT 0
#define HPB_CARD_CONTROL_RESET_MASK 0x00000001u
#define HPB_CARD_STATUS 0x018u
#define HPB_CARD_STATUS_IDLE_SHIFT 0
#define HPB_CARD_STATUS_IDLE_MASK 0x00000001u
#define HPB_CARD_SCRATCH 0x01cu
#define HPB_CARD_IRQ_CAUSE 0x020u
#define HPB_CARD_IRQ_CAUSE_SIGVERIFY_DONE_SHIFT 0
#define HPB_CARD_IRQ_CAUSE_SIGVERIFY_DONE_MASK 0x00000001u
#define HPB_CARD_IRQ_CAUSE_TOE_DONE_SHIFT 1
#define HPB_CARD_IRQ_CAUSE_TOE_DONE_MASK 0x00000002u
#define HPB_CARD_IRQ_CAUSE_BROADCAST_DONE_SHIFT 2
#define HPB_CARD_IRQ_CAUSE_BROADCAST_DONE_MASK 0x00000004u
#define HPB_CARD_IRQ_CAUSE_SIGVERIFY_ERROR_SHIFT 8
#define HPB_CARD_IRQ_CAUSE_SIGVERIFY_ERROR_MASK 0x00000100u
#define HPB_CARD_IRQ_CAUSE_TOE_ERROR_SHIFT 9
#define HPB_CARD_IRQ_CAUSE_TOE_ERROR_MASK 0x00000200u
#define HPB_CARD_IRQ_CAUSE_BROADCAST_ERROR_SHIFT 10
#define HPB_CARD_IRQ_CAUSE_BROADCAST_ERROR_MASK 0x00000400u
#define HPB_CARD_IRQ_MASK 0x024u
#define HPB_CARD_IRQ_SET 0x028u
#define HPB_CARD_TICKS_MS 0x02cu
#define HPB_CARD_CYCLES_LO 0x030u
#define HPB_CARD_CYCLES_HI 0x034u

/* Registers of the engine layout: offset in the block; masks of their fields */
#define HPB_ENGINE_KIND 0x000u
#define HPB_ENGINE_KIND_KIND_SHIFT 0
#define HPB_ENGINE_KIND_KIND_MASK 0x000000ffu
#define HPB_ENGINE_KIND_BATCHES_SHIFT 8
#define HPB_ENGINE_KIND_BATCHES_MASK 0x0000ff00u
#define HPB_ENGINE_KIND_RING_LOG2_MAX_SHIFT 16
#define HPB_ENGINE_KIND_RING_LOG2_MAX_MASK 0x00ff0000u
#define HPB_ENGINE_KIND_PREFETCH_SHIFT 24
#define HPB_ENGINE_KIND_PREFETCH_MASK 0xff000000u
#define HPB_ENGINE_PARAMETERS 0x004u
#define HPB_ENGINE_PARAMETERS_ENGINES_SHIFT 0
#define HPB_ENGINE_PARAMETERS_ENGINES_MASK 0x000000ffu
#define HPB_ENGINE_PARAMETERS_CONTEXTS_SHIFT 8
#define HPB_ENGINE_PARAMETERS_CONTEXTS_MASK 0x0000ff00u
#define HPB_ENGINE_PARAMETERS_MUL_II_SHIFT 16
#define HPB_ENGINE_PARAMETERS_MUL_II_MASK 0x00ff0000u
#define HPB_ENGINE_PARAMETERS_G_WINDOW_SHIFT 24
#define HPB_ENGINE_PARAMETERS_G_WINDOW_MASK 0xff000000u
#define HPB_ENGINE_CONTROL 0x008u
#define HPB_ENGINE_CONTROL_ENABLE_SHIFT 0
#define HPB_ENGINE_CONTROL_ENABLE_MASK 0x00000001u
#define HPB_ENGINE_CONTROL_RESET_SHIFT 1
#define HPB_ENGINE_CONTROL_RESET_MASK 0x00000002u
#define HPB_ENGINE_STATUS 0x00cu
#define HPB_ENGINE_STATUS_BUSY_SHIFT 0
#define HPB_ENGINE_STATUS_BUSY_MASK 0x00000001u
#define HPB_ENGINE_STATUS_BAD_DOORBELL_SHIFT 8
#define HPB_ENGINE_STATUS_BAD_DOORBELL_MASK 0x00000100u
#define HPB_ENGINE_STATUS_COMPLETION_LOST_SHIFT 9
#define HPB_ENGINE_STATUS_COMPLETION_LOST_MASK 0x00000200u
#define HPB_ENGINE_IRQ_COUNT 0x010u
#define HPB_ENGINE_IRQ_CYCLES 0x014u
#define HPB_ENGINE_SQ_BASE_LO 0x020u
#define HPB_ENGINE_SQ_BASE_HI 0x024u
#define HPB_ENGINE_SQ_LOG2 0x028u
#define HPB_ENGINE_SQ_TAIL 0x02cu
#define HPB_ENGINE_SQ_HEAD 0x030u
#define HPB_ENGINE_CQ_BASE_LO 0x040u
#define HPB_ENGINE_CQ_BASE_HI 0x044u
#define HPB_ENGINE_CQ_LOG2 0x048u
#define HPB_ENGINE_CQ_HEAD 0x04cu
#define HPB_ENGINE_CQ_TAIL 0x050u
#define HPB_ENGINE_MULTIPLICATIONS_LO 0x080u
#define HPB_ENGINE_MULTIPLICATIONS_HI 0x084u
#define HPB_ENGINE_BUSY_CYCLES_LO 0x088u
#define HPB_ENGINE_BUSY_CYCLES_HI 0x08cu
#define HPB_ENGINE_JOBS 0x090u
#define HPB_ENGINE_RESULTS 0x094u
#define HPB_ENGINE_VALID 0x098u
#define HPB_ENGINE_COMPLETIONS 0x09cu
#define HPB_ENGINE_BUS_ERRORS 0x0a0u
#define HPB_ENGINE_BAD_DESCRIPTORS 0x0a4u

/* Submission ring entry. Addresses are multiples of 8 and below 2^64 - 16 MiB; everything else
 * is answered with BAD_DESCRIPTOR. */
#define HPB_DESCRIPTOR_BYTES 32u
struct hpb_descriptor {
  uint32_t id;
  uint16_t op;
  uint16_t flags;
  uint64_t input;
  uint64_t result;
  uint32_t count;
  uint32_t zero;
};

/* Completion ring entry, written after all results of its batch. Its last two bytes change
 * last: an entry is new when its phase differs from the phase of the pass before. */
#define HPB_COMPLETION_BYTES 16u
struct hpb_completion {
  uint32_t id;
  uint32_t valid;
  uint32_t cycles;
  uint16_t status;
  uint16_t index;
};

/* Input record of VERIFY; numbers big-endian. */
#define HPB_VERIFY_INPUT_BYTES 160u
struct hpb_verify_input {
  uint8_t digest[32];
  uint8_t r[32];
  uint8_t s[32];
  uint8_t x[32];
  uint8_t y[32];
};

/* Input record of RECOVER; numbers big-endian. */
#define HPB_RECOVER_INPUT_BYTES 104u
struct hpb_recover_input {
  uint8_t digest[32];
  uint8_t r[32];
  uint8_t s[32];
  uint8_t recovery_id;
  uint8_t zero[7];
};

/* Result record of VERIFY. */
#define HPB_VERIFY_RESULT_BYTES 8u
struct hpb_verify_result {
  uint8_t valid;
  uint8_t reason;
  uint16_t zero;
  uint32_t record;
};

/* Result record of RECOVER. */
#define HPB_RECOVER_RESULT_BYTES 72u
struct hpb_recover_result {
  uint8_t valid;
  uint8_t reason;
  uint16_t zero;
  uint32_t record;
  uint8_t x[32];
  uint8_t y[32];
};

/* Engines. */
#define HPB_ENGINE_KIND_ABSENT 0u
#define HPB_ENGINE_KIND_SIGVERIFY 1u
#define HPB_ENGINE_KIND_TOE 2u
#define HPB_ENGINE_KIND_BROADCAST 3u

/* Operations of SIGVERIFY. */
#define HPB_OP_VERIFY 1u
#define HPB_OP_RECOVER 2u

/* Descriptor flags, each one bit. */
#define HPB_FLAG_ALLOW_HIGH_S 1u

/* Completion status. */
#define HPB_STATUS_OK 0u
#define HPB_STATUS_BAD_DESCRIPTOR 1u
#define HPB_STATUS_INPUT_BUS_ERROR 2u
#define HPB_STATUS_RESULT_BUS_ERROR 3u
#define HPB_STATUS_DESCRIPTOR_BUS_ERROR 4u

/* Why a signature is not valid; checked in this order, the same on every backend. */
#define HPB_REASON_OK 0u
#define HPB_REASON_MALFORMED 1u
#define HPB_REASON_RECOVERY_ID 2u
#define HPB_REASON_R_RANGE 3u
#define HPB_REASON_S_RANGE 4u
#define HPB_REASON_HIGH_S 5u
#define HPB_REASON_KEY_RANGE 6u
#define HPB_REASON_NOT_ON_CURVE 7u
#define HPB_REASON_X_RANGE 8u
#define HPB_REASON_NOT_A_SQUARE 9u
#define HPB_REASON_INFINITY 10u
#define HPB_REASON_MISMATCH 11u

#endif
