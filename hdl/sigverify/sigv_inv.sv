// SPDX-License-Identifier: Apache-2.0
// sigv_inv: modular inverse for secp256k1, modulo the group order n or the field prime p.
//
// Safegcd (Bernstein and Yang) in 20 batches of 30 division steps, as in libsecp256k1's modinv32:
// 590 half-delta steps suffice for any 256-bit input. f, g, d, e are nine limbs of 30 bits, the
// topmost signed. While sigv_inv_divsteps works on the low limbs, two lanes of two multipliers
// apply the matrix of the batch before, limb by limb:
//   lane A: f <- (u f + v g) / 2^30,  d <- (u d + v e + md M) / 2^30
//   lane B: g <- (q f + r g) / 2^30,  e <- (q d + r e + me M) / 2^30
// where md and me make the division exact and keep d and e within (-2M, M). M = 2^256 - c costs six
// products, for the limbs of -c and the one of 2^256. Two more passes bring sign(f) d into [0, M).
//
// Word order is little-endian. An inversion takes eight beats in, all of one modulus and user, and
// gives eight beats out, without backpressure. The inverse of zero is zero.
// Throughput and latency: one inversion in some 605 cycles, at most 840; none overlap. Reset: state
// only.
// The caller owes values below the modulus.
`default_nettype none

module sigv_inv #(
    // Width of the word that travels with an inversion
    parameter int unsigned USER_W = 8
) (
    input  wire logic              clk,
    input  wire logic              rst,      // synchronous, active high
    output wire logic              moves,    // the next edge of clk changes something here

    // Value in; prime and user are taken with the first beat
    input  wire logic              s_valid,
    output wire logic              s_ready,
    input  wire logic [31:0]       s_word,
    input  wire logic              s_prime,  // modulus: 0 is n, 1 is p
    input  wire logic [USER_W-1:0] s_user,

    // Inverse out
    output wire logic              m_valid,
    output wire logic [2:0]        m_index,  // 0 to 7 in order
    output wire logic [31:0]       m_word,
    output wire logic              m_prime,
    output wire logic [USER_W-1:0] m_user
);
  localparam int unsigned LIMB_W = 30;
  localparam logic [3:0] TOP = 4'd8;       // index of the topmost limb
  localparam logic [4:0] BATCHES = 5'd20;  // 600 division steps

  // The lowest limb of M
  localparam logic [LIMB_W-1:0] N_LOW = 30'h10364141;
  localparam logic [LIMB_W-1:0] P_LOW = 30'h3ffffc2f;

  // M mod 2^256 in limbs
  function automatic logic [LIMB_W-1:0] modulus_limb(input logic prime, input logic [3:0] index);
    unique case ({prime, index})
      {1'b0, 4'd0}: modulus_limb = N_LOW;
      {1'b0, 4'd1}: modulus_limb = 30'h3f497a33;
      {1'b0, 4'd2}: modulus_limb = 30'h348a03bb;
      {1'b0, 4'd3}: modulus_limb = 30'h2bb739ab;
      {1'b0, 4'd4}: modulus_limb = 30'h3ffffeba;
      {1'b1, 4'd0}: modulus_limb = P_LOW;
      {1'b1, 4'd1}: modulus_limb = 30'h3ffffffb;
      {1'b0, TOP}, {1'b1, TOP}: modulus_limb = 30'h0000ffff;
      default: modulus_limb = 30'h3fffffff;
    endcase
  endfunction

  // M = 2^256 - c as signed digits: -c in limbs 0 to 4, nothing in 5 to 7, 2^16 in limb 8
  function automatic logic signed [LIMB_W:0] modulus_digit(
      input logic prime, input logic [3:0] index
  );
    unique case ({prime, index})
      {1'b0, 4'd0}: modulus_digit = -31'sh2fc9bebf;
      {1'b0, 4'd1}: modulus_digit = -31'sh00b685cc;
      {1'b0, 4'd2}: modulus_digit = -31'sh0b75fc44;
      {1'b0, 4'd3}: modulus_digit = -31'sh1448c654;
      {1'b0, 4'd4}: modulus_digit = -31'sh00000145;
      {1'b1, 4'd0}: modulus_digit = -31'sh000003d1;
      {1'b1, 4'd1}: modulus_digit = -31'sh00000004;
      {1'b0, TOP}, {1'b1, TOP}: modulus_digit = 31'sh00010000;
      default: modulus_digit = '0;
    endcase
  endfunction

  // M^-1 mod 2^30
  localparam logic signed [LIMB_W:0] N_INVERSE = 31'sh2a774ec1;
  localparam logic signed [LIMB_W:0] P_INVERSE = 31'sh2ddacacf;

  // A slot issues one pair of products in each lane
  typedef enum logic [1:0] {
    OpFg,   // column of u f + v g and q f + r g
    OpDe,   // column of u d + v e and q d + r e
    OpMod,  // column of md M and me M
    OpCorr  // low limbs of d and e times M^-1, for md and me
  } op_t;
  typedef struct packed {
    op_t        op;
    logic [3:0] column;
  } slot_t;
  localparam int unsigned SLOT_W = 5;
  localparam logic [SLOT_W-1:0] SLOT_DE_FIRST = 2;
  localparam logic [SLOT_W-1:0] SLOT_MOD_FIRST = 12;
  localparam logic [SLOT_W-1:0] SLOT_MOD_LAST = 25;
  localparam logic [SLOT_W-1:0] SLOT_LAST = 26;
  localparam logic [SLOT_W-1:0] SLOT_NONE = 31;
  // Column beyond the topmost limb: no product, only what is carried
  localparam logic [3:0] FLUSH = 4'd9;

  // The order of slots: low limbs of f and g first, for the next batch waits for them; the
  // correction where the low column of d and e has left the lanes; the first OpMod where md has
  function automatic logic [5:0] slot_of(input logic [SLOT_W-1:0] slot);
    unique case (slot)
      5'd0:  slot_of = {OpFg, 4'd0};
      5'd1:  slot_of = {OpFg, 4'd1};
      5'd2:  slot_of = {OpDe, 4'd0};
      5'd3:  slot_of = {OpFg, 4'd2};
      5'd4:  slot_of = {OpFg, 4'd3};
      5'd5:  slot_of = {OpFg, 4'd4};
      5'd6:  slot_of = {OpFg, 4'd5};
      5'd7:  slot_of = {OpCorr, 4'd0};
      5'd8:  slot_of = {OpFg, 4'd6};
      5'd9:  slot_of = {OpFg, 4'd7};
      5'd10: slot_of = {OpFg, 4'd8};
      5'd11: slot_of = {OpFg, FLUSH};
      5'd12: slot_of = {OpMod, 4'd0};
      5'd13: slot_of = {OpDe, 4'd1};
      5'd14: slot_of = {OpMod, 4'd1};
      5'd15: slot_of = {OpDe, 4'd2};
      5'd16: slot_of = {OpMod, 4'd2};
      5'd17: slot_of = {OpDe, 4'd3};
      5'd18: slot_of = {OpMod, 4'd3};
      5'd19: slot_of = {OpDe, 4'd4};
      5'd20: slot_of = {OpMod, 4'd4};
      5'd21: slot_of = {OpDe, 4'd5};
      5'd22: slot_of = {OpDe, 4'd6};
      5'd23: slot_of = {OpDe, 4'd7};
      5'd24: slot_of = {OpDe, 4'd8};
      5'd25: slot_of = {OpMod, 4'd8};
      default: slot_of = {OpDe, FLUSH};
    endcase
  endfunction

  typedef enum logic [1:0] {
    StLoad,  // idle, or taking the value
    StRun,   // batches
    StNorm   // bringing the result into [0, M)
  } state_t;

  state_t             state_q;
  logic               prime_q;
  logic [USER_W-1:0]  user_q;
  logic [3:0]         load_q;    // limb to be loaded
  logic [31:0]        word_q;    // word before this one
  logic [LIMB_W-1:0]  g_low_q;   // limb 0 of the value
  logic [4:0]         batch_q;   // batches that the lanes have begun
  logic               second_q;  // second pass of StNorm
  logic [SLOT_W-1:0]  slot_q;

  logic [LIMB_W-1:0]  f_mem[16];
  logic [LIMB_W-1:0]  g_mem[16];
  logic [LIMB_W-1:0]  d_mem[16];
  logic [LIMB_W-1:0]  e_mem[16];
  logic               f_sign_q, d_sign_q, e_sign_q;

  // Matrix of the batch in the lanes, and the multiples of M with what they begin from
  logic signed [31:0] u_q, v_q, q_q, r_q, md_q, me_q, md_base_q, me_base_q;

  // Stage 1: operands; 2 and 3: products; 4: sums; 5: limbs in the accumulators
  logic               valid1_q, valid2_q, valid3_q, valid4_q, valid5_q;
  slot_t              slot1_q, slot2_q, slot3_q, slot4_q, slot5_q;
  logic               acc4_q, chain4_q, begin4_q, column4_q;
  // What is in the accumulators now: new low limbs of f and g for a batch to come; the last limbs
  // of the last batch, or of a pass of StNorm
  logic               low5_q, batches_end_q, pass_end_q;
  logic signed [31:0] xa_q, xb_q;
  logic signed [30:0] a_q, b_q;

  logic [LIMB_W-1:0]  sum_a, sum_b, fg_a, fg_b, de_a, de_b;

  // What is idle is not even looked at, which is what makes a simulation fast
  logic               active;

  assign s_ready = state_q == StLoad && load_q != TOP;
  assign active = state_q != StLoad || s_valid || load_q != '0;

  // ---- division steps ----

  logic               steps_start, steps_done;
  logic signed [31:0] steps_u, steps_v, steps_q, steps_r;

  // The first batch begins with limb 1, every other as soon as column 1 has given the new low limbs
  assign steps_start = low5_q || (load_q == 4'd1 && s_valid);

  sigv_inv_divsteps #(
      .STEPS(LIMB_W)
  ) divsteps (
      .clk  (clk),
      .rst  (rst),
      .start(steps_start),
      .first(state_q == StLoad),
      .f    (state_q != StLoad ? fg_a : prime_q ? P_LOW : N_LOW),
      .g    (state_q != StLoad ? fg_b : g_low_q),
      .done (steps_done),
      .u    (steps_u),
      .v    (steps_v),
      .q    (steps_q),
      .r    (steps_r)
  );

  // ---- sequence ----

  // The next batch into the lanes
  logic batch_begin;

  assign batch_begin = steps_done && state_q == StRun && batch_q != BATCHES
      && (slot_q == SLOT_LAST || slot_q == SLOT_NONE);

  always_ff @(posedge clk) begin : sequencer
    if (active) begin
      if (state_q != StLoad) begin
        if (slot_q != SLOT_NONE) begin
          slot_q <= state_q == StNorm && slot_q == SLOT_DE_FIRST ? SLOT_MOD_FIRST
              : slot_q == (state_q == StNorm ? SLOT_MOD_LAST : SLOT_LAST) ? SLOT_NONE
              : slot_q + 5'd1;
        end
        if (batch_begin) begin
          batch_q <= batch_q + 5'd1;
          slot_q  <= '0;
        end
        if (batches_end_q || pass_end_q) begin
          state_q  <= pass_end_q && second_q ? StLoad : StNorm;
          slot_q   <= pass_end_q && second_q ? SLOT_NONE : SLOT_DE_FIRST;
          second_q <= pass_end_q;
        end
      end else if (s_valid || load_q == TOP) begin
        if (load_q == '0) begin
          prime_q <= s_prime;
          user_q  <= s_user;
        end
        if (load_q == TOP) begin
          batch_q <= '0;
          state_q <= StRun;
        end
        load_q <= load_q == TOP ? '0 : load_q + 4'd1;
      end
    end

    if (rst) begin
      state_q <= StLoad;
      load_q  <= '0;
      slot_q  <= SLOT_NONE;
    end
  end

  // ---- matrix and multiples of M ----

  always_ff @(posedge clk) begin : coefficients
    logic negate;

    if (active) begin
      // d and e stay within (-2M, M) where md and me begin with the matrix applied to "is negative"
      if (valid4_q && slot4_q.op == OpCorr) begin
        md_q <= md_base_q - $signed({2'b00, sum_a + md_base_q[LIMB_W-1:0]});
        me_q <= me_base_q - $signed({2'b00, sum_b + me_base_q[LIMB_W-1:0]});
      end
      if (valid2_q && slot2_q.op == OpCorr) begin
        md_base_q <= (d_sign_q ? u_q : '0) + (e_sign_q ? v_q : '0);
        me_base_q <= (d_sign_q ? q_q : '0) + (e_sign_q ? r_q : '0);
      end
      if (batch_begin) begin
        u_q <= steps_u;
        v_q <= steps_v;
        q_q <= steps_q;
        r_q <= steps_r;
      end
      // First pass: sign(f) (d or d + M), within (-M, M); second pass: M added to what is negative
      if (batches_end_q || pass_end_q) begin
        negate = batches_end_q && f_sign_q;
        u_q  <= negate ? -32'sd1 : 32'sd1;
        v_q  <= '0;
        md_q <= !de_a[LIMB_W-1] ? 32'sd0 : negate ? -32'sd1 : 32'sd1;
      end
    end
  end

  // ---- operands ----

  always_ff @(posedge clk) begin : operands
    logic [1:0]        op;
    logic [3:0]        column;
    logic [LIMB_W-1:0] a_limb, b_limb;

    if (slot_q != SLOT_NONE) begin
      {op, column} = slot_of(slot_q);
      slot1_q <= {op, column};
      a_limb = op == OpFg ? f_mem[column] : d_mem[column];
      b_limb = op == OpFg ? g_mem[column] : e_mem[column];
      if (op == OpFg || op == OpDe) begin
        xa_q <= u_q;
        xb_q <= q_q;
        a_q  <= column == FLUSH ? '0 : {column == TOP && a_limb[LIMB_W-1], a_limb};
        b_q  <= column == FLUSH ? '0 : {column == TOP && b_limb[LIMB_W-1], b_limb};
      end else begin
        xa_q <= op == OpMod ? md_q : {2'b00, de_a};
        xb_q <= op == OpMod ? me_q : {2'b00, de_b};
        a_q  <= op == OpMod ? modulus_digit(prime_q, column) : prime_q ? P_INVERSE : N_INVERSE;
        b_q  <= '0;
      end
    end
  end

  // ---- the way of a slot through the stages, last stage first ----

  always_ff @(posedge clk) begin : stages
    if (active) begin
      low5_q        <= valid4_q && slot4_q == {OpFg, 4'd1} && batch_q != BATCHES;
      batches_end_q <= valid4_q && slot4_q == {OpDe, FLUSH} && batch_q == BATCHES;
      pass_end_q    <= valid4_q && slot4_q == {OpMod, TOP} && state_q == StNorm;

      acc4_q    <= valid3_q && slot3_q.op != OpCorr;
      chain4_q  <= slot3_q.op != OpFg;
      begin4_q  <= slot3_q.op != OpMod && slot3_q.column == '0;
      column4_q <= slot3_q.op != OpMod;

      slot5_q <= slot4_q;
      slot4_q <= slot3_q;
      slot3_q <= slot2_q;
      slot2_q <= slot1_q;

      valid5_q <= valid4_q;
      valid4_q <= valid3_q;
      valid3_q <= valid2_q;
      valid2_q <= valid1_q;
      valid1_q <= slot_q != SLOT_NONE;
    end
    if (rst) begin
      {valid1_q, valid2_q, valid3_q, valid4_q, valid5_q} <= '0;
      {acc4_q, low5_q, batches_end_q, pass_end_q} <= '0;
    end
  end

  // ---- lanes ----

  // y needs no register of its own: where the matrix changes, b is zero

  sigv_inv_lane #(
      .LIMB_W(LIMB_W)
  ) lane_a (
      .clk       (clk),
      .en_product(valid1_q),
      .x         (xa_q),
      .y         (v_q),
      .a         (a_q),
      .b         (b_q),
      .en_retime (valid2_q),
      .en_sum    (valid3_q),
      .en_acc    (acc4_q),
      .acc_chain (chain4_q),
      .acc_begin (begin4_q),
      .acc_column(column4_q),
      .sum       (sum_a),
      .limb0     (fg_a),
      .limb1     (de_a)
  );

  sigv_inv_lane #(
      .LIMB_W(LIMB_W)
  ) lane_b (
      .clk       (clk),
      .en_product(valid1_q),
      .x         (xb_q),
      .y         (r_q),
      .a         (a_q),
      .b         (b_q),
      .en_retime (valid2_q),
      .en_sum    (valid3_q),
      .en_acc    (acc4_q),
      .acc_chain (chain4_q),
      .acc_begin (begin4_q),
      .acc_column(column4_q),
      .sum       (sum_b),
      .limb0     (fg_b),
      .limb1     (de_b)
  );

  // ---- limbs back, words out ----

  logic              m_valid_q;
  logic [2:0]        m_index_q;
  logic [31:0]       m_word_q;
  logic [LIMB_W-1:0] below_q;  // limb below the one that is stored

  always_ff @(posedge clk) begin : store
    logic              store_fg, store_de;
    logic [3:0]        index;
    logic [LIMB_W-1:0] f, g, d, e;

    m_valid_q <= 1'b0;
    if (active) begin
      if (state_q == StLoad) begin
        // Limb i begins 2 i bits below word i; nothing is above word 7
        store_fg = s_valid || load_q == TOP;
        store_de = store_fg;
        index    = load_q;
        f        = modulus_limb(load_q == '0 ? s_prime : prime_q, load_q);
        g        = LIMB_W'({load_q == TOP ? 32'd0 : s_word, word_q}
                           >> (6'd32 - {1'b0, load_q, 1'b0}));
        d        = '0;
        e        = LIMB_W'(load_q == '0);
        if (store_fg) word_q <= s_word;
        if (load_q == '0) g_low_q <= g;
      end else begin
        // A matrix shifts one limb down, so that column 0 is dropped; OpMod ends the columns it has
        store_fg = valid5_q && slot5_q.op == OpFg && slot5_q.column != '0;
        store_de = valid5_q && (state_q == StNorm || slot5_q.column != '0)
            && (slot5_q.op == OpMod
                || (slot5_q.op == OpDe && slot5_q.column >= 4'd5 && slot5_q.column != TOP));
        index    = state_q == StNorm ? slot5_q.column : slot5_q.column - 4'd1;
        f        = fg_a;
        g        = fg_b;
        d        = de_a;
        e        = de_b;

        // Word i begins 2 i bits above limb i
        if (store_de && state_q == StNorm) begin
          m_valid_q <= second_q && index != '0;
          m_index_q <= 3'(index - 4'd1);
          m_word_q  <= 32'({d, below_q} >> {index - 4'd1, 1'b0});
        end
      end
      if (store_fg) begin
        f_mem[index] <= f;
        g_mem[index] <= g;
        f_sign_q     <= f[LIMB_W-1];
      end
      if (store_de) begin
        d_mem[index] <= d;
        e_mem[index] <= e;
        d_sign_q     <= d[LIMB_W-1];
        e_sign_q     <= e[LIMB_W-1];
        below_q      <= d;
      end
    end
    if (rst) m_valid_q <= 1'b0;
  end

  assign moves = active || m_valid_q;
  assign m_valid = m_valid_q;
  assign m_index = m_index_q;
  assign m_word = m_word_q;
  assign m_prime = prime_q;
  assign m_user = user_q;

`ifndef SYNTHESIS
  // d and e stay within (-2M, M), for which the two passes of StNorm are made
  logic signed [LIMB_W-1:0] d_top, e_top;

  assign d_top = de_a;
  assign e_top = de_b;

  always_ff @(posedge clk) begin : bounds
    if (!rst && state_q == StRun && valid5_q && slot5_q == {OpDe, FLUSH}) begin
      assert (d_top >= -30'sh20000 && d_top < 30'sh10000) else $error("d is not within (-2M, M)");
      assert (e_top >= -30'sh20000 && e_top < 30'sh10000) else $error("e is not within (-2M, M)");
    end
  end
`endif
endmodule

`default_nettype wire
