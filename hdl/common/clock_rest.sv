// SPDX-License-Identifier: Apache-2.0
// clock_rest: the clock of a block that has nothing to do most of the time.
//
// Passes in every cycle with `active`, and in LINGER cycles after it; the block notices nothing,
// if in any other cycle an edge would leave all of its flip-flops as they are. `active` depends on
// flip-flops of clk alone, or of clocks gated from it. What clock_gate says of boards holds here.
`default_nettype none

module clock_rest #(
    // 1: let the clock rest; 0: pass it always
    parameter  bit          GATING  = 1'b1,
    // Cycles that pass behind the last `active` one, at least 1
    parameter  int unsigned LINGER  = 7,
    localparam int unsigned COUNT_W = LINGER > 1 ? $clog2(LINGER + 1) : 1
) (
    input  wire logic clk,
    input  wire logic rst,       // synchronous, active high; passes

    input  wire logic active,
    output wire logic gated_clk
);
  if (LINGER == 0) $error("LINGER=%0d is below 1", LINGER);

  logic [COUNT_W-1:0] left_q;    // cycles that pass without `active`

  always_ff @(posedge clk) begin
    if (rst || active) left_q <= COUNT_W'(LINGER);
    else if (left_q != '0) left_q <= left_q - 1'b1;
  end

  clock_gate #(
      .GATING(GATING)
  ) gate (
      .clk      (clk),
      .enable   (rst || active || left_q != '0),
      .gated_clk(gated_clk)
  );
endmodule

`default_nettype wire
