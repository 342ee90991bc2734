// SPDX-License-Identifier: Apache-2.0
// mixer: a moving weighted sum of 16 samples and a FIFO of its results, for measuring the testbench.
//
// One sample a cycle while valid; a sum is kept if there is room, and leaves when taken. Latency 2.
`default_nettype none

module mixer (
    input  wire logic        clk,
    input  wire logic        rst,     // synchronous, active high

    input  wire logic        valid,
    input  wire logic [7:0]  gain,
    input  wire logic [15:0] sample,
    input  wire logic [31:0] offset,
    input  wire logic        take,

    output wire logic [31:0] sum,     // the oldest one kept
    output wire logic [4:0]  level    // how many are kept
);
  logic [15:0] taps_q[0:15];
  logic [31:0] products[0:15];
  logic [31:0] total;
  logic [31:0] fifo_q[0:15];
  logic [4:0] wr_q, rd_q;
  logic valid_q;

  for (genvar i = 0; i < 16; i++) begin : g_tap
    assign products[i] = {16'd0, taps_q[i]} * {24'd0, gain ^ 8'(i)};
    always_ff @(posedge clk) begin
      if (valid) taps_q[i] <= i == 0 ? sample : taps_q[i == 0 ? 0 : i-1];
      if (rst) taps_q[i] <= '0;
    end
  end

  always_comb begin
    total = offset;
    for (int i = 0; i < 16; i++) total = total + products[i];
  end

  assign level = wr_q - rd_q;
  assign sum = fifo_q[rd_q[3:0]];

  always_ff @(posedge clk) begin
    valid_q <= valid;
    if (valid_q && level != 5'd16) begin
      fifo_q[wr_q[3:0]] <= total;
      wr_q <= wr_q + 5'd1;
    end
    if (take && level != 5'd0) rd_q <= rd_q + 5'd1;
    if (rst) begin
      valid_q <= 1'b0;
      wr_q <= '0;
      rd_q <= '0;
    end
  end
endmodule

`default_nettype wire
