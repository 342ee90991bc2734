// SPDX-License-Identifier: Apache-2.0
// sigv_top, a stand-in for tests of the card: same ports and frames as the signature engine, no
// arithmetic.
//
// Folds the payload into 64 bits: fold = rotate_left(fold, 1) ^ beat. The answer follows from it:
// HIGH_S where bit 3 is set and high s is not allowed, else valid where bit 0 is set, else
// MISMATCH. A recovered key is the fold, XORed with the number of the beat. Answers come after a
// random time, in any order, with pauses. A job whose first payload beat is all ones is never
// answered.
`default_nettype none

module sigv_top #(
    parameter int unsigned ENGINES  = 1,
    parameter int unsigned CONTEXTS = 32,
    parameter int unsigned MUL_II   = 1,
    parameter int unsigned G_WINDOW = 10,
    parameter int unsigned SOURCES  = 1,
    parameter bit CLOCK_GATING      = 1'b0
) (
    input  wire logic                  clk,
    input  wire logic                  rst,
    input  wire logic [SOURCES*64-1:0] s_job_tdata,
    input  wire logic [SOURCES-1:0]    s_job_tvalid,
    output wire logic [SOURCES-1:0]    s_job_tready,
    input  wire logic [SOURCES-1:0]    s_job_tlast,
    output wire logic [SOURCES*64-1:0] m_result_tdata,
    output wire logic [SOURCES-1:0]    m_result_tvalid,
    input  wire logic [SOURCES-1:0]    m_result_tready,
    output wire logic [SOURCES-1:0]    m_result_tlast,
    output wire logic [ENGINES-1:0]    stat_mul,
    output wire logic                  idle
);
  if (SOURCES != 1) $error("the stand-in serves one source, not %0d", SOURCES);
  if (MUL_II == 0 || G_WINDOW == 0) $error("MUL_II=%0d, G_WINDOW=%0d", MUL_II, G_WINDOW);

  localparam int unsigned POOL = 1 << $clog2(ENGINES * CONTEXTS);
  localparam int unsigned POOL_W = $clog2(POOL);

  localparam logic [7:0] VERIFY = 8'd1;
  localparam logic [7:0] RECOVER = 8'd2;
  localparam logic [7:0] MALFORMED = 8'd1;
  localparam logic [7:0] RECOVERY_ID = 8'd2;
  localparam logic [7:0] HIGH_S = 8'd5;
  localparam logic [7:0] MISMATCH = 8'd11;

  logic [31:0]       random_q = 32'h1234_5678;

  // The frame that arrives
  logic              in_frame_q;
  logic [5:0]        beats_q;     // payload beats, stops at 63
  logic [63:0]       header_q, fold_q;
  logic              hang_q;

  // Jobs in the pool: {key follows, valid, reason, tag, fold}
  logic [105:0]      pool_q [0:POOL-1];
  logic [POOL-1:0]   used_q, hung_q;

  // The answer that leaves
  logic              busy_q, key_q;
  logic [3:0]        beat_q;
  logic [63:0]       answer_q, answer_fold_q;

  // Where a job goes to, where an answer comes from: wherever chance points
  wire logic [POOL_W-1:0] put = random_q[POOL_W-1:0];
  wire logic [POOL_W-1:0] get = random_q[16+:POOL_W];
  wire logic              pause = random_q[31:30] == 2'b00;

  wire logic        taken = s_job_tvalid[0] && s_job_tready[0];
  wire logic [63:0] fold = {fold_q[62:0], fold_q[63]} ^ s_job_tdata;
  wire logic [7:0]  op = header_q[7:0];
  wire logic        allow_high_s = header_q[8];
  wire logic [5:0]  expected = op == VERIFY ? 6'd19 : 6'd11;
  wire logic        malformed = (op != VERIFY && op != RECOVER) || header_q[15:9] != '0
                                || header_q[31:24] != '0 || beats_q != expected
                                || (op == VERIFY && header_q[23:16] != '0);
  wire logic        bad_id = header_q[23:16] > 8'd3;
  wire logic        high = fold[3] && !allow_high_s;
  wire logic        valid = !malformed && !bad_id && !high && fold[0];
  wire logic [7:0]  reason = malformed ? MALFORMED : bad_id ? RECOVERY_ID : high ? HIGH_S
                             : fold[0] ? 8'd0 : MISMATCH;

  // The last beat waits until chance points to a free place
  assign s_job_tready = !pause && !(s_job_tlast[0] && used_q[put]);

  always_ff @(posedge clk) begin
    random_q <= {random_q[30:0], random_q[31] ^ random_q[21] ^ random_q[1] ^ random_q[0]};
    if (taken) begin
      in_frame_q <= !s_job_tlast[0];
      if (!in_frame_q) begin
        header_q <= s_job_tdata;
        fold_q   <= '0;
        beats_q  <= '0;
        hang_q   <= 1'b0;
      end else begin
        fold_q  <= fold;
        beats_q <= beats_q + 6'(beats_q != '1);
        if (beats_q == '0) hang_q <= s_job_tdata == '1;
      end
      if (s_job_tlast[0]) begin
        pool_q[put] <= {valid && op == RECOVER, valid, reason, header_q[63:32], fold};
        used_q[put] <= 1'b1;
        hung_q[put] <= hang_q;
      end
    end
    if (!busy_q) begin
      if (used_q[get] && !hung_q[get] && random_q[10:8] == '0) begin
        busy_q        <= 1'b1;
        beat_q        <= '0;
        used_q[get]   <= 1'b0;
        key_q         <= pool_q[get][105];
        answer_q      <= {pool_q[get][95:64], 16'd0, pool_q[get][103:96], 7'd0, pool_q[get][104]};
        answer_fold_q <= pool_q[get][63:0];
      end
    end else if (m_result_tvalid[0] && m_result_tready[0]) begin
      beat_q <= beat_q + 4'd1;
      if (m_result_tlast[0]) busy_q <= 1'b0;
    end
    if (rst) begin
      in_frame_q <= 1'b0;
      used_q     <= '0;
      busy_q     <= 1'b0;
    end
  end

  // Pauses only before a beat was offered: an offered beat stays
  logic offered_q;
  always_ff @(posedge clk) offered_q <= m_result_tvalid[0] && !m_result_tready[0];

  assign m_result_tvalid = busy_q && (offered_q || !pause);
  wire logic [3:0] key_beat = beat_q - 4'd1;
  assign m_result_tdata  = beat_q == '0 ? answer_q : answer_fold_q ^ {60'd0, key_beat};
  assign m_result_tlast  = beat_q == (key_q ? 4'd8 : 4'd0);

  assign stat_mul = {ENGINES{used_q != '0}};
  assign idle     = !in_frame_q && used_q == '0 && !busy_q;

  wire logic unused = &{1'b0, random_q};
endmodule

`default_nettype wire
