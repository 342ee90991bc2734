// SPDX-License-Identifier: Apache-2.0
// sigv_capture: takes one result of the field as it comes and makes it canonical.
//
// Limbs 2i and 2i+1 are taken when take[i] is high, i = 0 first, one pair a cycle. `above` belongs to
// the cycle in which the last pair is taken. Eleven cycles later `valid` rises and stays until the
// next take; value is below p. `valid` is cleared by reset.
`default_nettype none

module sigv_capture (
    input  wire logic         clk,
    input  wire logic         rst,
    input  wire logic [  4:0] take,
    input  wire logic [259:0] limbs,
    input  wire logic         above,  // the element's representation is p or more
    output wire logic [255:0] value,
    output wire logic         valid
);
  // x - p = x + 2^32 + 977 - 2^256, ten limbs one after the other through one adder
  logic [259:0] value_q;
  logic [3:0] left;
  logic subtract, carry, valid_q;
  wire [25:0] term = left == 4'd10 ? 26'd977 : left == 4'd9 ? 26'd64 : 26'd0;
  wire [26:0] sum = 27'(value_q[25:0]) + (subtract ? 27'(term) : 27'd0) + 27'(carry);
  always_ff @(posedge clk) begin
    if (take != 5'd0) begin
      for (int i = 0; i < 5; i++) if (take[i]) value_q[52*i+:52] <= limbs[52*i+:52];
      subtract <= above;
      carry <= 1'b0;
      left <= take[4] ? 4'd10 : 4'd0;
      valid_q <= 1'b0;
    end else if (left != 4'd0) begin
      value_q <= {sum[25:0], value_q[259:26]};
      carry <= sum[26];
      left <= left - 4'd1;
      valid_q <= left == 4'd1;
    end
    if (rst) begin
      left <= '0;
      valid_q <= 1'b0;
    end
  end
  assign value = value_q[255:0];
  assign valid = valid_q;
  wire unused = &{1'b0, value_q[259:256]};
endmodule

`default_nettype wire
