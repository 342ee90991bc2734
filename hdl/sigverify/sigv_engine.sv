// SPDX-License-Identifier: Apache-2.0
// sigv_engine: secp256k1 ECDSA verify and recover, one field multiplier.
//
// Job frames in, result frames out in any order, matched by tag. Throughput with CONTEXTS jobs in
// flight: one verify in about 1,765 * MUL_II cycles; latency about 1,800 rounds of the core. Reset
// drops all jobs.
`default_nettype none

module sigv_engine #(
    // Jobs in flight, 1 to 64; each takes its turn on the multiplier
    parameter int unsigned CONTEXTS = 32,
    // Cycles that a product occupies the multiplier: 1, 2, 5 or 10
    parameter int unsigned MUL_II = 1,
    // Window of the signed digits of G, 5 to 10: a table of 2^G_WINDOW coordinates
    parameter int unsigned G_WINDOW = 10,
    // Width of the source number that a frame brings and its result takes back
    parameter int unsigned TID_W = 1,
    // 1: stop the clocks of what has nothing to do (clock_gate)
    parameter bit CLOCK_GATING = 1'b0
) (
    input  wire logic             clk,
    input  wire logic             rst,

    input  wire logic [     63:0] s_job_tdata,
    input  wire logic [TID_W-1:0] s_job_tid,
    input  wire logic             s_job_tvalid,
    output wire logic             s_job_tready,
    input  wire logic             s_job_tlast,

    output wire logic [     63:0] m_result_tdata,
    output wire logic [TID_W-1:0] m_result_tid,
    output wire logic             m_result_tvalid,
    input  wire logic             m_result_tready,
    output wire logic             m_result_tlast,

    output wire logic             stat_mul,        // high for each slot that uses the multiplier
    output wire logic             idle             // no job in here
);
  localparam int unsigned CTX_W = CONTEXTS > 1 ? $clog2(CONTEXTS) : 1;
  localparam int unsigned ENTRY_W = 11 + G_WINDOW - 2;

  // The clock of what takes jobs in and gives results out: in cycles in which one of them moves
  wire io_clk, ingest_moves, emit_moves;
  logic filling;
  clock_gate #(
      .GATING(CLOCK_GATING)
  ) u_io_gate (
      .clk,
      .enable(rst || filling || ingest_moves || emit_moves),
      .gated_clk(io_clk)
  );

  // Idle contexts: after reset 0, 1, 2, ..; then as they come back
  logic [CTX_W-1:0] free[2**CTX_W];
  logic [CTX_W:0] free_head, free_tail, jobs;
  wire free_valid, free_ready, freed;
  wire [CTX_W-1:0] freed_ctx, ctx;
  assign free_valid = !filling && free_head != free_tail;
  always_ff @(posedge io_clk) begin
    if (filling || freed) begin
      free[free_tail[CTX_W-1:0]] <= filling ? free_tail[CTX_W-1:0] : freed_ctx;
      free_tail <= free_tail + 1'b1;
    end
    if (free_tail == (CTX_W+1)'(CONTEXTS - 1)) filling <= 1'b0;
    if (free_valid && free_ready) free_head <= free_head + 1'b1;
    jobs <= jobs + (CTX_W+1)'(free_valid && free_ready) - (CTX_W+1)'(freed);
    if (rst) begin
      {free_head, free_tail, jobs} <= '0;
      filling <= 1'b1;
    end
  end

  wire start, recovery, wraps, ingest_busy, emit_busy;
  wire [31:0] tag;
  wire [TID_W-1:0] tid;
  wire [1:0] id;
  wire [255:0] z, r, s, x, y;
  wire scalar_valid, scalar_ready, core_valid, core_taken;
  wire reject_valid, reject_ready;
  wire [3:0] reject_reason;
  sigv_ingest #(
      .CTX_W(CTX_W),
      .TID_W(TID_W)
  ) u_ingest (
      .clk(io_clk),
      .rst,
      .busy(ingest_busy),
      .moves(ingest_moves),
      .s_job_tdata,
      .s_job_tid,
      .s_job_tvalid,
      .s_job_tready,
      .s_job_tlast,
      .s_free_valid(free_valid),
      .s_free_ready(free_ready),
      .s_free_ctx(free[free_head[CTX_W-1:0]]),
      .m_start(start),
      .m_ctx(ctx),
      .m_tag(tag),
      .m_tid(tid),
      .m_recovery(recovery),
      .m_id(id),
      .m_wraps(wraps),
      .m_z(z),
      .m_r(r),
      .m_s(s),
      .m_x(x),
      .m_y(y),
      .m_scalar_valid(scalar_valid),
      .m_scalar_ready(scalar_ready),
      .m_core_valid(core_valid),
      .m_core_taken(core_taken),
      .m_reject_valid(reject_valid),
      .m_reject_ready(reject_ready),
      .m_reject_reason(reject_reason)
  );

  wire list_we, done_valid, inv_valid, inv_ready, inverse_valid;
  wire [CTX_W-1:0] list_ctx, done_ctx, inv_ctx, inverse_ctx;
  wire [6:0] list_addr;
  wire [ENTRY_W-1:0] list_data;
  wire [7:0] done_count;
  wire [255:0] inv_value, inverse_value;
  sigv_scalar #(
      .CONTEXTS(CONTEXTS),
      .G_WINDOW(G_WINDOW),
      .CLOCK_GATING(CLOCK_GATING)
  ) u_scalar (
      .clk,
      .rst,
      .s_job_valid(scalar_valid),
      .s_job_ready(scalar_ready),
      .s_job_recover(recovery),
      .s_job_ctx(ctx),
      .s_job_z(z),
      .s_job_r(r),
      .s_job_s(s),
      .s_inv_valid(inv_valid),
      .s_inv_ready(inv_ready),
      .s_inv_ctx(inv_ctx),
      .s_inv_value(inv_value),
      .m_inv_valid(inverse_valid),
      .m_inv_ctx(inverse_ctx),
      .m_inv_value(inverse_value),
      .m_list_we(list_we),
      .m_list_ctx(list_ctx),
      .m_list_addr(list_addr),
      .m_list_data(list_data),
      .m_done_valid(done_valid),
      .m_done_ctx(done_ctx),
      .m_done_count(done_count)
  );

  wire result_valid, key_taken;
  wire [CTX_W-1:0] result_ctx;
  wire [3:0] result_reason;
  wire [255:0] key_x, key_y;
  sigv_core #(
      .CONTEXTS(CONTEXTS),
      .MUL_II(MUL_II),
      .G_WINDOW(G_WINDOW)
  ) u_core (
      .clk,
      .rst,
      .s_job_valid(core_valid),
      .s_job_taken(core_taken),
      .s_job_ctx(ctx),
      .s_job_recovery(recovery),
      .s_job_id(id),
      .s_job_wraps(wraps),
      .s_job_x(x),
      .s_job_y(y),
      .s_job_r(r),
      .s_list_we(list_we),
      .s_list_ctx(list_ctx),
      .s_list_addr(list_addr),
      .s_list_data(list_data),
      .s_done_valid(done_valid),
      .s_done_ctx(done_ctx),
      .s_done_count(done_count),
      .m_inv_valid(inv_valid),
      .m_inv_ready(inv_ready),
      .m_inv_ctx(inv_ctx),
      .m_inv_value(inv_value),
      .s_inv_valid(inverse_valid),
      .s_inv_ctx(inverse_ctx),
      .s_inv_value(inverse_value),
      .m_result_valid(result_valid),
      .m_result_ctx(result_ctx),
      .m_result_reason(result_reason),
      .m_key_x(key_x),
      .m_key_y(key_y),
      .m_key_taken(key_taken),
      .stat_mul
  );

  sigv_emit #(
      .CONTEXTS(CONTEXTS),
      .TID_W(TID_W)
  ) u_emit (
      .clk(io_clk),
      .rst,
      .busy(emit_busy),
      .moves(emit_moves),
      .s_start(start),
      .s_start_ctx(ctx),
      .s_start_tag(tag),
      .s_start_tid(tid),
      .s_start_recovery(recovery),
      .s_result_valid(result_valid),
      .s_result_ctx(result_ctx),
      .s_result_reason(result_reason),
      .s_key_x(key_x),
      .s_key_y(key_y),
      .s_key_taken(key_taken),
      .s_reject_valid(reject_valid),
      .s_reject_ready(reject_ready),
      .s_reject_tag(tag),
      .s_reject_tid(tid),
      .s_reject_reason(reject_reason),
      .m_free_valid(freed),
      .m_free_ctx(freed_ctx),
      .m_result_tdata,
      .m_result_tid,
      .m_result_tvalid,
      .m_result_tready,
      .m_result_tlast
  );

  assign idle = jobs == '0 && !ingest_busy && !emit_busy && !s_job_tvalid;
endmodule

`default_nettype wire
