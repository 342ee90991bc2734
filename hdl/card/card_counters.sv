// SPDX-License-Identifier: Apache-2.0
// card_counters: counters of 32 bits that wrap, one for each kind of event.
//
// Any number of events a cycle, of each kind one. Reset clears them.
`default_nettype none

module card_counters #(
    // Number of counters, at least 1
    parameter  int unsigned COUNTERS = 32,
    localparam int unsigned INDEX_W  = COUNTERS > 1 ? $clog2(COUNTERS) : 1
) (
    input  wire logic                clk,
    input  wire logic                rst,    // synchronous, active high

    input  wire logic [COUNTERS-1:0] add,
    input  wire logic [INDEX_W-1:0]  index,
    output wire logic [31:0]         count   // of the counter `index`, combinational
);
  if (COUNTERS == 0) $error("COUNTERS=%0d is below 1", COUNTERS);

  logic [31:0] counts_q [0:COUNTERS-1];

  for (genvar i = 0; i < COUNTERS; i++) begin : g_counter
    always_ff @(posedge clk) begin
      if (add[i]) counts_q[i] <= counts_q[i] + 32'd1;
      if (rst) counts_q[i] <= '0;
    end
  end

  assign count = counts_q[index];
endmodule

`default_nettype wire
