// SPDX-License-Identifier: Apache-2.0
// toe_queues: the bytes of all sessions, both ways, in buffers of 2,048 bytes of card memory.
//
// toe_rxq and toe_txq over one pool of buffers, each with an AXI4 port of 64 bits: a beat a cycle to memory
// and one from it, on both, so that all four flows go at the rate of the line. How long operations take, and what the caller owes, stands in those two. After
// reset nothing is ready for 2^max(SESSIONS_LOG2, BUFFERS_LOG2) cycles. The memory behind each port
// keeps bursts in order, as AXI4 does with one id, and a burst that was answered is seen by all that
// are asked for later, on either port.
`default_nettype none

module toe_queues #(
    // Bits of a session's number, at least 1
    parameter  int unsigned SESSIONS_LOG2 = 14,
    // Bits of a buffer's number, 5 to 19
    parameter  int unsigned BUFFERS_LOG2  = 13,
    // Bits of the number of a piece to send, at least 2
    parameter  int unsigned NODES_LOG2    = 14,
    // 1: stop the clocks of what has nothing to do (clock_rest)
    parameter  bit          CLOCK_GATING  = 1'b0,
    localparam int unsigned HELD_W        = toe_pkg::HELD_W
) (
    input  wire logic                     clk,
    input  wire logic                     rst,               // synchronous, active high

    // Constant but for the limits
    input  wire logic [63:0]              base,              // of buffer 0, a multiple of 4,096
    input  wire logic [HELD_W-1:0]        rx_limit,          // bytes ahead of what was read
    input  wire logic [HELD_W-1:0]        tx_limit,          // bytes held for a session

    // Received: commands of toe_pkg, one payload for each store, answers to stores
    input  wire logic [1:0]               s_rx_op,           // QUEUE_OPEN, _RELEASE, _STORE
    input  wire logic [SESSIONS_LOG2-1:0] s_rx_session,
    input  wire logic [31:0]              s_rx_pos,          // first byte: stream, or store
    input  wire logic [15:0]              s_rx_skip,         // bytes of the payload before it
    input  wire logic [15:0]              s_rx_len,          // bytes to store; 0: drop the payload
    input  wire logic                     s_rx_valid,
    output wire logic                     s_rx_ready,
    input  wire logic [63:0]              s_store_axis_tdata,
    input  wire logic                     s_store_axis_tvalid,
    output wire logic                     s_store_axis_tready,
    input  wire logic                     s_store_axis_tlast,
    output wire logic [SESSIONS_LOG2-1:0] m_stored_session,
    output wire logic                     m_stored_granted,
    output wire logic                     m_stored_valid,    // pulse

    // Reads, a frame for each; tuser on its last beat: something in it is not of the stream
    input  wire logic [SESSIONS_LOG2-1:0] s_read_session,
    input  wire logic [15:0]              s_read_len,        // bytes, at least 1
    input  wire logic                     s_read_valid,
    output wire logic                     s_read_ready,
    output wire logic [63:0]              m_read_axis_tdata,
    output wire logic [7:0]               m_read_axis_tkeep,
    output wire logic                     m_read_axis_tuser,
    output wire logic                     m_read_axis_tvalid,
    input  wire logic                     m_read_axis_tready,
    output wire logic                     m_read_axis_tlast,
    output wire logic [SESSIONS_LOG2-1:0] m_read_session,    // bytes that rx_limit no longer counts
    output wire logic [11:0]              m_read_len,
    output wire logic                     m_read_valid,      // pulse

    // To send: commands, a frame for each fetch, bytes that are in memory
    input  wire logic [1:0]               s_tx_op,           // QUEUE_OPEN, _RELEASE, _FETCH, _FREE
    input  wire logic [SESSIONS_LOG2-1:0] s_tx_session,
    input  wire logic [31:0]              s_tx_pos,          // open, fetch: first byte; free: end
    input  wire logic [15:0]              s_tx_len,          // fetch: bytes, at least 1
    input  wire logic                     s_tx_valid,
    output wire logic                     s_tx_ready,
    output wire logic                     tx_room,           // a fetch keeps no command waiting
    output wire logic [63:0]              m_fetch_axis_tdata,
    output wire logic [7:0]               m_fetch_axis_tkeep,
    output wire logic                     m_fetch_axis_tuser,
    output wire logic                     m_fetch_axis_tvalid,
    input  wire logic                     m_fetch_axis_tready,
    output wire logic                     m_fetch_axis_tlast,
    output wire logic [SESSIONS_LOG2-1:0] m_added_session,
    output wire logic [15:0]              m_added_len,
    output wire logic                     m_added_broken,    // not all of them could be had
    output wire logic                     m_added_valid,
    input  wire logic                     m_added_ready,

    // Writes of the host, a payload and an answer for each
    input  wire logic [SESSIONS_LOG2-1:0] s_write_session,
    input  wire logic [15:0]              s_write_len,       // bytes; 0 is refused
    input  wire logic                     s_write_valid,
    output wire logic                     s_write_ready,
    input  wire logic [63:0]              s_write_axis_tdata,
    input  wire logic                     s_write_axis_tuser, // this beat could not be had
    input  wire logic                     s_write_axis_tvalid,
    output wire logic                     s_write_axis_tready,
    input  wire logic                     s_write_axis_tlast,
    output wire logic                     m_write_granted,
    output wire logic                     m_write_valid,     // pulse

    // References to bytes of a buffer, an answer for each
    input  wire logic [SESSIONS_LOG2-1:0] s_refer_session,
    input  wire logic [BUFFERS_LOG2-1:0]  s_refer_buffer,
    input  wire logic [10:0]              s_refer_offset,
    input  wire logic [11:0]              s_refer_len,       // bytes, 1 to 2048 - offset
    input  wire logic                     s_refer_valid,
    output wire logic                     s_refer_ready,
    output wire logic                     m_refer_granted,
    output wire logic                     m_refer_valid,     // pulse

    // Buffers for an owner on the card; the answer comes with ready
    input  wire logic                     s_take_valid,
    output wire logic                     s_take_ready,
    output wire logic                     m_take_granted,
    output wire logic [BUFFERS_LOG2-1:0]  m_take_buffer,
    input  wire logic [BUFFERS_LOG2-1:0]  s_drop_buffer,
    input  wire logic                     s_drop_valid,
    output wire logic                     s_drop_ready,

    // State
    output wire logic [BUFFERS_LOG2:0]    free_buffers,
    output wire logic [NODES_LOG2:0]      free_nodes,
    output wire logic                     drop_fault,        // pulse: drop of a free buffer
    output wire logic                     free_fault,        // pulse: free of what is not held
    output wire logic                     bus_fault,         // pulse: the bus refused something

    // AXI4 managers, 8 bytes a beat, incrementing bursts, one id: received data, data to send
    output wire logic [63:0]              m_rx_axi_awaddr,
    output wire logic [7:0]               m_rx_axi_awlen,
    output wire logic                     m_rx_axi_awvalid,
    input  wire logic                     m_rx_axi_awready,
    output wire logic [63:0]              m_rx_axi_wdata,
    output wire logic [7:0]               m_rx_axi_wstrb,
    output wire logic                     m_rx_axi_wlast,
    output wire logic                     m_rx_axi_wvalid,
    input  wire logic                     m_rx_axi_wready,
    input  wire logic [1:0]               m_rx_axi_bresp,
    input  wire logic                     m_rx_axi_bvalid,
    output wire logic                     m_rx_axi_bready,
    output wire logic [63:0]              m_rx_axi_araddr,
    output wire logic [7:0]               m_rx_axi_arlen,
    output wire logic                     m_rx_axi_arvalid,
    input  wire logic                     m_rx_axi_arready,
    input  wire logic [63:0]              m_rx_axi_rdata,
    input  wire logic [1:0]               m_rx_axi_rresp,
    input  wire logic                     m_rx_axi_rlast,
    input  wire logic                     m_rx_axi_rvalid,
    output wire logic                     m_rx_axi_rready,
    output wire logic [63:0]              m_tx_axi_awaddr,
    output wire logic [7:0]               m_tx_axi_awlen,
    output wire logic                     m_tx_axi_awvalid,
    input  wire logic                     m_tx_axi_awready,
    output wire logic [63:0]              m_tx_axi_wdata,
    output wire logic [7:0]               m_tx_axi_wstrb,
    output wire logic                     m_tx_axi_wlast,
    output wire logic                     m_tx_axi_wvalid,
    input  wire logic                     m_tx_axi_wready,
    input  wire logic [1:0]               m_tx_axi_bresp,
    input  wire logic                     m_tx_axi_bvalid,
    output wire logic                     m_tx_axi_bready,
    output wire logic [63:0]              m_tx_axi_araddr,
    output wire logic [7:0]               m_tx_axi_arlen,
    output wire logic                     m_tx_axi_arvalid,
    input  wire logic                     m_tx_axi_arready,
    input  wire logic [63:0]              m_tx_axi_rdata,
    input  wire logic [1:0]               m_tx_axi_rresp,
    input  wire logic                     m_tx_axi_rlast,
    input  wire logic                     m_tx_axi_rvalid,
    output wire logic                     m_tx_axi_rready,

    input  wire logic                     quiesce,           // begin no burst
    output wire logic                     transfers,         // bursts are not answered
    output wire logic                     busy               // something moves, or is to be moved
);
  localparam int unsigned NUMBER_W = BUFFERS_LOG2 + 1;

  // The pool's clients: toe_rxq, toe_txq, the owner on the card
  wire logic [3*NUMBER_W-1:0]     reserve_number;
  wire logic [2:0]                reserve_valid, reserve_ready, reserve_granted;
  wire logic [2:0]                take_valid, take_ready;
  wire logic [BUFFERS_LOG2-1:0]   take_buffer;
  wire logic [3*BUFFERS_LOG2-1:0] drop_buffer;
  wire logic [2:0]                drop_valid, drop_ready;
  wire logic [BUFFERS_LOG2-1:0]   refer_buffer;
  wire logic                      refer_valid, refer_ready, refer_granted;

  // Bursts of toe_rxq and of toe_txq, each on its own port
  wire logic [BUFFERS_LOG2-1:0]   rx_wr_buffer, rx_rd_buffer, tx_wr_buffer, tx_rd_buffer;
  wire logic [7:0]                rx_wr_beat, rx_rd_beat, tx_wr_beat, tx_rd_beat;
  wire logic [7:0]                rx_wr_len, rx_rd_len, tx_wr_len, tx_rd_len;
  wire logic                      rx_wr_valid, rx_rd_valid, tx_wr_valid, tx_rd_valid;
  wire logic                      rx_wr_ready, rx_rd_ready, tx_wr_ready, tx_rd_ready;
  wire logic [63:0]               rx_wr_tdata, tx_wr_tdata, rx_rd_data, tx_rd_data;
  wire logic [7:0]                rx_wr_tstrb, tx_wr_tstrb;
  wire logic                      rx_wr_tvalid, rx_wr_tready, rx_wr_tlast, rx_wr_answered;
  wire logic                      tx_wr_tvalid, tx_wr_tready, tx_wr_tlast, tx_wr_answered;
  wire logic                      rx_rd_last, tx_rd_last;
  wire logic [1:0]                rd_beat, rd_error, wr_refused, rd_busy, wr_busy;
  wire logic                      rxq_busy, txq_busy;
  wire logic                      rxq_moves, txq_moves, rxq_clk, txq_clk;

  clock_rest #(
      .GATING(CLOCK_GATING)
  ) rxq_rest (
      .clk      (clk),
      .rst      (rst),
      .active   (rxq_moves),
      .gated_clk(rxq_clk)
  );

  clock_rest #(
      .GATING(CLOCK_GATING)
  ) txq_rest (
      .clk      (clk),
      .rst      (rst),
      .active   (txq_moves),
      .gated_clk(txq_clk)
  );

  // The owner on the card reserves a buffer, then takes it
  logic reserved_q, bus_fault_q;
  always_ff @(posedge clk) begin
    if (s_take_ready) reserved_q <= 1'b0;
    else if (reserve_ready[2]) reserved_q <= 1'b1;
    bus_fault_q <= wr_refused != '0 || (rd_beat & rd_error) != '0;
    if (rst) begin
      reserved_q  <= 1'b0;
      bus_fault_q <= 1'b0;
    end
  end
  assign reserve_number[2*NUMBER_W+:NUMBER_W] = NUMBER_W'(1);
  assign reserve_valid[2] = s_take_valid && !reserved_q;
  assign take_valid[2]    = reserved_q;
  assign s_take_ready     = (reserve_ready[2] && !reserve_granted[2]) || take_ready[2];
  assign m_take_granted   = reserved_q;
  assign m_take_buffer    = take_buffer;
  assign drop_buffer[2*BUFFERS_LOG2+:BUFFERS_LOG2] = s_drop_buffer;
  assign drop_valid[2]    = s_drop_valid;
  assign s_drop_ready     = drop_ready[2];

  toe_pool #(
      .BUFFERS_LOG2(BUFFERS_LOG2),
      .CLIENTS     (3),
      .COUNT_W     (16)
  ) pool (
      .clk            (clk),
      .rst            (rst),
      .reserve_number (reserve_number),
      .reserve_valid  (reserve_valid),
      .reserve_ready  (reserve_ready),
      .reserve_granted(reserve_granted),
      .take_valid     (take_valid),
      .take_ready     (take_ready),
      .take_buffer    (take_buffer),
      .refer_buffer   (refer_buffer),
      .refer_valid    (refer_valid),
      .refer_ready    (refer_ready),
      .refer_granted  (refer_granted),
      .drop_buffer    (drop_buffer),
      .drop_valid     (drop_valid),
      .drop_ready     (drop_ready),
      .free           (free_buffers),
      .fault          (drop_fault)
  );

  toe_rxq #(
      .SESSIONS_LOG2(SESSIONS_LOG2),
      .BUFFERS_LOG2 (BUFFERS_LOG2)
  ) rxq (
      .clk             (rxq_clk),
      .rst             (rst),
      .limit           (rx_limit),
      .s_cmd_op        (s_rx_op),
      .s_cmd_session   (s_rx_session),
      .s_cmd_pos       (s_rx_pos),
      .s_cmd_skip      (s_rx_skip),
      .s_cmd_len       (s_rx_len),
      .s_cmd_valid     (s_rx_valid),
      .s_cmd_ready     (s_rx_ready),
      .s_axis_tdata    (s_store_axis_tdata),
      .s_axis_tvalid   (s_store_axis_tvalid),
      .s_axis_tready   (s_store_axis_tready),
      .s_axis_tlast    (s_store_axis_tlast),
      .m_stored_session(m_stored_session),
      .m_stored_granted(m_stored_granted),
      .m_stored_valid  (m_stored_valid),
      .s_read_session  (s_read_session),
      .s_read_len      (s_read_len),
      .s_read_valid    (s_read_valid),
      .s_read_ready    (s_read_ready),
      .m_axis_tdata    (m_read_axis_tdata),
      .m_axis_tkeep    (m_read_axis_tkeep),
      .m_axis_tuser    (m_read_axis_tuser),
      .m_axis_tvalid   (m_read_axis_tvalid),
      .m_axis_tready   (m_read_axis_tready),
      .m_axis_tlast    (m_read_axis_tlast),
      .m_read_session  (m_read_session),
      .m_read_len      (m_read_len),
      .m_read_valid    (m_read_valid),
      .reserve_number  (reserve_number[0*NUMBER_W+:NUMBER_W]),
      .reserve_valid   (reserve_valid[0]),
      .reserve_ready   (reserve_ready[0]),
      .reserve_granted (reserve_granted[0]),
      .take_valid      (take_valid[0]),
      .take_ready      (take_ready[0]),
      .take_buffer     (take_buffer),
      .drop_buffer     (drop_buffer[0*BUFFERS_LOG2+:BUFFERS_LOG2]),
      .drop_valid      (drop_valid[0]),
      .drop_ready      (drop_ready[0]),
      .wr_burst_buffer (rx_wr_buffer),
      .wr_burst_beat   (rx_wr_beat),
      .wr_burst_len    (rx_wr_len),
      .wr_burst_valid  (rx_wr_valid),
      .wr_burst_ready  (rx_wr_ready),
      .wr_axis_tdata   (rx_wr_tdata),
      .wr_axis_tstrb   (rx_wr_tstrb),
      .wr_axis_tvalid  (rx_wr_tvalid),
      .wr_axis_tready  (rx_wr_tready),
      .wr_axis_tlast   (rx_wr_tlast),
      .wr_answered     (rx_wr_answered),
      .rd_burst_buffer (rx_rd_buffer),
      .rd_burst_beat   (rx_rd_beat),
      .rd_burst_len    (rx_rd_len),
      .rd_burst_valid  (rx_rd_valid),
      .rd_burst_ready  (rx_rd_ready),
      .rd_data         (rx_rd_data),
      .rd_error        (rd_error[0]),
      .rd_last         (rx_rd_last),
      .rd_valid        (rd_beat[0]),
      .busy            (rxq_busy),
      .moves           (rxq_moves)
  );

  toe_txq #(
      .SESSIONS_LOG2(SESSIONS_LOG2),
      .BUFFERS_LOG2 (BUFFERS_LOG2),
      .NODES_LOG2   (NODES_LOG2)
  ) txq (
      .clk            (txq_clk),
      .rst            (rst),
      .limit          (tx_limit),
      .s_cmd_op       (s_tx_op),
      .s_cmd_session  (s_tx_session),
      .s_cmd_pos      (s_tx_pos),
      .s_cmd_len      (s_tx_len),
      .s_cmd_valid    (s_tx_valid),
      .s_cmd_ready    (s_tx_ready),
      .fetch_room     (tx_room),
      .m_axis_tdata   (m_fetch_axis_tdata),
      .m_axis_tkeep   (m_fetch_axis_tkeep),
      .m_axis_tuser   (m_fetch_axis_tuser),
      .m_axis_tvalid  (m_fetch_axis_tvalid),
      .m_axis_tready  (m_fetch_axis_tready),
      .m_axis_tlast   (m_fetch_axis_tlast),
      .s_write_session(s_write_session),
      .s_write_len    (s_write_len),
      .s_write_valid  (s_write_valid),
      .s_write_ready  (s_write_ready),
      .s_axis_tdata   (s_write_axis_tdata),
      .s_axis_tuser   (s_write_axis_tuser),
      .s_axis_tvalid  (s_write_axis_tvalid),
      .s_axis_tready  (s_write_axis_tready),
      .s_axis_tlast   (s_write_axis_tlast),
      .m_write_granted(m_write_granted),
      .m_write_valid  (m_write_valid),
      .s_refer_session(s_refer_session),
      .s_refer_buffer (s_refer_buffer),
      .s_refer_offset (s_refer_offset),
      .s_refer_len    (s_refer_len),
      .s_refer_valid  (s_refer_valid),
      .s_refer_ready  (s_refer_ready),
      .m_refer_granted(m_refer_granted),
      .m_refer_valid  (m_refer_valid),
      .m_added_session(m_added_session),
      .m_added_len    (m_added_len),
      .m_added_broken (m_added_broken),
      .m_added_valid  (m_added_valid),
      .m_added_ready  (m_added_ready),
      .fault          (free_fault),
      .free_nodes     (free_nodes),
      .reserve_number (reserve_number[1*NUMBER_W+:NUMBER_W]),
      .reserve_valid  (reserve_valid[1]),
      .reserve_ready  (reserve_ready[1]),
      .reserve_granted(reserve_granted[1]),
      .take_valid     (take_valid[1]),
      .take_ready     (take_ready[1]),
      .take_buffer    (take_buffer),
      .refer_buffer   (refer_buffer),
      .refer_valid    (refer_valid),
      .refer_ready    (refer_ready),
      .refer_granted  (refer_granted),
      .drop_buffer    (drop_buffer[1*BUFFERS_LOG2+:BUFFERS_LOG2]),
      .drop_valid     (drop_valid[1]),
      .drop_ready     (drop_ready[1]),
      .wr_burst_buffer(tx_wr_buffer),
      .wr_burst_beat  (tx_wr_beat),
      .wr_burst_len   (tx_wr_len),
      .wr_burst_valid (tx_wr_valid),
      .wr_burst_ready (tx_wr_ready),
      .wr_axis_tdata  (tx_wr_tdata),
      .wr_axis_tstrb  (tx_wr_tstrb),
      .wr_axis_tvalid (tx_wr_tvalid),
      .wr_axis_tready (tx_wr_tready),
      .wr_axis_tlast  (tx_wr_tlast),
      .wr_answered    (tx_wr_answered),
      .rd_burst_buffer(tx_rd_buffer),
      .rd_burst_beat  (tx_rd_beat),
      .rd_burst_len   (tx_rd_len),
      .rd_burst_valid (tx_rd_valid),
      .rd_burst_ready (tx_rd_ready),
      .rd_data        (tx_rd_data),
      .rd_error       (rd_error[1]),
      .rd_last        (tx_rd_last),
      .rd_valid       (rd_beat[1]),
      .busy           (txq_busy),
      .moves          (txq_moves)
  );

  toe_dma_write #(
      .BUFFERS_LOG2(BUFFERS_LOG2)
  ) rx_dma_write (
      .clk           (clk),
      .rst           (rst),
      .base          (base),
      .s_burst_buffer(rx_wr_buffer),
      .s_burst_beat  (rx_wr_beat),
      .s_burst_len   (rx_wr_len),
      .s_burst_valid (rx_wr_valid),
      .s_burst_ready (rx_wr_ready),
      .s_axis_tdata  (rx_wr_tdata),
      .s_axis_tstrb  (rx_wr_tstrb),
      .s_axis_tvalid (rx_wr_tvalid),
      .s_axis_tready (rx_wr_tready),
      .s_axis_tlast  (rx_wr_tlast),
      .answered      (rx_wr_answered),
      .refused       (wr_refused[0]),
      .m_axi_awaddr  (m_rx_axi_awaddr),
      .m_axi_awlen   (m_rx_axi_awlen),
      .m_axi_awvalid (m_rx_axi_awvalid),
      .m_axi_awready (m_rx_axi_awready),
      .m_axi_wdata   (m_rx_axi_wdata),
      .m_axi_wstrb   (m_rx_axi_wstrb),
      .m_axi_wlast   (m_rx_axi_wlast),
      .m_axi_wvalid  (m_rx_axi_wvalid),
      .m_axi_wready  (m_rx_axi_wready),
      .m_axi_bresp   (m_rx_axi_bresp),
      .m_axi_bvalid  (m_rx_axi_bvalid),
      .m_axi_bready  (m_rx_axi_bready),
      .quiesce       (quiesce),
      .busy          (wr_busy[0])
  );

  toe_dma_read #(
      .BUFFERS_LOG2(BUFFERS_LOG2)
  ) rx_dma_read (
      .clk           (clk),
      .rst           (rst),
      .base          (base),
      .s_burst_buffer(rx_rd_buffer),
      .s_burst_beat  (rx_rd_beat),
      .s_burst_len   (rx_rd_len),
      .s_burst_valid (rx_rd_valid),
      .s_burst_ready (rx_rd_ready),
      .m_data        (rx_rd_data),
      .m_error       (rd_error[0]),
      .m_last        (rx_rd_last),
      .m_valid       (rd_beat[0]),
      .m_axi_araddr  (m_rx_axi_araddr),
      .m_axi_arlen   (m_rx_axi_arlen),
      .m_axi_arvalid (m_rx_axi_arvalid),
      .m_axi_arready (m_rx_axi_arready),
      .m_axi_rdata   (m_rx_axi_rdata),
      .m_axi_rresp   (m_rx_axi_rresp),
      .m_axi_rlast   (m_rx_axi_rlast),
      .m_axi_rvalid  (m_rx_axi_rvalid),
      .m_axi_rready  (m_rx_axi_rready),
      .quiesce       (quiesce),
      .busy          (rd_busy[0])
  );

  toe_dma_write #(
      .BUFFERS_LOG2(BUFFERS_LOG2)
  ) tx_dma_write (
      .clk           (clk),
      .rst           (rst),
      .base          (base),
      .s_burst_buffer(tx_wr_buffer),
      .s_burst_beat  (tx_wr_beat),
      .s_burst_len   (tx_wr_len),
      .s_burst_valid (tx_wr_valid),
      .s_burst_ready (tx_wr_ready),
      .s_axis_tdata  (tx_wr_tdata),
      .s_axis_tstrb  (tx_wr_tstrb),
      .s_axis_tvalid (tx_wr_tvalid),
      .s_axis_tready (tx_wr_tready),
      .s_axis_tlast  (tx_wr_tlast),
      .answered      (tx_wr_answered),
      .refused       (wr_refused[1]),
      .m_axi_awaddr  (m_tx_axi_awaddr),
      .m_axi_awlen   (m_tx_axi_awlen),
      .m_axi_awvalid (m_tx_axi_awvalid),
      .m_axi_awready (m_tx_axi_awready),
      .m_axi_wdata   (m_tx_axi_wdata),
      .m_axi_wstrb   (m_tx_axi_wstrb),
      .m_axi_wlast   (m_tx_axi_wlast),
      .m_axi_wvalid  (m_tx_axi_wvalid),
      .m_axi_wready  (m_tx_axi_wready),
      .m_axi_bresp   (m_tx_axi_bresp),
      .m_axi_bvalid  (m_tx_axi_bvalid),
      .m_axi_bready  (m_tx_axi_bready),
      .quiesce       (quiesce),
      .busy          (wr_busy[1])
  );

  toe_dma_read #(
      .BUFFERS_LOG2(BUFFERS_LOG2)
  ) tx_dma_read (
      .clk           (clk),
      .rst           (rst),
      .base          (base),
      .s_burst_buffer(tx_rd_buffer),
      .s_burst_beat  (tx_rd_beat),
      .s_burst_len   (tx_rd_len),
      .s_burst_valid (tx_rd_valid),
      .s_burst_ready (tx_rd_ready),
      .m_data        (tx_rd_data),
      .m_error       (rd_error[1]),
      .m_last        (tx_rd_last),
      .m_valid       (rd_beat[1]),
      .m_axi_araddr  (m_tx_axi_araddr),
      .m_axi_arlen   (m_tx_axi_arlen),
      .m_axi_arvalid (m_tx_axi_arvalid),
      .m_axi_arready (m_tx_axi_arready),
      .m_axi_rdata   (m_tx_axi_rdata),
      .m_axi_rresp   (m_tx_axi_rresp),
      .m_axi_rlast   (m_tx_axi_rlast),
      .m_axi_rvalid  (m_tx_axi_rvalid),
      .m_axi_rready  (m_tx_axi_rready),
      .quiesce       (quiesce),
      .busy          (rd_busy[1])
  );

  assign bus_fault = bus_fault_q;
  assign transfers = rd_busy != '0 || wr_busy != '0;
  assign busy      = rxq_busy || txq_busy || transfers || drop_valid != '0;
endmodule

`default_nettype wire
