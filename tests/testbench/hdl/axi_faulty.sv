// SPDX-License-Identifier: Apache-2.0
// axi_faulty: AXI4 passed through, with one bug of choice that a monitor must notice.
//
// Combinational but for the bugs.
`default_nettype none

module axi_faulty #(
    // Data width in bits
    parameter int unsigned DATA_W = 32,
    // Address width in bits
    parameter int unsigned ADDR_W = 32,
    // Identifier width in bits
    parameter int unsigned ID_W = 2
) (
    input  wire logic                    clk,
    input  wire logic                    rst,  // synchronous, active high

    // 0 none. Of the manager: 1 AWVALID falls, 2 WDATA changes while stalled, 3 ARVALID in reset,
    // 5 ARBURST reserved, 6 ARSIZE too wide, 7 a burst across 4 KiB, 8 WRAP of 3 beats, 9 WRAP not
    // aligned, 10 FIXED of 32 beats, 11 AWCACHE reserved, 12 exclusive of 3 beats, 13 WLAST
    // inverted, 14 strobes of all lanes. Of the subordinate: 4 AWREADY never comes, 15 BVALID
    // before the data, 16 RID of nobody, 17 RLAST inverted, 18 EXOKAY, 19 BVALID never comes, 20
    // BVALID with the last beat, 21 RVALID with the address
    input  wire logic [5:0]              bug,

    input  wire logic [ID_W-1:0]         s_axi_awid,
    input  wire logic [ADDR_W-1:0]       s_axi_awaddr,
    input  wire logic [7:0]              s_axi_awlen,
    input  wire logic [2:0]              s_axi_awsize,
    input  wire logic [1:0]              s_axi_awburst,
    input  wire logic                    s_axi_awlock,
    input  wire logic [3:0]              s_axi_awcache,
    input  wire logic [2:0]              s_axi_awprot,
    input  wire logic                    s_axi_awvalid,
    output wire logic                    s_axi_awready,
    input  wire logic [DATA_W-1:0]       s_axi_wdata,
    input  wire logic [DATA_W/8-1:0]     s_axi_wstrb,
    input  wire logic                    s_axi_wlast,
    input  wire logic                    s_axi_wvalid,
    output wire logic                    s_axi_wready,
    output wire logic [ID_W-1:0]         s_axi_bid,
    output wire logic [1:0]              s_axi_bresp,
    output wire logic                    s_axi_bvalid,
    input  wire logic                    s_axi_bready,
    input  wire logic [ID_W-1:0]         s_axi_arid,
    input  wire logic [ADDR_W-1:0]       s_axi_araddr,
    input  wire logic [7:0]              s_axi_arlen,
    input  wire logic [2:0]              s_axi_arsize,
    input  wire logic [1:0]              s_axi_arburst,
    input  wire logic                    s_axi_arlock,
    input  wire logic [3:0]              s_axi_arcache,
    input  wire logic [2:0]              s_axi_arprot,
    input  wire logic                    s_axi_arvalid,
    output wire logic                    s_axi_arready,
    output wire logic [ID_W-1:0]         s_axi_rid,
    output wire logic [DATA_W-1:0]       s_axi_rdata,
    output wire logic [1:0]              s_axi_rresp,
    output wire logic                    s_axi_rlast,
    output wire logic                    s_axi_rvalid,
    input  wire logic                    s_axi_rready,

    output wire logic [ID_W-1:0]         m_axi_awid,
    output wire logic [ADDR_W-1:0]       m_axi_awaddr,
    output wire logic [7:0]              m_axi_awlen,
    output wire logic [2:0]              m_axi_awsize,
    output wire logic [1:0]              m_axi_awburst,
    output wire logic                    m_axi_awlock,
    output wire logic [3:0]              m_axi_awcache,
    output wire logic [2:0]              m_axi_awprot,
    output wire logic                    m_axi_awvalid,
    input  wire logic                    m_axi_awready,
    output wire logic [DATA_W-1:0]       m_axi_wdata,
    output wire logic [DATA_W/8-1:0]     m_axi_wstrb,
    output wire logic                    m_axi_wlast,
    output wire logic                    m_axi_wvalid,
    input  wire logic                    m_axi_wready,
    input  wire logic [ID_W-1:0]         m_axi_bid,
    input  wire logic [1:0]              m_axi_bresp,
    input  wire logic                    m_axi_bvalid,
    output wire logic                    m_axi_bready,
    output wire logic [ID_W-1:0]         m_axi_arid,
    output wire logic [ADDR_W-1:0]       m_axi_araddr,
    output wire logic [7:0]              m_axi_arlen,
    output wire logic [2:0]              m_axi_arsize,
    output wire logic [1:0]              m_axi_arburst,
    output wire logic                    m_axi_arlock,
    output wire logic [3:0]              m_axi_arcache,
    output wire logic [2:0]              m_axi_arprot,
    output wire logic                    m_axi_arvalid,
    input  wire logic                    m_axi_arready,
    input  wire logic [ID_W-1:0]         m_axi_rid,
    input  wire logic [DATA_W-1:0]       m_axi_rdata,
    input  wire logic [1:0]              m_axi_rresp,
    input  wire logic                    m_axi_rlast,
    input  wire logic                    m_axi_rvalid,
    output wire logic                    m_axi_rready
);
  // The offer of the last cycle was not taken
  logic aw_stalled_q;
  logic w_stalled_q;

  assign m_axi_awid = s_axi_awid;
  assign m_axi_awaddr = bug == 6'd7 ? {s_axi_awaddr[ADDR_W-1:12], 12'hffc} : s_axi_awaddr;
  assign m_axi_awlen = s_axi_awlen;
  assign m_axi_awsize = s_axi_awsize;
  assign m_axi_awburst = s_axi_awburst;
  assign m_axi_awlock = s_axi_awlock;
  assign m_axi_awcache = bug == 6'd11 ? 4'b1000 : s_axi_awcache;
  assign m_axi_awprot = s_axi_awprot;
  assign m_axi_awvalid = s_axi_awvalid && !(bug == 6'd1 && aw_stalled_q) && bug != 6'd4;
  assign s_axi_awready = m_axi_awready && bug != 6'd4;

  assign m_axi_wdata = s_axi_wdata ^ {{(DATA_W - 1){1'b0}}, bug == 6'd2 && w_stalled_q};
  assign m_axi_wstrb = bug == 6'd14 ? '1 : s_axi_wstrb;
  assign m_axi_wlast = s_axi_wlast ^ (bug == 6'd13);
  assign m_axi_wvalid = s_axi_wvalid;
  assign s_axi_wready = m_axi_wready;

  assign s_axi_bid = bug == 6'd20 ? s_axi_awid : m_axi_bid;
  assign s_axi_bresp = m_axi_bresp;
  assign s_axi_bvalid = (m_axi_bvalid && bug != 6'd19) || (bug == 6'd15 && s_axi_awvalid)
                     || (bug == 6'd20 && s_axi_wvalid && s_axi_wready && s_axi_wlast);
  assign m_axi_bready = s_axi_bready;

  assign m_axi_arid = s_axi_arid;
  assign m_axi_araddr = bug == 6'd9 ? {s_axi_araddr[ADDR_W-1:1], 1'b1} : s_axi_araddr;
  assign m_axi_arlen = bug == 6'd8 || (bug == 6'd12 && s_axi_arburst == 2'd1) ? 8'd2
                     : bug == 6'd10 && s_axi_arburst == 2'd0 ? 8'd31 : s_axi_arlen;
  assign m_axi_arsize = bug == 6'd6 ? 3'd7 : s_axi_arsize;
  assign m_axi_arburst = bug == 6'd5 ? 2'd3 : s_axi_arburst;
  assign m_axi_arlock = s_axi_arlock || (bug == 6'd12 && s_axi_arburst == 2'd1);
  assign m_axi_arcache = s_axi_arcache;
  assign m_axi_arprot = s_axi_arprot;
  assign m_axi_arvalid = s_axi_arvalid || (bug == 6'd3 && rst);
  assign s_axi_arready = m_axi_arready;

  assign s_axi_rid = bug == 6'd21 ? s_axi_arid : m_axi_rid ^ {{(ID_W - 1){1'b0}}, bug == 6'd16};
  assign s_axi_rdata = m_axi_rdata;
  assign s_axi_rresp = bug == 6'd18 ? 2'd1 : m_axi_rresp;
  assign s_axi_rlast = m_axi_rlast ^ (bug == 6'd17);
  assign s_axi_rvalid = m_axi_rvalid || (bug == 6'd21 && s_axi_arvalid && s_axi_arready);
  assign m_axi_rready = s_axi_rready;

  always_ff @(posedge clk) begin
    aw_stalled_q <= m_axi_awvalid && !m_axi_awready;
    w_stalled_q <= m_axi_wvalid && !m_axi_wready;
    if (rst) begin
      aw_stalled_q <= 1'b0;
      w_stalled_q <= 1'b0;
    end
  end
endmodule

`default_nettype wire
