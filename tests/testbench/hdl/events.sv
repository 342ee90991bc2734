// SPDX-License-Identifier: Apache-2.0
// events: a counter and what follows from it, for tests of triggers.
//
// Outputs come from registers; all are 0 after reset.
`default_nettype none

module events (
    input  wire logic        clk,
    input  wire logic        rst,       // synchronous, active high

    output      logic [31:0] count,     // cycles since reset
    output      logic        pulse,     // count is a multiple of 16, but 0
    output      logic        slow,      // changes every 64 cycles
    output      logic [63:0] mirrored,  // 2^63 + count, a cycle late
    output wire logic        never
);
  logic [31:0] next;
  assign next = count + 32'd1;
  assign never = count == 32'hffff_ffff;

  always_ff @(posedge clk) begin
    count <= next;
    pulse <= next[3:0] == 4'd0;
    slow <= next[6];
    mirrored <= {1'b1, 31'd0, count};
    if (rst) begin
      count <= '0;
      pulse <= 1'b0;
      slow <= 1'b0;
      mirrored <= '0;
    end
  end
endmodule

`default_nettype wire
