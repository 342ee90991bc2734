// SPDX-License-Identifier: Apache-2.0
// sigv_mul: column sums of A * B + C; A and B of ten limbs of 26 bits, C of five digits of weight 2^52.
//
// One product every II cycles. The columns follow a and b by three cycles, and by II more if II > 1;
// c is taken one cycle before they are out. Nothing is reset: who waits for a column knows when it
// comes.
//
// Sums are written 64 bits wide, which is what costs a simulator least; the upper bits are zero, and
// synthesis leaves them out: products have 52 bits, columns 56.
`default_nettype none

module sigv_mul #(
    // Initiation interval: 1, 2, 5 or 10 cycles a product, with 100 / II limb multipliers
    parameter int unsigned II = 1
) (
    input  wire logic                 clk,
    input  wire logic                 start,                          // a and b are valid
    input  wire logic [10*26-1:0]     a    /*verilator split_var*/,
    input  wire logic [10*26-1:0]     b    /*verilator split_var*/,
    input  wire logic [5*54-1:0]      c    /*verilator split_var*/,
    output wire logic [19*56-1:0]     cols /*verilator split_var*/    // column i has weight 2^(26 i)
);
  localparam int unsigned LIMBS = sigv_pkg::LIMBS;
  // Limbs of A that are multiplied in a cycle, the highest first
  localparam int unsigned ROWS = LIMBS / II;
  if (II != 1 && II != 2 && II != 5 && II != 10) $error("II=%0d is not 1, 2, 5 or 10", II);

  // Operands of the cycle's rows
  for (genvar i = 0; i < LIMBS; i++) begin : g_op
    wire [25:0] x;  // limb i of A, shifted up as the rows go by
    wire [25:0] y;
    if (II == 1) begin : g_wire
      assign x = a[26*i+:26];
      assign y = b[26*i+:26];
    end else begin : g_hold
      logic [25:0] x_q, y_q;
      wire [25:0] next;
      if (i >= ROWS) begin : g_next
        assign next = g_op[i-ROWS].x;
      end else begin : g_none
        assign next = '0;
      end
      always_ff @(posedge clk) begin
        x_q <= start ? a[26*i+:26] : next;
        if (start) y_q <= b[26*i+:26];
      end
      assign x = x_q;
      assign y = y_q;
    end
  end

  // At II = 1 a stage holds still when nothing comes.
  wire go_product, go_sum, go_column;
  if (II == 1) begin : g_go
    logic go_1, go_2;
    always_ff @(posedge clk) begin
      go_1 <= start;
      go_2 <= go_1;
    end
    assign go_product = start;
    assign go_sum = go_1;
    assign go_column = go_2;
  end else begin : g_always
    assign {go_product, go_sum, go_column} = '1;
  end

  // Limb products
  for (genvar r = 0; r < ROWS; r++) begin : g_row
    for (genvar j = 0; j < LIMBS; j++) begin : g_product
      logic [63:0] q;
      always_ff @(posedge clk) if (go_product) q <= 64'(g_op[LIMBS-ROWS+r].x) * 64'(g_op[j].y);
    end
  end

  // Sums of up to four products of one column, which are of rows that follow each other
  for (genvar g = 0; g < (ROWS + 3) / 4; g++) begin : g_group
    localparam int unsigned GROUP_ROWS = ROWS - 4 * g < 4 ? ROWS - 4 * g : 4;
    for (genvar k = 0; k < GROUP_ROWS + LIMBS - 1; k++) begin : g_sum
      localparam int unsigned FIRST = k < LIMBS ? 0 : k - (LIMBS - 1);
      localparam int unsigned TERMS = (k < GROUP_ROWS ? k : GROUP_ROWS - 1) - FIRST + 1;
      localparam int unsigned R = 4 * g + FIRST;
      localparam int unsigned J = k - FIRST;
      logic [63:0] q;
      if (TERMS == 1) begin : g_1
        always_ff @(posedge clk) if (go_sum) q <= g_row[R].g_product[J].q;
      end else if (TERMS == 2) begin : g_2
        always_ff @(posedge clk) if (go_sum) q <= g_row[R].g_product[J].q + g_row[R+1].g_product[J-1].q;
      end else if (TERMS == 3) begin : g_3
        always_ff @(posedge clk) begin
          if (go_sum) q <= g_row[R].g_product[J].q + g_row[R+1].g_product[J-1].q +
              g_row[R+2].g_product[J-2].q;
        end
      end else begin : g_4
        always_ff @(posedge clk) begin
          if (go_sum) q <= (g_row[R].g_product[J].q + g_row[R+1].g_product[J-1].q) +
              (g_row[R+2].g_product[J-2].q + g_row[R+3].g_product[J-3].q);
        end
      end
    end
  end
  // Sums of the columns: of group g from column 4 g on
  for (genvar k = 0; k < ROWS + LIMBS - 1; k++) begin : g_part
    for (genvar g = 0; g < (ROWS + 3) / 4; g++) begin : g_of
      localparam int unsigned GROUP_ROWS = ROWS - 4 * g < 4 ? ROWS - 4 * g : 4;
      wire [63:0] sum;
      if (k >= 4 * g && k - 4 * g < GROUP_ROWS + LIMBS - 1) begin : g_some
        assign sum = g_group[g].g_sum[k-4*g].q;
      end else begin : g_none
        assign sum = '0;
      end
    end
    wire [63:0] sum;
    if (ROWS <= 4) begin : g_one
      assign sum = g_of[0].sum;
    end else if (ROWS <= 8) begin : g_two
      assign sum = g_of[0].sum + g_of[1].sum;
    end else begin : g_three
      assign sum = g_of[0].sum + g_of[1].sum + g_of[2].sum;
    end
  end

  // For II > 1: rows add up, shifted by ROWS columns each time; C joins the last.
  wire first, last;
  if (II == 1) begin : g_single
    wire unused = &{1'b0, start, first};
    assign first = 1'b1;
    assign last = 1'b1;
  end else begin : g_steps
    logic [II+1:0] step;  // one-hot time since start
    always_ff @(posedge clk) step <= {step[II:0], start};
    assign first = step[2];
    assign last = step[II+1];
  end
  for (genvar k = 0; k < 2 * LIMBS - 1; k++) begin : g_col
    logic [63:0] q;
    wire [63:0] part, carried, summand;
    if (k < ROWS + LIMBS - 1) begin : g_part_of
      assign part = g_part[k].sum;
    end else begin : g_no_part
      assign part = '0;
    end
    if (II > 1 && k >= ROWS) begin : g_before
      assign carried = first ? '0 : g_col[k-ROWS].q;
    end else begin : g_no_before
      assign carried = '0;
    end
    if (k < LIMBS && k % 2 == 0) begin : g_summand
      assign summand = last ? 64'(c[27*k+:54]) : '0;
    end else begin : g_no_summand
      assign summand = '0;
    end
    always_ff @(posedge clk) if (go_column) q <= part + carried + summand;
    assign cols[56*k+:56] = q[55:0];
    wire unused = &{1'b0, q[63:56]};
  end
endmodule

`default_nettype wire
