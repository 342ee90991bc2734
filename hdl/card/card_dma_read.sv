// SPDX-License-Identifier: Apache-2.0
// card_dma_read: reads host memory for several requesters.
//
// A request is one burst of up to 256 beats that must not cross a 4 KiB boundary: the caller
// splits. Its beats come back in order for each requester. A requester asks only for what it has
// room for: data cannot be refused, so no requester ever blocks the bus for another. One request
// per cycle; latency two cycles to AR, one from R: all bus signals pass flip-flops. Requesters are
// named by bits 7-5 of the AXI id.
`default_nettype none

module card_dma_read #(
    // Number of requesters, 2 to 8
    parameter int unsigned REQUESTERS = 2
) (
    input  wire logic                     clk,
    input  wire logic                     rst,            // synchronous, active high
    input  wire logic                     awake,          // low: take nothing

    // Requests; requester i has bits [i*W +: W]
    input  wire logic [REQUESTERS*64-1:0] s_req_addr,
    input  wire logic [REQUESTERS*8-1:0]  s_req_len,      // beats less one
    input  wire logic [REQUESTERS-1:0]    s_req_valid,
    output wire logic [REQUESTERS-1:0]    s_req_ready,

    // Answers
    output wire logic [63:0]              m_data,
    output wire logic                     m_error,        // the bus refused this beat
    output wire logic                     m_last,         // last beat of a request
    output wire logic [REQUESTERS-1:0]    m_valid,
    output wire logic [REQUESTERS-1:0]    pending,        // requests without all their answers

    // AXI4 master, read channels
    output wire logic [7:0]               m_axi_arid,
    output wire logic [63:0]              m_axi_araddr,
    output wire logic [7:0]               m_axi_arlen,
    output wire logic                     m_axi_arvalid,
    input  wire logic                     m_axi_arready,
    input  wire logic [7:0]               m_axi_rid,
    input  wire logic [63:0]              m_axi_rdata,
    input  wire logic [1:0]               m_axi_rresp,
    input  wire logic                     m_axi_rlast,
    input  wire logic                     m_axi_rvalid,
    output wire logic                     m_axi_rready
);
  if (REQUESTERS < 2 || REQUESTERS > 8) $error("REQUESTERS=%0d is not 2 to 8", REQUESTERS);

  localparam int unsigned ID_W = $clog2(REQUESTERS);

  wire logic [ID_W-1:0] id;
  wire logic [63:0]     req_addr;
  wire logic [7:0]      req_len;
  wire logic            req_valid, req_ready, req_last, unused_last;

  // The bus's answer, one cycle later
  logic [7:0]  rid_q;
  logic [63:0] rdata_q;
  logic        rerror_q, rlast_q, rvalid_q;

  axis_arb #(
      .PORTS (REQUESTERS),
      .DATA_W(64),
      .USER_W(8)
  ) arb (
      .clk          (clk),
      .rst          (rst),
      .s_axis_tdata (s_req_addr),
      .s_axis_tuser (s_req_len),
      .s_axis_tvalid(s_req_valid),
      .s_axis_tready(s_req_ready),
      .s_axis_tlast ({REQUESTERS{1'b1}}),
      .m_axis_tdata (req_addr),
      .m_axis_tuser (req_len),
      .m_axis_tid   (id),
      .m_axis_tvalid(req_valid),
      .m_axis_tready(req_ready),
      .m_axis_tlast (req_last)
  );

  axis_register #(
      .DATA_W(64),
      .USER_W(16)
  ) ar_register (
      .clk          (clk),
      .rst          (rst),
      .s_axis_tdata (req_addr),
      .s_axis_tuser ({3'(id), 5'd0, req_len}),
      .s_axis_tvalid(req_valid),
      .s_axis_tready(req_ready),
      .s_axis_tlast (req_last),
      .m_axis_tdata (m_axi_araddr),
      .m_axis_tuser ({m_axi_arid, m_axi_arlen}),
      .m_axis_tvalid(m_axi_arvalid),
      .m_axis_tready(m_axi_arready),
      .m_axis_tlast (unused_last)
  );

  always_ff @(posedge clk) begin
    rvalid_q <= m_axi_rvalid && awake;
    if (m_axi_rvalid) begin
      rid_q    <= m_axi_rid;
      rdata_q  <= m_axi_rdata;
      rerror_q <= m_axi_rresp[1];
      rlast_q  <= m_axi_rlast;
    end
    if (rst) rvalid_q <= 1'b0;
  end

  assign m_axi_rready = awake;

  assign m_data  = rdata_q;
  assign m_error = rerror_q;
  assign m_last  = rlast_q;

  for (genvar i = 0; i < REQUESTERS; i++) begin : g_requester
    logic [5:0] pending_q;
    wire logic  begun = s_req_valid[i] && s_req_ready[i];
    wire logic  ended = m_valid[i] && rlast_q;

    always_ff @(posedge clk) begin
      if (begun != ended) pending_q <= begun ? pending_q + 6'd1 : pending_q - 6'd1;
      if (rst) pending_q <= '0;
    end

    assign m_valid[i] = rvalid_q && rid_q[7:5] == 3'(i);
    assign pending[i] = pending_q != '0;
  end

  wire logic unused = &{1'b0, unused_last, rid_q[4:0], m_axi_rresp[0]};
endmodule

`default_nettype wire
