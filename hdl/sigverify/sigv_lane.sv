// SPDX-License-Identifier: Apache-2.0
// sigv_lane: one limb of every operand: working registers, table words and B = k (B1 + mb B2).
//
// B: addresses in cycle 1; source, load and point limbs and mb in cycle 2; k in cycle 3; b out in
// cycle 4. A and C have timings of their own: address, and two cycles later the operand, with mc in
// between. A write is seen by addresses given in later cycles.
`default_nettype none

module sigv_lane #(
    // Which limb this is
    parameter int unsigned LIMB = 0,
    // Address widths: {context, register} and {context, table word}
    parameter int unsigned REG_ADDR_W = 9,
    parameter int unsigned TABLE_ADDR_W = 10
) (
    input  wire logic                    clk,
    // Factor B, cycle 1
    input  wire logic [  REG_ADDR_W-1:0] b1_addr,
    input  wire logic [  REG_ADDR_W-1:0] b2_addr,
    input  wire logic                    table_en,
    input  wire logic [TABLE_ADDR_W-1:0] table_addr,
    // Cycle 2
    input  wire logic                    from_reg,    // B1 is a register; else one of the next four:
    input  wire logic                    from_table,
    input  wire logic                    from_g,      // a point of G's table
    input  wire logic                    from_load,
    input  wire logic                    from_n,      // the constant n; none of all: beta
    input  wire logic [            25:0] load_limb,
    input  wire logic [            25:0] g_limb,
    input  wire logic [             1:0] mb,          // 0, 1 (-B2), 2 (-2 B2)
    // Cycle 3
    input  wire logic [             2:0] k,           // [1:0] shift left, [2] and once more
    // Cycle 4
    output wire logic [            28:0] b,
    // Factor A
    input  wire logic [  REG_ADDR_W-1:0] a_addr,
    output wire logic [            25:0] a,           // two cycles later
    // Summand C
    input  wire logic [  REG_ADDR_W-1:0] c_addr,
    input  wire logic [             2:0] mc,          // one cycle later: [0] in use, [1] -, [2] twice
    output wire logic [            27:0] c,           // two cycles later
    // Write
    input  wire logic                    reg_we,
    input  wire logic [  REG_ADDR_W-1:0] reg_addr,
    input  wire logic                    table_we,
    input  wire logic [TABLE_ADDR_W-1:0] table_waddr,
    input  wire logic [            25:0] w_limb
);
  /* verilator inline_module */
  localparam logic [27:0] P3_LIMB = sigv_pkg::P3[28*LIMB+:28];
  localparam logic [25:0] BETA_LIMB = sigv_pkg::BETA[26*LIMB+:26];
  localparam logic [25:0] N_LIMB = sigv_pkg::N[26*LIMB+:26];

  // Register 0 of every context is the constant 1.
  logic [25:0] registers[2**REG_ADDR_W];
  logic [25:0] words[2**TABLE_ADDR_W];
  initial begin
    for (int i = 0; i < 2 ** REG_ADDR_W; i++) begin
      registers[i] = LIMB == 0 && i % 2 ** sigv_microcode_pkg::REG_W == 0 ? 26'd1 : 26'd0;
    end
  end

  logic [25:0] a_q, b1_q, b2_q, c_q, word_q;
  always_ff @(posedge clk) begin
    a_q <= registers[a_addr];
    b1_q <= registers[b1_addr];
    b2_q <= registers[b2_addr];
    c_q <= registers[c_addr];
    if (table_en) word_q <= words[table_addr];
    if (reg_we) registers[reg_addr] <= w_limb;
    if (table_we) words[table_waddr] <= w_limb;
  end

  logic [25:0] special;
  always_comb begin
    special = BETA_LIMB;
    if (from_n) special = N_LIMB;
    if (from_load) special = load_limb;
    if (from_g) special = g_limb;
    if (from_table) special = word_q;
  end

  // B = k (B1 + 3p - mb B2), with k > 1 only if mb = 0: limbs of 29 bits, never below zero, so that no
  // borrow runs between lanes.
  logic [25:0] b1_2;
  logic [27:0] less_2;
  logic [28:0] b_3;
  wire [28:0] sum = 29'(b1_2) + 29'(less_2);
  always_ff @(posedge clk) begin
    b1_2 <= from_reg ? b1_q : special;
    less_2 <= mb == 2'd0 ? 28'd0 : P3_LIMB - (mb[1] ? 28'(b2_q) << 1 : 28'(b2_q));
    b_3 <= (sum << k[1:0]) + (k[2] ? sum : 29'd0);
  end
  assign b = b_3;

  logic [25:0] a_2;
  always_ff @(posedge clk) a_2 <= a_q;
  assign a = a_2;

  logic [27:0] c_2;
  wire [27:0] c_scaled = mc[2] ? 28'(c_q) << 1 : 28'(c_q);
  always_ff @(posedge clk) begin
    c_2 <= !mc[0] ? 28'd0 : mc[1] ? P3_LIMB - c_scaled : c_scaled;
  end
  assign c = c_2;
endmodule

`default_nettype wire
