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
  localparam int unsigned STEPS = sigv_pkg::LIMBS / 2;

  for (genvar s = 0; s < STEPS; s++) begin : g_step
    // Limbs that wait for the carry
    for (genvar k = 2 * s; k < 2 * STEPS; k++) begin : g_wait
      wire [28:0] x;
      if (s == 0) begin : g_in
        assign x = s_limbs[29*k+:29];
      end else begin : g_kept
        logic [28:0] q;
        always_ff @(posedge clk) q <= g_step[s-1].g_wait[k].x;
        assign x = q;
      end
    end
    // The two that get it
    logic [25:0] limb_0, limb_1;
    logic [3:0] carry;
    wire [29:0] sum_0, sum_1;
    if (s == 0) begin : g_first
      assign sum_0 = 30'(g_wait[0].x);
    end else begin : g_next
      assign sum_0 = 30'(g_wait[2*s].x) + 30'(g_step[s-1].carry);
    end
    assign sum_1 = 30'(g_wait[2*s+1].x) + 30'(sum_0[29:26]);
    always_ff @(posedge clk) begin
      limb_0 <= sum_0[25:0];
      limb_1 <= sum_1[25:0];
      carry <= sum_1[29:26];
    end
    // Those that have it, until the last has
    for (genvar t = s; t < STEPS; t++) begin : g_done
      wire [25:0] x_0, x_1;
      if (t == s) begin : g_new
        assign x_0 = limb_0;
        assign x_1 = limb_1;
      end else begin : g_kept
        logic [25:0] q_0, q_1;
        always_ff @(posedge clk) begin
          q_0 <= g_done[t-1].x_0;
          q_1 <= g_done[t-1].x_1;
        end
        assign x_0 = q_0;
        assign x_1 = q_1;
      end
    end
    assign m_limbs[52*s+:26] = g_done[STEPS-1].x_0;
    assign m_limbs[52*s+26+:26] = g_done[STEPS-1].x_1;
  end
  wire unused = &{1'b0, g_step[STEPS-1].carry};
endmodule

`default_nettype wire
