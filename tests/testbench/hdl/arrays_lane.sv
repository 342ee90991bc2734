// SPDX-License-Identifier: Apache-2.0
// arrays_lane: adds its number; what it holds is looked at from outside.
//
// Latency 2.
`default_nettype none

module arrays_lane #(
    // What is added
    parameter int unsigned OFFSET = 0
) (
    input  wire logic       clk,
    input  wire logic [3:0] in,
    output      logic [3:0] out
);
  logic signed [3:0] held_q  /*verilator public_flat_rd*/;
  logic [3:0] hidden_q;

  always_ff @(posedge clk) begin
    held_q <= in + 4'(OFFSET);
    hidden_q <= in;
    out <= held_q ^ hidden_q ^ hidden_q;
  end
endmodule

`default_nettype wire
