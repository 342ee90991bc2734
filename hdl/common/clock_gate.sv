// SPDX-License-Identifier: Apache-2.0
// clock_gate: passes or stops a clock without glitches.
//
// `enable` depends on flip-flops of clk alone, or of clocks gated from it, and decides about the next
// rising edge. With GATING 0 the clock always passes. On a board use the vendor's gate (BUFGCE, DCCA)
// in place of this module, or GATING 0.
`default_nettype none

module clock_gate #(
    // 1: gate the clock; 0: pass it always
    parameter bit GATING = 1'b1
) (
    input  wire logic clk,
    input  wire logic enable,    // the next rising edge passes
    output wire logic gated_clk
);
  if (GATING) begin : g_gate
    logic enable_q;
    // Follows while the clock is low, holds while it is high
    always_latch if (!clk) enable_q = enable;
    assign gated_clk = clk & enable_q;
  end else begin : g_pass
    wire logic unused = &{1'b0, enable};
    assign gated_clk = clk;
  end
endmodule

`default_nettype wire
