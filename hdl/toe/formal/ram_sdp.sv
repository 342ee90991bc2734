// SPDX-License-Identifier: Apache-2.0
// ram_sdp as registers whose contents are in view: what proofs of its users have in its place.
//
// Reading the address that is written gives anything, as READ_FIRST 0 allows. hdl/common proves that
// the real one is such a memory.
`default_nettype none

module ram_sdp #(
    parameter  int unsigned DATA_W     = 64,
    parameter  int unsigned DEPTH      = 512,
    parameter  bit          READ_FIRST = 1'b1,
    localparam int unsigned ADDR_W     = $clog2(DEPTH)
) (
    input  wire logic                    clk,
    input  wire logic                    wr_en,
    input  wire logic [ADDR_W-1:0]       wr_addr,
    input  wire logic [DATA_W-1:0]       wr_data,
    input  wire logic                    rd_en,
    input  wire logic [ADDR_W-1:0]       rd_addr,
    output wire logic [DATA_W-1:0]       rd_data,
    output wire logic [DEPTH*DATA_W-1:0] f_words
);
  (* anyseq *) logic [DATA_W-1:0] anything;
  logic [DEPTH*DATA_W-1:0] words_q;
  logic [DATA_W-1:0]       rd_data_q;

  for (genvar i = 0; i < DEPTH; i++) begin : gen_word
    always @(posedge clk) begin
      if (wr_en && wr_addr == i[ADDR_W-1:0]) words_q[i*DATA_W+:DATA_W] <= wr_data;
    end
  end
  // Not words_q[rd_addr*DATA_W+:DATA_W], a shifter that solvers take long to see through
  logic [DATA_W-1:0] word;
  always @* begin
    word = '0;
    for (int i = 0; i < DEPTH; i++) begin
      if (rd_addr == i[ADDR_W-1:0]) word = words_q[i*DATA_W+:DATA_W];
    end
  end
  always @(posedge clk) begin
    if (rd_en) begin
      rd_data_q <= wr_en && wr_addr == rd_addr ? anything : word;
    end
  end

  assign rd_data = rd_data_q;
  assign f_words = words_q;
endmodule

`default_nettype wire
