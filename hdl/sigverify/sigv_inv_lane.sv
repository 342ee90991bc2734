// SPDX-License-Identifier: Apache-2.0
// sigv_inv_lane: two multipliers and two carrying accumulators, one limb of a row of the matrix a
// cycle.
//
// Sums x a + y b over the slots of a column and carries what is above a limb to the next column.
// Two accumulators let two chains of columns interleave.
// Throughput: one slot a cycle. Latency: operands are taken while en_product is high, the sum is
// there three cycles later, while en_acc is high, and the limb another cycle later. Reset: none.
// The caller owes |x a + y b| < 2^62; it drives the enables of one slot in successive cycles.
`default_nettype none

module sigv_inv_lane #(
    // Width of a limb
    parameter int unsigned LIMB_W = 30
) (
    input  wire logic                     clk,

    input  wire logic                     en_product,
    input  wire logic signed [LIMB_W+1:0] x,
    input  wire logic signed [LIMB_W+1:0] y,
    input  wire logic signed [LIMB_W:0]   a,
    input  wire logic signed [LIMB_W:0]   b,
    input  wire logic                     en_retime,
    input  wire logic                     en_sum,

    input  wire logic                     en_acc,
    input  wire logic                     acc_chain,  // which accumulator
    input  wire logic                     acc_begin,  // first slot of the chain: nothing is carried
    input  wire logic                     acc_column, // first slot of a column: carry what is above

    output wire logic [LIMB_W-1:0]        sum,        // low limb of x a + y b
    output wire logic [LIMB_W-1:0]        limb0,      // low limb held by accumulator 0
    output wire logic [LIMB_W-1:0]        limb1       // low limb held by accumulator 1
);
  localparam int unsigned ACC_W = 64;

  logic signed [ACC_W-1:0] xa_q, yb_q, xa_retimed_q, yb_retimed_q, sum_q, acc0_q, acc1_q;

  assign sum = sum_q[LIMB_W-1:0];
  assign limb0 = acc0_q[LIMB_W-1:0];
  assign limb1 = acc1_q[LIMB_W-1:0];

  // The second row of product registers is for the multiplier's own pipeline
  always_ff @(posedge clk) begin : products
    if (en_sum) sum_q <= xa_retimed_q + yb_retimed_q;
    if (en_retime) begin
      xa_retimed_q <= xa_q;
      yb_retimed_q <= yb_q;
    end
    if (en_product) begin
      xa_q <= x * a;
      yb_q <= y * b;
    end
  end

  always_ff @(posedge clk) begin : accumulators
    logic signed [ACC_W-1:0] held, carried;

    if (en_acc) begin
      held    = acc_chain ? acc1_q : acc0_q;
      carried = acc_begin ? 64'sd0 : acc_column ? held >>> LIMB_W : held;
      if (acc_chain) acc1_q <= carried + sum_q;
      else acc0_q <= carried + sum_q;
    end
  end
endmodule

`default_nettype wire
