// SPDX-License-Identifier: Apache-2.0
// card_counters: counters of 32 bits that wrap, one for each kind of event.
//
// Any number of events a cycle, of each kind one; counted in the cycle after. Reset clears them.
`default_nettype none

module card_counters #(
    // Number of counters, at least 1
    parameter  int unsigned COUNTERS = 32,
    // 1: stop the clock while nothing is to be counted
    parameter  bit          CLOCK_GATING = 1'b0,
    localparam int unsigned INDEX_W  = COUNTERS > 1 ? $clog2(COUNTERS) : 1
) (
    input  wire logic                clk,
    input  wire logic                rst,    // synchronous, active high

    input  wire logic [COUNTERS-1:0] add,
    input  wire logic [INDEX_W-1:0]  index,
    output wire logic [31:0]         count   // of the counter `index`, combinational
);
  if (COUNTERS == 0) $error("COUNTERS=%0d is below 1", COUNTERS);

  // A gate's enable has to come from flip-flops, which what is counted may not
  logic [COUNTERS-1:0] add_q;
  always_ff @(posedge clk) add_q <= rst ? '0 : add;

  wire logic count_clk;
  clock_gate #(
      .GATING(CLOCK_GATING)
  ) gate (
      .clk      (clk),
      .enable   (rst || add_q != '0),
      .gated_clk(count_clk)
  );

  logic [31:0] counts_q [0:COUNTERS-1];

  for (genvar i = 0; i < COUNTERS; i++) begin : g_counter
    always_ff @(posedge count_clk) begin
      if (add_q[i]) counts_q[i] <= counts_q[i] + 32'd1;
      if (rst) counts_q[i] <= '0;
    end
  end

  assign count = counts_q[index];
endmodule

`default_nettype wire
