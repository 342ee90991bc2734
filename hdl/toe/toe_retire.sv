// SPDX-License-Identifier: Apache-2.0
// toe_retire: buffers on their way back to the pool, held until no burst can touch them any more.
//
// A buffer that nobody will ask for again may still be in bursts that were asked for: it waits for
// all writes, and then for all reads, that its queue had asked for. Buffers leave in order. One a
// cycle, latency eight cycles. Reset forgets them.
`default_nettype none

module toe_retire #(
    // Bits of a buffer's number
    parameter int unsigned BUFFERS_LOG2 = 13,
    // Bits of a count of bursts
    parameter int unsigned FENCE_W      = 10
) (
    input  wire logic                    clk,
    input  wire logic                    rst,       // synchronous, active high

    input  wire logic [BUFFERS_LOG2-1:0] s_buffer,
    input  wire logic                    s_valid,
    output wire logic                    s_ready,

    // Bursts of the queue, asked for and answered
    input  wire logic [FENCE_W-1:0]      wr_asked,
    input  wire logic [FENCE_W-1:0]      wr_done,
    input  wire logic [FENCE_W-1:0]      rd_asked,
    input  wire logic [FENCE_W-1:0]      rd_done,

    output wire logic [BUFFERS_LOG2-1:0] m_buffer,
    output wire logic                    m_valid,
    input  wire logic                    m_ready,

    output wire logic                    busy       // buffers are inside
);
  localparam int unsigned DEPTH = 16;

  wire logic [BUFFERS_LOG2-1:0] buffer;
  wire logic                    valid, ready, writes_busy, reads_busy;

  toe_fence #(
      .DATA_W (BUFFERS_LOG2),
      .DEPTH  (DEPTH),
      .FENCE_W(FENCE_W)
  ) writes (
      .clk    (clk),
      .rst    (rst),
      .s_data (s_buffer),
      .s_asked(wr_asked),
      .s_valid(s_valid),
      .s_ready(s_ready),
      .done   (wr_done),
      .m_data (buffer),
      .m_valid(valid),
      .m_ready(ready),
      .busy   (writes_busy)
  );

  toe_fence #(
      .DATA_W (BUFFERS_LOG2),
      .DEPTH  (DEPTH),
      .FENCE_W(FENCE_W)
  ) reads (
      .clk    (clk),
      .rst    (rst),
      .s_data (buffer),
      .s_asked(rd_asked),
      .s_valid(valid),
      .s_ready(ready),
      .done   (rd_done),
      .m_data (m_buffer),
      .m_valid(m_valid),
      .m_ready(m_ready),
      .busy   (reads_busy)
  );

  assign busy = writes_busy || reads_busy;
endmodule

`default_nettype wire
