// SPDX-License-Identifier: Apache-2.0
// card_time: what the card counts even while the rest of it sleeps.
`default_nettype none

module card_time (
    input  wire logic        clk,
    input  wire logic        rst,      // synchronous, active high

    input  wire logic        tick_ms,
    output wire logic [63:0] cycles,   // since rst
    output wire logic [31:0] ticks     // since rst
);
  logic [63:0] cycles_q;
  logic [31:0] ticks_q;

  always_ff @(posedge clk) begin
    cycles_q <= cycles_q + 64'd1;
    if (tick_ms) ticks_q <= ticks_q + 32'd1;
    if (rst) begin
      cycles_q <= '0;
      ticks_q  <= '0;
    end
  end

  assign cycles = cycles_q;
  assign ticks  = ticks_q;
endmodule

`default_nettype wire
