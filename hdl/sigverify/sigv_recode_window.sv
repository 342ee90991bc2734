// SPDX-License-Identifier: Apache-2.0
// sigv_recode_window: the width-w non-adjacent form of one scalar, one bit position after another.
//
// The scalar is in two's complement and comes by words from the lowest up. At a position where the
// lowest bit differs from the carry a digit d is due, with d = 2 index + 1 or its negative; the w - 1
// positions after it have none. The carry is what the digit took too much.
// Throughput: one position a cycle. Reset: none is needed beyond begin_scalar.
// The caller loads words 0 and 1, then word k + 1 into the upper half when 32 k positions are done; it
// raises take for each digit, at the latest together with next.
`default_nettype none

module sigv_recode_window #(
    // Width w of the window, 3 to 15
    parameter int unsigned WINDOW = 5,
    // Width of an index, at least WINDOW - 2
    parameter int unsigned IDX_W  = 8
) (
    input  wire logic             clk,

    input  wire logic             begin_scalar,
    input  wire logic             load_low,
    input  wire logic             load_high,
    input  wire logic [31:0]      word,
    input  wire logic             take,      // the digit is taken
    input  wire logic             next,      // on to the next position

    output wire logic             due,       // a digit at this position
    output wire logic             negative,
    output wire logic [IDX_W-1:0] index
);
  if (WINDOW < 3 || WINDOW > 15) $error("WINDOW=%0d is not within 3 to 15", WINDOW);
  if (IDX_W < WINDOW - 2) $error("IDX_W=%0d is below WINDOW - 2", IDX_W);

  logic [63:0] bits_q;   // from this position up; at least 32 of them are loaded
  logic        carry_q;
  logic [3:0]  skip_q;   // positions without a digit

  logic [WINDOW-3:0] magnitude;

  assign due = skip_q == '0 && (bits_q[0] ^ carry_q);
  // The digit is {bits_q[WINDOW-1:1], 1}, less 2^WINDOW where that is above half
  assign negative = bits_q[WINDOW-1];
  assign magnitude = bits_q[WINDOW-2:1] ^ {(WINDOW - 2) {negative}};
  assign index = IDX_W'(magnitude);

  always_ff @(posedge clk) begin
    if (load_low) bits_q[31:0] <= word;
    if (load_high) bits_q[63:32] <= word;
    if (take) begin
      carry_q <= negative;
      skip_q  <= next ? 4'(WINDOW - 1) : 4'(WINDOW);
    end else if (next && skip_q != '0) begin
      skip_q <= skip_q - 4'd1;
    end
    if (next) bits_q <= bits_q >> 1;
    if (begin_scalar) begin
      carry_q <= 1'b0;
      skip_q  <= '0;
    end
  end
endmodule

`default_nettype wire
