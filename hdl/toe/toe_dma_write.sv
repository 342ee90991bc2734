// SPDX-License-Identifier: Apache-2.0
// toe_dma_write: writes bursts into buffers in card memory.
//
// One beat a cycle, no gap between bursts. A burst is at most 256 beats of 8 bytes and stays within a
// buffer of 2,048 bytes, so it never crosses a 4 KiB boundary. Address and data channel run apart: data
// may be ahead of its address by two cycles. All bus signals pass flip-flops. Reset forgets what is under
// way. The caller owes: a burst's data without pauses.
`default_nettype none

module toe_dma_write #(
    // Bits of a buffer's number
    parameter int unsigned BUFFERS_LOG2 = 13,
    // Bursts without an answer, 1 to 63
    parameter int unsigned OUTSTANDING  = 32
) (
    input  wire logic                    clk,
    input  wire logic                    rst,              // synchronous, active high
    input  wire logic [63:0]             base,             // of buffer 0; 4 KiB multiple

    // Bursts and their data
    input  wire logic [BUFFERS_LOG2-1:0] s_burst_buffer,
    input  wire logic [7:0]              s_burst_beat,
    input  wire logic [7:0]              s_burst_len,      // beats less one
    input  wire logic                    s_burst_valid,
    output wire logic                    s_burst_ready,
    input  wire logic [63:0]             s_axis_tdata,
    input  wire logic [7:0]              s_axis_tstrb,
    input  wire logic                    s_axis_tvalid,
    output wire logic                    s_axis_tready,
    input  wire logic                    s_axis_tlast,

    output wire logic                    answered,         // pulse: a burst is in memory
    output wire logic                    refused,          // pulse: the bus did not take one

    // AXI4 manager, write channels
    output wire logic [63:0]             m_axi_awaddr,
    output wire logic [7:0]              m_axi_awlen,
    output wire logic                    m_axi_awvalid,
    input  wire logic                    m_axi_awready,
    output wire logic [63:0]             m_axi_wdata,
    output wire logic [7:0]              m_axi_wstrb,
    output wire logic                    m_axi_wlast,
    output wire logic                    m_axi_wvalid,
    input  wire logic                    m_axi_wready,
    input  wire logic [1:0]              m_axi_bresp,
    input  wire logic                    m_axi_bvalid,
    output wire logic                    m_axi_bready,

    input  wire logic                    quiesce,          // begin no burst
    output wire logic                    busy              // a burst is not answered
);
  if (OUTSTANDING == 0 || OUTSTANDING > 63) $error("OUTSTANDING=%0d is not 1 to 63", OUTSTANDING);

  localparam int unsigned BURST_W = BUFFERS_LOG2 + 16;

  logic               active_q;       // a burst's data are passing
  logic [5:0]         outstanding_q;  // bursts without an answer
  logic               aw_valid_q;
  logic [BURST_W-1:0] aw_burst_q;
  logic               answered_q, refused_q;

  wire logic aw_ready, w_ready;
  wire logic valid = active_q && s_axis_tvalid;
  wire logic ends  = valid && w_ready && s_axis_tlast;
  wire logic may_begin = (!active_q || ends) && (!aw_valid_q || aw_ready) &&
                         outstanding_q != 6'(OUTSTANDING) && !quiesce;
  wire logic begins = may_begin && s_burst_valid;
  wire logic answer = m_axi_bvalid;

  always_ff @(posedge clk) begin
    if (aw_ready) aw_valid_q <= 1'b0;
    if (ends) active_q <= 1'b0;
    if (begins) begin
      active_q   <= 1'b1;
      aw_valid_q <= 1'b1;
      aw_burst_q <= {s_burst_buffer, s_burst_beat, s_burst_len};
    end
    if (begins != answer) outstanding_q <= begins ? outstanding_q + 6'd1 : outstanding_q - 6'd1;
    answered_q <= m_axi_bvalid;
    refused_q  <= m_axi_bvalid && m_axi_bresp[1];
    if (rst) begin
      active_q      <= 1'b0;
      aw_valid_q    <= 1'b0;
      outstanding_q <= '0;
      answered_q    <= 1'b0;
      refused_q     <= 1'b0;
    end
  end

  wire logic [BUFFERS_LOG2-1:0] aw_buffer = aw_burst_q[BURST_W-1:16];
  wire logic unused_aw_last, unused_w_user;

  axis_register #(
      .DATA_W(64),
      .USER_W(8)
  ) aw_register (
      .clk          (clk),
      .rst          (rst),
      .s_axis_tdata ({base[63:11] + 53'(aw_buffer), aw_burst_q[15:8], 3'd0}),
      .s_axis_tuser (aw_burst_q[7:0]),
      .s_axis_tvalid(aw_valid_q),
      .s_axis_tready(aw_ready),
      .s_axis_tlast (1'b1),
      .m_axis_tdata (m_axi_awaddr),
      .m_axis_tuser (m_axi_awlen),
      .m_axis_tvalid(m_axi_awvalid),
      .m_axis_tready(m_axi_awready),
      .m_axis_tlast (unused_aw_last)
  );

  axis_register #(
      .DATA_W(72),
      .USER_W(1)
  ) w_register (
      .clk          (clk),
      .rst          (rst),
      .s_axis_tdata ({s_axis_tstrb, s_axis_tdata}),
      .s_axis_tuser (1'b0),
      .s_axis_tvalid(valid),
      .s_axis_tready(w_ready),
      .s_axis_tlast (s_axis_tlast),
      .m_axis_tdata ({m_axi_wstrb, m_axi_wdata}),
      .m_axis_tuser (unused_w_user),
      .m_axis_tvalid(m_axi_wvalid),
      .m_axis_tready(m_axi_wready),
      .m_axis_tlast (m_axi_wlast)
  );

  assign s_burst_ready = may_begin;
  assign s_axis_tready = active_q && w_ready;
  assign answered      = answered_q;
  assign refused       = refused_q;
  assign m_axi_bready  = 1'b1;
  assign busy          = outstanding_q != '0;

  wire logic unused = &{1'b0, unused_aw_last, unused_w_user, m_axi_bresp[0], base[10:0]};
endmodule

`default_nettype wire
