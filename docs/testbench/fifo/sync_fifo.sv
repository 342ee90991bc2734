// SPDX-License-Identifier: Apache-2.0
// sync_fifo: a FIFO on one clock.
//
// One item a cycle in and out; an item is seen at the other end in the next cycle.
`default_nettype none

module sync_fifo #(
    // Width of an item in bits
    parameter int unsigned WIDTH = 8,
    // Capacity in items, a power of two
    parameter int unsigned DEPTH = 16
) (
    input  wire logic                   clk,
    input  wire logic                   rst,         // synchronous, active high

    input  wire logic [WIDTH-1:0]       push_data,
    input  wire logic                   push_valid,
    output wire logic                   push_ready,

    output wire logic [WIDTH-1:0]       pop_data,
    output wire logic                   pop_valid,
    input  wire logic                   pop_ready,

    output wire logic [$clog2(DEPTH):0] count        // items inside
);
  localparam int unsigned ADDR_W = $clog2(DEPTH);

  if (DEPTH < 2 || DEPTH != 1 << ADDR_W) $error("DEPTH=%0d is no power of two", DEPTH);

  logic [WIDTH-1:0] memory[DEPTH];
  // One bit more than an address: full and empty differ
  logic [ADDR_W:0] head_q;
  logic [ADDR_W:0] tail_q;

  assign count      = tail_q - head_q;
  assign push_ready = count < (ADDR_W + 1)'(DEPTH);
  assign pop_valid  = count != 0;
  assign pop_data   = memory[head_q[ADDR_W-1:0]];

  always_ff @(posedge clk) begin
    if (push_valid && push_ready) begin
      memory[tail_q[ADDR_W-1:0]] <= push_data;
      tail_q <= tail_q + 1'b1;
    end
    if (pop_valid && pop_ready) head_q <= head_q + 1'b1;
    if (rst) begin
      head_q <= '0;
      tail_q <= '0;
    end
  end
endmodule

`default_nettype wire
