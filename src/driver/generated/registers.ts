// Register offsets, ring layouts and codes of the card.
// Generated from hdl/card/registers.json by hdl/card/registers/generate.js; do not edit.

/** Register-map hash as the card shows it: MAP_HASH_HI above MAP_HASH_LO. */
export const MAP_HASH = 0xc9350d2e4c79c31bn;

/** Offset of each register block in the card window. */
export const Block = {
  /** Identity, capabilities, interrupts, time. */
  CARD: 0x0000,
  /** Engine 0: secp256k1 verify and recover. */
  SIGVERIFY: 0x1000,
  /** Engine 1: TCP offload; absent in this version. */
  TOE: 0x2000,
  /** Engine 2: broadcast; absent in this version. */
  BROADCAST: 0x3000,
} as const;

/** Offset of each register in a block of the card layout. */
export const CardRegister = {
  /** "HPBC" in ASCII, first letter in the low byte. */
  MAGIC: 0x000,
  /** Version of this map. */
  VERSION: 0x004,
  /** Register-map hash, first four bytes. A driver compares it when it opens the device. */
  MAP_HASH_LO: 0x008,
  /** Register-map hash, next four bytes. */
  MAP_HASH_HI: 0x00c,
  /** What was built into this card. */
  CAPABILITIES: 0x010,
  /** Whole card. */
  CONTROL: 0x014,
  /** Whole card. */
  STATUS: 0x018,
  /** No effect; for checking the path to the card. */
  SCRATCH: 0x01c,
  /**
   * Pending causes; write 1 to clear. The irq line is high while a cause that IRQ_MASK lets
   * through is pending. Clear first, then read the completion ring: nothing is lost.
   */
  IRQ_CAUSE: 0x020,
  /** Causes that raise the irq line; same bits as IRQ_CAUSE, 1 lets through. */
  IRQ_MASK: 0x024,
  /** Write 1 to set bits of IRQ_CAUSE: tests the path of an interrupt. */
  IRQ_SET: 0x028,
  /** Millisecond ticks since reset. */
  TICKS_MS: 0x02c,
  /** Clock cycles since power on, low half. */
  CYCLES_LO: 0x030,
  /** Clock cycles since power on, high half, latched. */
  CYCLES_HI: 0x034,
} as const;

/** Register fields of the card layout. */
export const CardField = {
  /** Grows with compatible additions. */
  VERSION_MINOR: { shift: 0, bits: 16 },
  /** Grows when old drivers stop working. */
  VERSION_MAJOR: { shift: 16, bits: 16 },
  /** Engine 0 is present. */
  CAPABILITIES_SIGVERIFY: { shift: 0, bits: 1 },
  /** Engine 1 is present. */
  CAPABILITIES_TOE: { shift: 1, bits: 1 },
  /** Engine 2 is present. */
  CAPABILITIES_BROADCAST: { shift: 2, bits: 1 },
  /** Number of engine blocks in the map. */
  CAPABILITIES_ENGINE_BLOCKS: { shift: 8, bits: 4 },
  /**
   * Write 1: reset every engine and the interrupt registers. Reads 1 until all engines are
   * done.
   */
  CONTROL_RESET: { shift: 0, bits: 1 },
  /** Nothing in flight and no work in any ring. */
  STATUS_IDLE: { shift: 0, bits: 1 },
  /** Engine 0 wrote completions. */
  IRQ_CAUSE_SIGVERIFY_DONE: { shift: 0, bits: 1 },
  /** Engine 1 wrote completions. */
  IRQ_CAUSE_TOE_DONE: { shift: 1, bits: 1 },
  /** Engine 2 wrote completions. */
  IRQ_CAUSE_BROADCAST_DONE: { shift: 2, bits: 1 },
  /** An error bit in engine 0's STATUS rose. */
  IRQ_CAUSE_SIGVERIFY_ERROR: { shift: 8, bits: 1 },
  /** An error bit in engine 1's STATUS rose. */
  IRQ_CAUSE_TOE_ERROR: { shift: 9, bits: 1 },
  /** An error bit in engine 2's STATUS rose. */
  IRQ_CAUSE_BROADCAST_ERROR: { shift: 10, bits: 1 },
} as const;

/** Offset of each register in a block of the engine layout. */
export const EngineRegister = {
  /** What this block is. */
  KIND: 0x000,
  /** How the engine was built; this is SIGVERIFY's meaning. */
  PARAMETERS: 0x004,
  /** Start, stop, reset. */
  CONTROL: 0x008,
  /** State and errors; error bits stay until reset. */
  STATUS: 0x00c,
  /** Raise the interrupt when this many completions are waiting for one (16 bits) ... */
  IRQ_COUNT: 0x010,
  /** ... or when the first of them has waited this many cycles (24 bits). 0: at once. */
  IRQ_CYCLES: 0x014,
  /**
   * Submission ring address, low half; 4 KiB aligned, the low 12 bits read 0. Ring addresses
   * and sizes are set before ENABLE; writes while it is 1 are ignored.
   */
  SQ_BASE_LO: 0x020,
  /** Submission ring address, high half. */
  SQ_BASE_HI: 0x024,
  /**
   * Submission ring size as a power of two, 2 to RING_LOG2_MAX; other values become the
   * nearest bound.
   */
  SQ_LOG2: 0x028,
  /**
   * Doorbell: descriptors written by the host, counted modulo 65536. Entry = count modulo ring
   * size; up to the full ring may be filled.
   */
  SQ_TAIL: 0x02c,
  /** Descriptors fetched by the card, modulo 65536; their entries are free. */
  SQ_HEAD: 0x030,
  /** Completion ring address, low half; 4 KiB aligned, the low 12 bits read 0. */
  CQ_BASE_LO: 0x040,
  /** Completion ring address, high half. */
  CQ_BASE_HI: 0x044,
  /**
   * Completion ring size as a power of two, 2 to RING_LOG2_MAX; other values become the
   * nearest bound.
   */
  CQ_LOG2: 0x048,
  /**
   * Doorbell: completions taken by the host, counted modulo 65536. While the ring is full the
   * card holds further completions back.
   */
  CQ_HEAD: 0x04c,
  /**
   * Completions issued by the card, modulo 65536; the last ones may still be on the bus, the
   * phase bit tells.
   */
  CQ_TAIL: 0x050,
  /** Multiplications started by all cores, low half. */
  MULTIPLICATIONS_LO: 0x080,
  /** Multiplications, high half, latched. */
  MULTIPLICATIONS_HI: 0x084,
  /** Cycles in which a job was inside the engine, low half. */
  BUSY_CYCLES_LO: 0x088,
  /** Busy cycles, high half, latched. */
  BUSY_CYCLES_HI: 0x08c,
  /** Records sent to the engine. */
  JOBS: 0x090,
  /** Results received from the engine. */
  RESULTS: 0x094,
  /** Results that were valid. */
  VALID: 0x098,
  /** Completion entries written. */
  COMPLETIONS: 0x09c,
  /** Records, descriptors, results and completions that the bus refused. */
  BUS_ERRORS: 0x0a0,
  /** Descriptors answered with BAD_DESCRIPTOR. */
  BAD_DESCRIPTORS: 0x0a4,
} as const;

/** Register fields of the engine layout. */
export const EngineField = {
  /** The engine; ABSENT where none was built. */
  KIND_KIND: { shift: 0, bits: 8 },
  /** Descriptors worked on at the same time. */
  KIND_BATCHES: { shift: 8, bits: 8 },
  /** Largest ring size accepted, as a power of two. */
  KIND_RING_LOG2_MAX: { shift: 16, bits: 8 },
  /** Descriptors fetched ahead of their work. */
  KIND_PREFETCH: { shift: 24, bits: 8 },
  /** Cores, each with a multiplier of its own. */
  PARAMETERS_ENGINES: { shift: 0, bits: 8 },
  /** Signatures interleaved on one core. */
  PARAMETERS_CONTEXTS: { shift: 8, bits: 8 },
  /** Cycles between two products of one multiplier. */
  PARAMETERS_MUL_II: { shift: 16, bits: 8 },
  /** Window of the generator's table, in bits. */
  PARAMETERS_G_WINDOW: { shift: 24, bits: 8 },
  /** 1: fetch descriptors. Cleared: fetch no more, finish what was fetched. */
  CONTROL_ENABLE: { shift: 0, bits: 1 },
  /**
   * Write 1: wait for bus transfers under way, drop all work, set every register of this block
   * to its reset value. Reads 1 until done.
   */
  CONTROL_RESET: { shift: 1, bits: 1 },
  /** Work in flight or waiting in the submission ring. */
  STATUS_BUSY: { shift: 0, bits: 1 },
  /** A doorbell was out of range and was ignored. */
  STATUS_BAD_DOORBELL: { shift: 8, bits: 1 },
  /** The bus refused a completion entry; its batch has no answer. */
  STATUS_COMPLETION_LOST: { shift: 9, bits: 1 },
} as const;

/**
 * Submission ring entry. Addresses are multiples of 8 and below 2^64 - 16 MiB; everything else
 * is answered with BAD_DESCRIPTOR. Byte offsets.
 */
export const DescriptorLayout = {
  /** Length in bytes. */
  BYTES: 32,
  /** Returned in the completion. */
  ID: 0,
  /** What to do. */
  OP: 4,
  /** Sum of flags; other bits are 0. */
  FLAGS: 6,
  /** Address of the first input record. */
  INPUT: 8,
  /** Address of the first result record. */
  RESULT: 16,
  /** Number of records, 1 to 65535. */
  COUNT: 24,
  /** 0. */
  ZERO: 28,
} as const;

/**
 * Completion ring entry, written after all results of its batch. Its last two bytes change
 * last: an entry is new when its phase differs from the phase of the pass before. Byte
 * offsets.
 */
export const CompletionLayout = {
  /** Length in bytes. */
  BYTES: 16,
  /** The descriptor's id; 0 where the descriptor could not be read. */
  ID: 0,
  /** Number of valid results. */
  VALID: 4,
  /** Low half of the cycle counter. */
  CYCLES: 8,
  /** How the batch went. Where it is not OK, no result record of the batch may be used. */
  STATUS: 12,
  /**
   * Bit 15: phase, 1 on the first pass through the ring, then alternating. Bits 14-0: the
   * descriptor's number in the submission ring, modulo 32768; all descriptors up to it were
   * fetched.
   */
  INDEX: 14,
} as const;

/** Input record of VERIFY; numbers big-endian. Byte offsets. */
export const VerifyInputLayout = {
  /** Length in bytes. */
  BYTES: 160,
  /** Message digest. */
  DIGEST: 0,
  /** Signature r. */
  R: 32,
  /** Signature s. */
  S: 64,
  /** Public key x. */
  X: 96,
  /** Public key y. */
  Y: 128,
} as const;

/** Input record of RECOVER; numbers big-endian. Byte offsets. */
export const RecoverInputLayout = {
  /** Length in bytes. */
  BYTES: 104,
  /** Message digest. */
  DIGEST: 0,
  /** Signature r. */
  R: 32,
  /** Signature s. */
  S: 64,
  /** 0 to 3. */
  RECOVERY_ID: 96,
  /** 0; a record with anything else here is MALFORMED. */
  ZERO: 97,
} as const;

/** Result record of VERIFY. Byte offsets. */
export const VerifyResultLayout = {
  /** Length in bytes. */
  BYTES: 8,
  /** 1 valid, 0 not. */
  VALID: 0,
  /** Why not. */
  REASON: 1,
  /** 0. */
  ZERO: 2,
  /** Number of the record in its batch. */
  RECORD: 4,
} as const;

/** Result record of RECOVER. Byte offsets. */
export const RecoverResultLayout = {
  /** Length in bytes. */
  BYTES: 72,
  /** 1 valid, 0 not. */
  VALID: 0,
  /** Why not. */
  REASON: 1,
  /** 0. */
  ZERO: 2,
  /** Number of the record in its batch. */
  RECORD: 4,
  /** Recovered key x, big-endian; 0 where not valid. */
  X: 8,
  /** Recovered key y, big-endian; 0 where not valid. */
  Y: 40,
} as const;

/** Engines. */
export const EngineKindCode = {
  /** Not built. */
  ABSENT: 0,
  /** secp256k1 verify and recover. */
  SIGVERIFY: 1,
  /** TCP offload. */
  TOE: 2,
  /** Broadcast. */
  BROADCAST: 3,
} as const;

/** Value of {@link EngineKindCode}. */
export type EngineKindCode = (typeof EngineKindCode)[keyof typeof EngineKindCode];

/** Operations of SIGVERIFY. */
export const OpCode = {
  /** Check a signature against a public key. */
  VERIFY: 1,
  /** Compute the public key from a signature. */
  RECOVER: 2,
} as const;

/** Value of {@link OpCode}. */
export type OpCode = (typeof OpCode)[keyof typeof OpCode];

/** Descriptor flags, each one bit. */
export const FlagCode = {
  /** Accept s above n/2. */
  ALLOW_HIGH_S: 1,
} as const;

/** Value of {@link FlagCode}. */
export type FlagCode = (typeof FlagCode)[keyof typeof FlagCode];

/** Completion status. */
export const StatusCode = {
  /** All results are written. */
  OK: 0,
  /** A field of the descriptor is out of its range; nothing was read or written. */
  BAD_DESCRIPTOR: 1,
  /** An input record could not be read. */
  INPUT_BUS_ERROR: 2,
  /** A result record could not be written. */
  RESULT_BUS_ERROR: 3,
  /** The descriptor itself could not be read. */
  DESCRIPTOR_BUS_ERROR: 4,
} as const;

/** Value of {@link StatusCode}. */
export type StatusCode = (typeof StatusCode)[keyof typeof StatusCode];

/** Why a signature is not valid; checked in this order, the same on every backend. */
export const ReasonCode = {
  /** Valid. */
  OK: 0,
  /** The record or job does not keep to its format. */
  MALFORMED: 1,
  /** The recovery id is above 3. */
  RECOVERY_ID: 2,
  /** r is 0 or not below n. */
  R_RANGE: 3,
  /** s is 0 or not below n. */
  S_RANGE: 4,
  /** s is above n/2 and ALLOW_HIGH_S is not set. */
  HIGH_S: 5,
  /** x or y is not below p. */
  KEY_RANGE: 6,
  /** The public key is not on the curve (verify). */
  NOT_ON_CURVE: 7,
  /** The recovery id asks for r + n, which is not below p (recover). */
  X_RANGE: 8,
  /** No point has this x (recover). */
  NOT_A_SQUARE: 9,
  /** The result is the point at infinity. */
  INFINITY: 10,
  /** x modulo n differs from r. */
  MISMATCH: 11,
} as const;

/** Value of {@link ReasonCode}. */
export type ReasonCode = (typeof ReasonCode)[keyof typeof ReasonCode];
