// SPDX-License-Identifier: Apache-2.0
// sigv_lane: the memories of one digit of every operand: working registers and table words.
//
// Each operand a cycle after its address; a write is seen by addresses given in later cycles. Table
// words have a port of their own.
`default_nettype none

module sigv_lane #(
    // Which digit this is: of weight 2^(52 DIGIT)
    parameter int unsigned DIGIT = 0,
    // Address widths: {context, register} and {context, table word}
    parameter int unsigned REG_ADDR_W = 9,
    parameter int unsigned TABLE_ADDR_W = 10
) (
    input  wire logic                    clk,
    input  wire logic [  REG_ADDR_W-1:0] a_addr,
    output wire logic [            51:0] a,
    input  wire logic [  REG_ADDR_W-1:0] b1_addr,
    output wire logic [            51:0] b1,
    input  wire logic [  REG_ADDR_W-1:0] b2_addr,
    output wire logic [            51:0] b2,
    input  wire logic [  REG_ADDR_W-1:0] c_addr,
    output wire logic [            51:0] c,
    input  wire logic [TABLE_ADDR_W-1:0] table_addr,
    output wire logic [            51:0] word,
    // Write
    input  wire logic                    reg_we,
    input  wire logic [  REG_ADDR_W-1:0] reg_addr,
    input  wire logic                    table_we,
    input  wire logic [TABLE_ADDR_W-1:0] table_waddr,
    input  wire logic [            51:0] w_digit
);
  /* verilator inline_module */
  // Register 0 of every context is the constant 1.
  logic [51:0] registers[2**REG_ADDR_W];
  logic [51:0] words[2**TABLE_ADDR_W];
  initial begin
    for (int i = 0; i < 2 ** REG_ADDR_W; i++) begin
      registers[i] = DIGIT == 0 && i % 2 ** sigv_microcode_pkg::REG_W == 0 ? 52'd1 : 52'd0;
    end
  end

  logic [51:0] a_q, b1_q, b2_q, c_q, word_q;
  always_ff @(posedge clk) begin
    a_q <= registers[a_addr];
    b1_q <= registers[b1_addr];
    b2_q <= registers[b2_addr];
    c_q <= registers[c_addr];
    word_q <= words[table_addr];
    if (reg_we) registers[reg_addr] <= w_digit;
    if (table_we) words[table_waddr] <= w_digit;
  end
  assign a = a_q;
  assign b1 = b1_q;
  assign b2 = b2_q;
  assign c = c_q;
  assign word = word_q;
endmodule

`default_nettype wire
