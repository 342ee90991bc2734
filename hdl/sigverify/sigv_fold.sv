// SPDX-License-Identifier: Apache-2.0
// sigv_fold: column sums to a weakly reduced element modulo p = 2^256 - 2^32 - 977.
//
// One element a cycle. Columns in cycle 0; limbs 2i and 2i+1 out in cycle 5 + i, so that the carry
// runs through two limbs a cycle and the caller can write them as they come; flags in cycle 9.
// Nothing is reset.
//
// Bounds: columns below 2^56, column 18 below 2^52. Out: see sigv_pkg.
`default_nettype none

module sigv_fold (
    input  wire logic             clk,
    input  wire logic [19*56-1:0] cols  /*verilator split_var*/,
    output wire logic [10*26-1:0] limbs /*verilator split_var*/,
    output wire logic             zero,   // the element is 0 modulo p
    output wire logic             above,  // its representation is p or more
    output wire logic             odd     // the canonical value is odd
);
  localparam int unsigned LIMBS = sigv_pkg::LIMBS;
  localparam logic [259:0] P = sigv_pkg::P;

  // Cycle 1: each column into thirds of 26 bits, added where they belong. Below 2^28 now.
  for (genvar k = 0; k < 2 * LIMBS; k++) begin : g_split
    logic [27:0] q;
    wire [27:0] lo, mid, hi;
    if (k < 19) begin : g_lo
      assign lo = 28'(cols[56*k+:26]);
    end else begin : g_no_lo
      assign lo = '0;
    end
    if (k >= 1) begin : g_mid
      assign mid = 28'(cols[56*(k-1)+26+:26]);
    end else begin : g_no_mid
      assign mid = '0;
    end
    if (k >= 2) begin : g_hi
      assign hi = 28'(cols[56*(k-2)+52+:4]);
    end else begin : g_no_hi
      assign hi = '0;
    end
    always_ff @(posedge clk) q <= lo + mid + hi;
  end

  // Cycle 2: 2^260 = 2^36 + 15632: column k + 10 comes back to k and, ten bits up, to k + 1.
  for (genvar k = 0; k < LIMBS; k++) begin : g_fold
    logic [42:0] q;
    wire [42:0] carried;
    if (k >= 1) begin : g_carried
      assign carried = 43'(g_split[k+9].q) << 10;
    end else begin : g_no_carried
      assign carried = '0;
    end
    always_ff @(posedge clk) q <= 43'(g_split[k].q) + 43'(g_split[k+10].q) * 43'd15632 + carried;
  end
  logic [37:0] over_2;  // weight 2^260
  always_ff @(posedge clk) over_2 <= 38'(g_split[19].q) << 10;

  // Cycle 3: limbs back to 27 bits.
  for (genvar k = 0; k < LIMBS; k++) begin : g_carry
    logic [26:0] q;
    if (k == 0) begin : g_first
      always_ff @(posedge clk) q <= 27'(g_fold[0].q[25:0]);
    end else begin : g_rest
      always_ff @(posedge clk) q <= 27'(g_fold[k].q[25:0]) + 27'(g_fold[k-1].q[42:26]);
    end
  end
  logic [37:0] over_3;
  always_ff @(posedge clk) over_3 <= over_2 + 38'(g_fold[9].q[42:26]);

  // Cycle 4: what is at 2^256 and above comes back as 2^32 + 977.
  wire [42:0] top = (43'(over_3) << 4) + 43'(g_carry[9].q[26:22]);
  for (genvar k = 0; k < LIMBS; k++) begin : g_top
    localparam int unsigned W = k == 0 ? 54 : k == 1 ? 50 : k == 9 ? 22 : 27;
    logic [W-1:0] q;
    if (k == 0) begin : g_0
      always_ff @(posedge clk) q <= W'(g_carry[k].q) + W'(top) * W'(977);
    end else if (k == 1) begin : g_1
      always_ff @(posedge clk) q <= W'(g_carry[k].q) + (W'(top) << 6);
    end else if (k == 9) begin : g_9
      always_ff @(posedge clk) q <= g_carry[k].q[21:0];
    end else begin : g_k
      always_ff @(posedge clk) q <= g_carry[k].q;
    end
  end

  // Cycles 5 to 9: the carry runs up, and what is known of the value so far runs with it.
  for (genvar s = 0; s < LIMBS / 2; s++) begin : g_run
    for (genvar k = 2 * s; k < LIMBS; k++) begin : g_limb  // as it stands before this step
      localparam int unsigned W = s == 0 && k < 2 ? 54 : 27;
      wire [W-1:0] x;
      if (s == 0) begin : g_in
        assign x = W'(g_top[k].q);
      end else begin : g_wait
        logic [26:0] q;
        always_ff @(posedge clk) q <= g_run[s-1].g_limb[k].x;
        assign x = q;
      end
    end
    wire [53:0] sum_0, sum_1;
    wire [25:0] limb_0 = sum_0[25:0];
    wire [25:0] limb_1 = sum_1[25:0];
    assign sum_1 = 54'(g_limb[2*s+1].x) + 54'(sum_0[53:26]);
    // Set bits of the value so far and of its difference to p; and whether it is p or more, for
    // which the limbs in the middle must be all ones as p's are
    localparam logic [25:0] P_0 = P[52*s+:26];
    localparam logic [25:0] P_1 = P[52*s+26+:26];
    wire [25:0] bits = limb_0 | limb_1;
    wire [25:0] other_bits = (limb_0 ^ P_0) | (limb_1 ^ P_1);
    logic [25:0] q_0, q_1, set, differs;
    logic [27:0] carry;
    logic is_above, is_odd;
    always_ff @(posedge clk) begin
      q_0 <= limb_0;
      q_1 <= limb_1;
      carry <= sum_1[53:26];
    end
    if (s == 0) begin : g_first
      assign sum_0 = 54'(g_limb[0].x);
      always_ff @(posedge clk) begin
        set <= bits;
        differs <= other_bits;
        is_above <= limb_1 > P_1 || (limb_1 == P_1 && limb_0 >= P_0);
        is_odd <= limb_0[0];
      end
    end else begin : g_next
      assign sum_0 = 54'(g_limb[2*s].x) + 54'(g_run[s-1].carry);
      always_ff @(posedge clk) begin
        set <= g_run[s-1].set | bits;
        differs <= g_run[s-1].differs | other_bits;
        is_odd <= g_run[s-1].is_odd;
      end
      wire equal_above = limb_1 == P_1 && limb_0 == P_0 && g_run[s-1].is_above;
      if (s == LIMBS / 2 - 1) begin : g_top
        always_ff @(posedge clk) is_above <= limb_1 > P_1 || equal_above;
      end else begin : g_middle
        always_ff @(posedge clk) is_above <= equal_above;
      end
    end
    assign limbs[52*s+:52] = {q_1, q_0};
  end
  assign zero = g_run[4].set == '0 || g_run[4].differs == '0;
  assign above = g_run[4].is_above;
  assign odd = g_run[4].is_odd ^ g_run[4].is_above;
  wire unused = &{1'b0, g_run[4].carry, cols[56*18+52+:4]};
endmodule

`default_nettype wire
