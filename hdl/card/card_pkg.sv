// SPDX-License-Identifier: Apache-2.0
// card_pkg: register offsets, ring layouts and codes of the card.
//
// Generated from registers.json by registers/generate.js; do not edit.
`default_nettype none

/* verilator lint_off UNUSEDPARAM */  // each user takes the constants it needs
package card_pkg;

  // Register-map hash: the first eight bytes of SHA-256
  localparam logic [31:0] MAP_HASH_LO = 32'h4c79c31b;
  localparam logic [31:0] MAP_HASH_HI = 32'hc9350d2e;

  // Blocks: address bits 15 to 12
  localparam logic [3:0] BLOCK_CARD = 4'h0;
  localparam logic [3:0] BLOCK_SIGVERIFY = 4'h1;
  localparam logic [3:0] BLOCK_TOE = 4'h2;
  localparam logic [3:0] BLOCK_BROADCAST = 4'h3;

  // Registers of the card layout: offset in the block, reset value, field positions
  localparam logic [11:0] CARD_MAGIC = 12'h000;
  localparam logic [31:0] CARD_MAGIC_RESET_VALUE = 32'h43425048;
  localparam logic [11:0] CARD_VERSION = 12'h004;
  localparam logic [31:0] CARD_VERSION_RESET_VALUE = 32'h00010000;
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
  localparam int unsigned ENGINE_PARAMETERS_ENGINES_LSB = 0;
  localparam int unsigned ENGINE_PARAMETERS_CONTEXTS_LSB = 8;
  localparam int unsigned ENGINE_PARAMETERS_MUL_II_LSB = 16;
  localparam int unsigned ENGINE_PARAMETERS_G_WINDOW_LSB = 24;
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
  localparam logic [11:0] ENGINE_MULTIPLICATIONS_LO = 12'h080;
  localparam logic [11:0] ENGINE_MULTIPLICATIONS_HI = 12'h084;
  localparam logic [11:0] ENGINE_BUSY_CYCLES_LO = 12'h088;
  localparam logic [11:0] ENGINE_BUSY_CYCLES_HI = 12'h08c;
  localparam logic [11:0] ENGINE_JOBS = 12'h090;
  localparam logic [11:0] ENGINE_RESULTS = 12'h094;
  localparam logic [11:0] ENGINE_VALID = 12'h098;
  localparam logic [11:0] ENGINE_COMPLETIONS = 12'h09c;
  localparam logic [11:0] ENGINE_BUS_ERRORS = 12'h0a0;
  localparam logic [11:0] ENGINE_BAD_DESCRIPTORS = 12'h0a4;

  // Structures in host memory, in bytes
  localparam int unsigned DESCRIPTOR_BYTES = 32;
  localparam int unsigned COMPLETION_BYTES = 16;
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

  // Completion status.
  localparam logic [7:0] STATUS_OK = 8'd0;
  localparam logic [7:0] STATUS_BAD_DESCRIPTOR = 8'd1;
  localparam logic [7:0] STATUS_INPUT_BUS_ERROR = 8'd2;
  localparam logic [7:0] STATUS_RESULT_BUS_ERROR = 8'd3;
  localparam logic [7:0] STATUS_DESCRIPTOR_BUS_ERROR = 8'd4;

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
