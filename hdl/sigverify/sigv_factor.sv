// SPDX-License-Identifier: Apache-2.0
// sigv_factor: B = k (B1 + 3p - mb B2), in digits of 55 bits, with k > 1 only if mb = 0.
//
// Digits are never below zero, so that no borrow runs between them. Operands, their source and mb in
// cycle 0, k in cycle 1, b in cycle 2. When nothing comes all but the choice of B1 holds still. Nothing
// is reset.
`default_nettype none

module sigv_factor (
    input  wire logic             clk,
    input  wire logic             start,      // the operands of a slot are there
    // B1 is one of these
    input  wire logic             from_reg,
    input  wire logic [5*52-1:0]  b1          /*verilator split_var*/,
    input  wire logic             from_table,
    input  wire logic [5*52-1:0]  word        /*verilator split_var*/,
    input  wire logic             from_g,     // a point of G's table
    input  wire logic [5*52-1:0]  g_point     /*verilator split_var*/,
    input  wire logic             from_load,
    input  wire logic [255:0]     load_word,
    input  wire logic             from_n,     // or, if none of them, the constant n or beta
    input  wire logic [5*52-1:0]  b2          /*verilator split_var*/,
    input  wire logic [1:0]       mb,         // 0, 1 (-B2), 2 (-2 B2)
    input  wire logic [2:0]       k,          // [1:0] shift left, [2] and once more
    output wire logic [5*55-1:0]  b           /*verilator split_var*/
);
  localparam int unsigned DIGITS = sigv_pkg::DIGITS;
  localparam logic [259:0] BETA = sigv_pkg::BETA;
  localparam logic [259:0] N = sigv_pkg::N;
  localparam logic [269:0] P3 = sigv_pkg::P3;

  logic going;
  always_ff @(posedge clk) going <= start;
  wire [259:0] load_digits = {4'd0, load_word};
  wire [53:0] subtracts = {54{mb != 2'd0}};
  wire [54:0] once_more = {55{k[2]}};
  for (genvar i = 0; i < DIGITS; i++) begin : g_b1
    wire [51:0] register = b1[52*i+:52];
    wire [51:0] table_word = word[52*i+:52];
    wire [51:0] point = g_point[52*i+:52];
    logic [51:0] q;
    always_ff @(posedge clk) begin
      if (from_reg) q <= register;
      else if (from_table) q <= table_word;
      else if (from_g) q <= point;
      else if (from_load) q <= load_digits[52*i+:52];
      else q <= from_n ? N[52*i+:52] : BETA[52*i+:52];
    end
  end
  for (genvar i = 0; i < DIGITS; i++) begin : g_less
    wire [51:0] register = b2[52*i+:52];
    logic [53:0] q;
    always_ff @(posedge clk) begin
      if (start) q <= (P3[54*i+:54] - (54'(register) << mb[1])) & subtracts;
    end
  end
  for (genvar i = 0; i < DIGITS; i++) begin : g_scaled
    wire [54:0] sum = 55'(g_b1[i].q) + 55'(g_less[i].q);
    logic [54:0] q;
    always_ff @(posedge clk) if (going) q <= (sum << k[1:0]) + (sum & once_more);
    assign b[55*i+:55] = q;
  end
endmodule

`default_nettype wire
