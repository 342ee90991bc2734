// SPDX-License-Identifier: Apache-2.0
// sigv_fold: column sums to a weakly reduced element modulo p = 2^256 - 2^32 - 977.
//
// One element a cycle. Columns in cycle 0, limbs and flags in cycle 8. Nothing is reset.
//
// Bounds: columns below 2^56, column 18 below 2^52. Out: see sigv_pkg.
`default_nettype none

module sigv_fold (
    input  wire logic             clk,
    input  wire logic             start,  // columns are valid; a stage holds still when nothing comes
    input  wire logic [19*56-1:0] cols  /*verilator split_var*/,
    output wire logic [10*26-1:0] limbs /*verilator split_var*/,
    output wire logic             zero,   // the element is 0 modulo p
    output wire logic             above,  // its representation is p or more
    output wire logic             odd     // the canonical value is odd
);
  localparam int unsigned LIMBS = sigv_pkg::LIMBS;
  localparam int unsigned DIGITS = sigv_pkg::DIGITS;
  localparam logic [259:0] P = sigv_pkg::P;

  logic [5:1] going;
  wire [5:0] go = {going, start};
  always_ff @(posedge clk) going <= go[4:0];

  // Sums are written 64 bits wide, and the columns whose sum differs in form come last, for a simulator's
  // compiler makes vectors of what is alike and stands side by side. Synthesis drops the zeros above.

  // Cycle 1: each column into thirds of 26 bits, added where they belong: below 2^28 now.
  // g_split[(k + 18) % 20] is column k.
  for (genvar k = 0; k < 2 * LIMBS - 1; k++) begin : g_col
    wire [63:0] lo = 64'(cols[56*k+:26]);
    wire [63:0] mid = 64'(cols[56*k+26+:26]);
    wire [63:0] hi = 64'(cols[56*k+52+:4]);
    wire unused = &{1'b0, hi};
  end
  for (genvar n = 0; n < 2 * LIMBS; n++) begin : g_split
    localparam int unsigned K = (n + 2) % (2 * LIMBS);
    logic [63:0] q;
    if (K == 0) begin : g_0
      always_ff @(posedge clk) if (go[0]) q <= g_col[0].lo;
    end else if (K == 1) begin : g_1
      always_ff @(posedge clk) if (go[0]) q <= g_col[1].lo + g_col[0].mid;
    end else if (K == 2 * LIMBS - 1) begin : g_19
      always_ff @(posedge clk) if (go[0]) q <= g_col[K-1].mid + g_col[K-2].hi;
    end else begin : g_k
      always_ff @(posedge clk) if (go[0]) q <= g_col[K].lo + g_col[K-1].mid + g_col[K-2].hi;
    end
  end

  // Cycle 2: 2^260 = 2^36 + 15632: column k + 10 comes back to k and, ten bits up, to k + 1: below
  // 2^43. g_fold[(k + 9) % 10] is limb k.
  for (genvar n = 0; n < LIMBS; n++) begin : g_fold
    localparam int unsigned K = (n + 1) % LIMBS;
    localparam int unsigned LOW = (K + 18) % (2 * LIMBS);
    localparam int unsigned HIGH = K + 8;
    logic [63:0] q;
    if (K == 0) begin : g_first
      always_ff @(posedge clk) if (go[1]) q <= g_split[LOW].q + g_split[HIGH].q * 64'd15632;
    end else begin : g_rest
      always_ff @(posedge clk) begin
        if (go[1]) begin
          q <= g_split[LOW].q + g_split[HIGH].q * 64'd15632 + (g_split[HIGH-1].q << 10);
        end
      end
    end
  end
  logic [63:0] over_2;  // weight 2^260
  always_ff @(posedge clk) if (go[1]) over_2 <= g_split[17].q << 10;

  // Cycle 3: limbs back to 27 bits. g_carry[(k + 9) % 10] is limb k.
  for (genvar n = 0; n < LIMBS; n++) begin : g_carry
    localparam int unsigned K = (n + 1) % LIMBS;
    logic [63:0] q;
    if (K == 0) begin : g_first
      always_ff @(posedge clk) if (go[2]) q <= 64'(g_fold[n].q[25:0]);
    end else begin : g_rest
      always_ff @(posedge clk) begin
        if (go[2]) q <= 64'(g_fold[n].q[25:0]) + (g_fold[(n+LIMBS-1)%LIMBS].q >> 26);
      end
    end
  end
  logic [63:0] over_3;
  always_ff @(posedge clk) if (go[2]) over_3 <= over_2 + (g_fold[8].q >> 26);

  // Cycle 4: what is at 2^256 and above comes back as 2^32 + 977; pairs of limbs become digits.
  wire [63:0] top = (over_3 << 4) + (g_carry[8].q >> 22);
  logic [63:0] limb_0;  // limbs 0 and 1 stay apart for a cycle: below 2^54 and 2^50
  logic [63:0] limb_1;
  always_ff @(posedge clk) begin
    if (go[3]) begin
      limb_0 <= g_carry[9].q + top * 64'd977;
      limb_1 <= g_carry[0].q + (top << 6);
    end
  end
  for (genvar i = 1; i < DIGITS; i++) begin : g_top
    logic [63:0] q;
    wire [63:0] high;
    if (i == DIGITS - 1) begin : g_last
      assign high = 64'(g_carry[8].q[21:0]);
    end else begin : g_full
      assign high = g_carry[2*i].q;
    end
    always_ff @(posedge clk) if (go[3]) q <= g_carry[2*i-1].q + (high << 26);
  end

  // Cycle 5: the lowest limbs become a digit, what does not fit goes up.
  wire [5*55-1:0] sums    /*verilator split_var*/;
  for (genvar i = 0; i < DIGITS; i++) begin : g_sum
    logic [63:0] q;
    if (i == 0) begin : g_first
      always_ff @(posedge clk) if (go[4]) q <= limb_0 + (64'(limb_1[25:0]) << 26);
    end else if (i == 1) begin : g_second
      always_ff @(posedge clk) if (go[4]) q <= g_top[1].q + (limb_1 >> 26);
    end else begin : g_rest
      always_ff @(posedge clk) if (go[4]) q <= g_top[i].q;
    end
    assign sums[55*i+:55] = q[54:0];
    wire unused = &{1'b0, q[63:55]};
  end

  // Cycles 6 to 8: carries
  wire [5*52-1:0] coming  /*verilator split_var*/;
  sigv_carry u_carry (
      .clk,
      .start(go[5]),
      .s_digits(sums),
      .m_coming(coming),
      .m_digits(limbs)
  );

  // Flags; p's middle digits are ones.
  localparam logic [51:0] P_LOW = P[51:0];
  localparam logic [51:0] P_TOP = P[259:208];
  wire [51:0] low = coming[51:0];
  wire [51:0] any = coming[103:52] | coming[155:104] | coming[207:156];
  wire [51:0] all = coming[103:52] & coming[155:104] & coming[207:156];
  wire [51:0] uppermost = coming[259:208];
  wire from_p_up = uppermost > P_TOP || (uppermost == P_TOP && all == '1 && low >= P_LOW);
  logic zero_q, above_q, odd_q;
  always_ff @(posedge clk) begin
    zero_q <= (low | any | uppermost) == '0 || (uppermost == P_TOP && all == '1 && low == P_LOW);
    above_q <= from_p_up;
    odd_q <= low[0] ^ from_p_up;
  end
  assign zero = zero_q;
  assign above = above_q;
  assign odd = odd_q;
  wire unused = &{1'b0, cols[56*18+52+:4]};
endmodule

`default_nettype wire
