// SPDX-License-Identifier: Apache-2.0
// rv_stage: a register between two ready/valid channels, with one bug of choice.
//
// One item a cycle, latency 1.
`default_nettype none

module rv_stage (
    input  wire logic        clk,
    input  wire logic        rst,        // synchronous, active high

    // 0 none, 1 valid falls while stalled, 2 the operation changes while stalled, 3 valid in reset,
    // 4 ready never comes, 5 an item is lost when both sides move
    input  wire logic [2:0]  bug,

    input  wire logic [2:0]  in_op,
    input  wire logic [39:0] in_value,
    input  wire logic        in_valid,
    output wire logic        in_ready,

    output wire logic [2:0]  out_op,
    output wire logic [39:0] out_value,
    output wire logic        out_valid,
    input  wire logic        out_ready
);
  logic [2:0]  op_q;
  logic [39:0] value_q;
  logic        valid_q;

  assign in_ready = (!valid_q || out_ready) && bug != 3'd4;
  assign out_op = op_q;
  assign out_value = value_q;
  assign out_valid = valid_q || (bug == 3'd3 && rst);

  always_ff @(posedge clk) begin
    if (in_ready) begin
      valid_q <= in_valid && !(bug == 3'd5 && valid_q);
      op_q <= in_op;
      value_q <= in_value;
    end else if (valid_q && bug == 3'd1) begin
      valid_q <= 1'b0;
    end else if (valid_q && bug == 3'd2) begin
      op_q <= op_q + 3'd1;
    end
    if (rst) valid_q <= 1'b0;
  end
endmodule

`default_nettype wire
