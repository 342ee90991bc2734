// SPDX-License-Identifier: Apache-2.0
// card_dma_read: reads host memory for several requesters.
//
// A request is one burst of up to 256 beats that must not cross a 4 KiB boundary: the caller splits. Its beats
// come back in order for each requester. A requester asks only for what it has room for: data cannot be
// refused, so no requester ever blocks the bus for another. One request per cycle; latency two cycles to AR.
// Requesters are named by bits 7-5 of the AXI id.
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
  wire logic            unused_last;

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
      .m_axis_tdata (m_axi_araddr),
      .m_axis_tuser (m_axi_arlen),
      .m_axis_tid   (id),
      .m_axis_tvalid(m_axi_arvalid),
      .m_axis_tready(m_axi_arready),
      .m_axis_tlast (unused_last)
  );

  assign m_axi_arid   = {3'(id), 5'd0};
  assign m_axi_rready = awake;

  assign m_data  = m_axi_rdata;
  assign m_error = m_axi_rresp[1];
  assign m_last  = m_axi_rlast;

  for (genvar i = 0; i < REQUESTERS; i++) begin : g_requester
    logic [5:0] pending_q;
    wire logic  begun = s_req_valid[i] && s_req_ready[i];
    wire logic  ended = m_valid[i] && m_axi_rlast;

    always_ff @(posedge clk) begin
      if (begun != ended) pending_q <= begun ? pending_q + 6'd1 : pending_q - 6'd1;
      if (rst) pending_q <= '0;
    end

    assign m_valid[i] = m_axi_rvalid && awake && m_axi_rid[7:5] == 3'(i);
    assign pending[i] = pending_q != '0;
  end

  wire logic unused = &{1'b0, unused_last, m_axi_rid[4:0], m_axi_rresp[0]};
endmodule

`default_nettype wire
