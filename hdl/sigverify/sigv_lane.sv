// SPDX-License-Identifier: Apache-2.0
// sigv_lane: two limbs of every operand: working registers, table words and B = k (B1 + mb B2).
//
// B: addresses in cycle 1; source, load and point limbs and mb in cycle 2; k in cycle 3; b out in
// cycle 4. A and C have timings of their own: address, and two cycles later the operand, with mc in
// between. A write is seen by addresses given in later cycles.
`default_nettype none

module sigv_lane #(
    // Which pair of limbs this is: 2 PAIR and 2 PAIR + 1
    parameter int unsigned PAIR = 0,
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
    input  wire logic [            51:0] load_limbs,
    input  wire logic [            51:0] g_limbs,
    input  wire logic [             1:0] mb,          // 0, 1 (-B2), 2 (-2 B2)
    // Cycle 3
    input  wire logic [             2:0] k,           // [1:0] shift left, [2] and once more
    output wire logic [            28:0] b_0,         // cycle 4
    output wire logic [            28:0] b_1,
    // Factor A
    input  wire logic [  REG_ADDR_W-1:0] a_addr,
    output wire logic [            25:0] a_0,         // two cycles later
    output wire logic [            25:0] a_1,
    // Summand C
    input  wire logic [  REG_ADDR_W-1:0] c_addr,
    input  wire logic [             2:0] mc,          // one cycle later: [0] in use, [1] -, [2] twice
    output wire logic [            27:0] c_0,         // two cycles later
    output wire logic [            27:0] c_1,
    // Write
    input  wire logic                    reg_we,
    input  wire logic [  REG_ADDR_W-1:0] reg_addr,
    input  wire logic                    table_we,
    input  wire logic [TABLE_ADDR_W-1:0] table_waddr,
    input  wire logic [            51:0] w_limbs
);
  /* verilator inline_module */
  localparam logic [27:0] P3_0 = sigv_pkg::P3[56*PAIR+:28];
  localparam logic [27:0] P3_1 = sigv_pkg::P3[56*PAIR+28+:28];
  localparam logic [51:0] BETA = sigv_pkg::BETA[52*PAIR+:52];
  localparam logic [51:0] N = sigv_pkg::N[52*PAIR+:52];

  // Register 0 of every context is the constant 1.
  logic [51:0] registers[2**REG_ADDR_W];
  logic [51:0] words[2**TABLE_ADDR_W];
  initial begin
    for (int i = 0; i < 2 ** REG_ADDR_W; i++) begin
      registers[i] = PAIR == 0 && i % 2 ** sigv_microcode_pkg::REG_W == 0 ? 52'd1 : 52'd0;
    end
  end

  logic [51:0] a_q, b1_q, b2_q, c_q, word_q;
  always_ff @(posedge clk) begin
    a_q <= registers[a_addr];
    b1_q <= registers[b1_addr];
    b2_q <= registers[b2_addr];
    c_q <= registers[c_addr];
    if (table_en) word_q <= words[table_addr];
    if (reg_we) registers[reg_addr] <= w_limbs;
    if (table_we) words[table_waddr] <= w_limbs;
  end

  // B = k (B1 + 3p - mb B2), with k > 1 only if mb = 0: limbs of 29 bits, never below zero, so that no
  // borrow runs between limbs.
  logic [51:0] b1_2;
  logic [27:0] less_0, less_1;
  always_ff @(posedge clk) begin
    if (from_reg) b1_2 <= b1_q;
    else if (from_table) b1_2 <= word_q;
    else if (from_g) b1_2 <= g_limbs;
    else if (from_load) b1_2 <= load_limbs;
    else b1_2 <= from_n ? N : BETA;
    less_0 <= (P3_0 - (28'(b2_q[25:0]) << mb[1])) & {28{mb != 2'd0}};
    less_1 <= (P3_1 - (28'(b2_q[51:26]) << mb[1])) & {28{mb != 2'd0}};
  end
  wire [28:0] sum_0 = 29'(b1_2[25:0]) + 29'(less_0);
  wire [28:0] sum_1 = 29'(b1_2[51:26]) + 29'(less_1);
  logic [28:0] b_0_q, b_1_q;
  always_ff @(posedge clk) begin
    b_0_q <= (sum_0 << k[1:0]) + (sum_0 & {29{k[2]}});
    b_1_q <= (sum_1 << k[1:0]) + (sum_1 & {29{k[2]}});
  end
  assign b_0 = b_0_q;
  assign b_1 = b_1_q;

  logic [25:0] a_0_q, a_1_q;
  always_ff @(posedge clk) begin
    a_0_q <= a_q[25:0];
    a_1_q <= a_q[51:26];
  end
  assign a_0 = a_0_q;
  assign a_1 = a_1_q;

  logic [27:0] c_0_q, c_1_q;
  wire [27:0] scaled_0 = 28'(c_q[25:0]) << mc[2];
  wire [27:0] scaled_1 = 28'(c_q[51:26]) << mc[2];
  always_ff @(posedge clk) begin
    // mc[1]: 3p - C, as 3p + 1 + ~C
    c_0_q <= (((P3_0 + 28'd1) & {28{mc[1]}}) + (scaled_0 ^ {28{mc[1]}})) & {28{mc[0]}};
    c_1_q <= (((P3_1 + 28'd1) & {28{mc[1]}}) + (scaled_1 ^ {28{mc[1]}})) & {28{mc[0]}};
  end
  assign c_0 = c_0_q;
  assign c_1 = c_1_q;
endmodule

`default_nettype wire
