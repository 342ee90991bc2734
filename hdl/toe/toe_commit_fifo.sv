// SPDX-License-Identifier: Apache-2.0
// toe_commit_fifo: FIFO in block RAM whose words become visible by whole frames, or not at all.
//
// One word per cycle in and out, latency two cycles from commit. A word that finds no room is lost
// and marks its frame: `s_lost` until the frame's end, and a commit then takes the frame back as
// s_discard would. s_commit and s_discard include a word of the same cycle. Who can wait looks at
// s_ready. Reset empties it.
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
  );

  assign s_ready = !full;
  assign s_lost  = lost_q;
  assign m_valid = out_valid_q;
endmodule

`default_nettype wire
