// SPDX-License-Identifier: Apache-2.0
// echo: every input kind returned a cycle later, and a counter, for tests of the testbench.
//
// Latency 1; counter resets to 0.
`default_nettype none

module echo #(
    // Width of the parameterised port in bits
    parameter int unsigned DATA_W = 32
) (
    input  wire logic                     clk,
    input  wire logic                     rst,      // synchronous, active high

    input  wire logic                     i1,
    input  wire logic        [7:0]        i8,
    input  wire logic signed [7:0]        is8,
    input  wire logic        [15:0]       i16,
    input  wire logic        [31:0]       i32,
    input  wire logic signed [31:0]       is32,
    input  wire logic        [47:0]       i48,
    input  wire logic        [63:0]       i64,
    input  wire logic        [255:0]      i256,
    input  wire logic        [99:0]       i100,
    input  wire logic        [3:0][4:0]   ipacked,
    input  wire logic        [DATA_W-1:0] idata,

    output logic                          o1,
    output logic             [7:0]        o8,
    output logic signed      [7:0]        os8,
    output logic             [15:0]       o16,
    output logic             [31:0]       o32,
    output logic signed      [31:0]       os32,
    output logic             [47:0]       o48,
    output logic             [63:0]       o64,
    output logic             [255:0]      o256,
    output logic             [99:0]       o100,
    output logic             [3:0][4:0]   opacked,
    output logic             [DATA_W-1:0] odata,
    output logic             [31:0]       count,
    output wire logic        [8:0]        sum       // i8 + 1, combinational
);
  assign sum = {1'b0, i8} + 9'd1;

  always_ff @(posedge clk) begin
    o1 <= i1;
    o8 <= i8;
    os8 <= is8;
    o16 <= i16;
    o32 <= i32;
    os32 <= is32;
    o48 <= i48;
    o64 <= i64;
    o256 <= i256;
    o100 <= i100;
    opacked <= ipacked;
    odata <= idata;
    count <= count + 32'd1;
    if (rst) count <= '0;
  end
endmodule

`default_nettype wire
