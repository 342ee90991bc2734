// SPDX-License-Identifier: Apache-2.0
// card_top: the whole card: registers in front, host memory behind, engines between.
//
// Registers and rings are described in docs/registers.md, this module in README.md. Engines 1 and 2
// have their register blocks and AXI ids reserved and answer "absent".
`default_nettype none

module card_top #(
    // Signature cores, each with a multiplier of its own
    parameter int unsigned ENGINES     = 1,
    // Signatures interleaved on one core
    parameter int unsigned CONTEXTS    = 32,
    // Cycles between two products of one multiplier
    parameter int unsigned MUL_II      = 1,
    // Window of the generator's table, in bits
    parameter int unsigned G_WINDOW    = 10,
    // Batches in flight: a power of two, 2 to 32
    parameter int unsigned BATCHES     = 16,
    // 1: stop the clocks of what has nothing to do: around the engine (card_sleep) and in it. The
    // emulator and the tests do; a board does after clock_gate has been replaced by the vendor's gate
    parameter bit          CLOCK_GATING = 1'b0
) (
    input  wire logic        clk,
    input  wire logic        rst,             // synchronous, active high

    input  wire logic        tick_ms,         // high for one cycle every millisecond
    output wire logic        irq,             // level
    output wire logic        idle,            // the clock may stop until the next access or tick

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
    output wire logic        m_axi_rready
);
  localparam logic [2:0] BEAT_8_BYTES = 3'd3;
  localparam logic [1:0] INCREMENTING = 2'b01;

  // Register bus
  wire logic        reg_wr, reg_rd, axil_busy;
  wire logic [15:0] reg_addr;
  wire logic [31:0] reg_wdata;
  wire logic [31:0] card_rdata, sigverify_rdata;
  wire logic        card_error, sigverify_error;

  wire logic [3:0]  block = reg_addr[15:12];
  wire logic        in_card = block == card_pkg::BLOCK_CARD;
  wire logic        in_sigverify = block == card_pkg::BLOCK_SIGVERIFY;
  wire logic        in_absent = block == card_pkg::BLOCK_TOE || block == card_pkg::BLOCK_BROADCAST;

  wire logic [31:0] reg_rdata = in_card ? card_rdata : in_sigverify ? sigverify_rdata : 32'd0;
  wire logic        reg_error = in_card ? card_error : in_sigverify ? sigverify_error : !in_absent;

  wire logic        reset_start, sigverify_resetting, sigverify_idle;
  wire logic        sigverify_done, sigverify_fault;
  wire logic [63:0] cycles;
  wire logic [31:0] ticks;

  // DMA of the signature engine
  wire logic [127:0] req_addr, wr_tdata;
  wire logic [15:0]  req_len;
  wire logic [25:0]  wr_tuser;
  wire logic [1:0]   req_valid, req_ready, rd_valid, rd_pending;
  wire logic [1:0]   wr_tvalid, wr_tready, wr_tlast, wr_valid, wr_pending;
  wire logic [63:0]  rd_data;
  wire logic [4:0]   wr_tag;
  wire logic         rd_error, rd_last, wr_error;

  // The clock of everything but the engine
  wire logic awake, gated_clk, sigverify_active;
  wire logic active = s_axil_awvalid || s_axil_wvalid || s_axil_arvalid || axil_busy
                      || m_axi_rvalid || m_axi_bvalid
                      || m_axi_arvalid || m_axi_awvalid || m_axi_wvalid || sigverify_active;

  card_sleep #(
      .GATING(CLOCK_GATING)
  ) sleep (
      .clk      (clk),
      .rst      (rst),
      .active   (active),
      .awake    (awake),
      .gated_clk(gated_clk)
  );

  card_time timekeeper (
      .clk    (clk),
      .rst    (rst),
      .tick_ms(tick_ms),
      .cycles (cycles),
      .ticks  (ticks)
  );

  assign idle = sigverify_idle && !axil_busy;

  assign m_axi_awsize  = BEAT_8_BYTES;
  assign m_axi_awburst = INCREMENTING;
  assign m_axi_wstrb   = 8'hff;
  assign m_axi_arsize  = BEAT_8_BYTES;
  assign m_axi_arburst = INCREMENTING;

  card_axil axil (
      .clk           (gated_clk),
      .rst           (rst),
      .awake         (awake),
      .s_axil_awaddr (s_axil_awaddr),
      .s_axil_awvalid(s_axil_awvalid),
      .s_axil_awready(s_axil_awready),
      .s_axil_wdata  (s_axil_wdata),
      .s_axil_wstrb  (s_axil_wstrb),
      .s_axil_wvalid (s_axil_wvalid),
      .s_axil_wready (s_axil_wready),
      .s_axil_bresp  (s_axil_bresp),
      .s_axil_bvalid (s_axil_bvalid),
      .s_axil_bready (s_axil_bready),
      .s_axil_araddr (s_axil_araddr),
      .s_axil_arvalid(s_axil_arvalid),
      .s_axil_arready(s_axil_arready),
      .s_axil_rdata  (s_axil_rdata),
      .s_axil_rresp  (s_axil_rresp),
      .s_axil_rvalid (s_axil_rvalid),
      .s_axil_rready (s_axil_rready),
      .reg_wr        (reg_wr),
      .reg_rd        (reg_rd),
      .reg_addr      (reg_addr),
      .reg_wdata     (reg_wdata),
      .reg_rdata     (reg_rdata),
      .reg_error     (reg_error),
      .busy          (axil_busy)
  );

  card_regs #(
      .PRESENT(3'b001)
  ) regs (
      .clk        (gated_clk),
      .rst        (rst),
      .reg_wr     (reg_wr && in_card),
      .reg_rd     (reg_rd && in_card),
      .reg_addr   (reg_addr[11:0]),
      .reg_wdata  (reg_wdata),
      .reg_rdata  (card_rdata),
      .reg_error  (card_error),
      .cycles     (cycles),
      .ticks      (ticks),
      .idle       (sigverify_idle),
      .set_done   ({2'b00, sigverify_done}),
      .set_error  ({2'b00, sigverify_fault}),
      .reset_start(reset_start),
      .resetting  (sigverify_resetting),
      .irq        (irq)
  );

  card_sigverify #(
      .ENGINES (ENGINES),
      .CONTEXTS(CONTEXTS),
      .MUL_II  (MUL_II),
      .G_WINDOW(G_WINDOW),
      .BATCHES (BATCHES),
      .CLOCK_GATING(CLOCK_GATING)
  ) sigverify (
      .clk        (clk),
      .gated_clk  (gated_clk),
      .rst        (rst),
      .awake      (awake),
      .active     (sigverify_active),
      .reg_wr     (reg_wr && in_sigverify),
      .reg_rd     (reg_rd && in_sigverify),
      .reg_addr   (reg_addr[11:0]),
      .reg_wdata  (reg_wdata),
      .reg_rdata  (sigverify_rdata),
      .reg_error  (sigverify_error),
      .reset_start(reset_start),
      .resetting  (sigverify_resetting),
      .idle       (sigverify_idle),
      .cycles     (cycles[31:0]),
      .set_done   (sigverify_done),
      .set_error  (sigverify_fault),
      .m_req_addr (req_addr),
      .m_req_len  (req_len),
      .m_req_valid(req_valid),
      .m_req_ready(req_ready),
      .rd_data    (rd_data),
      .rd_error   (rd_error),
      .rd_last    (rd_last),
      .rd_valid   (rd_valid),
      .rd_pending (rd_pending),
      .m_wr_tdata (wr_tdata),
      .m_wr_tuser (wr_tuser),
      .m_wr_tvalid(wr_tvalid),
      .m_wr_tready(wr_tready),
      .m_wr_tlast (wr_tlast),
      .wr_tag     (wr_tag),
      .wr_error   (wr_error),
      .wr_valid   (wr_valid),
      .wr_pending (wr_pending)
  );

  card_dma_read #(
      .REQUESTERS(2)
  ) dma_read (
      .clk          (gated_clk),
      .rst          (rst),
      .awake        (awake),
      .s_req_addr   (req_addr),
      .s_req_len    (req_len),
      .s_req_valid  (req_valid),
      .s_req_ready  (req_ready),
      .m_data       (rd_data),
      .m_error      (rd_error),
      .m_last       (rd_last),
      .m_valid      (rd_valid),
      .pending      (rd_pending),
      .m_axi_arid   (m_axi_arid),
      .m_axi_araddr (m_axi_araddr),
      .m_axi_arlen  (m_axi_arlen),
      .m_axi_arvalid(m_axi_arvalid),
      .m_axi_arready(m_axi_arready),
      .m_axi_rid    (m_axi_rid),
      .m_axi_rdata  (m_axi_rdata),
      .m_axi_rresp  (m_axi_rresp),
      .m_axi_rlast  (m_axi_rlast),
      .m_axi_rvalid (m_axi_rvalid),
      .m_axi_rready (m_axi_rready)
  );

  card_dma_write #(
      .REQUESTERS(2)
  ) dma_write (
      .clk          (gated_clk),
      .rst          (rst),
      .awake        (awake),
      .s_axis_tdata (wr_tdata),
      .s_axis_tuser (wr_tuser),
      .s_axis_tvalid(wr_tvalid),
      .s_axis_tready(wr_tready),
      .s_axis_tlast (wr_tlast),
      .m_tag        (wr_tag),
      .m_error      (wr_error),
      .m_valid      (wr_valid),
      .pending      (wr_pending),
      .m_axi_awid   (m_axi_awid),
      .m_axi_awaddr (m_axi_awaddr),
      .m_axi_awlen  (m_axi_awlen),
      .m_axi_awvalid(m_axi_awvalid),
      .m_axi_awready(m_axi_awready),
      .m_axi_wdata  (m_axi_wdata),
      .m_axi_wlast  (m_axi_wlast),
      .m_axi_wvalid (m_axi_wvalid),
      .m_axi_wready (m_axi_wready),
      .m_axi_bid    (m_axi_bid),
      .m_axi_bresp  (m_axi_bresp),
      .m_axi_bvalid (m_axi_bvalid),
      .m_axi_bready (m_axi_bready)
  );

`ifndef SYNTHESIS
  // What sleeps offers nothing: it would not see it taken
  always_ff @(posedge clk) begin
    if (!rst && !awake) begin
      // no bus offer stands while the card sleeps
      assert (!m_axi_arvalid && !m_axi_awvalid && !m_axi_wvalid);
      assert (!s_axil_bvalid && !s_axil_rvalid);
    end
  end
`endif
endmodule

`default_nettype wire
