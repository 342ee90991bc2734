// SPDX-License-Identifier: Apache-2.0
// sigv_core: runs the microprogram for many contexts in turn, so that the multiplier never waits.
//
// A barrel: every context has one slot in each round of SLOTS * MUL_II cycles, and a round is longer
// than the pipeline, so a slot always finds the results and flags of the slot before it. There is no
// forwarding and no hazard. A slot that must wait (for a job, its digit list, the inversion unit or
// the output) goes by as a bubble and comes again in the next round.
//
// Throughput: one slot every MUL_II cycles when all contexts are busy. After reset a round passes
// before the first slot.
`default_nettype none

module sigv_core #(
    // Contexts, 1 to 64; 19 or more keep the multiplier busy (fewer when MUL_II > 1)
    parameter int unsigned CONTEXTS = 32,
    // Cycles that a product occupies the multiplier: 1, 2, 5 or 10
    parameter int unsigned MUL_II = 1,
    // Window of the signed digits of G, 5 to 10
    parameter int unsigned G_WINDOW = 10,
    localparam int unsigned CTX_W = CONTEXTS > 1 ? $clog2(CONTEXTS) : 1,
    localparam int unsigned ENTRY_W = 11 + G_WINDOW - 2
) (
    input  wire logic               clk,
    input  wire logic               rst,

    // Job for an idle context, held until taken; its context takes no other before the result
    input  wire logic               s_job_valid,
    output wire logic               s_job_taken,
    input  wire logic [  CTX_W-1:0] s_job_ctx,
    input  wire logic               s_job_recovery,
    input  wire logic [        1:0] s_job_id,         // recovery id
    input  wire logic               s_job_wraps,      // r + n < p
    input  wire logic [      255:0] s_job_x,          // key, below p (verify)
    input  wire logic [      255:0] s_job_y,
    input  wire logic [      255:0] s_job_r,

    // Digit list of a context: entries from the least significant up, then their number
    input  wire logic               s_list_we,
    input  wire logic [  CTX_W-1:0] s_list_ctx,
    input  wire logic [        6:0] s_list_addr,
    input  wire logic [ENTRY_W-1:0] s_list_data,      // {dbl, kind, neg, idx}
    input  wire logic               s_done_valid,
    input  wire logic [  CTX_W-1:0] s_done_ctx,
    input  wire logic [        7:0] s_done_count,

    // Inversion modulo p, one at a time
    output wire logic               m_inv_valid,
    input  wire logic               m_inv_ready,
    output wire logic [  CTX_W-1:0] m_inv_ctx,
    output wire logic [      255:0] m_inv_value,
    input  wire logic               s_inv_valid,
    input  wire logic [  CTX_W-1:0] s_inv_ctx,
    input  wire logic [      255:0] s_inv_value,

    // Result, without backpressure; at most one per context before its next job
    output wire logic               m_result_valid,
    output wire logic [  CTX_W-1:0] m_result_ctx,
    output wire logic [        3:0] m_result_reason,
    // Key of the recovery that answered REASON_OK last; held until taken
    output wire logic [      255:0] m_key_x,
    output wire logic [      255:0] m_key_y,
    input  wire logic               m_key_taken,

    // High for each slot that uses the multiplier
    output wire logic               stat_mul
);
  localparam int unsigned EXTRA = MUL_II > 1 ? MUL_II : 0;
  localparam int unsigned LAST = sigv_pkg::FIELD_CYCLES + EXTRA;
  localparam int unsigned ROUND_MIN = (LAST + MUL_II) / MUL_II;
  localparam int unsigned SLOTS = CONTEXTS > ROUND_MIN ? CONTEXTS : ROUND_MIN;
  localparam int unsigned SLOT_CNT_W = $clog2(SLOTS + 1);
  localparam int unsigned PHASE_W = MUL_II > 1 ? $clog2(MUL_II) : 1;
  localparam int unsigned IDX_W = G_WINDOW - 2;
  localparam int unsigned INSTR_W = sigv_microcode_pkg::INSTR_W;
  localparam int unsigned SLOT_W = 1 + 6 + INSTR_W;
  localparam int unsigned PC_W = sigv_microcode_pkg::PC_W;
  localparam int unsigned WAIT = sigv_microcode_pkg::WAIT_LSB;
  localparam int unsigned SOURCE = sigv_microcode_pkg::SOURCE_LSB;
  localparam int unsigned B1 = sigv_microcode_pkg::B1_LSB;
  localparam int unsigned BRANCH = sigv_microcode_pkg::BRANCH_LSB;
  localparam int unsigned IMM = sigv_microcode_pkg::IMM_LSB;
  if (CONTEXTS < 1 || CONTEXTS > 64) $error("CONTEXTS=%0d is not in 1..64", CONTEXTS);
  if (G_WINDOW < 5 || G_WINDOW > 10) $error("G_WINDOW=%0d is not in 5..10", G_WINDOW);

  // State of a context: where it is in the program, in the list and in the doublings
  localparam int unsigned PC = 0;
  localparam int unsigned COUNT = PC + PC_W;    // repeat counter, 7 bits
  localparam int unsigned TOP = COUNT + 7;      // entries left in the list, 8 bits
  localparam int unsigned DBL = TOP + 8;        // doublings left after the last entry, 8 bits
  localparam int unsigned INFINITE = DBL + 8;   // the accumulator is infinity
  localparam int unsigned KIND = INFINITE + 1;  // the last entry: kind and index
  localparam int unsigned IDX = KIND + 2;
  localparam int unsigned STATE_W = IDX + IDX_W;
  logic [STATE_W-1:0] state[2**CTX_W];
  logic [3:0] job[2**CTX_W];                    // {recovery, wraps, id}
  logic [7:0] list_count[2**CTX_W];
  logic [CONTEXTS-1:0] list_ready;
  logic [ENTRY_W-1:0] list[128*2**CTX_W];

  // Cycle 0: whose slot it is
  logic [SLOT_CNT_W-1:0] slot_number;
  logic [PHASE_W-1:0] phase;
  logic clearing;
  wire slot_end = phase == PHASE_W'(MUL_II - 1);
  wire slot_last = slot_number == SLOT_CNT_W'(SLOTS - 1);
  wire [CTX_W-1:0] ctx_0 = CTX_W'(slot_number);
  wire valid_0 = !clearing && phase == '0 && slot_number < SLOT_CNT_W'(CONTEXTS);
  always_ff @(posedge clk) begin
    phase <= slot_end ? '0 : phase + PHASE_W'(1);
    if (slot_end) slot_number <= slot_last ? '0 : slot_number + SLOT_CNT_W'(1);
    if (slot_end && slot_last) clearing <= 1'b0;
    if (rst) begin
      phase <= '0;
      slot_number <= '0;
      clearing <= 1'b1;
    end
  end

  // Cycle 1: its instruction, and whether it may go
  wire [INSTR_W-1:0] instr_1;
  wire [STATE_W-1:0] state_0 = state[ctx_0];
  sigv_microcode u_microcode (
      .clk,
      .addr (state_0[PC+:PC_W]),
      .instr(instr_1)
  );
  logic valid_1;
  logic [CTX_W-1:0] ctx_1;
  logic [1:0] kind_1;
  logic [IDX_W-1:0] idx_1;
  logic inv_busy, inv_ready, out_busy;
  logic [CTX_W-1:0] inv_ctx;
  logic go_1;
  wire [2:0] wait_1 = instr_1[WAIT+:3];
  always_comb begin
    unique case (wait_1)
      sigv_microcode_pkg::WAIT_JOB: go_1 = valid_1 && s_job_valid && s_job_ctx == ctx_1;
      sigv_microcode_pkg::WAIT_LIST: go_1 = valid_1 && list_ready[ctx_1];
      sigv_microcode_pkg::WAIT_INVERTER: go_1 = valid_1 && !inv_busy;
      sigv_microcode_pkg::WAIT_INVERSE: go_1 = valid_1 && inv_ready && inv_ctx == ctx_1;
      sigv_microcode_pkg::WAIT_OUTPUT: go_1 = valid_1 && !out_busy;
      default: go_1 = valid_1;
    endcase
  end
  wire load_1 = instr_1[SOURCE+:3] == sigv_microcode_pkg::SRC_LOAD;
  always_ff @(posedge clk) begin
    valid_1 <= valid_0;
    ctx_1 <= ctx_0;
    kind_1 <= state_0[KIND+:2];
    idx_1 <= state_0[IDX+:IDX_W];
    if (rst) valid_1 <= 1'b0;
  end

  // Cycle 2: the word that LOAD names
  logic [255:0] load_2, inverse;
  logic taken, go_2;
  always_ff @(posedge clk) begin
    if (load_1) begin
      unique case (instr_1[B1+:5])
        sigv_microcode_pkg::LOAD_JOB_X: load_2 <= s_job_x;
        sigv_microcode_pkg::LOAD_JOB_Y: load_2 <= s_job_y;
        sigv_microcode_pkg::LOAD_JOB_R: load_2 <= s_job_r;
        default: load_2 <= inverse;
      endcase
    end
    go_2 <= go_1;
    taken <= go_1 && load_1 && instr_1[B1+:5] == sigv_microcode_pkg::LOAD_JOB_R;
    if (rst) {go_2, taken} <= '0;
  end
  assign s_job_taken = taken;
  assign stat_mul = go_2;

  // Through the field
  wire [259:0] limbs  /*verilator split_var*/;
  wire [1:0] capture;
  wire [5:0] coming_ctx;
  wire [SLOT_W-1:0] slot_w;
  wire zero, above, odd;
  sigv_field #(
      .CONTEXTS(CONTEXTS),
      .MUL_II(MUL_II),
      .G_WINDOW(G_WINDOW)
  ) u_field (
      .clk,
      .rst,
      .s_slot({go_1, 6'(ctx_1), instr_1}),
      .s_kind(kind_1),
      .s_idx(idx_1),
      .load_word(load_2),
      .limbs,
      .capture,
      .coming_ctx,
      .m_slot(slot_w),
      .zero,
      .above,
      .odd
  );

  // Cycle LAST: what the context does next
  logic [ENTRY_W-1:0] entry;
  wire [STATE_W-1:0] state_coming = state[coming_ctx[CTX_W-1:0]];
  wire [6:0] uppermost = state_coming[TOP+:7] - 7'd1;
  always_ff @(posedge clk) begin
    entry <= list[{coming_ctx[CTX_W-1:0], uppermost}];
    if (s_list_we) list[{s_list_ctx, s_list_addr}] <= s_list_data;
  end

  wire go_w = slot_w[SLOT_W-1];
  wire [CTX_W-1:0] ctx_w = slot_w[INSTR_W+:CTX_W];
  wire [3:0] branch = slot_w[BRANCH+:4];
  wire [PC_W-1:0] imm = slot_w[IMM+:PC_W];
  wire [STATE_W-1:0] state_w = state[ctx_w];
  wire [PC_W-1:0] pc_w = state_w[PC+:PC_W];
  wire [6:0] count_w = state_w[COUNT+:7];
  wire [7:0] top_w = state_w[TOP+:8];
  wire [7:0] dbl_w = state_w[DBL+:8];
  wire [3:0] job_w = job[ctx_w];
  wire infinite_w =
      branch == sigv_microcode_pkg::BR_SET_INF ||
      (branch != sigv_microcode_pkg::BR_CLEAR_INF && state_w[INFINITE]);

  logic jump, dispatch;
  always_comb begin
    jump = 1'b0;
    dispatch = 1'b0;
    unique case (branch)
      sigv_microcode_pkg::BR_JUMP: jump = 1'b1;
      sigv_microcode_pkg::BR_ZERO: jump = zero;
      sigv_microcode_pkg::BR_ODD: jump = odd != job_w[0];
      sigv_microcode_pkg::BR_RECOVERY: jump = job_w[3];
      sigv_microcode_pkg::BR_ID_LOW: jump = !job_w[1];
      sigv_microcode_pkg::BR_NO_WRAP: jump = !job_w[2];
      sigv_microcode_pkg::BR_INFINITE: jump = state_w[INFINITE];
      sigv_microcode_pkg::BR_DISPATCH, sigv_microcode_pkg::BR_SET_INF,
      sigv_microcode_pkg::BR_CLEAR_INF:
      dispatch = 1'b1;
      default: ;
    endcase
  end

  // DISPATCH: doublings first (infinity needs none), then the next entry, then the end.
  wire more_dbl = dispatch && !infinite_w && dbl_w != '0;
  wire pop = dispatch && !more_dbl && top_w != '0;
  wire repeated = branch == sigv_microcode_pkg::BR_REPEAT;
  wire start = branch == sigv_microcode_pkg::BR_START;
  wire done = branch == sigv_microcode_pkg::BR_DONE;
  logic [PC_W-1:0] pc_next;
  always_comb begin
    pc_next = pc_w + PC_W'(1);
    if (jump) pc_next = imm;
    if (repeated && count_w != 7'd1) pc_next = pc_w;
    if (dispatch) pc_next = sigv_microcode_pkg::PC_FINISH;
    if (more_dbl) pc_next = sigv_microcode_pkg::PC_DOUBLE;
    if (pop) begin
      pc_next = sigv_microcode_pkg::PC_ENTRY |
          PC_W'({infinite_w, entry[IDX_W+2], entry[IDX_W], 4'd0});
    end
    if (done) pc_next = sigv_microcode_pkg::PC_IDLE;
  end
  logic [STATE_W-1:0] state_next;
  always_comb begin
    state_next = state_w;
    state_next[PC+:PC_W] = pc_next;
    if (branch == sigv_microcode_pkg::BR_COUNT) state_next[COUNT+:7] = imm[6:0];
    if (repeated) state_next[COUNT+:7] = count_w - 7'd1;
    if (start) begin
      state_next[TOP+:8] = list_count[ctx_w];
      state_next[DBL+:8] = '0;
    end
    if (more_dbl) state_next[DBL+:8] = dbl_w - 8'd1;
    if (pop) begin
      state_next[TOP+:8] = top_w - 8'd1;
      state_next[DBL+:8] = entry[IDX_W+3+:8];
      state_next[KIND+:2] = entry[IDX_W+1+:2];
      state_next[IDX+:IDX_W] = entry[0+:IDX_W];
    end
    state_next[INFINITE] = infinite_w || start;
  end

  logic result_valid;
  logic [CTX_W-1:0] result_ctx;
  logic [3:0] result_reason;
  always_ff @(posedge clk) begin
    if (clearing) state[ctx_0] <= '0;
    else if (go_w) state[ctx_w] <= state_next;
    if (s_job_valid) job[s_job_ctx] <= {s_job_recovery, s_job_wraps, s_job_id};
    result_valid <= go_w && done;
    if (go_w && done) begin
      result_ctx <= ctx_w;
      result_reason <= imm[3:0];
    end
    if (rst) result_valid <= 1'b0;
  end
  assign m_result_valid = result_valid;
  assign m_result_ctx = result_ctx;
  assign m_result_reason = result_reason;

  // Digit lists that wait for their context
  always_ff @(posedge clk) begin
    if (s_done_valid) begin
      list_ready[s_done_ctx] <= 1'b1;
      list_count[s_done_ctx] <= s_done_count;
    end
    if (go_w && start) list_ready[ctx_w] <= 1'b0;
    if (rst) list_ready <= '0;
  end

  // Inversion: asked for by one context at a time
  logic take_inv, take_x, take_y;  // a result that is captured goes by
  always_ff @(posedge clk) begin
    take_inv <= capture == sigv_microcode_pkg::CAP_INVERT;
    take_x <= capture == sigv_microcode_pkg::CAP_KEY_X;
    take_y <= capture == sigv_microcode_pkg::CAP_KEY_Y;
    if (rst) {take_inv, take_x, take_y} <= '0;
  end
  wire inv_value_valid;
  logic inv_sent;
  sigv_capture u_inv_value (
      .clk,
      .rst,
      .take (take_inv),
      .limbs,
      .above,
      .value(m_inv_value),
      .valid(inv_value_valid)
  );
  always_ff @(posedge clk) begin
    if (go_1 && wait_1 == sigv_microcode_pkg::WAIT_INVERTER) begin
      inv_busy <= 1'b1;
      inv_ctx <= ctx_1;
    end
    if (take_inv) inv_sent <= 1'b0;
    if (m_inv_valid && m_inv_ready) inv_sent <= 1'b1;
    if (s_inv_valid) begin
      inverse <= s_inv_value;
      inv_ready <= 1'b1;
    end
    if (go_1 && wait_1 == sigv_microcode_pkg::WAIT_INVERSE) begin
      inv_busy <= 1'b0;
      inv_ready <= 1'b0;
    end
    if (rst) {inv_busy, inv_ready, inv_sent} <= 3'b001;
  end
  assign m_inv_valid = inv_value_valid && !inv_sent;
  assign m_inv_ctx = inv_ctx;

  // Key of a recovery, for the output; it is canonical long before the context's DONE goes by.
  wire key_x_valid, key_y_valid;
  sigv_capture u_key_x (
      .clk,
      .rst,
      .take (take_x),
      .limbs,
      .above,
      .value(m_key_x),
      .valid(key_x_valid)
  );
  sigv_capture u_key_y (
      .clk,
      .rst,
      .take (take_y),
      .limbs,
      .above,
      .value(m_key_y),
      .valid(key_y_valid)
  );
  always_ff @(posedge clk) begin
    if (m_key_taken) out_busy <= 1'b0;
    if (go_1 && wait_1 == sigv_microcode_pkg::WAIT_OUTPUT) out_busy <= 1'b1;
    if (rst) out_busy <= 1'b0;
  end

  wire unused = &{1'b0, s_inv_ctx, key_x_valid, key_y_valid, coming_ctx, state_0, state_coming, slot_w};
endmodule

`default_nettype wire
