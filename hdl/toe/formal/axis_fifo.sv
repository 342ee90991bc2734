// SPDX-License-Identifier: Apache-2.0
// axis_fifo as a shift register whose contents are in view: what proofs of its users have in its place.
//
// A beat that is inside is offered when the solver likes, and stays offered. hdl/common proves that
// the real one is such a FIFO.
`default_nettype none

module axis_fifo #(
    parameter  int unsigned DATA_W  = 64,
    parameter  int unsigned USER_W  = 1,
    parameter  int unsigned DEPTH   = 512,
    localparam int unsigned LEVEL_W = $clog2(DEPTH) + 1
) (
    input  wire logic                    clk,
    input  wire logic                    rst,
    input  wire logic [DATA_W-1:0]       s_axis_tdata,
    input  wire logic [USER_W-1:0]       s_axis_tuser,
    input  wire logic                    s_axis_tvalid,
    output wire logic                    s_axis_tready,
    input  wire logic                    s_axis_tlast,
    output wire logic [DATA_W-1:0]       m_axis_tdata,
    output wire logic [USER_W-1:0]       m_axis_tuser,
    output wire logic                    m_axis_tvalid,
    input  wire logic                    m_axis_tready,
    output wire logic                    m_axis_tlast,
    output wire logic [LEVEL_W-1:0]      level,
    output wire logic [DEPTH*DATA_W-1:0] f_words         // the oldest in the lowest bits
);
  (* anyseq *) logic willing;
  logic [DEPTH*DATA_W-1:0] words_q;
  logic [LEVEL_W-1:0]      level_q;
  logic                    offered_q;

  wire logic push = s_axis_tvalid && s_axis_tready;
  wire logic pop  = m_axis_tvalid && m_axis_tready;
  wire logic [LEVEL_W-1:0] place = level_q - LEVEL_W'(pop);  // of the beat that comes in

  for (genvar i = 0; i < DEPTH; i++) begin : gen_word
    wire logic [DATA_W-1:0] younger;
    if (i + 1 < DEPTH) assign younger = words_q[(i+1)*DATA_W+:DATA_W];
    else assign younger = words_q[i*DATA_W+:DATA_W];
    always @(posedge clk) begin
      if (push && place == LEVEL_W'(i)) words_q[i*DATA_W+:DATA_W] <= s_axis_tdata;
      else if (pop) words_q[i*DATA_W+:DATA_W] <= younger;
    end
  end
  always @(posedge clk) begin
    level_q   <= place + LEVEL_W'(push);
    offered_q <= m_axis_tvalid && !m_axis_tready;
    if (rst) begin
      level_q   <= '0;
      offered_q <= 1'b0;
    end
  end

  assign s_axis_tready = level_q != LEVEL_W'(DEPTH);
  assign m_axis_tvalid = level_q != '0 && (willing || offered_q);
  assign m_axis_tdata  = words_q[DATA_W-1:0];
  assign m_axis_tuser  = '0;
  assign m_axis_tlast  = 1'b0;
  assign level         = level_q;
  assign f_words       = words_q;
endmodule

`default_nettype wire
