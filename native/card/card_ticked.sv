// SPDX-License-Identifier: Apache-2.0
// card_ticked: the card with a clock edge for every change of `tick`, for the emulator alone.
//
// A simulator's clock takes two evaluations a cycle, of which the falling edge only finds out that
// nothing happens. Here the clock falls by itself as soon as the rising edge is through. The outputs
// of card_top come from flip-flops, so they may be looked at before the edge together with the
// inputs that it will see. Not for synthesis.
`default_nettype none

module card_ticked #(
    // As in card_top
    parameter int unsigned ENGINES      = 1,
    parameter int unsigned CONTEXTS     = 32,
    parameter int unsigned MUL_II       = 1,
    parameter int unsigned G_WINDOW     = 10,
    parameter int unsigned BATCHES      = 16,
    parameter bit          TOE          = 1'b0,
    parameter int unsigned TOE_SESSIONS_LOG2 = 14,
    parameter int unsigned TOE_BUFFERS_LOG2  = 13,
    parameter int unsigned TOE_NODES_LOG2    = 14,
    parameter bit          CLOCK_GATING = 1'b1
) (
    input  wire logic        tick,
    input  wire logic        rst,             // synchronous, active high

    input  wire logic        tick_ms,         // high for one cycle every millisecond
    output wire logic        irq,             // level
    output wire logic        idle,            // the clock may stop until the next access, frame, tick
    output wire logic [31:0] tick_due_ms,     // while idle: ticks to the next deadline; all ones: none

    // Register window: AXI4-Lite slave
    input  wire logic [15:0] s_axil_awaddr,
    input  wire logic        s_axil_awvalid,
    output wire logic        s_axil_awready,
    input  wire logic [31:0] s_axil_wdata,
    input  wire logic [3:0]  s_axil_wstrb,
    input  wire logic        s_axil_wvalid,
    output wire logic        s_axil_wready,
    output wire logic [1:0]  s_axil_bresp,
    output wire logic        s_axil_bvalid,
    input  wire logic        s_axil_bready,
    input  wire logic [15:0] s_axil_araddr,
    input  wire logic        s_axil_arvalid,
    output wire logic        s_axil_arready,
    output wire logic [31:0] s_axil_rdata,
    output wire logic [1:0]  s_axil_rresp,
    output wire logic        s_axil_rvalid,
    input  wire logic        s_axil_rready,

    // Host memory: AXI4 master
    output wire logic [7:0]  m_axi_awid,
    output wire logic [63:0] m_axi_awaddr,
    output wire logic [7:0]  m_axi_awlen,
    output wire logic [2:0]  m_axi_awsize,
    output wire logic [1:0]  m_axi_awburst,
    output wire logic        m_axi_awvalid,
    input  wire logic        m_axi_awready,
    output wire logic [63:0] m_axi_wdata,
    output wire logic [7:0]  m_axi_wstrb,
    output wire logic        m_axi_wlast,
    output wire logic        m_axi_wvalid,
    input  wire logic        m_axi_wready,
    input  wire logic [7:0]  m_axi_bid,
    input  wire logic [1:0]  m_axi_bresp,
    input  wire logic        m_axi_bvalid,
    output wire logic        m_axi_bready,
    output wire logic [7:0]  m_axi_arid,
    output wire logic [63:0] m_axi_araddr,
    output wire logic [7:0]  m_axi_arlen,
    output wire logic [2:0]  m_axi_arsize,
    output wire logic [1:0]  m_axi_arburst,
    output wire logic        m_axi_arvalid,
    input  wire logic        m_axi_arready,
    input  wire logic [7:0]  m_axi_rid,
    input  wire logic [63:0] m_axi_rdata,
    input  wire logic [1:0]  m_axi_rresp,
    input  wire logic        m_axi_rlast,
    input  wire logic        m_axi_rvalid,
    output wire logic        m_axi_rready,

    // Frames: the MAC, AXI4-Stream; none wait on the way in
    input  wire logic [63:0] s_mac_axis_tdata,
    input  wire logic [7:0]  s_mac_axis_tkeep,
    input  wire logic        s_mac_axis_tvalid,
    input  wire logic        s_mac_axis_tlast,
    input  wire logic        s_mac_axis_tuser,   // on the last beat: the frame is bad
    output wire logic [63:0] m_mac_axis_tdata,
    output wire logic [7:0]  m_mac_axis_tkeep,
    output wire logic        m_mac_axis_tvalid,
    input  wire logic        m_mac_axis_tready,
    output wire logic        m_mac_axis_tlast,

    // Card memory: AXI4 masters for what is received and what is to be sent
    output wire logic [63:0] m_rx_mem_axi_awaddr,
    output wire logic [7:0]  m_rx_mem_axi_awlen,
    output wire logic        m_rx_mem_axi_awvalid,
    input  wire logic        m_rx_mem_axi_awready,
    output wire logic [63:0] m_rx_mem_axi_wdata,
    output wire logic [7:0]  m_rx_mem_axi_wstrb,
    output wire logic        m_rx_mem_axi_wlast,
    output wire logic        m_rx_mem_axi_wvalid,
    input  wire logic        m_rx_mem_axi_wready,
    input  wire logic [1:0]  m_rx_mem_axi_bresp,
    input  wire logic        m_rx_mem_axi_bvalid,
    output wire logic        m_rx_mem_axi_bready,
    output wire logic [63:0] m_rx_mem_axi_araddr,
    output wire logic [7:0]  m_rx_mem_axi_arlen,
    output wire logic        m_rx_mem_axi_arvalid,
    input  wire logic        m_rx_mem_axi_arready,
    input  wire logic [63:0] m_rx_mem_axi_rdata,
    input  wire logic [1:0]  m_rx_mem_axi_rresp,
    input  wire logic        m_rx_mem_axi_rlast,
    input  wire logic        m_rx_mem_axi_rvalid,
    output wire logic        m_rx_mem_axi_rready,
    output wire logic [63:0] m_tx_mem_axi_awaddr,
    output wire logic [7:0]  m_tx_mem_axi_awlen,
    output wire logic        m_tx_mem_axi_awvalid,
    input  wire logic        m_tx_mem_axi_awready,
    output wire logic [63:0] m_tx_mem_axi_wdata,
    output wire logic [7:0]  m_tx_mem_axi_wstrb,
    output wire logic        m_tx_mem_axi_wlast,
    output wire logic        m_tx_mem_axi_wvalid,
    input  wire logic        m_tx_mem_axi_wready,
    input  wire logic [1:0]  m_tx_mem_axi_bresp,
    input  wire logic        m_tx_mem_axi_bvalid,
    output wire logic        m_tx_mem_axi_bready,
    output wire logic [63:0] m_tx_mem_axi_araddr,
    output wire logic [7:0]  m_tx_mem_axi_arlen,
    output wire logic        m_tx_mem_axi_arvalid,
    input  wire logic        m_tx_mem_axi_arready,
    input  wire logic [63:0] m_tx_mem_axi_rdata,
    input  wire logic [1:0]  m_tx_mem_axi_rresp,
    input  wire logic        m_tx_mem_axi_rlast,
    input  wire logic        m_tx_mem_axi_rvalid,
    output wire logic        m_tx_mem_axi_rready
);
  bit seen;
  wire logic clk = tick ^ seen;
  always_ff @(posedge clk) seen <= tick;

  card_top #(
      .ENGINES(ENGINES),
      .CONTEXTS(CONTEXTS),
      .MUL_II(MUL_II),
      .G_WINDOW(G_WINDOW),
      .BATCHES(BATCHES),
      .TOE(TOE),
      .TOE_SESSIONS_LOG2(TOE_SESSIONS_LOG2),
      .TOE_BUFFERS_LOG2(TOE_BUFFERS_LOG2),
      .TOE_NODES_LOG2(TOE_NODES_LOG2),
      .CLOCK_GATING(CLOCK_GATING)
  ) card_top (
      .*
  );
endmodule

`default_nettype wire
