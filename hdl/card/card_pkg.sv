// SPDX-License-Identifier: Apache-2.0
// card_pkg: register offsets, ring layouts and codes of the card.
//
// Generated from registers.json by registers/generate.js; do not edit.
`default_nettype none

/* verilator lint_off UNUSEDPARAM */  // each user takes the constants it needs
package card_pkg;

  // Register-map hash: the first eight bytes of SHA-256
  localparam logic [31:0] MAP_HASH_LO = 32'hc61291cd;
  localparam logic [31:0] MAP_HASH_HI = 32'h0abfb87d;

  // Blocks: address bits 15 to 12
  localparam logic [3:0] BLOCK_CARD = 4'h0;
  localparam logic [3:0] BLOCK_SIGVERIFY = 4'h1;
  localparam logic [3:0] BLOCK_TOE = 4'h2;
  localparam logic [3:0] BLOCK_BROADCAST = 4'h3;

  // Registers of the card layout: offset in the block, reset value, field positions
  localparam logic [11:0] CARD_MAGIC = 12'h000;
  localparam logic [31:0] CARD_MAGIC_RESET_VALUE = 32'h43425048;
  localparam logic [11:0] CARD_VERSION = 12'h004;
  localparam logic [31:0] CARD_VERSION_RESET_VALUE = 32'h00010001;
  localparam int unsigned CARD_VERSION_MINOR_LSB = 0;
  localparam int unsigned CARD_VERSION_MAJOR_LSB = 16;
  localparam logic [11:0] CARD_MAP_HASH_LO = 12'h008;
  localparam logic [11:0] CARD_MAP_HASH_HI = 12'h00c;
  localparam logic [11:0] CARD_CAPABILITIES = 12'h010;
  localparam int unsigned CARD_CAPABILITIES_SIGVERIFY_LSB = 0;
  localparam int unsigned CARD_CAPABILITIES_TOE_LSB = 1;
  localparam int unsigned CARD_CAPABILITIES_BROADCAST_LSB = 2;
  localparam int unsigned CARD_CAPABILITIES_ENGINE_BLOCKS_LSB = 8;
  localparam logic [11:0] CARD_CONTROL = 12'h014;
  localparam int unsigned CARD_CONTROL_RESET_LSB = 0;
  localparam logic [11:0] CARD_STATUS = 12'h018;
  localparam int unsigned CARD_STATUS_IDLE_LSB = 0;
  localparam logic [11:0] CARD_SCRATCH = 12'h01c;
  localparam logic [11:0] CARD_IRQ_CAUSE = 12'h020;
  localparam int unsigned CARD_IRQ_CAUSE_SIGVERIFY_DONE_LSB = 0;
  localparam int unsigned CARD_IRQ_CAUSE_TOE_DONE_LSB = 1;
  localparam int unsigned CARD_IRQ_CAUSE_BROADCAST_DONE_LSB = 2;
  localparam int unsigned CARD_IRQ_CAUSE_SIGVERIFY_ERROR_LSB = 8;
  localparam int unsigned CARD_IRQ_CAUSE_TOE_ERROR_LSB = 9;
  localparam int unsigned CARD_IRQ_CAUSE_BROADCAST_ERROR_LSB = 10;
  localparam logic [11:0] CARD_IRQ_MASK = 12'h024;
  localparam logic [11:0] CARD_IRQ_SET = 12'h028;
  localparam logic [11:0] CARD_TICKS_MS = 12'h02c;
  localparam logic [11:0] CARD_CYCLES_LO = 12'h030;
  localparam logic [11:0] CARD_CYCLES_HI = 12'h034;

  // Registers of the engine layout: offset in the block, reset value, field positions
  localparam logic [11:0] ENGINE_KIND = 12'h000;
  localparam int unsigned ENGINE_KIND_KIND_LSB = 0;
  localparam int unsigned ENGINE_KIND_BATCHES_LSB = 8;
  localparam int unsigned ENGINE_KIND_RING_LOG2_MAX_LSB = 16;
  localparam int unsigned ENGINE_KIND_PREFETCH_LSB = 24;
  localparam logic [11:0] ENGINE_PARAMETERS = 12'h004;
  localparam logic [11:0] ENGINE_CONTROL = 12'h008;
  localparam int unsigned ENGINE_CONTROL_ENABLE_LSB = 0;
  localparam int unsigned ENGINE_CONTROL_RESET_LSB = 1;
  localparam logic [11:0] ENGINE_STATUS = 12'h00c;
  localparam int unsigned ENGINE_STATUS_BUSY_LSB = 0;
  localparam int unsigned ENGINE_STATUS_BAD_DOORBELL_LSB = 8;
  localparam int unsigned ENGINE_STATUS_COMPLETION_LOST_LSB = 9;
  localparam logic [11:0] ENGINE_IRQ_COUNT = 12'h010;
  localparam logic [31:0] ENGINE_IRQ_COUNT_RESET_VALUE = 32'h00000001;
  localparam logic [11:0] ENGINE_IRQ_CYCLES = 12'h014;
  localparam logic [11:0] ENGINE_SQ_BASE_LO = 12'h020;
  localparam logic [11:0] ENGINE_SQ_BASE_HI = 12'h024;
  localparam logic [11:0] ENGINE_SQ_LOG2 = 12'h028;
  localparam logic [31:0] ENGINE_SQ_LOG2_RESET_VALUE = 32'h00000002;
  localparam logic [11:0] ENGINE_SQ_TAIL = 12'h02c;
  localparam logic [11:0] ENGINE_SQ_HEAD = 12'h030;
  localparam logic [11:0] ENGINE_CQ_BASE_LO = 12'h040;
  localparam logic [11:0] ENGINE_CQ_BASE_HI = 12'h044;
  localparam logic [11:0] ENGINE_CQ_LOG2 = 12'h048;
  localparam logic [31:0] ENGINE_CQ_LOG2_RESET_VALUE = 32'h00000002;
  localparam logic [11:0] ENGINE_CQ_HEAD = 12'h04c;
  localparam logic [11:0] ENGINE_CQ_TAIL = 12'h050;
  localparam logic [11:0] ENGINE_COMPLETIONS = 12'h09c;
  localparam logic [11:0] ENGINE_BUS_ERRORS = 12'h0a0;
  localparam logic [11:0] ENGINE_BAD_DESCRIPTORS = 12'h0a4;

  // Registers of the sigverify layout: offset in the block, reset value, field positions
  localparam logic [11:0] SIGVERIFY_PARAMETERS = 12'h004;
  localparam int unsigned SIGVERIFY_PARAMETERS_ENGINES_LSB = 0;
  localparam int unsigned SIGVERIFY_PARAMETERS_CONTEXTS_LSB = 8;
  localparam int unsigned SIGVERIFY_PARAMETERS_MUL_II_LSB = 16;
  localparam int unsigned SIGVERIFY_PARAMETERS_G_WINDOW_LSB = 24;
  localparam logic [11:0] SIGVERIFY_MULTIPLICATIONS_LO = 12'h080;
  localparam logic [11:0] SIGVERIFY_MULTIPLICATIONS_HI = 12'h084;
  localparam logic [11:0] SIGVERIFY_BUSY_CYCLES_LO = 12'h088;
  localparam logic [11:0] SIGVERIFY_BUSY_CYCLES_HI = 12'h08c;
  localparam logic [11:0] SIGVERIFY_JOBS = 12'h090;
  localparam logic [11:0] SIGVERIFY_RESULTS = 12'h094;
  localparam logic [11:0] SIGVERIFY_VALID = 12'h098;

  // Registers of the toe layout: offset in the block, reset value, field positions
  localparam logic [11:0] TOE_PARAMETERS = 12'h004;
  localparam int unsigned TOE_PARAMETERS_SESSIONS_LOG2_LSB = 0;
  localparam int unsigned TOE_PARAMETERS_BUFFERS_LOG2_LSB = 8;
  localparam int unsigned TOE_PARAMETERS_NODES_LOG2_LSB = 16;
  localparam logic [11:0] TOE_STATUS = 12'h00c;
  localparam int unsigned TOE_STATUS_READY_LSB = 1;
  localparam int unsigned TOE_STATUS_FAULT_LSB = 10;
  localparam logic [11:0] TOE_NET_CONTROL = 12'h100;
  localparam int unsigned TOE_NET_CONTROL_ENABLE_LSB = 0;
  localparam logic [11:0] TOE_MAC_LO = 12'h104;
  localparam logic [11:0] TOE_MAC_HI = 12'h108;
  localparam logic [11:0] TOE_IP = 12'h10c;
  localparam logic [11:0] TOE_PREFIX_LEN = 12'h110;
  localparam logic [31:0] TOE_PREFIX_LEN_RESET_VALUE = 32'h00000018;
  localparam logic [11:0] TOE_GATEWAY = 12'h114;
  localparam logic [11:0] TOE_MEMORY_BASE_LO = 12'h118;
  localparam logic [11:0] TOE_MEMORY_BASE_HI = 12'h11c;
  localparam logic [11:0] TOE_TX_LIMIT = 12'h120;
  localparam logic [31:0] TOE_TX_LIMIT_RESET_VALUE = 32'h00040000;
  localparam logic [11:0] TOE_TTL = 12'h124;
  localparam logic [31:0] TOE_TTL_RESET_VALUE = 32'h00000040;
  localparam logic [11:0] TOE_LOOKUP_KEY0 = 12'h130;
  localparam logic [11:0] TOE_LOOKUP_KEY1 = 12'h134;
  localparam logic [11:0] TOE_LOOKUP_KEY2 = 12'h138;
  localparam logic [11:0] TOE_LOOKUP_KEY3 = 12'h13c;
  localparam logic [11:0] TOE_ISN_KEY0 = 12'h140;
  localparam logic [11:0] TOE_ISN_KEY1 = 12'h144;
  localparam logic [11:0] TOE_ISN_KEY2 = 12'h148;
  localparam logic [11:0] TOE_ISN_KEY3 = 12'h14c;
  localparam logic [11:0] TOE_MSS = 12'h150;
  localparam logic [31:0] TOE_MSS_RESET_VALUE = 32'h000005b4;
  localparam logic [11:0] TOE_RX_LIMIT = 12'h154;
  localparam logic [31:0] TOE_RX_LIMIT_RESET_VALUE = 32'h00040000;
  localparam logic [11:0] TOE_RTO_MIN_MS = 12'h158;
  localparam logic [31:0] TOE_RTO_MIN_MS_RESET_VALUE = 32'h000000c8;
  localparam logic [11:0] TOE_RTO_MAX_MS = 12'h15c;
  localparam logic [31:0] TOE_RTO_MAX_MS_RESET_VALUE = 32'h0000ea60;
  localparam logic [11:0] TOE_RTO_FIRST_MS = 12'h160;
  localparam logic [31:0] TOE_RTO_FIRST_MS_RESET_VALUE = 32'h000003e8;
  localparam logic [11:0] TOE_ACK_DELAY_MS = 12'h164;
  localparam logic [31:0] TOE_ACK_DELAY_MS_RESET_VALUE = 32'h00000028;
  localparam logic [11:0] TOE_MSL_MS = 12'h168;
  localparam logic [31:0] TOE_MSL_MS_RESET_VALUE = 32'h00007530;
  localparam logic [11:0] TOE_TRIES = 12'h16c;
  localparam logic [31:0] TOE_TRIES_RESET_VALUE = 32'h03090f08;
  localparam int unsigned TOE_TRIES_SYN_LSB = 0;
  localparam int unsigned TOE_TRIES_DATA_LSB = 8;
  localparam int unsigned TOE_TRIES_KEEP_LSB = 16;
  localparam int unsigned TOE_TRIES_STALLED_LSB = 24;
  localparam logic [11:0] TOE_HALF_OPEN_MAX = 12'h170;
  localparam logic [31:0] TOE_HALF_OPEN_MAX_RESET_VALUE = 32'h00000400;
  localparam logic [11:0] TOE_KEEP_IDLE_MS = 12'h174;
  localparam logic [31:0] TOE_KEEP_IDLE_MS_RESET_VALUE = 32'h006ddd00;
  localparam logic [11:0] TOE_KEEP_EVERY_MS = 12'h178;
  localparam logic [31:0] TOE_KEEP_EVERY_MS_RESET_VALUE = 32'h000124f8;
  localparam logic [11:0] TOE_CHALLENGES = 12'h17c;
  localparam logic [31:0] TOE_CHALLENGES_RESET_VALUE = 32'h0000000a;
  localparam logic [11:0] TOE_IN_USE = 12'h180;
  localparam logic [11:0] TOE_HALF_OPEN = 12'h184;
  localparam logic [11:0] TOE_FREE_BUFFERS = 12'h188;
  localparam logic [11:0] TOE_FREE_NODES = 12'h18c;
  localparam logic [11:0] TOE_RX_SEGMENTS = 12'h200;
  localparam logic [11:0] TOE_TX_SEGMENTS = 12'h204;
  localparam logic [11:0] TOE_RX_ECHOES = 12'h208;
  localparam logic [11:0] TOE_RX_ARP_REQUESTS = 12'h20c;
  localparam logic [11:0] TOE_TX_ARP_REQUESTS = 12'h210;
  localparam logic [11:0] TOE_DROP_MAC_ERROR = 12'h214;
  localparam logic [11:0] TOE_DROP_RUNT = 12'h218;
  localparam logic [11:0] TOE_DROP_ETHERNET_OTHER = 12'h21c;
  localparam logic [11:0] TOE_DROP_ETHERTYPE = 12'h220;
  localparam logic [11:0] TOE_DROP_ARP = 12'h224;
  localparam logic [11:0] TOE_DROP_ARP_FULL = 12'h228;
  localparam logic [11:0] TOE_DROP_IP_HEADER = 12'h22c;
  localparam logic [11:0] TOE_DROP_IP_LENGTH = 12'h230;
  localparam logic [11:0] TOE_DROP_IP_CHECKSUM = 12'h234;
  localparam logic [11:0] TOE_DROP_IP_OTHER = 12'h238;
  localparam logic [11:0] TOE_DROP_IP_SOURCE = 12'h23c;
  localparam logic [11:0] TOE_DROP_IP_FRAGMENT = 12'h240;
  localparam logic [11:0] TOE_DROP_IP_PROTOCOL = 12'h244;
  localparam logic [11:0] TOE_DROP_TCP_HEADER = 12'h248;
  localparam logic [11:0] TOE_DROP_TCP_CHECKSUM = 12'h24c;
  localparam logic [11:0] TOE_DROP_TCP_FULL = 12'h250;
  localparam logic [11:0] TOE_DROP_ICMP_TYPE = 12'h254;
  localparam logic [11:0] TOE_DROP_ICMP_CHECKSUM = 12'h258;
  localparam logic [11:0] TOE_DROP_ICMP_FULL = 12'h25c;
  localparam logic [11:0] TOE_DROP_TX_UNREACHABLE = 12'h260;
  localparam logic [11:0] TOE_RX_ICMP_ERRORS = 12'h264;
  localparam logic [11:0] TOE_DROP_ICMP_ERROR_FULL = 12'h268;
  localparam logic [11:0] TOE_UNKNOWN = 12'h26c;
  localparam logic [11:0] TOE_UNWANTED = 12'h270;
  localparam logic [11:0] TOE_CHALLENGE = 12'h274;
  localparam logic [11:0] TOE_FLOODED = 12'h278;
  localparam logic [11:0] TOE_NO_ROOM = 12'h27c;
  localparam logic [11:0] TOE_RETRANSMIT = 12'h280;
  localparam logic [11:0] TOE_DISBELIEVED = 12'h284;
  localparam logic [11:0] TOE_SUPPRESSED = 12'h288;
  localparam logic [11:0] TOE_FAULT_DROP = 12'h28c;
  localparam logic [11:0] TOE_FAULT_FREE = 12'h290;
  localparam logic [11:0] TOE_FAULT_BUS = 12'h294;
  localparam logic [11:0] TOE_FRAMES_IN = 12'h298;
  localparam logic [11:0] TOE_FRAMES_OUT = 12'h29c;
  localparam logic [11:0] TOE_EVENTS = 12'h2a0;
  localparam logic [11:0] TOE_WRITES = 12'h2a4;
  localparam logic [11:0] TOE_REFUSED = 12'h2a8;
  localparam logic [11:0] TOE_READS = 12'h2ac;
  localparam logic [11:0] TOE_SESSION_SELECT = 12'h300;
  localparam logic [11:0] TOE_SESSION_STATUS = 12'h304;
  localparam int unsigned TOE_SESSION_STATUS_BUSY_LSB = 0;
  localparam int unsigned TOE_SESSION_STATUS_VALID_LSB = 1;
  localparam int unsigned TOE_SESSION_STATUS_STATE_LSB = 8;
  localparam logic [11:0] TOE_SESSION_SEGMENTS_IN = 12'h308;
  localparam logic [11:0] TOE_SESSION_SEGMENTS_OUT = 12'h30c;
  localparam logic [11:0] TOE_SESSION_BYTES_IN_LO = 12'h310;
  localparam logic [11:0] TOE_SESSION_BYTES_IN_HI = 12'h314;
  localparam logic [11:0] TOE_SESSION_BYTES_OUT_LO = 12'h318;
  localparam logic [11:0] TOE_SESSION_BYTES_OUT_HI = 12'h31c;
  localparam logic [11:0] TOE_SESSION_RETRANSMITTED = 12'h320;
  localparam logic [11:0] TOE_SESSION_DUP_ACKS = 12'h324;
  localparam logic [11:0] TOE_SESSION_OUT_OF_ORDER = 12'h328;
  localparam logic [11:0] TOE_SESSION_UNACCEPTABLE = 12'h32c;
  localparam logic [11:0] TOE_SESSION_NO_ROOM = 12'h330;

  // Structures in host memory, in bytes
  localparam int unsigned DESCRIPTOR_BYTES = 32;
  localparam int unsigned COMPLETION_BYTES = 16;
  localparam int unsigned TOE_DESCRIPTOR_BYTES = 32;
  localparam int unsigned TOE_COMPLETION_BYTES = 32;
  localparam int unsigned VERIFY_INPUT_BYTES = 160;
  localparam int unsigned RECOVER_INPUT_BYTES = 104;
  localparam int unsigned VERIFY_RESULT_BYTES = 8;
  localparam int unsigned RECOVER_RESULT_BYTES = 72;

  // Engines.
  localparam logic [7:0] ENGINE_KIND_ABSENT = 8'd0;
  localparam logic [7:0] ENGINE_KIND_SIGVERIFY = 8'd1;
  localparam logic [7:0] ENGINE_KIND_TOE = 8'd2;
  localparam logic [7:0] ENGINE_KIND_BROADCAST = 8'd3;

  // Operations of SIGVERIFY.
  localparam logic [7:0] OP_VERIFY = 8'd1;
  localparam logic [7:0] OP_RECOVER = 8'd2;

  // Descriptor flags, each one bit.
  localparam logic [7:0] FLAG_ALLOW_HIGH_S = 8'd1;

  // Operations of the TOE.
  localparam logic [7:0] TOE_OP_LISTEN = 8'd1;
  localparam logic [7:0] TOE_OP_UNLISTEN = 8'd2;
  localparam logic [7:0] TOE_OP_OPEN = 8'd3;
  localparam logic [7:0] TOE_OP_CLOSE = 8'd4;
  localparam logic [7:0] TOE_OP_ABORT = 8'd5;
  localparam logic [7:0] TOE_OP_FREE = 8'd6;
  localparam logic [7:0] TOE_OP_OPTIONS = 8'd7;
  localparam logic [7:0] TOE_OP_WRITE = 8'd8;
  localparam logic [7:0] TOE_OP_READ = 8'd9;
  localparam logic [7:0] TOE_OP_URGENT = 8'd10;

  // Options of a session, each one bit.
  localparam logic [7:0] TOE_OPTION_NODELAY = 8'd1;
  localparam logic [7:0] TOE_OPTION_KEEPALIVE = 8'd2;

  // States of a session (RFC 9293 3.3.2).
  localparam logic [7:0] TOE_STATE_CLOSED = 8'd0;
  localparam logic [7:0] TOE_STATE_SYN_SENT = 8'd1;
  localparam logic [7:0] TOE_STATE_SYN_RECEIVED = 8'd2;
  localparam logic [7:0] TOE_STATE_ESTABLISHED = 8'd3;
  localparam logic [7:0] TOE_STATE_CLOSE_WAIT = 8'd4;
  localparam logic [7:0] TOE_STATE_FIN_WAIT_1 = 8'd5;
  localparam logic [7:0] TOE_STATE_FIN_WAIT_2 = 8'd6;
  localparam logic [7:0] TOE_STATE_CLOSING = 8'd7;
  localparam logic [7:0] TOE_STATE_LAST_ACK = 8'd8;
  localparam logic [7:0] TOE_STATE_TIME_WAIT = 8'd9;

  // What happened to a session, each one bit.
  localparam logic [15:0] TOE_EVENT_ACCEPTED = 16'd1;
  localparam logic [15:0] TOE_EVENT_OPENED = 16'd2;
  localparam logic [15:0] TOE_EVENT_RECEIVED = 16'd4;
  localparam logic [15:0] TOE_EVENT_SENT = 16'd8;
  localparam logic [15:0] TOE_EVENT_PEER_CLOSED = 16'd16;
  localparam logic [15:0] TOE_EVENT_CLOSED = 16'd32;
  localparam logic [15:0] TOE_EVENT_RESET = 16'd64;
  localparam logic [15:0] TOE_EVENT_REFUSED = 16'd128;
  localparam logic [15:0] TOE_EVENT_TIMED_OUT = 16'd256;
  localparam logic [15:0] TOE_EVENT_OPEN_FAILED = 16'd512;
  localparam logic [15:0] TOE_EVENT_UNREACHABLE = 16'd1024;
  localparam logic [15:0] TOE_EVENT_URGENT = 16'd2048;
  localparam logic [15:0] TOE_EVENT_STALLED = 16'd4096;

  // Completion status.
  localparam logic [15:0] STATUS_OK = 16'd0;
  localparam logic [15:0] STATUS_BAD_DESCRIPTOR = 16'd1;
  localparam logic [15:0] STATUS_INPUT_BUS_ERROR = 16'd2;
  localparam logic [15:0] STATUS_RESULT_BUS_ERROR = 16'd3;
  localparam logic [15:0] STATUS_DESCRIPTOR_BUS_ERROR = 16'd4;
  localparam logic [15:0] STATUS_REFUSED = 16'd5;
  localparam logic [15:0] STATUS_EVENT = 16'd256;

  // Why a signature is not valid; checked in this order, the same on every backend.
  localparam logic [7:0] REASON_OK = 8'd0;
  localparam logic [7:0] REASON_MALFORMED = 8'd1;
  localparam logic [7:0] REASON_RECOVERY_ID = 8'd2;
  localparam logic [7:0] REASON_R_RANGE = 8'd3;
  localparam logic [7:0] REASON_S_RANGE = 8'd4;
  localparam logic [7:0] REASON_HIGH_S = 8'd5;
  localparam logic [7:0] REASON_KEY_RANGE = 8'd6;
  localparam logic [7:0] REASON_NOT_ON_CURVE = 8'd7;
  localparam logic [7:0] REASON_X_RANGE = 8'd8;
  localparam logic [7:0] REASON_NOT_A_SQUARE = 8'd9;
  localparam logic [7:0] REASON_INFINITY = 8'd10;
  localparam logic [7:0] REASON_MISMATCH = 8'd11;

endpackage
/* verilator lint_on UNUSEDPARAM */

`default_nettype wire
