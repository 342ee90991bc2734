// SPDX-License-Identifier: Apache-2.0
// edges: the ways in which a module may depend on its clock, for tests of what a cycle evaluates.
`default_nettype none

module edges #(
    // 0: rising edges alone; others see the clock low or fall, each in a way of its own
    parameter int unsigned KIND = 0
) (
    input  wire logic       clk,
    input  wire logic       rst,   // synchronous, active high; asynchronous in kind 3
    input  wire logic       en,
    input  wire logic [7:0] d,
    output logic      [7:0] q,     // d in the cycle before
    output wire logic [7:0] n,     // q + d, combinational
    output logic      [7:0] seen   // what the kind is about
);
  assign n = q + d;

  if (KIND != 3) begin : g_sync
    always_ff @(posedge clk) q <= rst ? 8'd0 : d;
  end

  if (KIND == 0) begin : g_rising
    edges_part part (.clk, .d(n), .q(seen));
  end else if (KIND == 1) begin : g_falling
    logic [7:0] fell_q;
    always_ff @(negedge clk) fell_q <= n;
    always_ff @(posedge clk) seen <= fell_q;
  end else if (KIND == 2) begin : g_data
    assign seen = clk ? q : d;
  end else if (KIND == 3) begin : g_async
    always_ff @(posedge clk or posedge rst) begin
      if (rst) q <= '0;
      else q <= d;
    end
    // Sees the reset's work before the edge
    always_ff @(posedge clk) seen <= q;
  end else if (KIND == 4) begin : g_gated
    logic open;
    // verilator lint_off LATCH
    always_latch if (!clk) open = en;
    // verilator lint_on LATCH
    wire logic gated = clk & open;
    always_ff @(posedge gated) seen <= d;
  end else if (KIND == 5) begin : g_latch
    // verilator lint_off LATCH
    always_latch if (!clk) seen = d;
    // verilator lint_on LATCH
  end else if (KIND == 6) begin : g_divided
    logic half_q;
    always_ff @(posedge clk) half_q <= rst ? 1'b0 : !half_q;
    always_ff @(posedge half_q) seen <= d;
  end else if (KIND == 7) begin : g_other
    always_ff @(posedge en) seen <= q;
  end else if (KIND == 8) begin : g_print
    always_comb begin
      seen = d;
      if (d == 8'd255) $display("seen");
    end
  end else begin : g_both
    logic [7:0] count_q;
    always_ff @(edge clk) count_q <= rst ? 8'd0 : count_q + 8'd1;
    assign seen = count_q;
  end
endmodule

// A module of its own, which Verilator may keep apart.
module edges_part (
    input  wire logic       clk,
    input  wire logic [7:0] d,
    output logic      [7:0] q
);
  // verilator no_inline_module
  always_ff @(posedge clk) q <= d;
endmodule

`default_nettype wire
