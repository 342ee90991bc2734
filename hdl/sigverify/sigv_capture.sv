// SPDX-License-Identifier: Apache-2.0
// sigv_capture: takes one result of the field as it comes and makes it canonical.
//
// Limbs 2i and 2i+1 are taken when take[i] is high, i = 0 first, one pair a cycle. `above` belongs to
// the cycle in which the last pair is taken. Six cycles later `valid` rises and stays until the next
// take; value is below p. `valid` is cleared by reset.
`default_nettype none

module sigv_capture (
    input  wire logic         clk,
    input  wire logic         rst,
    input  wire logic [  4:0] take,
    input  wire logic [259:0] limbs /*verilator split_var*/,
    input  wire logic         above,  // the element's representation is p or more
    output wire logic [255:0] value,
    output wire logic         valid
);
  // x - p = x + 2^32 + 977 - 2^256: the pairs go round through one adder
  localparam logic [51:0] LESS_P = 52'(33'h1_0000_03d1);
  logic [2:0] left;
  logic subtract, carry, valid_q;
  wire running = left != 3'd0;
  wire [52:0] sum = 53'(g_pair[0].q) + (subtract && left == 3'd5 ? 53'(LESS_P) : 53'd0) + 53'(carry);
  for (genvar i = 0; i < 5; i++) begin : g_pair
    logic [51:0] q;
    wire [51:0] next;
    if (i == 4) begin : g_last
      assign next = sum[51:0];
    end else begin : g_shift
      assign next = g_pair[i+1].q;
    end
    always_ff @(posedge clk) begin
      if (take[i]) q <= limbs[52*i+:52];
      else if (running) q <= next;
    end
  end
  logic [255:0] value_q;
  always_ff @(posedge clk) begin
    if (left == 3'd1) begin
      value_q <= {sum[47:0], g_pair[4].q, g_pair[3].q, g_pair[2].q, g_pair[1].q};
    end
    if (take != 5'd0) begin
      if (take[4]) left <= 3'd5;
      subtract <= above;
      carry <= 1'b0;
      valid_q <= 1'b0;
    end else if (running) begin
      carry <= sum[52];
      left <= left - 3'd1;
      valid_q <= left == 3'd1;
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
