// SPDX-License-Identifier: Apache-2.0
// sigv_carry: limbs of 29 bits to limbs of 26 bits of the same value, which is below 2^260.
//
// One value a cycle, five cycles; the carry runs through two limbs a cycle. Limbs of 26 bits fit the
// wide port of a DSP as they are, and their products need two DSPs. Nothing is reset.
`default_nettype none

module sigv_carry (
    input  wire logic             clk,
    input  wire logic [10*29-1:0] s_limbs /*verilator split_var*/,
    output wire logic [10*26-1:0] m_limbs /*verilator split_var*/
);
  localparam int unsigned LIMBS = sigv_pkg::LIMBS;

  for (genvar s = 0; s < LIMBS / 2; s++) begin : g_step
    // As they stand before this step: below 2s done, the rest waiting
    for (genvar k = 0; k < LIMBS; k++) begin : g_limb
      localparam int unsigned W = k < 2 * s ? 26 : 29;
      wire [W-1:0] x;
      if (s == 0) begin : g_in
        assign x = s_limbs[29*k+:29];
      end else if (k < 2 * s - 2) begin : g_done
        logic [25:0] q;
        always_ff @(posedge clk) q <= g_step[s-1].g_limb[k].x;
        assign x = q;
      end else if (k < 2 * s) begin : g_new
        assign x = g_step[s-1].pair[26*(k-2*s+2)+:26];
      end else begin : g_wait
        logic [28:0] q;
        always_ff @(posedge clk) q <= g_step[s-1].g_limb[k].x;
        assign x = q;
      end
    end
    wire [3:0] carry_in;
    if (s == 0) begin : g_first
      assign carry_in = '0;
    end else begin : g_next
      assign carry_in = g_step[s-1].carry;
    end
    wire [29:0] sum_0 = 30'(g_limb[2*s].x) + 30'(carry_in);
    wire [29:0] sum_1 = 30'(g_limb[2*s+1].x) + 30'(sum_0[29:26]);
    logic [51:0] pair;
    logic [3:0] carry;
    always_ff @(posedge clk) begin
      pair <= {sum_1[25:0], sum_0[25:0]};
      carry <= sum_1[29:26];
    end
  end

  for (genvar k = 0; k < LIMBS - 2; k++) begin : g_out
    logic [25:0] q;
    always_ff @(posedge clk) q <= g_step[4].g_limb[k].x;
    assign m_limbs[26*k+:26] = q;
  end
  assign m_limbs[259:208] = g_step[4].pair;
  wire unused = &{1'b0, g_step[4].carry};
endmodule

`default_nettype wire
