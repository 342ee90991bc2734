// SPDX-License-Identifier: Apache-2.0
// arrays: unpacked arrays in and out, wide and signed elements, names that C++ reserves, marked signals.
//
// Outputs are inputs one cycle later. Latency 1.
`default_nettype none

// verilator lint_off SYMRSVDWORD
module arrays #(
    // Lanes of arrays_lane
    parameter int unsigned LANES = 3
) (
    input  wire logic              clk,
    input  wire logic              rst_n,             // asynchronous, active low

    input  wire logic        [7:0] table_in  [0:3],
    input  wire logic signed [4:0] levels_in [3:1],
    input  wire logic       [99:0] wide_in   [2],
    input  wire logic        [7:0] grid_in   [1:0][2:0],
    input  wire logic              private,
    input  wire logic              a__b,
    input  wire logic              \dotted.name ,

    output      logic        [7:0] table_out  [0:3],
    output      logic signed [4:0] levels_out [3:1],
    output      logic       [99:0] wide_out   [2],
    output      logic        [7:0] grid_out   [1:0][2:0],
    output      logic        [2:0] odd_out,
    output wire logic        [3:0] lane_out   [LANES]
);
  logic [15:0] memory[0:15]  /*verilator public_flat_rd*/;
  logic [7:0] poked  /*verilator public_flat_rw*/;

  for (genvar i = 0; i < LANES; i++) begin : g_lane
    arrays_lane #(
        .OFFSET(i)
    ) u_lane (
        .clk,
        .in (table_in[0][3:0]),
        .out(lane_out[i])
    );
  end

  always_ff @(posedge clk or negedge rst_n) begin
    if (!rst_n) begin
      table_out <= '{default: '0};
      levels_out <= '{default: '0};
      wide_out <= '{default: '0};
      grid_out <= '{default: '{default: '0}};
      odd_out <= '0;
      poked <= '0;
    end else begin
      table_out <= table_in;
      levels_out <= levels_in;
      wide_out <= wide_in;
      grid_out <= grid_in;
      odd_out <= {private, a__b, \dotted.name };
      poked <= poked + 8'd1;
    end
  end

  always_ff @(posedge clk) memory[table_in[1][3:0]] <= {table_in[3], table_in[2]};
endmodule

`default_nettype wire
