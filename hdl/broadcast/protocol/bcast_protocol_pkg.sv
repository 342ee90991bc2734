// SPDX-License-Identifier: Apache-2.0
// bcast_protocol_pkg: offsets, limits and codes of everything that travels between nodes.
//
// Integers are little-endian: the first wire byte of a stream is tdata[7:0], so a field stands in the
// word offset / 8 at bit 8 * (offset % 8), and none but names, ids, keys and records cross words.
// Generated from protocol.json by generate.js; do not edit.
`default_nettype none

/* verilator lint_off UNUSEDPARAM */  // each user takes the constants it needs
package bcast_protocol_pkg;

  // Limits, lengths and magic numbers
  localparam int unsigned VERSION = 1;
  localparam int unsigned NAME_BYTES = 32;
  localparam int unsigned RECOVER_RECORD_BYTES = 104;
  localparam int unsigned MAX_TRANSACTION_BYTES = 65536;
  localparam int unsigned MAX_OPERATIONS = 16;
  localparam int unsigned MAX_SIGNATURES = 16;
  localparam int unsigned MAX_MEMO_BYTES = 64;
  localparam int unsigned MAX_AUTHORITY_KEYS = 32;
  localparam int unsigned MAX_AUTHORITY_ACCOUNTS = 32;
  localparam int unsigned MAX_PRODUCER_VOTES = 30;
  localparam int unsigned MAX_BLOCK_BYTES = 33554432;
  localparam int unsigned MAX_BATCH_TRANSACTIONS = 16384;
  localparam int unsigned MAX_BATCH_VOTES = 1024;
  localparam int unsigned MAX_BATCH_BLOCKS = 1024;
  localparam int unsigned MAX_BATCH_PEERS = 256;
  localparam logic [31:0] MAGIC_FRAME = 32'h31525048;
  localparam logic [31:0] MAGIC_HEADER = 32'h31484248;
  localparam logic [31:0] MAGIC_VOTE = 32'h31564248;
  localparam logic [31:0] MAGIC_AUTH = 32'h31414248;

  // Type of an operation; also the number of its bit in the OPERATIONS of an updateAuthority.
  localparam logic [7:0] OPERATION_TRANSFER = 8'd1;
  localparam logic [7:0] OPERATION_CREATE_ACCOUNT = 8'd2;
  localparam logic [7:0] OPERATION_UPDATE_AUTHORITY = 8'd3;
  localparam logic [7:0] OPERATION_STAKE = 8'd4;
  localparam logic [7:0] OPERATION_UNSTAKE = 8'd5;
  localparam logic [7:0] OPERATION_REGISTER_PRODUCER = 8'd6;
  localparam logic [7:0] OPERATION_VOTE_PRODUCERS = 8'd7;
  localparam logic [7:0] OPERATION_REPORT_DOUBLE_PRODUCTION = 8'd8;
  localparam logic [7:0] OPERATION_REPORT_DOUBLE_VOTE = 8'd9;

  // Kind of a message between peers.
  localparam logic [7:0] MESSAGE_HELLO = 8'd1;
  localparam int unsigned MESSAGE_HELLO_MIN_BYTES = 144;
  localparam int unsigned MESSAGE_HELLO_MAX_BYTES = 144;
  localparam logic [7:0] MESSAGE_AUTH = 8'd2;
  localparam int unsigned MESSAGE_AUTH_MIN_BYTES = 72;
  localparam int unsigned MESSAGE_AUTH_MAX_BYTES = 72;
  localparam logic [7:0] MESSAGE_PING = 8'd3;
  localparam int unsigned MESSAGE_PING_MIN_BYTES = 8;
  localparam int unsigned MESSAGE_PING_MAX_BYTES = 8;
  localparam logic [7:0] MESSAGE_PONG = 8'd4;
  localparam int unsigned MESSAGE_PONG_MIN_BYTES = 8;
  localparam int unsigned MESSAGE_PONG_MAX_BYTES = 8;
  localparam logic [7:0] MESSAGE_TRANSACTIONS = 8'd5;
  localparam int unsigned MESSAGE_TRANSACTIONS_MIN_BYTES = 224;
  localparam int unsigned MESSAGE_TRANSACTIONS_MAX_BYTES = 4194312;
  localparam logic [7:0] MESSAGE_BLOCK = 8'd6;
  localparam int unsigned MESSAGE_BLOCK_MIN_BYTES = 296;
  localparam int unsigned MESSAGE_BLOCK_MAX_BYTES = 33554432;
  localparam logic [7:0] MESSAGE_ANNOUNCE = 8'd7;
  localparam int unsigned MESSAGE_ANNOUNCE_MIN_BYTES = 296;
  localparam int unsigned MESSAGE_ANNOUNCE_MAX_BYTES = 296;
  localparam logic [7:0] MESSAGE_VOTES = 8'd8;
  localparam int unsigned MESSAGE_VOTES_MIN_BYTES = 224;
  localparam int unsigned MESSAGE_VOTES_MAX_BYTES = 221192;
  localparam logic [7:0] MESSAGE_GET_BLOCKS = 8'd9;
  localparam int unsigned MESSAGE_GET_BLOCKS_MIN_BYTES = 16;
  localparam int unsigned MESSAGE_GET_BLOCKS_MAX_BYTES = 16;
  localparam logic [7:0] MESSAGE_BLOCKS = 8'd10;
  localparam int unsigned MESSAGE_BLOCKS_MIN_BYTES = 8;
  localparam int unsigned MESSAGE_BLOCKS_MAX_BYTES = 33554440;
  localparam logic [7:0] MESSAGE_GET_BLOCK = 8'd11;
  localparam int unsigned MESSAGE_GET_BLOCK_MIN_BYTES = 40;
  localparam int unsigned MESSAGE_GET_BLOCK_MAX_BYTES = 40;
  localparam logic [7:0] MESSAGE_GET_PEERS = 8'd12;
  localparam int unsigned MESSAGE_GET_PEERS_MIN_BYTES = 8;
  localparam int unsigned MESSAGE_GET_PEERS_MAX_BYTES = 8;
  localparam logic [7:0] MESSAGE_PEERS = 8'd13;
  localparam int unsigned MESSAGE_PEERS_MIN_BYTES = 8;
  localparam int unsigned MESSAGE_PEERS_MAX_BYTES = 16392;
  localparam logic [7:0] MESSAGE_STATUS = 8'd14;
  localparam int unsigned MESSAGE_STATUS_MIN_BYTES = 72;
  localparam int unsigned MESSAGE_STATUS_MAX_BYTES = 72;
  localparam logic [7:0] MESSAGE_GOODBYE = 8'd15;
  localparam int unsigned MESSAGE_GOODBYE_MIN_BYTES = 64;
  localparam int unsigned MESSAGE_GOODBYE_MAX_BYTES = 64;

  // Reason of a goodbye.
  localparam logic [7:0] GOODBYE_SHUTDOWN = 8'd1;
  localparam logic [7:0] GOODBYE_WRONG_CHAIN = 8'd2;
  localparam logic [7:0] GOODBYE_WRONG_VERSION = 8'd3;
  localparam logic [7:0] GOODBYE_SELF = 8'd4;
  localparam logic [7:0] GOODBYE_DUPLICATE = 8'd5;
  localparam logic [7:0] GOODBYE_FULL = 8'd6;
  localparam logic [7:0] GOODBYE_BAD_PROOF = 8'd7;
  localparam logic [7:0] GOODBYE_BAD_MESSAGE = 8'd8;
  localparam logic [7:0] GOODBYE_BANNED = 8'd9;
  localparam logic [7:0] GOODBYE_TOO_SLOW = 8'd10;
  localparam logic [7:0] GOODBYE_TIMEOUT = 8'd11;

  // SIGNATURE: bytes, byte offsets
  localparam int unsigned SIGNATURE_BYTES = 72;
  localparam int unsigned SIGNATURE_AT_R = 0;
  localparam int unsigned SIGNATURE_AT_S = 32;
  localparam int unsigned SIGNATURE_AT_RECOVERY = 64;

  // TRANSACTION: bytes of the fixed part, byte offsets
  localparam int unsigned TRANSACTION_BYTES = 96;
  localparam int unsigned TRANSACTION_AT_BODY_BYTES = 0;
  localparam int unsigned TRANSACTION_AT_VERSION = 4;
  localparam int unsigned TRANSACTION_AT_OPERATIONS = 5;
  localparam int unsigned TRANSACTION_AT_SIGNATURES = 6;
  localparam int unsigned TRANSACTION_AT_CHAIN_ID = 8;
  localparam int unsigned TRANSACTION_AT_REF_HEIGHT = 40;
  localparam int unsigned TRANSACTION_AT_REF_PREFIX = 44;
  localparam int unsigned TRANSACTION_AT_EXPIRY = 48;
  localparam int unsigned TRANSACTION_AT_NONCE = 52;
  localparam int unsigned TRANSACTION_AT_FEE = 56;
  localparam int unsigned TRANSACTION_AT_ACCOUNT = 64;

  // OPERATION: bytes of the fixed part, byte offsets
  localparam int unsigned OPERATION_BYTES = 8;
  localparam int unsigned OPERATION_AT_TYPE = 0;
  localparam int unsigned OPERATION_AT_LENGTH = 2;

  // TRANSFER: bytes of the fixed part, byte offsets
  localparam int unsigned TRANSFER_BYTES = 88;
  localparam int unsigned TRANSFER_AT_FROM = 8;
  localparam int unsigned TRANSFER_AT_TO = 40;
  localparam int unsigned TRANSFER_AT_AMOUNT = 72;
  localparam int unsigned TRANSFER_AT_MEMO_BYTES = 80;

  // CREATE_ACCOUNT: bytes of the fixed part, byte offsets
  localparam int unsigned CREATE_ACCOUNT_BYTES = 80;
  localparam int unsigned CREATE_ACCOUNT_AT_CREATOR = 8;
  localparam int unsigned CREATE_ACCOUNT_AT_NAME = 40;
  localparam int unsigned CREATE_ACCOUNT_AT_BALANCE = 72;

  // UPDATE_AUTHORITY: bytes of the fixed part, byte offsets
  localparam int unsigned UPDATE_AUTHORITY_BYTES = 80;
  localparam int unsigned UPDATE_AUTHORITY_AT_ACCOUNT = 8;
  localparam int unsigned UPDATE_AUTHORITY_AT_ROLE = 40;
  localparam int unsigned UPDATE_AUTHORITY_AT_PRESENT = 72;
  localparam int unsigned UPDATE_AUTHORITY_AT_OPERATIONS = 76;

  // STAKE: bytes, byte offsets
  localparam int unsigned STAKE_BYTES = 48;
  localparam int unsigned STAKE_AT_ACCOUNT = 8;
  localparam int unsigned STAKE_AT_AMOUNT = 40;

  // REGISTER_PRODUCER: bytes, byte offsets
  localparam int unsigned REGISTER_PRODUCER_BYTES = 80;
  localparam int unsigned REGISTER_PRODUCER_AT_ACCOUNT = 8;
  localparam int unsigned REGISTER_PRODUCER_AT_SIGNING_KEY = 40;

  // VOTE_PRODUCERS: bytes of the fixed part, byte offsets
  localparam int unsigned VOTE_PRODUCERS_BYTES = 48;
  localparam int unsigned VOTE_PRODUCERS_AT_ACCOUNT = 8;
  localparam int unsigned VOTE_PRODUCERS_AT_COUNT = 40;

  // REPORT_DOUBLE_PRODUCTION: bytes, byte offsets
  localparam int unsigned REPORT_DOUBLE_PRODUCTION_BYTES = 632;
  localparam int unsigned REPORT_DOUBLE_PRODUCTION_AT_REPORTER = 8;
  localparam int unsigned REPORT_DOUBLE_PRODUCTION_AT_FIRST = 40;
  localparam int unsigned REPORT_DOUBLE_PRODUCTION_AT_SECOND = 336;

  // REPORT_DOUBLE_VOTE: bytes, byte offsets
  localparam int unsigned REPORT_DOUBLE_VOTE_BYTES = 472;
  localparam int unsigned REPORT_DOUBLE_VOTE_AT_REPORTER = 8;
  localparam int unsigned REPORT_DOUBLE_VOTE_AT_FIRST = 40;
  localparam int unsigned REPORT_DOUBLE_VOTE_AT_SECOND = 256;

  // AUTHORITY: bytes of the fixed part, byte offsets
  localparam int unsigned AUTHORITY_BYTES = 8;
  localparam int unsigned AUTHORITY_AT_THRESHOLD = 0;
  localparam int unsigned AUTHORITY_AT_KEYS = 4;
  localparam int unsigned AUTHORITY_AT_ACCOUNTS = 5;

  // WEIGHTED_KEY: bytes, byte offsets
  localparam int unsigned WEIGHTED_KEY_BYTES = 40;
  localparam int unsigned WEIGHTED_KEY_AT_KEY = 0;
  localparam int unsigned WEIGHTED_KEY_AT_WEIGHT = 34;

  // WEIGHTED_ACCOUNT: bytes, byte offsets
  localparam int unsigned WEIGHTED_ACCOUNT_BYTES = 72;
  localparam int unsigned WEIGHTED_ACCOUNT_AT_ACCOUNT = 0;
  localparam int unsigned WEIGHTED_ACCOUNT_AT_ROLE = 32;
  localparam int unsigned WEIGHTED_ACCOUNT_AT_WEIGHT = 64;

  // HEADER: bytes, byte offsets
  localparam int unsigned HEADER_BYTES = 224;
  localparam int unsigned HEADER_AT_MAGIC = 0;
  localparam int unsigned HEADER_AT_HEIGHT = 4;
  localparam int unsigned HEADER_AT_CHAIN_ID = 8;
  localparam int unsigned HEADER_AT_PARENT = 40;
  localparam int unsigned HEADER_AT_SLOT = 72;
  localparam int unsigned HEADER_AT_PRODUCER = 80;
  localparam int unsigned HEADER_AT_TRANSACTIONS_ROOT = 112;
  localparam int unsigned HEADER_AT_VOTES_ROOT = 144;
  localparam int unsigned HEADER_AT_STATE_ROOT = 176;
  localparam int unsigned HEADER_AT_TRANSACTION_COUNT = 208;
  localparam int unsigned HEADER_AT_VOTE_COUNT = 212;
  localparam int unsigned HEADER_AT_BODY_BYTES = 216;

  // VOTE: bytes, byte offsets
  localparam int unsigned VOTE_BYTES = 144;
  localparam int unsigned VOTE_AT_MAGIC = 0;
  localparam int unsigned VOTE_AT_CHAIN_ID = 8;
  localparam int unsigned VOTE_AT_SOURCE_HEIGHT = 40;
  localparam int unsigned VOTE_AT_TARGET_HEIGHT = 44;
  localparam int unsigned VOTE_AT_SOURCE_ID = 48;
  localparam int unsigned VOTE_AT_TARGET_ID = 80;
  localparam int unsigned VOTE_AT_PRODUCER = 112;

  // FRAME: bytes of the fixed part, byte offsets
  localparam int unsigned FRAME_BYTES = 16;
  localparam int unsigned FRAME_AT_MAGIC = 0;
  localparam int unsigned FRAME_AT_VERSION = 4;
  localparam int unsigned FRAME_AT_KIND = 5;
  localparam int unsigned FRAME_AT_PAYLOAD_BYTES = 8;
  localparam int unsigned FRAME_AT_CHECKSUM = 12;

  // HELLO: bytes, byte offsets
  localparam int unsigned HELLO_BYTES = 144;
  localparam int unsigned HELLO_AT_PROTOCOL = 0;
  localparam int unsigned HELLO_AT_PORT = 4;
  localparam int unsigned HELLO_AT_CHAIN_ID = 8;
  localparam int unsigned HELLO_AT_NODE_KEY = 40;
  localparam int unsigned HELLO_AT_NONCE = 80;
  localparam int unsigned HELLO_AT_AGENT = 112;

  // AUTH_CHALLENGE: bytes, byte offsets
  localparam int unsigned AUTH_CHALLENGE_BYTES = 184;
  localparam int unsigned AUTH_CHALLENGE_AT_MAGIC = 0;
  localparam int unsigned AUTH_CHALLENGE_AT_PROTOCOL = 4;
  localparam int unsigned AUTH_CHALLENGE_AT_CHAIN_ID = 8;
  localparam int unsigned AUTH_CHALLENGE_AT_SIGNER_KEY = 40;
  localparam int unsigned AUTH_CHALLENGE_AT_PEER_KEY = 80;
  localparam int unsigned AUTH_CHALLENGE_AT_SIGNER_NONCE = 120;
  localparam int unsigned AUTH_CHALLENGE_AT_PEER_NONCE = 152;

  // PING: bytes, byte offsets
  localparam int unsigned PING_BYTES = 8;
  localparam int unsigned PING_AT_NONCE = 0;

  // BATCH: bytes of the fixed part, byte offsets
  localparam int unsigned BATCH_BYTES = 8;
  localparam int unsigned BATCH_AT_COUNT = 0;
  localparam int unsigned BATCH_AT_REQUEST = 4;

  // GET_BLOCKS: bytes, byte offsets
  localparam int unsigned GET_BLOCKS_BYTES = 16;
  localparam int unsigned GET_BLOCKS_AT_REQUEST = 0;
  localparam int unsigned GET_BLOCKS_AT_FROM = 4;
  localparam int unsigned GET_BLOCKS_AT_COUNT = 8;
  localparam int unsigned GET_BLOCKS_AT_MAX_BYTES = 12;

  // GET_BLOCK: bytes, byte offsets
  localparam int unsigned GET_BLOCK_BYTES = 40;
  localparam int unsigned GET_BLOCK_AT_REQUEST = 0;
  localparam int unsigned GET_BLOCK_AT_ID = 8;

  // GET_PEERS: bytes, byte offsets
  localparam int unsigned GET_PEERS_BYTES = 8;
  localparam int unsigned GET_PEERS_AT_REQUEST = 0;
  localparam int unsigned GET_PEERS_AT_COUNT = 4;

  // PEER_ADDRESS: bytes, byte offsets
  localparam int unsigned PEER_ADDRESS_BYTES = 64;
  localparam int unsigned PEER_ADDRESS_AT_ADDRESS = 0;
  localparam int unsigned PEER_ADDRESS_AT_PORT = 16;
  localparam int unsigned PEER_ADDRESS_AT_NODE_KEY = 24;

  // STATUS: bytes, byte offsets
  localparam int unsigned STATUS_BYTES = 72;
  localparam int unsigned STATUS_AT_HEAD_HEIGHT = 0;
  localparam int unsigned STATUS_AT_FINAL_HEIGHT = 4;
  localparam int unsigned STATUS_AT_HEAD_ID = 8;
  localparam int unsigned STATUS_AT_FINAL_ID = 40;

  // GOODBYE: bytes, byte offsets
  localparam int unsigned GOODBYE_BYTES = 64;
  localparam int unsigned GOODBYE_AT_REASON = 0;
  localparam int unsigned GOODBYE_AT_DETAIL = 8;

endpackage
/* verilator lint_on UNUSEDPARAM */

`default_nettype wire
