// SPDX-License-Identifier: Apache-2.0
// sigv_carry: digits of 55 bits and weight 2^52 to digits of 52 bits of the same value below 2^260.
//
// One value a cycle, three cycles. A stage holds still when nothing comes. Nothing is reset.
//
// What is above 52 bits is at most 7 and goes to the next digit at once; only a digit of ones, or one that
// overflows by that, carries further, and these carries are looked ahead.
`default_nettype none

module sigv_carry #(
    // Width of the registers of m_digits, 52 or 26: a simulator takes limbs as they are stored
    parameter int unsigned PART_W = 52
) (
    input  wire logic            clk,
    input  wire logic            start,     // s_digits is valid
    input  wire logic [5*55-1:0] s_digits   /*verilator split_var*/,
    // What m_digits will be in the next cycle, if something comes
    output wire logic [5*52-1:0] m_coming   /*verilator split_var*/,
    output wire logic [5*52-1:0] m_digits   /*verilator split_var*/
);
  localparam int unsigned DIGITS = sigv_pkg::DIGITS;
  localparam logic [51:0] ONES = '1;
  if (PART_W != 26 && PART_W != 52) $error("PART_W=%0d is not 26 or 52", PART_W);

  logic [2:1] going;
  wire [2:0] go = {going, start};
  always_ff @(posedge clk) going <= go[1:0];

  // Cycle 1: what is above a digit goes to the next: below 2^52 + 7. g_sum[(i + 4) % 5] is digit i.
  for (genvar i = 0; i < DIGITS; i++) begin : g_in
    wire [54:0] x = s_digits[55*i+:55];
    wire [51:0] low = x[51:0];
    wire [2:0] above = x[54:52];
  end
  for (genvar n = 0; n < DIGITS; n++) begin : g_sum
    localparam int unsigned I = (n + 1) % DIGITS;
    logic [63:0] q;
    if (I == 0) begin : g_first
      always_ff @(posedge clk) if (go[0]) q <= 64'(g_in[0].low);
    end else begin : g_rest
      always_ff @(posedge clk) if (go[0]) q <= 64'(g_in[I].low) + 64'(g_in[I-1].above);
    end
    wire unused = &{1'b0, q[63:52]};
  end

  // Cycle 2: who gets a carry. Digits 0 and 1 get none, for digit 0 has none to give.
  wire [51:0] sum_2 = g_sum[1].q[51:0];
  wire [51:0] sum_3 = g_sum[2].q[51:0];
  wire carry_2 = g_sum[0].q[52];
  wire carry_3 = g_sum[1].q[52] || (carry_2 && sum_2 == ONES);
  wire carry_4 = g_sum[2].q[52] || (carry_3 && sum_3 == ONES);
  logic [DIGITS-1:0] carries;
  always_ff @(posedge clk) if (go[1]) carries <= {carry_4, carry_3, carry_2, 2'b00};
  for (genvar n = 0; n < DIGITS; n++) begin : g_kept
    logic [63:0] q;
    always_ff @(posedge clk) if (go[1]) q <= 64'(g_sum[n].q[51:0]);
  end

  // Cycle 3
  for (genvar i = 0; i < DIGITS; i++) begin : g_coming
    wire [63:0] x = g_kept[(i+DIGITS-1)%DIGITS].q + 64'(carries[i]);
    assign m_coming[52*i+:52] = x[51:0];
    wire unused = &{1'b0, x[63:52]};
  end
  for (genvar k = 0; k < 260 / PART_W; k++) begin : g_part
    logic [PART_W-1:0] q;
    always_ff @(posedge clk) if (go[2]) q <= m_coming[PART_W*k+:PART_W];
    assign m_digits[PART_W*k+:PART_W] = q;
  end
  wire unused = &{1'b0, g_in[DIGITS-1].above};
endmodule

`default_nettype wire
