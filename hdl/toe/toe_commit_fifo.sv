// SPDX-License-Identifier: Apache-2.0
// toe_commit_fifo: FIFO in block RAM whose words become visible by whole frames, or not at all.
//
// One word per cycle in and out, latency two cycles from commit. A word that finds no room is lost
// and marks its frame: `s_lost` until the frame's end, and a commit then takes the frame back as
// s_discard would. s_commit and s_discard, not both at once, include a word of the same cycle. Who
// can wait looks at s_ready. Reset empties it.
`default_nettype none

module toe_commit_fifo #(
    // Word width in bits, at least 1
    parameter  int unsigned DATA_W = 64,
    // Capacity in words: a power of two, at least 4; and an output register
    parameter  int unsigned DEPTH  = 512,
    localparam int unsigned ADDR_W = $clog2(DEPTH)
) (
    input  wire logic              clk,
    input  wire logic              rst,       // synchronous, active high

    input  wire logic [DATA_W-1:0] s_data,
    input  wire logic              s_valid,
    output wire logic              s_ready,   // there is room for a word
    input  wire logic              s_commit,  // the frame is whole and wanted
    input  wire logic              s_discard, // the frame is not wanted
    output wire logic              s_lost,    // a word of the frame, before this cycle's, was lost

    output wire logic [DATA_W-1:0] m_data,
    output wire logic              m_valid,
    input  wire logic              m_ready
);
  if (DATA_W == 0) $error("DATA_W=%0d is below 1", DATA_W);
  if (DEPTH < 4 || DEPTH != 1 << ADDR_W) $error("DEPTH=%0d is no power of two >= 4", DEPTH);

  // One bit more than an address: equal pointers are empty, apart by DEPTH they are full
  logic [ADDR_W:0] write_q, commit_q, read_q;
  logic            lost_q;
  logic            out_valid_q;

  wire logic            full  = write_q == {~read_q[ADDR_W], read_q[ADDR_W-1:0]};
  wire logic            push  = s_valid && !full;
  wire logic            lost  = lost_q || (s_valid && full);
  wire logic            fetch = read_q != commit_q && (!out_valid_q || m_ready);
  wire logic [ADDR_W:0] next  = write_q + (ADDR_W + 1)'(push);

  always_ff @(posedge clk) begin
    write_q <= next;
    lost_q  <= lost;
    if (s_commit && !lost) commit_q <= next;
    if (s_discard || (s_commit && lost)) write_q <= commit_q;
    if (s_commit || s_discard) lost_q <= 1'b0;
    if (fetch) read_q <= read_q + 1'b1;
    out_valid_q <= fetch || (out_valid_q && !m_ready);
    if (rst) begin
      write_q     <= '0;
      commit_q    <= '0;
      read_q      <= '0;
      lost_q      <= 1'b0;
      out_valid_q <= 1'b0;
    end
  end

  ram_sdp #(
      .DATA_W    (DATA_W),
      .DEPTH     (DEPTH),
      .READ_FIRST(1'b0)
  ) ram (
      .clk    (clk),
      .wr_en  (push),
      .wr_addr(write_q[ADDR_W-1:0]),
      .wr_data(s_data),
      .rd_en  (fetch),
      .rd_addr(read_q[ADDR_W-1:0]),
      .rd_data(m_data)
`ifdef FORMAL
      ,
      .f_words
`endif
  );

  assign s_ready = !full;
  assign s_lost  = lost_q;
  assign m_valid = out_valid_q;

`ifdef FORMAL
  localparam int unsigned F_COUNT_W = ADDR_W + 2;

  // What has to be inside: words of the open frame, words of whole frames; one of them, of the
  // solver's choice, with the words in front of it
  (* anyseq *) logic    f_mark;
  logic [F_COUNT_W-1:0] f_open, f_whole, f_ahead;
  logic                 f_lost, f_marked, f_wanted;
  logic [DATA_W-1:0]    f_data;
  logic                 f_past_exists = 1'b0;
  logic                 f_past_rst, f_past_waiting;

  wire logic                 f_pop   = m_valid && m_ready;
  wire logic                 f_enter = s_valid && s_ready;
  wire logic                 f_loses = f_lost || (s_valid && !s_ready);
  wire logic                 f_keep  = s_commit && !f_loses;
  wire logic                 f_drop  = s_discard || (s_commit && f_loses);
  wire logic [F_COUNT_W-1:0] f_frame = f_open + F_COUNT_W'(f_enter);

  always @(posedge clk) begin
    f_past_exists  <= 1'b1;
    f_past_rst     <= rst;
    f_past_waiting <= read_q != commit_q;
    f_lost  <= f_loses && !s_commit && !s_discard;
    f_open  <= f_keep || f_drop ? '0 : f_frame;
    f_whole <= f_whole + (f_keep ? f_frame : '0) - F_COUNT_W'(f_pop);
    if (f_marked) begin
      f_ahead  <= f_ahead - F_COUNT_W'(f_pop);
      f_wanted <= f_wanted || f_keep;
      if ((f_drop && !f_wanted) || (f_pop && f_ahead == '0)) f_marked <= 1'b0;
    end else if (f_enter && f_mark && !f_drop) begin
      f_marked <= 1'b1;
      f_wanted <= f_keep;
      f_data   <= s_data;
      f_ahead  <= f_whole + f_open - F_COUNT_W'(f_pop);
    end
    if (rst) begin
      f_lost   <= 1'b0;
      f_open   <= '0;
      f_whole  <= '0;
      f_marked <= 1'b0;
    end
  end

  always @* if (!f_past_exists) assume (rst);
  always @* assume (!(s_commit && s_discard));

  // Where the marked word is: in the output register, or so many words behind the read address
  wire logic [DEPTH*DATA_W-1:0] f_words;
  wire logic                 f_out_marked = out_valid_q && f_ahead == '0;
  wire logic [F_COUNT_W-1:0] f_behind     = f_ahead - F_COUNT_W'(out_valid_q);
  wire logic [ADDR_W-1:0]    f_addr       = read_q[ADDR_W-1:0] + f_behind[ADDR_W-1:0];

  always @* if (f_past_exists && !rst) begin
    // Rule 1: words leave in order, unchanged, and only those of whole frames that were wanted.
    assert (!m_valid || f_whole != '0);
    assert (!f_marked || !f_pop || f_ahead != '0 || (f_wanted && m_data == f_data));
    // Rule 2: what is wanted is offered, at the latest two cycles after its commit.
    assert (m_valid || f_past_rst || !f_past_waiting);
    // Rule 3: there is room as long as DEPTH words have not filled the memory; the frame that is
    // open knows whether it has lost a word.
    assert (s_ready == (f_open + f_whole - F_COUNT_W'(m_valid) < F_COUNT_W'(DEPTH)));
    assert (s_lost == f_lost);
    // Where the words are
    assert (f_open + f_whole - F_COUNT_W'(m_valid) <= F_COUNT_W'(DEPTH));
    assert (f_open <= F_COUNT_W'(DEPTH) && f_whole <= F_COUNT_W'(DEPTH + 1));
    assert ((ADDR_W + 1)'(write_q - commit_q) == f_open[ADDR_W:0]);
    assert ((ADDR_W + 1)'(commit_q - read_q) == (ADDR_W + 1)'(f_whole - F_COUNT_W'(out_valid_q)));
    assert (!f_marked || (f_wanted ? f_ahead < f_whole
                                   : f_ahead >= f_whole && f_ahead < f_whole + f_open));
    assert (!f_marked || f_data == (f_out_marked ? m_data : f_words[f_addr*DATA_W+:DATA_W]));
    cover (f_marked && f_pop && f_ahead == '0 && !s_ready);
    cover (f_drop && f_loses && f_whole != '0);
  end
`endif
endmodule

`default_nettype wire
