// SPDX-License-Identifier: Apache-2.0
// ram_tdp: true dual-port memory, two ports that each read or write in a cycle; maps to block RAM.
//
// One access per port and cycle, read latency one cycle. A port in a cycle either writes or reads:
// rdata holds its value while the port writes or is not enabled. No reset; contents and rdata are
// undefined until written and read. The caller owes: while one port writes an address, the other
// neither writes it nor looks at what it reads from it.
`default_nettype none

module ram_tdp #(
    // Word width in bits, at least 1
    parameter  int unsigned DATA_W = 32,
    // Number of words, at least 2; a power of two wastes nothing
    parameter  int unsigned DEPTH  = 1024,
    localparam int unsigned ADDR_W = $clog2(DEPTH)
) (
    input  wire logic              clk,

    // Port a
    input  wire logic              a_en,
    input  wire logic              a_we,     // write if a_en, else read if a_en
    input  wire logic [ADDR_W-1:0] a_addr,   // below DEPTH
    input  wire logic [DATA_W-1:0] a_wdata,
    output wire logic [DATA_W-1:0] a_rdata,  // one cycle after a_en without a_we

    // Port b
    input  wire logic              b_en,
    input  wire logic              b_we,
    input  wire logic [ADDR_W-1:0] b_addr,
    input  wire logic [DATA_W-1:0] b_wdata,
    output wire logic [DATA_W-1:0] b_rdata
);
  if (DATA_W == 0) $error("DATA_W=%0d is below 1", DATA_W);
  if (DEPTH < 2) $error("DEPTH=%0d is below 2", DEPTH);

  (* no_rw_check *)
  logic [DATA_W-1:0] mem [0:DEPTH-1];
  logic [DATA_W-1:0] a_rdata_q, b_rdata_q;

  always_ff @(posedge clk) begin
    if (a_en) begin
      if (a_we) mem[a_addr] <= a_wdata;
      else a_rdata_q <= mem[a_addr];
    end
  end

  always_ff @(posedge clk) begin
    if (b_en) begin
      if (b_we) mem[b_addr] <= b_wdata;
      else b_rdata_q <= mem[b_addr];
    end
  end

  assign a_rdata = a_rdata_q;
  assign b_rdata = b_rdata_q;
endmodule

`default_nettype wire
