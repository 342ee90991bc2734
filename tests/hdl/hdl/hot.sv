// SPDX-License-Identifier: Apache-2.0
// hot: one block that takes a simulation's time, and one that does not, for the tests of hpb hdl profile.
`default_nettype none

module hot (
    input  wire logic        clk,
    output wire logic [31:0] sum,
    output wire logic [31:0] count
);
  logic [31:0] count_q = '0;
  logic [63:0] mixed_q[16];

  always_ff @(posedge clk) count_q <= count_q + 1'b1;

  always_ff @(posedge clk) begin
    mixed_q[0] <= mixed_q[15] + 64'(count_q);
    for (int i = 1; i < 16; i++) mixed_q[i] <= mixed_q[i-1] / (mixed_q[(i+3)%16] | 64'd1);
  end

  assign sum = mixed_q[15][31:0];
  assign count = count_q;
endmodule

`default_nettype wire
