// SPDX-License-Identifier: Apache-2.0
// card_dma_write: writes host memory for several requesters.
//
// A request is a frame: one beat with the address, then the data, tlast on the last. tuser carries
// {tag 5, beats less one 8} on the first beat. A frame must not cross a 4 KiB boundary: the caller
// splits. Once begun, a frame should be finished without long pauses: it holds the write channel.
// The tag comes back with the bus's answer, which cannot be refused. One beat per cycle, one cycle
// more per frame, and another while AW waits; all bus signals pass flip-flops. Requesters are named
// by bits 7-5 of the AXI id, the tag is in bits 4-0.
`default_nettype none

module card_dma_write #(
    // Number of requesters, 2 to 8
    parameter int unsigned REQUESTERS = 2,
    // Bursts without an answer, at most 32
    parameter int unsigned OUTSTANDING = 32
) (
    input  wire logic                     clk,
    input  wire logic                     rst,            // synchronous, active high
    input  wire logic                     awake,          // low: take nothing

    // Frames; requester i has bits [i*W +: W]
    input  wire logic [REQUESTERS*64-1:0] s_axis_tdata,
    input  wire logic [REQUESTERS*13-1:0] s_axis_tuser,
    input  wire logic [REQUESTERS-1:0]    s_axis_tvalid,
    output wire logic [REQUESTERS-1:0]    s_axis_tready,
    input  wire logic [REQUESTERS-1:0]    s_axis_tlast,

    // Answers
    output wire logic [4:0]               m_tag,
    output wire logic                     m_error,        // the bus refused the write
    output wire logic [REQUESTERS-1:0]    m_valid,
    output wire logic [REQUESTERS-1:0]    pending,        // frames begun and not answered

    // AXI4 master, write channels
    output wire logic [7:0]               m_axi_awid,
    output wire logic [63:0]              m_axi_awaddr,
    output wire logic [7:0]               m_axi_awlen,
    output wire logic                     m_axi_awvalid,
    input  wire logic                     m_axi_awready,
    output wire logic [63:0]              m_axi_wdata,
    output wire logic                     m_axi_wlast,
    output wire logic                     m_axi_wvalid,
    input  wire logic                     m_axi_wready,
    input  wire logic [7:0]               m_axi_bid,
    input  wire logic [1:0]               m_axi_bresp,
    input  wire logic                     m_axi_bvalid,
    output wire logic                     m_axi_bready
);
  if (REQUESTERS < 2 || REQUESTERS > 8) $error("REQUESTERS=%0d is not 2 to 8", REQUESTERS);

  localparam int unsigned ID_W = $clog2(REQUESTERS);

  wire logic [63:0]     beat_data;
  wire logic [12:0]     beat_user;
  wire logic [ID_W-1:0] beat_id;
  wire logic            beat_valid, beat_last;
  wire logic            beat_ready;

  logic        in_data_q;      // the address beat of the frame has passed
  logic [5:0]  outstanding_q;  // bursts without an answer
  logic        awvalid_q;
  logic [63:0] awaddr_q;
  logic [7:0]  awid_q, awlen_q;

  // The bus's answer, one cycle later
  logic        bvalid_q, berror_q;
  logic [7:0]  bid_q;

  axis_arb #(
      .PORTS (REQUESTERS),
      .DATA_W(64),
      .USER_W(13)
  ) arb (
      .clk          (clk),
      .rst          (rst),
      .s_axis_tdata (s_axis_tdata),
      .s_axis_tuser (s_axis_tuser),
      .s_axis_tvalid(s_axis_tvalid),
      .s_axis_tready(s_axis_tready),
      .s_axis_tlast (s_axis_tlast),
      .m_axis_tdata (beat_data),
      .m_axis_tuser (beat_user),
      .m_axis_tid   (beat_id),
      .m_axis_tvalid(beat_valid),
      .m_axis_tready(beat_ready),
      .m_axis_tlast (beat_last)
  );

  wire logic may_begin = !awvalid_q && outstanding_q != 6'(OUTSTANDING);
  wire logic begun     = beat_valid && !in_data_q && may_begin;
  wire logic answered  = bvalid_q;

  wire logic data_ready, unused_wuser;

  assign beat_ready = in_data_q ? data_ready : may_begin;

  axis_register #(
      .DATA_W(64),
      .USER_W(1)
  ) w_register (
      .clk          (clk),
      .rst          (rst),
      .s_axis_tdata (beat_data),
      .s_axis_tuser (1'b0),
      .s_axis_tvalid(beat_valid && in_data_q),
      .s_axis_tready(data_ready),
      .s_axis_tlast (beat_last),
      .m_axis_tdata (m_axi_wdata),
      .m_axis_tuser (unused_wuser),
      .m_axis_tvalid(m_axi_wvalid),
      .m_axis_tready(m_axi_wready),
      .m_axis_tlast (m_axi_wlast)
  );

  always_ff @(posedge clk) begin
    if (m_axi_awready) awvalid_q <= 1'b0;
    if (begun) begin
      awvalid_q <= 1'b1;
      awaddr_q  <= beat_data;
      awid_q    <= {3'(beat_id), beat_user[12:8]};
      awlen_q   <= beat_user[7:0];
      in_data_q <= 1'b1;
    end
    if (beat_valid && in_data_q && data_ready && beat_last) in_data_q <= 1'b0;
    if (begun != answered) outstanding_q <= begun ? outstanding_q + 6'd1 : outstanding_q - 6'd1;
    bvalid_q <= m_axi_bvalid && awake;
    if (m_axi_bvalid) begin
      bid_q    <= m_axi_bid;
      berror_q <= m_axi_bresp[1];
    end
    if (rst) begin
      bvalid_q      <= 1'b0;
      awvalid_q     <= 1'b0;
      in_data_q     <= 1'b0;
      outstanding_q <= '0;
    end
  end

  assign m_axi_awid    = awid_q;
  assign m_axi_awaddr  = awaddr_q;
  assign m_axi_awlen   = awlen_q;
  assign m_axi_awvalid = awvalid_q;
  assign m_axi_bready  = awake;

  assign m_tag   = bid_q[4:0];
  assign m_error = berror_q;

  for (genvar i = 0; i < REQUESTERS; i++) begin : g_requester
    logic       in_frame_q;
    logic [6:0] pending_q;
    wire logic  taken   = s_axis_tvalid[i] && s_axis_tready[i];
    wire logic  entered = taken && !in_frame_q;

    always_ff @(posedge clk) begin
      if (taken) in_frame_q <= !s_axis_tlast[i];
      if (entered != m_valid[i]) pending_q <= entered ? pending_q + 7'd1 : pending_q - 7'd1;
      if (rst) begin
        in_frame_q <= 1'b0;
        pending_q  <= '0;
      end
    end

    assign m_valid[i] = bvalid_q && bid_q[7:5] == 3'(i);
    assign pending[i] = pending_q != '0;
  end

  wire logic unused = &{1'b0, m_axi_bresp[0], unused_wuser};
endmodule

`default_nettype wire
