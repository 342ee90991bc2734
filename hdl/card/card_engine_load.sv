// SPDX-License-Identifier: Apache-2.0
// card_engine_load: counts how busy an engine is, cycle by cycle, awake or not.
`default_nettype none

module card_engine_load #(
    // Number of cores, at least 1
    parameter int unsigned ENGINES = 1
) (
    input  wire logic               clk,
    input  wire logic               rst,              // synchronous, active high

    input  wire logic [ENGINES-1:0] stat_mul,         // a core starts a multiplication
    input  wire logic               idle,             // no job inside
    output wire logic [63:0]        multiplications,
    output wire logic [63:0]        busy_cycles
);
  localparam int unsigned SUM_W = $clog2(ENGINES + 1);

  logic [63:0] multiplications_q, busy_cycles_q;

  always_ff @(posedge clk) begin : count
    logic [SUM_W-1:0] sum;
    sum = '0;
    if (!idle) begin
      busy_cycles_q <= busy_cycles_q + 64'd1;
      for (int unsigned i = 0; i < ENGINES; i++) sum = sum + SUM_W'(stat_mul[i]);
      multiplications_q <= multiplications_q + 64'(sum);
    end
    if (rst) begin
      multiplications_q <= '0;
      busy_cycles_q     <= '0;
    end
  end

  assign multiplications = multiplications_q;
  assign busy_cycles     = busy_cycles_q;
endmodule

`default_nettype wire
