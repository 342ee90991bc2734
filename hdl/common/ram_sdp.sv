// SPDX-License-Identifier: Apache-2.0
// ram_sdp: simple dual-port memory, one write port and one registered read port; maps to block RAM.
//
// One write and one read per cycle, read latency one cycle. rd_data holds its value while rd_en is
// low. Reading the address that is written in the same cycle gives the old word if READ_FIRST, else
// an undefined one, which the caller then owes not to look at. No reset; contents and rd_data are
// undefined until written and read.
`default_nettype none

module ram_sdp #(
    // Word width in bits, at least 1
    parameter  int unsigned DATA_W     = 64,
    // Number of words, at least 2; a power of two wastes nothing
    parameter  int unsigned DEPTH      = 512,
    // Old word on a collision of read and write; free on Xilinx, one comparator and register stage
    // around the block RAM on ECP5
    parameter  bit          READ_FIRST = 1'b1,
    localparam int unsigned ADDR_W     = $clog2(DEPTH)
) (
    input  wire logic              clk,

    // Write port
    input  wire logic              wr_en,
    input  wire logic [ADDR_W-1:0] wr_addr,  // below DEPTH
    input  wire logic [DATA_W-1:0] wr_data,

    // Read port
    input  wire logic              rd_en,
    input  wire logic [ADDR_W-1:0] rd_addr,  // below DEPTH
    output wire logic [DATA_W-1:0] rd_data   // one cycle after rd_en
`ifdef FORMAL
    ,
    input  wire logic [ADDR_W-1:0] f_peek_addr,  // a look inside for proofs of who uses the memory
    output wire logic [DATA_W-1:0] f_peek_data
`endif
);
  if (DATA_W == 0) $error("DATA_W=%0d is below 1", DATA_W);
  if (DEPTH < 2) $error("DEPTH=%0d is below 2", DEPTH);

  logic [DATA_W-1:0] rd_data_q;

  if (READ_FIRST) begin : gen_array
    logic [DATA_W-1:0] mem [0:DEPTH-1];
    always_ff @(posedge clk) begin
      if (wr_en) mem[wr_addr] <= wr_data;
      if (rd_en) rd_data_q <= mem[rd_addr];
    end
  end else begin : gen_array
    (* no_rw_check *)
    logic [DATA_W-1:0] mem [0:DEPTH-1];
    always_ff @(posedge clk) begin
      if (wr_en) mem[wr_addr] <= wr_data;
      if (rd_en) rd_data_q <= mem[rd_addr];
    end
  end

  assign rd_data = rd_data_q;

`ifdef FORMAL
  assign f_peek_data = gen_array.mem[f_peek_addr];

  // The word at one address of the solver's choice
  (* anyconst *) logic [ADDR_W-1:0] f_addr;
  logic              f_past_exists = 1'b0;
  logic              f_written = 1'b0;  // f_word is known
  logic [DATA_W-1:0] f_word;
  logic              f_known = 1'b0;    // f_read is what rd_data has to be
  logic [DATA_W-1:0] f_read;

  always @(posedge clk) begin
    f_past_exists <= 1'b1;
    if (wr_en && wr_addr == f_addr) begin
      f_written <= 1'b1;
      f_word    <= wr_data;
    end
    if (rd_en) begin
      f_known <= f_written && rd_addr == f_addr && (READ_FIRST || !wr_en || wr_addr != rd_addr);
      f_read  <= f_word;
    end
  end

  always @* begin
    assume (f_addr < DEPTH);
    // Rule 1: the memory keeps a word until it is overwritten.
    assert (!f_written || gen_array.mem[f_addr] == f_word);
    // Rule 2: a read gives the word of before the cycle, and holds it until the next read.
    assert (!f_known || rd_data == f_read);
    cover (f_known && f_word != f_read);
  end
`endif
endmodule

`default_nettype wire
