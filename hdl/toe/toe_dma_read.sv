// SPDX-License-Identifier: Apache-2.0
// toe_dma_read: reads bursts from buffers in card memory.
//
// One request and one beat a cycle; latency one cycle to AR, one from R: all bus signals pass
// flip-flops. A burst is at most 256 beats of 8 bytes and stays within a buffer of 2,048 bytes, so it
// never crosses a 4 KiB boundary. The caller owes: room for what it asks for.
`default_nettype none

module toe_dma_read #(
    // Bits of a buffer's number
    parameter int unsigned BUFFERS_LOG2 = 13
) (
    input  wire logic                    clk,
    input  wire logic                    rst,              // synchronous, active high
    input  wire logic [63:0]             base,             // of buffer 0, a multiple of 4,096

    // Bursts to read
    input  wire logic [BUFFERS_LOG2-1:0] s_burst_buffer,
    input  wire logic [7:0]              s_burst_beat,
    input  wire logic [7:0]              s_burst_len,      // beats less one
    input  wire logic                    s_burst_valid,
    output wire logic                    s_burst_ready,

    // Their data
    output wire logic [63:0]             m_data,
    output wire logic                    m_error,          // the bus refused this beat
    output wire logic                    m_last,
    output wire logic                    m_valid,

    // AXI4 manager, read channels
    output wire logic [63:0]             m_axi_araddr,
    output wire logic [7:0]              m_axi_arlen,
    output wire logic                    m_axi_arvalid,
    input  wire logic                    m_axi_arready,
    input  wire logic [63:0]             m_axi_rdata,
    input  wire logic [1:0]              m_axi_rresp,
    input  wire logic                    m_axi_rlast,
    input  wire logic                    m_axi_rvalid,
    output wire logic                    m_axi_rready,

    input  wire logic                    quiesce,          // begin no burst
    output wire logic                    busy              // a burst is not answered
);
  wire logic ready, unused_ar_last;

  logic [63:0] rdata_q;
  logic        rerror_q, rlast_q, rvalid_q;

  // Bursts asked for and not answered; no more than the sink has room for, below 2^10
  logic [9:0]       outstanding_q;
  wire logic        begins = s_burst_valid && s_burst_ready;
  wire logic        ends   = m_axi_rvalid && m_axi_rlast;

  axis_register #(
      .DATA_W(64),
      .USER_W(8)
  ) ar_register (
      .clk          (clk),
      .rst          (rst),
      .s_axis_tdata ({base[63:11] + 53'(s_burst_buffer), s_burst_beat, 3'd0}),
      .s_axis_tuser (s_burst_len),
      .s_axis_tvalid(s_burst_valid && !quiesce),
      .s_axis_tready(ready),
      .s_axis_tlast (1'b1),
      .m_axis_tdata (m_axi_araddr),
      .m_axis_tuser (m_axi_arlen),
      .m_axis_tvalid(m_axi_arvalid),
      .m_axis_tready(m_axi_arready),
      .m_axis_tlast (unused_ar_last)
  );

  always_ff @(posedge clk) begin
    rvalid_q <= m_axi_rvalid;
    if (m_axi_rvalid) begin
      rdata_q  <= m_axi_rdata;
      rerror_q <= m_axi_rresp[1];
      rlast_q  <= m_axi_rlast;
    end
    if (begins != ends) outstanding_q <= begins ? outstanding_q + 10'd1 : outstanding_q - 10'd1;
    if (rst) begin
      rvalid_q      <= 1'b0;
      outstanding_q <= '0;
    end
  end

  assign s_burst_ready = ready && !quiesce;
  assign busy          = outstanding_q != '0;
  assign m_axi_rready  = 1'b1;
  assign m_data        = rdata_q;
  assign m_error       = rerror_q;
  assign m_last        = rlast_q;
  assign m_valid       = rvalid_q;

  wire logic unused = &{1'b0, unused_ar_last, m_axi_rresp[0], base[10:0]};
endmodule

`default_nettype wire
