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

`ifdef FORMAL
  // The word at one address of the solver's choice
  (* anyconst *) logic [ADDR_W-1:0] f_addr;
  logic              f_written = 1'b0;  // f_word is known
  logic [DATA_W-1:0] f_word;
  logic              f_a_known = 1'b0, f_b_known = 1'b0;  // f_*_read is what *_rdata has to be
  logic [DATA_W-1:0] f_a_read, f_b_read;

  wire logic f_a_write = a_en && a_we && a_addr == f_addr;
  wire logic f_b_write = b_en && b_we && b_addr == f_addr;

  always @(posedge clk) begin
    if (f_a_write || f_b_write) begin
      f_written <= 1'b1;
      f_word    <= f_a_write ? a_wdata : b_wdata;
    end
    if (a_en && !a_we) begin
      f_a_known <= f_written && a_addr == f_addr && !f_b_write;
      f_a_read  <= f_word;
    end
    if (b_en && !b_we) begin
      f_b_known <= f_written && b_addr == f_addr && !f_a_write;
      f_b_read  <= f_word;
    end
  end

  always @* begin
    // What the caller owes
    assume (a_addr < DEPTH && b_addr < DEPTH && f_addr < DEPTH);
    assume (!(a_en && a_we && b_en && b_we && a_addr == b_addr));
    // Rule 1: the memory keeps a word until it is overwritten.
    assert (!f_written || mem[f_addr] == f_word);
    // Rule 2: a read gives the word of before the cycle, and holds it until the next read.
    assert (!f_a_known || a_rdata == f_a_read);
    assert (!f_b_known || b_rdata == f_b_read);
    cover (f_a_known && f_b_known && f_a_read != f_b_read && f_b_read != f_word);
  end
`endif
endmodule

`default_nettype wire
