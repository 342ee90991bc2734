// SPDX-License-Identifier: Apache-2.0
// Offsets, limits and codes of everything that travels between nodes.
// Generated from hdl/broadcast/protocol/protocol.json by generate.js beside it; do not edit.

/** Limits, lengths and magic numbers. */
export const Limit = {
  /** Version of the transaction encoding and of the protocol between peers. */
  VERSION: 1,
  /** A name on the wire, padded with zeros. */
  NAME_BYTES: 32,
  /** A digest and a signature: what the card recovers a key from. */
  RECOVER_RECORD_BYTES: 104,
  /** A transaction with its signatures. */
  MAX_TRANSACTION_BYTES: 65536,
  /** Operations of a transaction, at least 1. */
  MAX_OPERATIONS: 16,
  /** Signatures of a transaction, at least 1. */
  MAX_SIGNATURES: 16,
  /** Memo of a transfer. */
  MAX_MEMO_BYTES: 64,
  /** Keys of an authority. */
  MAX_AUTHORITY_KEYS: 32,
  /** Accounts of an authority. */
  MAX_AUTHORITY_ACCOUNTS: 32,
  /** Producers one account votes for. */
  MAX_PRODUCER_VOTES: 30,
  /** A block, whatever genesis allows. */
  MAX_BLOCK_BYTES: 33554432,
  /** Transactions of one message. */
  MAX_BATCH_TRANSACTIONS: 16384,
  /** Votes of one message. */
  MAX_BATCH_VOTES: 1024,
  /** Blocks of one answer. */
  MAX_BATCH_BLOCKS: 1024,
  /** Addresses of one answer. */
  MAX_BATCH_PEERS: 256,
  /** "HPR1": begins a frame between peers. */
  MAGIC_FRAME: 0x31525048,
  /** "HBH1": begins a block header. */
  MAGIC_HEADER: 0x31484248,
  /** "HBV1": begins a vote. */
  MAGIC_VOTE: 0x31564248,
  /** "HBA1": begins what a peer signs in its handshake. */
  MAGIC_AUTH: 0x31414248,
} as const;

/** Type of an operation; also the number of its bit in the OPERATIONS of an updateAuthority. */
export const OperationCode = {
  /** Sends an amount. */
  TRANSFER: 1,
  /** Opens an account. */
  CREATE_ACCOUNT: 2,
  /** Sets or removes an authority. */
  UPDATE_AUTHORITY: 3,
  /** Moves balance to stake. */
  STAKE: 4,
  /** Takes stake back after a delay. */
  UNSTAKE: 5,
  /** Stands for election. */
  REGISTER_PRODUCER: 6,
  /** Votes for producers. */
  VOTE_PRODUCERS: 7,
  /** Evidence: two headers for one slot. */
  REPORT_DOUBLE_PRODUCTION: 8,
  /** Evidence: two votes that contradict each other. */
  REPORT_DOUBLE_VOTE: 9,
} as const;

/** Value of {@link OperationCode}. */
export type OperationCode = (typeof OperationCode)[keyof typeof OperationCode];

/** Kind of a message between peers. */
export const MessageCode = {
  /** First message of both sides. */
  HELLO: 1,
  /** Second message of both sides: the proof of the node key. */
  AUTH: 2,
  /** Asks for a pong with the same nonce. */
  PING: 3,
  /** Answers a ping. */
  PONG: 4,
  /** Signed transactions. */
  TRANSACTIONS: 5,
  /** One new block. */
  BLOCK: 6,
  /** A new block's signed header; whoever lacks the block asks for it. */
  ANNOUNCE: 7,
  /** Signed votes. */
  VOTES: 8,
  /** Asks for a range of blocks. */
  GET_BLOCKS: 9,
  /** Answers getBlocks or getBlock. */
  BLOCKS: 10,
  /** Asks for one block by its id. */
  GET_BLOCK: 11,
  /** Asks for addresses of other nodes. */
  GET_PEERS: 12,
  /** Answers getPeers. */
  PEERS: 13,
  /** The sender's head and final block. */
  STATUS: 14,
  /** Why the sender closes the connection; its last message. */
  GOODBYE: 15,
} as const;

/** Value of {@link MessageCode}. */
export type MessageCode = (typeof MessageCode)[keyof typeof MessageCode];

/** Reason of a goodbye. */
export const GoodbyeCode = {
  /** The node stops. */
  SHUTDOWN: 1,
  /** The chain ids differ. */
  WRONG_CHAIN: 2,
  /** The versions have nothing in common. */
  WRONG_VERSION: 3,
  /** The node met itself. */
  SELF: 4,
  /** The two are connected already. */
  DUPLICATE: 5,
  /** The node has as many peers as it wants. */
  FULL: 6,
  /** The signature of the handshake is not of that node key. */
  BAD_PROOF: 7,
  /** A message broke these rules. */
  BAD_MESSAGE: 8,
  /** The peer has misbehaved; it may return later. */
  BANNED: 9,
  /** The peer does not read what it is sent. */
  TOO_SLOW: 10,
  /** The peer did not answer in time. */
  TIMEOUT: 11,
} as const;

/** Value of {@link GoodbyeCode}. */
export type GoodbyeCode = (typeof GoodbyeCode)[keyof typeof GoodbyeCode];

/** Fewest and most payload bytes of each {@link MessageCode}. */
export const MessageBytes = {
  HELLO: [144, 144],
  AUTH: [72, 72],
  PING: [8, 8],
  PONG: [8, 8],
  TRANSACTIONS: [224, 4194312],
  BLOCK: [296, 33554432],
  ANNOUNCE: [296, 296],
  VOTES: [224, 221192],
  GET_BLOCKS: [16, 16],
  BLOCKS: [8, 33554440],
  GET_BLOCK: [40, 40],
  GET_PEERS: [8, 8],
  PEERS: [8, 16392],
  STATUS: [72, 72],
  GOODBYE: [64, 64],
} as const;

/**
 * ECDSA over secp256k1 (SEC 1 v2, 4.1) with low s (BIP 62). A digest before it makes a recover
 * record. Byte offsets.
 */
export const SignatureLayout = {
  /** Bytes. */
  BYTES: 72,
  /** r. */
  R: 0,
  /** s, at most n/2. */
  S: 32,
  /** 0 to 3: bit 0 the parity of y, bit 1 set when x is r + n. */
  RECOVERY: 64,
} as const;

/**
 * Head of a transaction. OPERATIONS operations follow, then SIGNATURES signatures. Byte
 * offsets.
 */
export const TransactionLayout = {
  /** Bytes of the fixed part. */
  BYTES: 96,
  /** Bytes of head and operations, without the signatures. */
  BODY_BYTES: 0,
  /** 1. */
  VERSION: 4,
  /** 1 to 16. */
  OPERATIONS: 5,
  /** 1 to 16; counts as 0 in the id. */
  SIGNATURES: 6,
  /** Of the chain it is meant for. */
  CHAIN_ID: 8,
  /** Height of a recent block of that chain. */
  REF_HEIGHT: 40,
  /** First four bytes of that block's id. */
  REF_PREFIX: 44,
  /** Seconds since 1970; not valid in a block of this time or later. */
  EXPIRY: 48,
  /** Anything; makes equal transactions different. */
  NONCE: 52,
  /** Base units that ACCOUNT pays. */
  FEE: 56,
  /** Who pays the fee. */
  ACCOUNT: 64,
} as const;

/** Begins every operation. Byte offsets. */
export const OperationLayout = {
  /** Bytes of the fixed part. */
  BYTES: 8,
  /** Type. */
  TYPE: 0,
  /** Bytes of the operation, this head included; a multiple of 8. */
  LENGTH: 2,
} as const;

/** The memo follows, padded with zeros to a multiple of 8. Byte offsets. */
export const TransferLayout = {
  /** Bytes of the fixed part. */
  BYTES: 88,
  /** Sender. */
  FROM: 8,
  /** Receiver. */
  TO: 40,
  /** Base units. */
  AMOUNT: 72,
  /** 0 to 64. */
  MEMO_BYTES: 80,
} as const;

/** The owner authority follows, then the active one. Byte offsets. */
export const CreateAccountLayout = {
  /** Bytes of the fixed part. */
  BYTES: 80,
  /** Who pays the first balance. */
  CREATOR: 8,
  /** Name of the new account. */
  NAME: 40,
  /** First balance in base units. */
  BALANCE: 72,
} as const;

/** The authority follows where PRESENT is 1. Byte offsets. */
export const UpdateAuthorityLayout = {
  /** Bytes of the fixed part. */
  BYTES: 80,
  /** Whose authority. */
  ACCOUNT: 8,
  /** owner, active, or another name. */
  ROLE: 40,
  /** 1 sets the authority, 0 removes it; owner and active cannot be removed. */
  PRESENT: 72,
  /**
   * Bit n set: the role may do operations of type n. 0 for owner, active and a removal, else
   * not 0.
   */
  OPERATIONS: 76,
} as const;

/** Stake and unstake look alike. Byte offsets. */
export const StakeLayout = {
  /** Bytes. */
  BYTES: 48,
  /** Whose stake. */
  ACCOUNT: 8,
  /** Base units. */
  AMOUNT: 40,
} as const;

/** Nothing follows. Byte offsets. */
export const RegisterProducerLayout = {
  /** Bytes. */
  BYTES: 80,
  /** Who stands. */
  ACCOUNT: 8,
  /** Signs headers and votes. */
  SIGNING_KEY: 40,
} as const;

/** COUNT names of 32 bytes follow, ascending. Byte offsets. */
export const VoteProducersLayout = {
  /** Bytes of the fixed part. */
  BYTES: 48,
  /** Who votes. */
  ACCOUNT: 8,
  /** 0 to 30. */
  COUNT: 40,
} as const;

/** Two signed headers. Byte offsets. */
export const ReportDoubleProductionLayout = {
  /** Bytes. */
  BYTES: 632,
  /** Who reports. */
  REPORTER: 8,
  /** A signed header. */
  FIRST: 40,
  /** Another of the same producer and slot. */
  SECOND: 336,
} as const;

/** Two signed votes. Byte offsets. */
export const ReportDoubleVoteLayout = {
  /** Bytes. */
  BYTES: 472,
  /** Who reports. */
  REPORTER: 8,
  /** A signed vote. */
  FIRST: 40,
  /** Another of the same producer, against the first. */
  SECOND: 256,
} as const;

/**
 * KEYS weighted keys follow, ascending by key, then ACCOUNTS weighted accounts, ascending by
 * account, then role. None twice. Byte offsets.
 */
export const AuthorityLayout = {
  /** Bytes of the fixed part. */
  BYTES: 8,
  /** At least 1, and at most the sum of the weights. */
  THRESHOLD: 0,
  /** 0 to 32. */
  KEYS: 4,
  /** 0 to 32. */
  ACCOUNTS: 5,
} as const;

/** A key of an authority. Byte offsets. */
export const WeightedKeyLayout = {
  /** Bytes. */
  BYTES: 40,
  /** Compressed public key. */
  KEY: 0,
  /** At least 1. */
  WEIGHT: 34,
} as const;

/** An account of an authority. Byte offsets. */
export const WeightedAccountLayout = {
  /** Bytes. */
  BYTES: 72,
  /** Whose authority counts. */
  ACCOUNT: 0,
  /** Which of its authorities. */
  ROLE: 32,
  /** At least 1. */
  WEIGHT: 64,
} as const;

/**
 * A block header. Its SHA-256 is the block's id, and what the producer signs. With the
 * signature it has 296 bytes. Byte offsets.
 */
export const HeaderLayout = {
  /** Bytes. */
  BYTES: 224,
  /** "HBH1". */
  MAGIC: 0,
  /** Its parent's plus 1; at least 1. */
  HEIGHT: 4,
  /** The chain. */
  CHAIN_ID: 8,
  /** Id of the block before. */
  PARENT: 40,
  /** Slots since genesis; below 2^53. */
  SLOT: 72,
  /** Whose slot it is. */
  PRODUCER: 80,
  /** Merkle root of the ids of the transactions. */
  TRANSACTIONS_ROOT: 112,
  /** Merkle root of the ids of the votes. */
  VOTES_ROOT: 144,
  /** Of the state after the block. */
  STATE_ROOT: 176,
  /** Transactions. */
  TRANSACTION_COUNT: 208,
  /** Votes. */
  VOTE_COUNT: 212,
  /** Bytes of the votes and the transactions. */
  BODY_BYTES: 216,
} as const;

/**
 * A confirmation. Its SHA-256 is what the producer signs. With the signature it has 216 bytes.
 * Byte offsets.
 */
export const VoteLayout = {
  /** Bytes. */
  BYTES: 144,
  /** "HBV1". */
  MAGIC: 0,
  /** The chain. */
  CHAIN_ID: 8,
  /** Height of a justified block. */
  SOURCE_HEIGHT: 40,
  /** Height of the block that is confirmed; above the source's. */
  TARGET_HEIGHT: 44,
  /** Id of the source. */
  SOURCE_ID: 48,
  /** Id of the target. */
  TARGET_ID: 80,
  /** Who confirms. */
  PRODUCER: 112,
} as const;

/** Begins every message; the payload follows. Byte offsets. */
export const FrameLayout = {
  /** Bytes of the fixed part. */
  BYTES: 16,
  /** "HPR1". */
  MAGIC: 0,
  /** 1. */
  VERSION: 4,
  /** Kind. */
  KIND: 5,
  /** Bytes of the payload, a multiple of 8; each kind has its own bounds. */
  PAYLOAD_BYTES: 8,
  /** CRC-32 of the payload (IEEE 802.3). */
  CHECKSUM: 12,
} as const;

/** Payload of hello. Byte offsets. */
export const HelloLayout = {
  /** Bytes. */
  BYTES: 144,
  /** Version the sender speaks: 1. */
  PROTOCOL: 0,
  /** Where it takes connections; 0 nowhere. */
  PORT: 4,
  /** Its chain. */
  CHAIN_ID: 8,
  /** Its node key. */
  NODE_KEY: 40,
  /** 32 random bytes, fresh for each connection. */
  NONCE: 80,
  /** Software and version, printable ASCII. */
  AGENT: 112,
} as const;

/**
 * What auth signs, by SHA-256; never sent. SIGNER is who signs, PEER who is to believe it.
 * Byte offsets.
 */
export const AuthChallengeLayout = {
  /** Bytes. */
  BYTES: 184,
  /** "HBA1". */
  MAGIC: 0,
  /** 1. */
  PROTOCOL: 4,
  /** The chain of both. */
  CHAIN_ID: 8,
  /** Node key. */
  SIGNER_KEY: 40,
  /** Node key. */
  PEER_KEY: 80,
  /** Of the signer's hello. */
  SIGNER_NONCE: 120,
  /** Of the peer's hello. */
  PEER_NONCE: 152,
} as const;

/** Payload of ping and pong. Byte offsets. */
export const PingLayout = {
  /** Bytes. */
  BYTES: 8,
  /** Anything; the pong repeats it. */
  NONCE: 0,
} as const;

/**
 * Begins the payloads of transactions, votes, peers and blocks. COUNT entries follow: signed
 * transactions, signed votes of 216 bytes, addresses of 64, blocks. Byte offsets.
 */
export const BatchLayout = {
  /** Bytes of the fixed part. */
  BYTES: 8,
  /** Entries; in transactions and votes at least 1. */
  COUNT: 0,
  /** In peers and blocks the number of the question, else 0. */
  REQUEST: 4,
} as const;

/**
 * Payload of getBlocks. The answer has at most COUNT blocks in order from FROM, all of one
 * chain, fewer where they end or exceed MAX_BYTES; the first one comes whatever its size. Byte
 * offsets.
 */
export const GetBlocksLayout = {
  /** Bytes. */
  BYTES: 16,
  /** Number of the question. */
  REQUEST: 0,
  /** First height; at least 1. */
  FROM: 4,
  /** 1 to 1024. */
  COUNT: 8,
  /** Bytes of the answer's blocks. */
  MAX_BYTES: 12,
} as const;

/** Payload of getBlock. The answer has one block or none. Byte offsets. */
export const GetBlockLayout = {
  /** Bytes. */
  BYTES: 40,
  /** Number of the question. */
  REQUEST: 0,
  /** Of the block. */
  ID: 8,
} as const;

/** Payload of getPeers. Byte offsets. */
export const GetPeersLayout = {
  /** Bytes. */
  BYTES: 8,
  /** Number of the question. */
  REQUEST: 0,
  /** 1 to 256: at most so many. */
  COUNT: 4,
} as const;

/** An address of a node. Byte offsets. */
export const PeerAddressLayout = {
  /** Bytes. */
  BYTES: 64,
  /** IPv6, or IPv4 as ::ffff:a.b.c.d (RFC 4291, 2.5.5.2). */
  ADDRESS: 0,
  /** TCP port, not 0. */
  PORT: 16,
  /** Its node key. */
  NODE_KEY: 24,
} as const;

/** Payload of status. Byte offsets. */
export const StatusLayout = {
  /** Bytes. */
  BYTES: 72,
  /** Height of the sender's head. */
  HEAD_HEIGHT: 0,
  /** Height of its last final block; at most the head's. */
  FINAL_HEIGHT: 4,
  /** Id of its head. */
  HEAD_ID: 8,
  /** Id of its last final block. */
  FINAL_ID: 40,
} as const;

/** Payload of goodbye. Byte offsets. */
export const GoodbyeLayout = {
  /** Bytes. */
  BYTES: 64,
  /** Reason. */
  REASON: 0,
  /** For people; printable ASCII. */
  DETAIL: 8,
} as const;
