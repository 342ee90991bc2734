// SPDX-License-Identifier: Apache-2.0
// shapes: ports of every shape; shapes.xml and shapes.tree.json are Verilator's descriptions of it.
`default_nettype none

module shapes #(
    // Data width in bits
    parameter  int unsigned DATA_W = 64,
    localparam int unsigned KEEP_W = DATA_W / 8,
    localparam type pair_t = struct packed {logic [3:0] high; logic [7:0] low;}
) (
    input  wire logic              clk, rst,
    input  wire logic [DATA_W-1:0] a,
    input  wire logic signed [15:0] level,
    input  wire logic [3:0][7:0]   matrix,
    input  wire pair_t             pair,
    input  wire integer            number,
    output wire logic [255:0]      wide,
    output      logic [KEEP_W-1:0] keep
);
  assign wide = {4{a}} ^ 256'(matrix) ^ 256'(pair) ^ 256'(number) ^ 256'(level);
  always_ff @(posedge clk) begin
    if (rst) keep <= '0;
    else keep <= keep + 1'b1;
  end
endmodule

`default_nettype wire
