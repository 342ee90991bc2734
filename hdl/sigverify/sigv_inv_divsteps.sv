// SPDX-License-Identifier: Apache-2.0
// sigv_inv_divsteps: one batch of division steps on the low words of f and g.
//
// The division step of Bernstein and Yang (2019) in the half-delta form of libsecp256k1: with f
// odd,
//   delta > 0 and g odd: (f, g) <- (g, (g - f) / 2), delta <- 1 - delta
//   otherwise:           (f, g) <- (f, (g + (g mod 2) f) / 2), delta <- 1 + delta
// zeta = -(delta + 1/2) lives on between batches. A batch of STEPS steps is summed up in the matrix
//   2^STEPS (f', g') = (u v; q r) (f, g),  |u| + |v| <= 2^STEPS,  |q| + |r| <= 2^STEPS.
//
// Throughput and latency: a cycle does one step, or two where the second only halves: STEPS / 2 to
// STEPS cycles, on average STEPS / 1.5. Reset: none is needed beyond a start.
// The caller raises start for one cycle and reads u, v, q, r while done is high.
`default_nettype none

module sigv_inv_divsteps #(
    // Division steps in a batch
    parameter int unsigned STEPS = 30
) (
    input  wire logic                     clk,
    input  wire logic                     rst,    // synchronous, active high

    input  wire logic                     start,  // takes f and g, abandons a batch under way
    input  wire logic                     first,  // with start: delta begins anew at 1/2
    input  wire logic [STEPS-1:0]         f,      // low bits, odd
    input  wire logic [STEPS-1:0]         g,

    output wire logic                     done,   // no batch under way
    output wire logic signed [STEPS+1:0]  u,
    output wire logic signed [STEPS+1:0]  v,
    output wire logic signed [STEPS+1:0]  q,
    output wire logic signed [STEPS+1:0]  r
);
  localparam int unsigned LEFT_W = $clog2(STEPS + 1);
  // |zeta| grows by at most one a step over the 600 steps of an inversion
  localparam int unsigned ZETA_W = 12;

  logic [STEPS-1:0]         f_q, g_q;
  logic signed [STEPS+1:0]  u_q, v_q, q_q, r_q;
  logic signed [ZETA_W-1:0] zeta_q;
  logic [LEFT_W-1:0]        left_q;

  assign done = left_q == '0;
  assign u = u_q;
  assign v = v_q;
  assign q = q_q;
  assign r = r_q;

  // Masks instead of choices: the bits are random, and a simulator's branches would be mispredicted
  always_ff @(posedge clk) begin : step
    logic                    odd, swap, two;
    logic [STEPS-1:0]        g_even;
    logic signed [STEPS+1:0] add, keep, u_next, v_next;

    if (!start && left_q != '0) begin
      odd    = g_q[0];
      swap   = odd & zeta_q[ZETA_W-1];
      add    = {(STEPS + 2) {odd}};
      keep   = {(STEPS + 2) {swap}};
      g_even = g_q + ((f_q ^ keep[STEPS-1:0]) & add[STEPS-1:0]) + STEPS'(swap);
      two    = !g_even[1] & (left_q != LEFT_W'(1));
      u_next = u_q ^ ((u_q ^ q_q) & keep);
      v_next = v_q ^ ((v_q ^ r_q) & keep);

      f_q    <= f_q ^ ((f_q ^ g_q) & keep[STEPS-1:0]);
      g_q    <= (g_even >> 1) >> two;
      q_q    <= q_q + ((u_q ^ keep) & add) + (STEPS + 2)'(swap);
      r_q    <= r_q + ((v_q ^ keep) & add) + (STEPS + 2)'(swap);
      u_q    <= (u_next <<< 1) <<< two;
      v_q    <= (v_next <<< 1) <<< two;
      zeta_q <= (zeta_q ^ {ZETA_W{swap}}) - ZETA_W'(1) - ZETA_W'(two);
      left_q <= left_q - LEFT_W'(1) - LEFT_W'(two);
    end
    if (start) begin
      f_q    <= f;
      g_q    <= g;
      u_q    <= 1;
      v_q    <= '0;
      q_q    <= '0;
      r_q    <= 1;
      left_q <= LEFT_W'(STEPS);
      if (first) zeta_q <= -1;
    end

    if (rst) left_q <= '0;
  end
endmodule

`default_nettype wire
