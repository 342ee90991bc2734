// SPDX-License-Identifier: Apache-2.0
// sigv_scalar: everything of a signature that is arithmetic modulo n, and every inversion.
//
//   job --+--> z, y ---------------> sigv_scalar_mac --> words --> sigv_recode --> digit list
//         +--> x --> sigv_inv --w--------^
//   inversions modulo p ---> ^--------------------------------------------------> inverses
//
// A verify takes w = s^-1, u1 = z w, u2 = r w; a recover w = r^-1, u1 = -z w, u2 = s w, all modulo
// n. u2 = k1 + k2 lambda and u1 = lo + 2^128 hi are recoded to the list that sigv_recode describes:
// walked from the highest entry down, add then double dbl times, it gives u1 G + u2 Q.
// The one inverter serves jobs and requests in turn where both wait.
//
// Throughput: one job or request in some 600 cycles, at most 840, the three stages overlap: a
// verify in 600 cycles, a recover with its request in 1,200. Latency of a job: some 1,250. Reset:
// control only.
// The caller owes r and s within 1 to n - 1 and values to invert below p; it holds both inputs
// stable until they are taken, and takes results without backpressure.
`default_nettype none

module sigv_scalar #(
    // Signatures in the engine
    parameter  int unsigned CONTEXTS = 32,
    // Bits of the window for multiples of G, 5 to 15
    parameter  int unsigned G_WINDOW = 10,
    // Bits of the window for multiples of Q, 5 or more
    parameter  int unsigned Q_WINDOW = 5,
    // 1: stop the clocks of what has nothing to do (clock_gate)
    parameter  bit          CLOCK_GATING = 1'b0,
    localparam int unsigned CTX_W    = CONTEXTS > 1 ? $clog2(CONTEXTS) : 1,
    localparam int unsigned IDX_W    = (Q_WINDOW > G_WINDOW ? Q_WINDOW : G_WINDOW) - 2,
    localparam int unsigned ENTRY_W  = IDX_W + 11
) (
    input  wire logic               clk,
    input  wire logic               rst,           // synchronous, active high

    // Job in
    input  wire logic               s_job_valid,
    output wire logic               s_job_ready,
    input  wire logic               s_job_recover, // 0 verify, 1 recover
    input  wire logic [CTX_W-1:0]   s_job_ctx,
    input  wire logic [255:0]       s_job_z,       // any value
    input  wire logic [255:0]       s_job_r,
    input  wire logic [255:0]       s_job_s,

    // Value to be inverted modulo p in; zero is answered with zero
    input  wire logic               s_inv_valid,
    output wire logic               s_inv_ready,
    input  wire logic [CTX_W-1:0]   s_inv_ctx,
    input  wire logic [255:0]       s_inv_value,

    // Inverse modulo p out, canonical; the value stays until the next one is being made
    output wire logic               m_inv_valid,
    output wire logic [CTX_W-1:0]   m_inv_ctx,
    output wire logic [255:0]       m_inv_value,

    // Digit list out: {dbl[7:0], kind[1:0], negative, index[IDX_W-1:0]}, lowest entry first
    output wire logic               m_list_we,
    output wire logic [CTX_W-1:0]   m_list_ctx,
    output wire logic [6:0]         m_list_addr,
    output wire logic [ENTRY_W-1:0] m_list_data,
    output wire logic               m_done_valid,
    output wire logic [CTX_W-1:0]   m_done_ctx,
    output wire logic [7:0]         m_done_count   // entries, 0 to 104
);
  // ---- clocks ----

  logic intake_moves, inverter_moves, mac_moves, recode_moves;
  wire  rest_clk, inverter_clk;

  clock_gate #(.GATING(CLOCK_GATING)) rest_gate (
      .clk      (clk),
      .enable   (rst || intake_moves || mac_moves || recode_moves),
      .gated_clk(rest_clk)
  );
  clock_gate #(.GATING(CLOCK_GATING)) inverter_gate (
      .clk      (clk),
      .enable   (rst || inverter_moves),
      .gated_clk(inverter_clk)
  );
  // ---- intake: a word of each operand a cycle ----

  logic             loading_q, from_job_q, last_from_job_q;
  logic [2:0]       word_q;

  // Words on their way: the one to be inverted, and z and y of a job
  logic             valid_q, prime_q;
  logic [3:0]       index_q;  // with the bank on top
  logic [31:0]      x_q, z_q, y_q;
  logic [CTX_W-1:0] user_q;

  // Two banks of jobs: one at most in the inverter, one in the multiplier or in front of it
  logic             load_bank_q, mac_bank_q;
  logic [1:0]       taken_q, inverted_q, recover_q;
  logic [CTX_W-1:0] ctx0_q, ctx1_q;

  logic             handover, inverter_ready, inverter_valid, inverter_prime;
  logic [2:0]       inverter_index;
  logic [31:0]      inverter_word;
  logic [CTX_W-1:0] inverter_user;

  assign s_job_ready = loading_q && from_job_q && word_q == 3'd7;
  assign s_inv_ready = loading_q && !from_job_q && word_q == 3'd7;

  always_ff @(posedge rest_clk) begin : intake
    logic job_ok, choose_job;

    if (!loading_q) begin
      job_ok     = s_job_valid && !taken_q[load_bank_q];
      choose_job = job_ok && !(s_inv_valid && last_from_job_q);
      if (inverter_ready && !valid_q && (job_ok || s_inv_valid)) begin
        loading_q       <= 1'b1;
        from_job_q      <= choose_job;
        last_from_job_q <= choose_job;
        word_q          <= '0;
      end
    end else begin
      word_q  <= word_q + 3'd1;
      prime_q <= !from_job_q;
      user_q  <= from_job_q ? CTX_W'(load_bank_q) : s_inv_ctx;
      index_q <= {load_bank_q, word_q};
      x_q     <= !from_job_q ? s_inv_value[{word_q, 5'd0} +: 32]
          : s_job_recover ? s_job_r[{word_q, 5'd0} +: 32] : s_job_s[{word_q, 5'd0} +: 32];
      z_q     <= s_job_z[{word_q, 5'd0} +: 32];
      y_q     <= s_job_recover ? s_job_s[{word_q, 5'd0} +: 32] : s_job_r[{word_q, 5'd0} +: 32];
      if (word_q == 3'd7) begin
        loading_q <= 1'b0;
        if (from_job_q) begin
          taken_q[load_bank_q]   <= 1'b1;
          recover_q[load_bank_q] <= s_job_recover;
          load_bank_q            <= !load_bank_q;
          if (load_bank_q) ctx1_q <= s_job_ctx;
          else ctx0_q <= s_job_ctx;
        end
      end
    end
    valid_q <= loading_q;

    if (inverter_valid && !inverter_prime && inverter_index == 3'd7) begin
      inverted_q[inverter_user[0]] <= 1'b1;
    end
    if (handover) begin
      taken_q[mac_bank_q]    <= 1'b0;
      inverted_q[mac_bank_q] <= 1'b0;
      mac_bank_q             <= !mac_bank_q;
    end

    if (rst) begin
      loading_q       <= 1'b0;
      valid_q         <= 1'b0;
      last_from_job_q <= 1'b0;
      load_bank_q     <= 1'b0;
      mac_bank_q      <= 1'b0;
      taken_q         <= '0;
      inverted_q      <= '0;
    end
  end

  // A job's inversion carries its bank, a request's its context
  sigv_inv #(
      .USER_W(CTX_W)
  ) inverter (
      .clk    (inverter_clk),
      .rst    (rst),
      .moves  (inverter_moves),
      .s_valid(valid_q),
      .s_ready(inverter_ready),
      .s_word (x_q),
      .s_prime(prime_q),
      .s_user (user_q),
      .m_valid(inverter_valid),
      .m_index(inverter_index),
      .m_word (inverter_word),
      .m_prime(inverter_prime),
      .m_user (inverter_user)
  );

  // ---- inverses modulo p ----

  logic             inv_valid_q;
  logic [CTX_W-1:0] inv_ctx_q;
  logic [255:0]     inv_value_q;

  always_ff @(posedge rest_clk) begin : inverses
    inv_valid_q <= inverter_valid && inverter_prime && inverter_index == 3'd7;
    if (inverter_valid && inverter_prime) begin
      inv_ctx_q                                 <= inverter_user;
      inv_value_q[{inverter_index, 5'd0} +: 32] <= inverter_word;
    end
    if (rst) inv_valid_q <= 1'b0;
  end

  assign m_inv_valid = inv_valid_q;
  assign m_inv_ctx = inv_ctx_q;
  assign m_inv_value = inv_value_q;

  // ---- products and recoding ----

  logic        mac_start, mac_busy, mac_done, mac_valid, negative1, negative2, recode_busy;
  logic        finished_q;  // the words of mac_bank_q are with sigv_recode
  logic [3:0]  mac_index;
  logic [31:0] mac_word;

  assign mac_start = inverted_q[mac_bank_q] && !mac_busy && !mac_done && !finished_q;
  assign handover = finished_q && !recode_busy;
  assign intake_moves = loading_q || valid_q || inverter_valid || inv_valid_q || mac_done || handover
      || (inverter_ready && (s_inv_valid || (s_job_valid && !taken_q[load_bank_q])));

  always_ff @(posedge rest_clk) begin : stages
    if (mac_done) finished_q <= 1'b1;
    else if (handover) finished_q <= 1'b0;
    if (rst) finished_q <= 1'b0;
  end

  sigv_scalar_mac mac (
      .clk        (rest_clk),
      .rst        (rst),
      .moves      (mac_moves),
      .job_valid  (valid_q && !prime_q),
      .job_index  (index_q),
      .job_z      (z_q),
      .job_y      (y_q),
      .inv_valid  (inverter_valid && !inverter_prime),
      .inv_index  ({inverter_user[0], inverter_index}),
      .inv_w      (inverter_word),
      .start      (mac_start),
      .start_bank (mac_bank_q),
      .busy       (mac_busy),
      .done       (mac_done),
      .m_valid    (mac_valid),
      .m_index    (mac_index),
      .m_word     (mac_word),
      .m_negative1(negative1),
      .m_negative2(negative2)
  );

  sigv_recode #(
      .CTX_W   (CTX_W),
      .Q_WINDOW(Q_WINDOW),
      .G_WINDOW(G_WINDOW)
  ) recode (
      .clk            (rest_clk),
      .rst            (rst),
      .moves          (recode_moves),
      .s_valid        (mac_valid),
      .s_index        (mac_index),
      .s_word         (mac_word),
      .start          (handover),
      .start_ctx      (mac_bank_q ? ctx1_q : ctx0_q),
      .start_negative1(negative1),
      .start_negative2(negative2),
      .start_negate_g (recover_q[mac_bank_q]),
      .busy           (recode_busy),
      .m_list_we      (m_list_we),
      .m_list_ctx     (m_list_ctx),
      .m_list_addr    (m_list_addr),
      .m_list_data    (m_list_data),
      .m_done_valid   (m_done_valid),
      .m_done_ctx     (m_done_ctx),
      .m_done_count   (m_done_count)
  );
endmodule

`default_nettype wire
