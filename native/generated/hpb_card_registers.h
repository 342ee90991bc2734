/* SPDX-License-Identifier: Apache-2.0 */
/* Register offsets, ring layouts and codes of the card.
 * Generated from hdl/card/registers.json by hdl/card/registers/generate.js; do not edit. */
#ifndef HPB_CARD_REGISTERS_H
#define HPB_CARD_REGISTERS_H

#include <stdint.h>

/* Register-map hash as MAP_HASH_HI:MAP_HASH_LO */
#define HPB_MAP_HASH 0x0abfb87dc61291cdull

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
#define HPB_ENGINE_COMPLETIONS 0x09cu
#define HPB_ENGINE_BUS_ERRORS 0x0a0u
#define HPB_ENGINE_BAD_DESCRIPTORS 0x0a4u

/* Registers of the sigverify layout: offset in the block; masks of their fields */
#define HPB_SIGVERIFY_PARAMETERS 0x004u
#define HPB_SIGVERIFY_PARAMETERS_ENGINES_SHIFT 0
#define HPB_SIGVERIFY_PARAMETERS_ENGINES_MASK 0x000000ffu
#define HPB_SIGVERIFY_PARAMETERS_CONTEXTS_SHIFT 8
#define HPB_SIGVERIFY_PARAMETERS_CONTEXTS_MASK 0x0000ff00u
#define HPB_SIGVERIFY_PARAMETERS_MUL_II_SHIFT 16
#define HPB_SIGVERIFY_PARAMETERS_MUL_II_MASK 0x00ff0000u
#define HPB_SIGVERIFY_PARAMETERS_G_WINDOW_SHIFT 24
#define HPB_SIGVERIFY_PARAMETERS_G_WINDOW_MASK 0xff000000u
#define HPB_SIGVERIFY_MULTIPLICATIONS_LO 0x080u
#define HPB_SIGVERIFY_MULTIPLICATIONS_HI 0x084u
#define HPB_SIGVERIFY_BUSY_CYCLES_LO 0x088u
#define HPB_SIGVERIFY_BUSY_CYCLES_HI 0x08cu
#define HPB_SIGVERIFY_JOBS 0x090u
#define HPB_SIGVERIFY_RESULTS 0x094u
#define HPB_SIGVERIFY_VALID 0x098u

/* Registers of the toe layout: offset in the block; masks of their fields */
#define HPB_TOE_PARAMETERS 0x004u
#define HPB_TOE_PARAMETERS_SESSIONS_LOG2_SHIFT 0
#define HPB_TOE_PARAMETERS_SESSIONS_LOG2_MASK 0x000000ffu
#define HPB_TOE_PARAMETERS_BUFFERS_LOG2_SHIFT 8
#define HPB_TOE_PARAMETERS_BUFFERS_LOG2_MASK 0x0000ff00u
#define HPB_TOE_PARAMETERS_NODES_LOG2_SHIFT 16
#define HPB_TOE_PARAMETERS_NODES_LOG2_MASK 0x00ff0000u
#define HPB_TOE_STATUS 0x00cu
#define HPB_TOE_STATUS_READY_SHIFT 1
#define HPB_TOE_STATUS_READY_MASK 0x00000002u
#define HPB_TOE_STATUS_FAULT_SHIFT 10
#define HPB_TOE_STATUS_FAULT_MASK 0x00000400u
#define HPB_TOE_NET_CONTROL 0x100u
#define HPB_TOE_NET_CONTROL_ENABLE_SHIFT 0
#define HPB_TOE_NET_CONTROL_ENABLE_MASK 0x00000001u
#define HPB_TOE_MAC_LO 0x104u
#define HPB_TOE_MAC_HI 0x108u
#define HPB_TOE_IP 0x10cu
#define HPB_TOE_PREFIX_LEN 0x110u
#define HPB_TOE_GATEWAY 0x114u
#define HPB_TOE_MEMORY_BASE_LO 0x118u
#define HPB_TOE_MEMORY_BASE_HI 0x11cu
#define HPB_TOE_TX_LIMIT 0x120u
#define HPB_TOE_TTL 0x124u
#define HPB_TOE_LOOKUP_KEY0 0x130u
#define HPB_TOE_LOOKUP_KEY1 0x134u
#define HPB_TOE_LOOKUP_KEY2 0x138u
#define HPB_TOE_LOOKUP_KEY3 0x13cu
#define HPB_TOE_ISN_KEY0 0x140u
#define HPB_TOE_ISN_KEY1 0x144u
#define HPB_TOE_ISN_KEY2 0x148u
#define HPB_TOE_ISN_KEY3 0x14cu
#define HPB_TOE_MSS 0x150u
#define HPB_TOE_RX_LIMIT 0x154u
#define HPB_TOE_RTO_MIN_MS 0x158u
#define HPB_TOE_RTO_MAX_MS 0x15cu
#define HPB_TOE_RTO_FIRST_MS 0x160u
#define HPB_TOE_ACK_DELAY_MS 0x164u
#define HPB_TOE_MSL_MS 0x168u
#define HPB_TOE_TRIES 0x16cu
#define HPB_TOE_TRIES_SYN_SHIFT 0
#define HPB_TOE_TRIES_SYN_MASK 0x0000000fu
#define HPB_TOE_TRIES_DATA_SHIFT 8
#define HPB_TOE_TRIES_DATA_MASK 0x00000f00u
#define HPB_TOE_TRIES_KEEP_SHIFT 16
#define HPB_TOE_TRIES_KEEP_MASK 0x000f0000u
#define HPB_TOE_TRIES_STALLED_SHIFT 24
#define HPB_TOE_TRIES_STALLED_MASK 0x0f000000u
#define HPB_TOE_HALF_OPEN_MAX 0x170u
#define HPB_TOE_KEEP_IDLE_MS 0x174u
#define HPB_TOE_KEEP_EVERY_MS 0x178u
#define HPB_TOE_CHALLENGES 0x17cu
#define HPB_TOE_IN_USE 0x180u
#define HPB_TOE_HALF_OPEN 0x184u
#define HPB_TOE_FREE_BUFFERS 0x188u
#define HPB_TOE_FREE_NODES 0x18cu
#define HPB_TOE_RX_SEGMENTS 0x200u
#define HPB_TOE_TX_SEGMENTS 0x204u
#define HPB_TOE_RX_ECHOES 0x208u
#define HPB_TOE_RX_ARP_REQUESTS 0x20cu
#define HPB_TOE_TX_ARP_REQUESTS 0x210u
#define HPB_TOE_DROP_MAC_ERROR 0x214u
#define HPB_TOE_DROP_RUNT 0x218u
#define HPB_TOE_DROP_ETHERNET_OTHER 0x21cu
#define HPB_TOE_DROP_ETHERTYPE 0x220u
#define HPB_TOE_DROP_ARP 0x224u
#define HPB_TOE_DROP_ARP_FULL 0x228u
#define HPB_TOE_DROP_IP_HEADER 0x22cu
#define HPB_TOE_DROP_IP_LENGTH 0x230u
#define HPB_TOE_DROP_IP_CHECKSUM 0x234u
#define HPB_TOE_DROP_IP_OTHER 0x238u
#define HPB_TOE_DROP_IP_SOURCE 0x23cu
#define HPB_TOE_DROP_IP_FRAGMENT 0x240u
#define HPB_TOE_DROP_IP_PROTOCOL 0x244u
#define HPB_TOE_DROP_TCP_HEADER 0x248u
#define HPB_TOE_DROP_TCP_CHECKSUM 0x24cu
#define HPB_TOE_DROP_TCP_FULL 0x250u
#define HPB_TOE_DROP_ICMP_TYPE 0x254u
#define HPB_TOE_DROP_ICMP_CHECKSUM 0x258u
#define HPB_TOE_DROP_ICMP_FULL 0x25cu
#define HPB_TOE_DROP_TX_UNREACHABLE 0x260u
#define HPB_TOE_RX_ICMP_ERRORS 0x264u
#define HPB_TOE_DROP_ICMP_ERROR_FULL 0x268u
#define HPB_TOE_UNKNOWN 0x26cu
#define HPB_TOE_UNWANTED 0x270u
#define HPB_TOE_CHALLENGE 0x274u
#define HPB_TOE_FLOODED 0x278u
#define HPB_TOE_NO_ROOM 0x27cu
#define HPB_TOE_RETRANSMIT 0x280u
#define HPB_TOE_DISBELIEVED 0x284u
#define HPB_TOE_SUPPRESSED 0x288u
#define HPB_TOE_FAULT_DROP 0x28cu
#define HPB_TOE_FAULT_FREE 0x290u
#define HPB_TOE_FAULT_BUS 0x294u
#define HPB_TOE_FRAMES_IN 0x298u
#define HPB_TOE_FRAMES_OUT 0x29cu
#define HPB_TOE_EVENTS 0x2a0u
#define HPB_TOE_WRITES 0x2a4u
#define HPB_TOE_REFUSED 0x2a8u
#define HPB_TOE_READS 0x2acu
#define HPB_TOE_SESSION_SELECT 0x300u
#define HPB_TOE_SESSION_STATUS 0x304u
#define HPB_TOE_SESSION_STATUS_BUSY_SHIFT 0
#define HPB_TOE_SESSION_STATUS_BUSY_MASK 0x00000001u
#define HPB_TOE_SESSION_STATUS_VALID_SHIFT 1
#define HPB_TOE_SESSION_STATUS_VALID_MASK 0x00000002u
#define HPB_TOE_SESSION_STATUS_STATE_SHIFT 8
#define HPB_TOE_SESSION_STATUS_STATE_MASK 0x00000f00u
#define HPB_TOE_SESSION_SEGMENTS_IN 0x308u
#define HPB_TOE_SESSION_SEGMENTS_OUT 0x30cu
#define HPB_TOE_SESSION_BYTES_IN_LO 0x310u
#define HPB_TOE_SESSION_BYTES_IN_HI 0x314u
#define HPB_TOE_SESSION_BYTES_OUT_LO 0x318u
#define HPB_TOE_SESSION_BYTES_OUT_HI 0x31cu
#define HPB_TOE_SESSION_RETRANSMITTED 0x320u
#define HPB_TOE_SESSION_DUP_ACKS 0x324u
#define HPB_TOE_SESSION_OUT_OF_ORDER 0x328u
#define HPB_TOE_SESSION_UNACCEPTABLE 0x32cu
#define HPB_TOE_SESSION_NO_ROOM 0x330u

/* Submission ring entry of SIGVERIFY. Addresses are multiples of 8 and below 2^64 - 16 MiB;
 * everything else is answered with BAD_DESCRIPTOR. */
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

/* Completion ring entry of SIGVERIFY, written after all results of its batch. Its last two
 * bytes change last: an entry is new when its phase differs from the phase of the pass before. */
#define HPB_COMPLETION_BYTES 16u
struct hpb_completion {
  uint32_t id;
  uint32_t valid;
  uint32_t cycles;
  uint16_t status;
  uint16_t index;
};

/* Submission ring entry of the TOE. READs are done in order, and all others are; a READ
 * overlaps the others. CLOSE waits for the WRITEs before it, ABORT and FREE for all READs and
 * WRITEs before them. Fields that an operation does not name are not looked at. */
#define HPB_TOE_DESCRIPTOR_BYTES 32u
struct hpb_toe_descriptor {
  uint32_t id;
  uint16_t op;
  uint16_t session;
  uint64_t address;
  uint32_t remote_ip;
  uint16_t remote_port;
  uint16_t local_port;
  uint32_t length;
  uint32_t value;
};

/* Completion ring entry of the TOE: the answer to a descriptor, or an event. In the order in
 * which things happened: a READ is answered behind the event that told of its bytes, ABORT and
 * FREE behind all events of the session. Its last two bytes change last: an entry is new when
 * its phase differs from the phase of the pass before. */
#define HPB_TOE_COMPLETION_BYTES 32u
struct hpb_toe_completion {
  uint32_t id;
  uint16_t status;
  uint16_t session;
  uint32_t remote_ip;
  uint16_t remote_port;
  uint16_t local_port;
  uint32_t received;
  uint32_t acknowledged;
  uint16_t events;
  uint8_t urgent[4];
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

/* Operations of the TOE. */
#define HPB_TOE_OP_LISTEN 1u
#define HPB_TOE_OP_UNLISTEN 2u
#define HPB_TOE_OP_OPEN 3u
#define HPB_TOE_OP_CLOSE 4u
#define HPB_TOE_OP_ABORT 5u
#define HPB_TOE_OP_FREE 6u
#define HPB_TOE_OP_OPTIONS 7u
#define HPB_TOE_OP_WRITE 8u
#define HPB_TOE_OP_READ 9u
#define HPB_TOE_OP_URGENT 10u

/* Options of a session, each one bit. */
#define HPB_TOE_OPTION_NODELAY 1u
#define HPB_TOE_OPTION_KEEPALIVE 2u

/* States of a session (RFC 9293 3.3.2). */
#define HPB_TOE_STATE_CLOSED 0u
#define HPB_TOE_STATE_SYN_SENT 1u
#define HPB_TOE_STATE_SYN_RECEIVED 2u
#define HPB_TOE_STATE_ESTABLISHED 3u
#define HPB_TOE_STATE_CLOSE_WAIT 4u
#define HPB_TOE_STATE_FIN_WAIT_1 5u
#define HPB_TOE_STATE_FIN_WAIT_2 6u
#define HPB_TOE_STATE_CLOSING 7u
#define HPB_TOE_STATE_LAST_ACK 8u
#define HPB_TOE_STATE_TIME_WAIT 9u

/* What happened to a session, each one bit. */
#define HPB_TOE_EVENT_ACCEPTED 1u
#define HPB_TOE_EVENT_OPENED 2u
#define HPB_TOE_EVENT_RECEIVED 4u
#define HPB_TOE_EVENT_SENT 8u
#define HPB_TOE_EVENT_PEER_CLOSED 16u
#define HPB_TOE_EVENT_CLOSED 32u
#define HPB_TOE_EVENT_RESET 64u
#define HPB_TOE_EVENT_REFUSED 128u
#define HPB_TOE_EVENT_TIMED_OUT 256u
#define HPB_TOE_EVENT_OPEN_FAILED 512u
#define HPB_TOE_EVENT_UNREACHABLE 1024u
#define HPB_TOE_EVENT_URGENT 2048u
#define HPB_TOE_EVENT_STALLED 4096u

/* Completion status. */
#define HPB_STATUS_OK 0u
#define HPB_STATUS_BAD_DESCRIPTOR 1u
#define HPB_STATUS_INPUT_BUS_ERROR 2u
#define HPB_STATUS_RESULT_BUS_ERROR 3u
#define HPB_STATUS_DESCRIPTOR_BUS_ERROR 4u
#define HPB_STATUS_REFUSED 5u
#define HPB_STATUS_EVENT 256u

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
