// SPDX-License-Identifier: Apache-2.0
// sigv_carry: digits of 55 bits and weight 2^52 to limbs of 26 bits of the same value below 2^260.
//
// One value a cycle, five cycles; the carry runs through one digit a cycle. Limbs of 26 bits fit the
// wide port of a DSP as they are, and their products need two DSPs. Nothing is reset.
`default_nettype none

module sigv_carry (
    input  wire logic             clk,
    input  wire logic [ 5*55-1:0] s_digits /*verilator split_var*/,
    output wire logic [10*26-1:0] m_limbs  /*verilator split_var*/
);
  localparam int unsigned STEPS = sigv_pkg::DIGITS;

  for (genvar s = 0; s < STEPS; s++) begin : g_step
    // Digits that wait for the carry
    for (genvar i = s; i < STEPS; i++) begin : g_wait
      wire [54:0] x;
      if (s == 0) begin : g_in
        assign x = s_digits[55*i+:55];
      end else begin : g_kept
        logic [54:0] q;
        always_ff @(posedge clk) q <= g_step[s-1].g_wait[i].x;
        assign x = q;
      end
    end
    // The one that gets it
    wire [55:0] sum;
    logic [3:0] carry;
    if (s == 0) begin : g_first
      assign sum = 56'(g_wait[0].x);
    end else begin : g_next
      assign sum = 56'(g_wait[s].x) + 56'(g_step[s-1].carry);
    end
    always_ff @(posedge clk) carry <= sum[55:52];
    // Those that have it, until the last has
    for (genvar i = 0; i <= s; i++) begin : g_done
      wire [51:0] x;
      if (i == s) begin : g_new
        assign x = sum[51:0];
      end else begin : g_before
        assign x = g_step[s-1].g_kept[i].q;
      end
    end
    for (genvar i = 0; i <= s && s < STEPS - 1; i++) begin : g_kept
      logic [51:0] q;
      always_ff @(posedge clk) q <= g_done[i].x;
    end
  end
  for (genvar k = 0; k < 2 * STEPS; k++) begin : g_limb
    logic [25:0] q;
    always_ff @(posedge clk) q <= g_step[STEPS-1].g_done[k/2].x[26*(k%2)+:26];
    assign m_limbs[26*k+:26] = q;
  end
  wire unused = &{1'b0, g_step[STEPS-1].carry};
endmodule

`default_nettype wire
