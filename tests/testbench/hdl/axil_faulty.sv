// SPDX-License-Identifier: Apache-2.0
// axil_faulty: AXI4-Lite passed through, with one bug of choice that a monitor or a test must
// notice.
//
// Combinational but for the bugs.
`default_nettype none

module axil_faulty #(
    // Data width in bits
    parameter int unsigned DATA_W = 32,
    // Address width in bits
    parameter int unsigned ADDR_W = 16
) (
    input  wire logic                    clk,
    input  wire logic                    rst,  // synchronous, active high

    // 0 none. Of the manager: 1 AWVALID falls, 2 WDATA changes while stalled, 3 ARVALID in reset,
    // 9 all bytes written whatever the strobes say. Of the subordinate: 4 WREADY never comes, 5
    // BVALID before the write, 6 RVALID with the address, 7 EXOKAY, 8 RVALID never comes
    input  wire logic [3:0]              bug,

    input  wire logic [ADDR_W-1:0]       s_axil_awaddr,
    input  wire logic [2:0]              s_axil_awprot,
    input  wire logic                    s_axil_awvalid,
    output wire logic                    s_axil_awready,
    input  wire logic [DATA_W-1:0]       s_axil_wdata,
    input  wire logic [DATA_W/8-1:0]     s_axil_wstrb,
    input  wire logic                    s_axil_wvalid,
    output wire logic                    s_axil_wready,
    output wire logic [1:0]              s_axil_bresp,
    output wire logic                    s_axil_bvalid,
    input  wire logic                    s_axil_bready,
    input  wire logic [ADDR_W-1:0]       s_axil_araddr,
    input  wire logic [2:0]              s_axil_arprot,
    input  wire logic                    s_axil_arvalid,
    output wire logic                    s_axil_arready,
    output wire logic [DATA_W-1:0]       s_axil_rdata,
    output wire logic [1:0]              s_axil_rresp,
    output wire logic                    s_axil_rvalid,
    input  wire logic                    s_axil_rready,

    output wire logic [ADDR_W-1:0]       m_axil_awaddr,
    output wire logic [2:0]              m_axil_awprot,
    output wire logic                    m_axil_awvalid,
    input  wire logic                    m_axil_awready,
    output wire logic [DATA_W-1:0]       m_axil_wdata,
    output wire logic [DATA_W/8-1:0]     m_axil_wstrb,
    output wire logic                    m_axil_wvalid,
    input  wire logic                    m_axil_wready,
    input  wire logic [1:0]              m_axil_bresp,
    input  wire logic                    m_axil_bvalid,
    output wire logic                    m_axil_bready,
    output wire logic [ADDR_W-1:0]       m_axil_araddr,
    output wire logic [2:0]              m_axil_arprot,
    output wire logic                    m_axil_arvalid,
    input  wire logic                    m_axil_arready,
    input  wire logic [DATA_W-1:0]       m_axil_rdata,
    input  wire logic [1:0]              m_axil_rresp,
    input  wire logic                    m_axil_rvalid,
    output wire logic                    m_axil_rready
);
  // The offer of the last cycle was not taken
  logic aw_stalled_q;
  logic w_stalled_q;

  assign m_axil_awaddr = s_axil_awaddr;
  assign m_axil_awprot = s_axil_awprot;
  assign m_axil_awvalid = s_axil_awvalid && !(bug == 4'd1 && aw_stalled_q);
  assign s_axil_awready = m_axil_awready;

  assign m_axil_wdata = s_axil_wdata ^ {{(DATA_W - 1){1'b0}}, bug == 4'd2 && w_stalled_q};
  assign m_axil_wstrb = bug == 4'd9 ? '1 : s_axil_wstrb;
  assign m_axil_wvalid = s_axil_wvalid && bug != 4'd4;
  assign s_axil_wready = m_axil_wready && bug != 4'd4;

  assign s_axil_bresp = m_axil_bresp;
  assign s_axil_bvalid = m_axil_bvalid || (bug == 4'd5 && s_axil_awvalid);
  assign m_axil_bready = s_axil_bready;

  assign m_axil_araddr = s_axil_araddr;
  assign m_axil_arprot = s_axil_arprot;
  assign m_axil_arvalid = s_axil_arvalid || (bug == 4'd3 && rst);
  assign s_axil_arready = m_axil_arready;

  assign s_axil_rdata = m_axil_rdata;
  assign s_axil_rresp = bug == 4'd7 ? 2'd1 : m_axil_rresp;
  assign s_axil_rvalid = (m_axil_rvalid && bug != 4'd8) || (bug == 4'd6 && s_axil_arvalid);
  assign m_axil_rready = s_axil_rready;

  always_ff @(posedge clk) begin
    aw_stalled_q <= m_axil_awvalid && !m_axil_awready;
    w_stalled_q <= m_axil_wvalid && !m_axil_wready;
    if (rst) begin
      aw_stalled_q <= 1'b0;
      w_stalled_q <= 1'b0;
    end
  end
endmodule

`default_nettype wire
