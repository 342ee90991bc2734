// SPDX-License-Identifier: Apache-2.0
// mixer_falling: a mixer with one register on the falling edge, so that both edges are to be evaluated.
`default_nettype none

module mixer_falling (
    input  wire logic               clk,
    input  wire logic               rst,     // synchronous, active high

    input  wire logic               valid,
    input  wire logic        [7:0]  gain,
    input  wire logic        [15:0] sample,
    input  wire logic        [31:0] offset,
    input  wire logic               take,

    output wire logic        [31:0] sum,
    output wire logic        [4:0]  level,
    output logic                    fell     // lowest bit of the sum at the falling edge
);
  mixer u_mixer (.clk, .rst, .valid, .gain, .sample, .offset, .take, .sum, .level);

  always_ff @(negedge clk) fell <= sum[0];
endmodule

`default_nettype wire
