// Register offsets, ring layouts and codes of the card.
// Generated from hdl/card/registers.json by hdl/card/registers/generate.js; do not edit.

/** Register-map hash as the card shows it: MAP_HASH_HI above MAP_HASH_LO. */
export const MAP_HASH = 0x0abfb87dc61291cdn;

/** Offset of each register block in the card window. */
export const Block = {
  /** Identity, capabilities, interrupts, time. */
  CARD: 0x0000,
  /** Engine 0: secp256k1 verify and recover. */
  SIGVERIFY: 0x1000,
  /** Engine 1: TCP offload. */
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
  /** How the engine was built; its own layout says. */
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
  /** Completion entries written. */
  COMPLETIONS: 0x09c,
  /** Inputs, descriptors, results and completions that the bus refused. */
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
  /** The bus refused a completion entry; what it would have told is lost. */
  STATUS_COMPLETION_LOST: { shift: 9, bits: 1 },
} as const;

/**
 * Offset of each register in a block of the sigverify layout, besides those of the engine
 * layout.
 */
export const SigverifyRegister = {
  /** How the engine was built. */
  PARAMETERS: 0x004,
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
} as const;

/** Register fields of the sigverify layout, besides those of the engine layout. */
export const SigverifyField = {
  /** Cores, each with a multiplier of its own. */
  PARAMETERS_ENGINES: { shift: 0, bits: 8 },
  /** Signatures interleaved on one core. */
  PARAMETERS_CONTEXTS: { shift: 8, bits: 8 },
  /** Cycles between two products of one multiplier. */
  PARAMETERS_MUL_II: { shift: 16, bits: 8 },
  /** Window of the generator's table, in bits. */
  PARAMETERS_G_WINDOW: { shift: 24, bits: 8 },
} as const;

/** Offset of each register in a block of the toe layout, besides those of the engine layout. */
export const ToeRegister = {
  /** How the engine was built. */
  PARAMETERS: 0x004,
  /** State and errors besides those of every engine. */
  STATUS: 0x00c,
  /** The network. */
  NET_CONTROL: 0x100,
  /** Hardware address, bits 31-0: its bytes 2 to 5 as a number. */
  MAC_LO: 0x104,
  /** Hardware address, bits 47-32: its first two bytes as a number. */
  MAC_HI: 0x108,
  /** IPv4 address of the card. */
  IP: 0x10c,
  /** Leading bits of the address that are the network; larger values become 32. */
  PREFIX_LEN: 0x110,
  /** IPv4 address of the router for other networks; 0: none. */
  GATEWAY: 0x114,
  /** Address of buffer 0 in card memory, low half; 4 KiB aligned, the low 12 bits read 0. */
  MEMORY_BASE_LO: 0x118,
  /** Address of buffer 0 in card memory, high half. */
  MEMORY_BASE_HI: 0x11c,
  /** Bytes written and not acknowledged that a session holds, at most (20 bits). */
  TX_LIMIT: 0x120,
  /** Time to live of what is sent, 1 to 255. */
  TTL: 0x124,
  /**
   * Secret key of the session table, bits 31-0; random, the same from the first session to the
   * reset.
   */
  LOOKUP_KEY0: 0x130,
  /** Next word. */
  LOOKUP_KEY1: 0x134,
  /** Next word. */
  LOOKUP_KEY2: 0x138,
  /** Next word. */
  LOOKUP_KEY3: 0x13c,
  /** Secret key of the initial sequence numbers, bits 31-0; random (RFC 6528). */
  ISN_KEY0: 0x140,
  /** Next word. */
  ISN_KEY1: 0x144,
  /** Next word. */
  ISN_KEY2: 0x148,
  /** Next word. */
  ISN_KEY3: 0x14c,
  /** Largest payload to receive in a segment, 64 to 1,460: the MTU of 1,500 less 40. */
  MSS: 0x150,
  /** Bytes of a session that wait for the host, at most (20 bits): the window offered. */
  RX_LIMIT: 0x154,
  /**
   * Retransmission timeout, at least (1 to 131,071; RFC 6298 2.4 asks for 1 s, 200 ms is what
   * Linux does).
   */
  RTO_MIN_MS: 0x158,
  /** Retransmission timeout, at most (17 bits; RFC 6298 2.5: 60 s or more). */
  RTO_MAX_MS: 0x15c,
  /** Retransmission timeout before there is a sample (17 bits; RFC 6298 2.1: 1 s). */
  RTO_FIRST_MS: 0x160,
  /** Delay of an acknowledgement, at most (1 to 499; RFC 9293 MUST-40). */
  ACK_DELAY_MS: 0x164,
  /** Maximum segment lifetime (17 bits); TIME-WAIT takes two of them. */
  MSL_MS: 0x168,
  /** How often to send again before a session is given up (R2 of RFC 9293 3.8.3). */
  TRIES: 0x16c,
  /**
   * Sessions in SYN-RECEIVED that peers opened, at most (16 bits); a SYN above that pushes the
   * oldest of them out (RFC 4987 3.4). 0: no SYN is taken.
   */
  HALF_OPEN_MAX: 0x170,
  /** Silence before the first keep-alive probe (23 bits; RFC 9293 MUST-28: 2 h or more). */
  KEEP_IDLE_MS: 0x174,
  /** Time between keep-alive probes (17 bits). */
  KEEP_EVERY_MS: 0x178,
  /** Challenge acknowledgements a second, at most (RFC 5961 7; 10 bits). */
  CHALLENGES: 0x17c,
  /** Sessions in use, those of the host and those that end by themselves. */
  IN_USE: 0x180,
  /** Sessions in SYN-RECEIVED. */
  HALF_OPEN: 0x184,
  /** Buffers in the pool. */
  FREE_BUFFERS: 0x188,
  /** Nodes in the pool. */
  FREE_NODES: 0x18c,
  /** Counters, modulo 2^32. Segments received, with room for them. */
  RX_SEGMENTS: 0x200,
  /** Segments handed to the MAC. */
  TX_SEGMENTS: 0x204,
  /** ICMP echo requests answered. */
  RX_ECHOES: 0x208,
  /** ARP requests for the address of the card. */
  RX_ARP_REQUESTS: 0x20c,
  /** ARP requests sent. */
  TX_ARP_REQUESTS: 0x210,
  /** Frames that the MAC found bad. */
  DROP_MAC_ERROR: 0x214,
  /** Frames with no byte behind the Ethernet header. */
  DROP_RUNT: 0x218,
  /** Frames for another hardware address. */
  DROP_ETHERNET_OTHER: 0x21c,
  /** Frames of another protocol than IPv4 and ARP. */
  DROP_ETHERTYPE: 0x220,
  /** ARP frames that are short, or of something else. */
  DROP_ARP: 0x224,
  /** ARP frames without room. */
  DROP_ARP_FULL: 0x228,
  /** IPv4: version, or a header of fewer than five words. */
  DROP_IP_HEADER: 0x22c,
  /** IPv4: lengths that contradict one another or the frame. */
  DROP_IP_LENGTH: 0x230,
  /** IPv4: wrong checksum of the header. */
  DROP_IP_CHECKSUM: 0x234,
  /** IPv4: for another address. */
  DROP_IP_OTHER: 0x238,
  /** IPv4: from an address that no other host can have. */
  DROP_IP_SOURCE: 0x23c,
  /** IPv4: fragments. */
  DROP_IP_FRAGMENT: 0x240,
  /** IPv4: neither TCP nor ICMP. */
  DROP_IP_PROTOCOL: 0x244,
  /** TCP: shorter than a header, or than it says. */
  DROP_TCP_HEADER: 0x248,
  /** TCP: wrong checksum. */
  DROP_TCP_CHECKSUM: 0x24c,
  /** TCP: no room for the segment or its payload. */
  DROP_TCP_FULL: 0x250,
  /** ICMP: neither an echo request nor an error about TCP. */
  DROP_ICMP_TYPE: 0x254,
  /** ICMP: wrong checksum, or shorter than its header. */
  DROP_ICMP_CHECKSUM: 0x258,
  /** ICMP: no room for the answer. */
  DROP_ICMP_FULL: 0x25c,
  /** Segments not sent: the next hop is unknown, or does not answer. */
  DROP_TX_UNREACHABLE: 0x260,
  /** ICMP errors about a segment of the card. */
  RX_ICMP_ERRORS: 0x264,
  /** ICMP errors without room. */
  DROP_ICMP_ERROR_FULL: 0x268,
  /** Segments of no session and to no open port. */
  UNKNOWN: 0x26c,
  /** Segments that are out of the window, or not acceptable in their state. */
  UNWANTED: 0x270,
  /** Challenge acknowledgements sent (RFC 5961). */
  CHALLENGE: 0x274,
  /**
   * SYNs above HALF_OPEN_MAX: each took the place of the session that had been half-open
   * longest, or, without one, was dropped.
   */
  FLOODED: 0x278,
  /** SYNs or bytes dropped: no session, or no buffer. */
  NO_ROOM: 0x27c,
  /** Segments sent again. */
  RETRANSMIT: 0x280,
  /** ICMP errors of no use: no session, or not about what is in flight. */
  DISBELIEVED: 0x284,
  /** Challenge acknowledgements above CHALLENGES. */
  SUPPRESSED: 0x288,
  /** Drops of buffers that were free: a fault of the card. */
  FAULT_DROP: 0x28c,
  /** Frees of what was not held: a fault of the card. */
  FAULT_FREE: 0x290,
  /** Transfers that card memory refused. */
  FAULT_BUS: 0x294,
  /** Frames from the MAC. */
  FRAMES_IN: 0x298,
  /** Frames to the MAC. */
  FRAMES_OUT: 0x29c,
  /** Events told to the host. */
  EVENTS: 0x2a0,
  /** WRITEs queued. */
  WRITES: 0x2a4,
  /** WRITEs refused for want of room. */
  REFUSED: 0x2a8,
  /** READs answered. */
  READS: 0x2ac,
  /**
   * Whose counters to look at: a write takes a snapshot of this session's. Not looked at while
   * SESSION_STATUS.BUSY.
   */
  SESSION_SELECT: 0x300,
  /** The snapshot. */
  SESSION_STATUS: 0x304,
  /**
   * Segments of the session received, since it began; those that were dropped, too. These
   * counters wrap, and stay after the session's end until its number is used again.
   */
  SESSION_SEGMENTS_IN: 0x308,
  /** Segments sent, handshake and resets included. */
  SESSION_SEGMENTS_OUT: 0x30c,
  /** Bytes of payload in the segments received, repeats included: 48 bits, low half. */
  SESSION_BYTES_IN_LO: 0x310,
  /** High half (16 bits). */
  SESSION_BYTES_IN_HI: 0x314,
  /** Bytes of payload in the segments sent, repeats included: 48 bits, low half. */
  SESSION_BYTES_OUT_LO: 0x318,
  /** High half (16 bits). */
  SESSION_BYTES_OUT_HI: 0x31c,
  /** Segments sent that bring bytes, or a FIN, again; of RETRANSMIT, the session's share. */
  SESSION_RETRANSMITTED: 0x320,
  /** Duplicate acknowledgements received (RFC 5681 2). */
  SESSION_DUP_ACKS: 0x324,
  /** Segments received whose bytes lie ahead of what is missing. */
  SESSION_OUT_OF_ORDER: 0x328,
  /**
   * Segments received that were not acceptable, and dropped: outside of the window, repeated,
   * old timestamps, forged.
   */
  SESSION_UNACCEPTABLE: 0x32c,
  /** Segments received whose bytes found no buffer; of NO_ROOM, the session's share. */
  SESSION_NO_ROOM: 0x330,
} as const;

/** Register fields of the toe layout, besides those of the engine layout. */
export const ToeField = {
  /** Sessions, as a power of two. */
  PARAMETERS_SESSIONS_LOG2: { shift: 0, bits: 8 },
  /** Buffers of 2,048 bytes in card memory, as a power of two. */
  PARAMETERS_BUFFERS_LOG2: { shift: 8, bits: 8 },
  /** Pieces of bytes to send, as a power of two. */
  PARAMETERS_NODES_LOG2: { shift: 16, bits: 8 },
  /** All tables are clear; before that frames and descriptors wait. 0 after a reset. */
  STATUS_READY: { shift: 1, bits: 1 },
  /** A fault of FAULT_DROP, FAULT_FREE or FAULT_BUS was counted; stays until reset. */
  STATUS_FAULT: { shift: 10, bits: 1 },
  /**
   * 1: take and send frames. Configuration (MAC_LO to CHALLENGES) is written before; writes
   * while it is 1 are ignored. Values out of range become the nearest bound.
   */
  NET_CONTROL_ENABLE: { shift: 0, bits: 1 },
  /** Retransmissions of a SYN. */
  TRIES_SYN: { shift: 0, bits: 4 },
  /** Retransmissions of data, and window probes. */
  TRIES_DATA: { shift: 8, bits: 4 },
  /** Keep-alive probes. */
  TRIES_KEEP: { shift: 16, bits: 4 },
  /** Retransmissions after which the host is told STALLED (R1); 0: it is not. */
  TRIES_STALLED: { shift: 24, bits: 4 },
  /** It is being taken: some ten cycles; until READY, where the engine is not. */
  SESSION_STATUS_BUSY: { shift: 0, bits: 1 },
  /**
   * It is there: all registers from here on are of SESSION_SELECT, and of one moment. 0
   * without BUSY: no session has that number; they read 0.
   */
  SESSION_STATUS_VALID: { shift: 1, bits: 1 },
  /** State of the session. */
  SESSION_STATUS_STATE: { shift: 8, bits: 4 },
} as const;

/**
 * Submission ring entry of SIGVERIFY. Addresses are multiples of 8 and below 2^64 - 16 MiB;
 * everything else is answered with BAD_DESCRIPTOR. Byte offsets.
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
 * Completion ring entry of SIGVERIFY, written after all results of its batch. Its last two
 * bytes change last: an entry is new when its phase differs from the phase of the pass before.
 * Byte offsets.
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

/**
 * Submission ring entry of the TOE. READs are done in order, and all others are; a READ
 * overlaps the others. CLOSE waits for the WRITEs before it, ABORT and FREE for all READs and
 * WRITEs before them. Fields that an operation does not name are not looked at. Byte offsets.
 */
export const ToeDescriptorLayout = {
  /** Length in bytes. */
  BYTES: 32,
  /** Returned in the answer. */
  ID: 0,
  /** What to do. */
  OP: 4,
  /** Number of the session; below 2^SESSIONS_LOG2. Not LISTEN, UNLISTEN, OPEN. */
  SESSION: 6,
  /** READ, WRITE: where the bytes go to or come from; a multiple of 8, below 2^64 - 16 MiB. */
  ADDRESS: 8,
  /** OPEN: address of the peer. */
  REMOTE_IP: 16,
  /** OPEN: port of the peer. */
  REMOTE_PORT: 20,
  /** LISTEN, UNLISTEN, OPEN: port of the card. */
  LOCAL_PORT: 22,
  /** READ, WRITE: bytes, 1 to 65535. URGENT: bytes, 0 to 65535. */
  LENGTH: 24,
  /**
   * OPEN and OPTIONS: sum of options in bits 1-0; bits 7-4 retransmissions of data before the
   * session is given up, 0 as TRIES.DATA says; bits 13-8 Diffserv code point; other bits 0.
   */
  VALUE: 28,
} as const;

/**
 * Completion ring entry of the TOE: the answer to a descriptor, or an event. In the order in
 * which things happened: a READ is answered behind the event that told of its bytes, ABORT and
 * FREE behind all events of the session. Its last two bytes change last: an entry is new when
 * its phase differs from the phase of the pass before. Byte offsets.
 */
export const ToeCompletionLayout = {
  /** Length in bytes. */
  BYTES: 32,
  /** The descriptor's id; 0 where the descriptor could not be read, and of an event. */
  ID: 0,
  /** How the descriptor went; EVENT of an event. */
  STATUS: 4,
  /** Number of the session. */
  SESSION: 6,
  /** Event: address of the peer. */
  REMOTE_IP: 8,
  /** Event: port of the peer. */
  REMOTE_PORT: 12,
  /** Event: port of the card. */
  LOCAL_PORT: 14,
  /**
   * Event: sequence number behind the last byte that can be read, and behind the FIN with
   * PEER_CLOSED; in ACCEPTED and OPENED that of the first byte. Answer to READ and WRITE:
   * LENGTH.
   */
  RECEIVED: 16,
  /**
   * Event: sequence number behind the last byte that the peer has acknowledged, or behind the
   * FIN; in ACCEPTED and OPENED that of the first byte.
   */
  ACKNOWLEDGED: 20,
  /** Sum of what happened; 0 of an answer. */
  EVENTS: 24,
  /** Event with URGENT: position behind the last urgent byte; else 0. */
  URGENT: 26,
  /**
   * Bit 15: phase, 1 on the first pass through the ring, then alternating. Bits 14-0: the
   * descriptor's number in the submission ring, modulo 32768; 0 of an event.
   */
  INDEX: 30,
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

/** Operations of the TOE. */
export const ToeOpCode = {
  /** Accept sessions at LOCAL_PORT. */
  LISTEN: 1,
  /** No more; what was accepted stays. */
  UNLISTEN: 2,
  /**
   * Begin to open a session. The answer says only that; an event with the same addresses tells
   * the outcome.
   */
  OPEN: 3,
  /** Send no more bytes than were written. */
  CLOSE: 4,
  /** Reset the session, and forget it as FREE does: no FREE follows. */
  ABORT: 5,
  /**
   * The host forgets the session; its number belongs to the card again, which ends it by
   * itself where it is not over.
   */
  FREE: 6,
  /** Set the options of a session. */
  OPTIONS: 7,
  /** Queue bytes to be sent; all of them, or none and REFUSED. */
  WRITE: 8,
  /**
   * Take the next bytes received; no more than events have told of. Whole words of 8 bytes are
   * written.
   */
  READ: 9,
  /**
   * All that was written so far is urgent, and LENGTH bytes that follow; the peer is told at
   * once. What is not acknowledged and urgent is to stay below 1 MiB.
   */
  URGENT: 10,
} as const;

/** Value of {@link ToeOpCode}. */
export type ToeOpCode = (typeof ToeOpCode)[keyof typeof ToeOpCode];

/** Options of a session, each one bit. */
export const ToeOptionCode = {
  /** Without Nagle's algorithm. */
  NODELAY: 1,
  /** Ask a silent peer whether it is there. */
  KEEPALIVE: 2,
} as const;

/** Value of {@link ToeOptionCode}. */
export type ToeOptionCode = (typeof ToeOptionCode)[keyof typeof ToeOptionCode];

/** States of a session (RFC 9293 3.3.2). */
export const ToeStateCode = {
  /** No session, or one that is over. */
  CLOSED: 0,
  /** Opened by the host; no answer yet. */
  SYN_SENT: 1,
  /** Half-open. */
  SYN_RECEIVED: 2,
  /** Open both ways. */
  ESTABLISHED: 3,
  /** The peer has sent its last byte. */
  CLOSE_WAIT: 4,
  /** The host has, and the peer has not acknowledged that. */
  FIN_WAIT_1: 5,
  /** The peer has. */
  FIN_WAIT_2: 6,
  /** Both have, at once. */
  CLOSING: 7,
  /** Both have; the peer has not acknowledged the host's end. */
  LAST_ACK: 8,
  /** Both have acknowledged; held for two MSL. */
  TIME_WAIT: 9,
} as const;

/** Value of {@link ToeStateCode}. */
export type ToeStateCode = (typeof ToeStateCode)[keyof typeof ToeStateCode];

/** What happened to a session, each one bit. */
export const ToeEventCode = {
  /** A peer opened it. The first event of a session, which tells nothing else. */
  ACCEPTED: 1,
  /** OPEN succeeded. Tells nothing else. */
  OPENED: 2,
  /** Bytes up to RECEIVED can be read. */
  RECEIVED: 4,
  /** Bytes up to ACKNOWLEDGED have arrived. */
  SENT: 8,
  /** No bytes will follow RECEIVED. */
  PEER_CLOSED: 16,
  /** Both directions are closed. */
  CLOSED: 32,
  /** It was reset by the peer, or because bytes of a WRITE could not be read. */
  RESET: 64,
  /** The peer refused the OPEN. */
  REFUSED: 128,
  /** The peer did not answer. */
  TIMED_OUT: 256,
  /** OPEN: no session is left, or one like it exists. */
  OPEN_FAILED: 512,
  /** With REFUSED or TIMED_OUT: an ICMP error said so. */
  UNREACHABLE: 1024,
  /** Urgent bytes end before URGENT; said again where it grows. */
  URGENT: 2048,
  /** No answer to so many retransmissions as TRIES.STALLED says: the way there may be broken. */
  STALLED: 4096,
} as const;

/** Value of {@link ToeEventCode}. */
export type ToeEventCode = (typeof ToeEventCode)[keyof typeof ToeEventCode];

/** Completion status. */
export const StatusCode = {
  /** Done; all results are written. */
  OK: 0,
  /** A field of the descriptor is out of its range; nothing was done. */
  BAD_DESCRIPTOR: 1,
  /**
   * An input could not be read. TOE: of a WRITE nothing is sent, the session is reset; a READ
   * reached beyond what there is, or card memory refused it.
   */
  INPUT_BUS_ERROR: 2,
  /** A result could not be written. */
  RESULT_BUS_ERROR: 3,
  /** The descriptor itself could not be read. */
  DESCRIPTOR_BUS_ERROR: 4,
  /** TOE: a WRITE found no room, or no open session; nothing was queued. */
  REFUSED: 5,
  /** TOE: not an answer, an event. */
  EVENT: 256,
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
