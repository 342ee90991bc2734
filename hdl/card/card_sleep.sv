// SPDX-License-Identifier: Apache-2.0
// card_sleep: stops the clock of everything around the engine while nothing happens there.
//
// A signature takes some thousand cycles, its way in and out some fifty. In between, only this
// module, the counters and the engine are clocked: less power on a board, less work for a
// simulator. `active` is high while something happens or is offered from outside; LINGER + 1 quiet
// cycles later the clock stops, and one cycle after the next `active` it runs again. While `awake`
// is low nothing may be taken from outside, and nothing is offered to the outside. A reset takes two
// cycles: the first wakes.
`default_nettype none

module card_sleep #(
    // 1: stop the clock; 0: never
    parameter bit          GATING = 1'b1,
    // Quiet cycles before the clock stops, less one: more than any wait inside without a sign of
    // `active`, whatever the number of batches. All tests of the card pass from 2 on
    parameter int unsigned LINGER = 7
) (
    input  wire logic clk,
    input  wire logic rst,       // synchronous, active high

    input  wire logic active,
    output wire logic quiet,     // for LINGER cycles at least nothing was active
    output wire logic awake,
    output wire logic gated_clk
);
  localparam int unsigned COUNT_W = $clog2(LINGER + 1);

  logic               awake_q;
  logic [COUNT_W-1:0] quiet_q;  // quiet cycles left

  always_ff @(posedge clk) begin
    if (rst || active) begin
      awake_q <= 1'b1;
      quiet_q <= COUNT_W'(LINGER);
    end else if (quiet_q != '0) begin
      quiet_q <= quiet_q - 1'b1;
    end else begin
      awake_q <= !GATING;
    end
  end

  clock_gate #(
      .GATING(GATING)
  ) gate (
      .clk      (clk),
      .enable   (awake_q),
      .gated_clk(gated_clk)
  );

  assign awake = awake_q;
  assign quiet = quiet_q == '0;
endmodule

`default_nettype wire
