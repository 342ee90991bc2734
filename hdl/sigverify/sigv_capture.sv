// SPDX-License-Identifier: Apache-2.0
// sigv_capture: takes one result of the field as it comes and makes it canonical.
//
// Six cycles after `take` `valid` rises and stays until the next take; value is below p. `valid` is
// cleared by reset.
`default_nettype none

module sigv_capture (
    input  wire logic         clk,
    input  wire logic         rst,
    input  wire logic         take,
    input  wire logic [259:0] limbs /*verilator split_var*/,
    input  wire logic         above,  // the element's representation is p or more
    output wire logic [255:0] value,
    output wire logic         valid
);
  // x - p = x + 2^32 + 977 - 2^256: the digits go round through one adder. All in one block, which
  // a simulator skips while there is nothing to do.
  localparam logic [51:0] LESS_P = 52'(33'h1_0000_03d1);
  wire [51:0] in_0 = limbs[51:0];
  wire [51:0] in_1 = limbs[103:52];
  wire [51:0] in_2 = limbs[155:104];
  wire [51:0] in_3 = limbs[207:156];
  wire [51:0] in_4 = limbs[259:208];
  logic [51:0] digit_0, digit_1, digit_2, digit_3, digit_4;
  logic [2:0] left;
  logic subtract, carry, valid_q;
  logic [255:0] value_q;
  always_ff @(posedge clk) begin : round
    logic [52:0] sum;
    if (take) begin
      digit_0 <= in_0;
      digit_1 <= in_1;
      digit_2 <= in_2;
      digit_3 <= in_3;
      digit_4 <= in_4;
      left <= 3'd5;
      subtract <= above;
      carry <= 1'b0;
      valid_q <= 1'b0;
    end else if (left != 3'd0) begin
      sum = 53'(digit_0) + (subtract && left == 3'd5 ? 53'(LESS_P) : 53'd0) + 53'(carry);
      digit_0 <= digit_1;
      digit_1 <= digit_2;
      digit_2 <= digit_3;
      digit_3 <= digit_4;
      digit_4 <= sum[51:0];
      carry <= sum[52];
      left <= left - 3'd1;
      if (left == 3'd1) begin
        value_q <= {sum[47:0], digit_4, digit_3, digit_2, digit_1};
        valid_q <= 1'b1;
      end
    end
    if (rst) begin
      left <= '0;
      valid_q <= 1'b0;
    end
  end
  assign value = value_q;
  assign valid = valid_q;
endmodule

`default_nettype wire
