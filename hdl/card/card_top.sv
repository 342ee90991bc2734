// SPDX-License-Identifier: Apache-2.0
// card_top: the whole card: registers in front, host memory behind, engines between.
//
// Registers and rings are described in docs/registers.md, this module in README.md. Engines 1 and 2
// have their register blocks and AXI ids reserved and answer "absent" where they were not built.
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
    // 1: with the TCP engine of hdl/toe; 0: without, its ports rest and its block answers "absent"
    parameter bit          TOE               = 1'b0,
    // Sessions, buffers of 2,048 bytes and pieces to send, as powers of two
    parameter int unsigned TOE_SESSIONS_LOG2 = 14,
    parameter int unsigned TOE_BUFFERS_LOG2  = 13,
    parameter int unsigned TOE_NODES_LOG2    = 14,
    // 1: stop the clocks of what has nothing to do: around the engine (card_sleep) and in it. The
    // emulator and the tests do; a board does after clock_gate has been replaced by the vendor's gate
    parameter bit          CLOCK_GATING = 1'b0
) (
    input  wire logic        clk,
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
  localparam logic [2:0] BEAT_8_BYTES = 3'd3;
  localparam logic [1:0] INCREMENTING = 2'b01;

  // Register bus
  wire logic        reg_wr, reg_rd, axil_busy;
  wire logic [15:0] reg_addr;
  wire logic [31:0] reg_wdata;
  wire logic [31:0] card_rdata, sigverify_rdata, toe_rdata;
  wire logic        card_error, sigverify_error, toe_error;

  wire logic [3:0]  block = reg_addr[15:12];
  wire logic        in_card = block == card_pkg::BLOCK_CARD;
  wire logic        in_sigverify = block == card_pkg::BLOCK_SIGVERIFY;
  wire logic        in_toe = block == card_pkg::BLOCK_TOE;
  wire logic        in_absent = block == card_pkg::BLOCK_BROADCAST;

  wire logic [31:0] reg_rdata = in_card ? card_rdata : in_sigverify ? sigverify_rdata
                                : in_toe ? toe_rdata : 32'd0;
  wire logic        reg_error = in_card ? card_error : in_sigverify ? sigverify_error
                                : in_toe ? toe_error : !in_absent;

  wire logic        reset_start, sigverify_resetting, sigverify_idle;
  wire logic        sigverify_done, sigverify_fault;
  wire logic        toe_resetting, toe_idle, toe_active, toe_done, toe_fault;
  wire logic [63:0] cycles;
  wire logic [31:0] ticks;

  // DMA: two requesters an engine
  localparam int unsigned REQUESTERS = TOE ? 4 : 2;
  wire logic [REQUESTERS*64-1:0] req_addr, wr_tdata;
  wire logic [REQUESTERS*8-1:0]  req_len;
  wire logic [REQUESTERS*13-1:0] wr_tuser;
  wire logic [REQUESTERS-1:0]    req_valid, req_ready, rd_valid, rd_pending;
  wire logic [REQUESTERS-1:0]    wr_tvalid, wr_tready, wr_tlast, wr_valid, wr_pending;
  wire logic [63:0]              rd_data;
  wire logic [4:0]               wr_tag;
  wire logic                     rd_error, rd_last, wr_error;

  // The clock of everything but the engines
  wire logic unused_quiet, awake, gated_clk, sigverify_active;
  wire logic active = s_axil_awvalid || s_axil_wvalid || s_axil_arvalid || axil_busy
                      || m_axi_rvalid || m_axi_bvalid
                      || m_axi_arvalid || m_axi_awvalid || m_axi_wvalid || sigverify_active
                      || toe_active;

  card_sleep #(
      .GATING(CLOCK_GATING)
  ) sleep (
      .clk      (clk),
      .rst      (rst),
      .active   (active),
      .quiet    (unused_quiet),
      .awake    (awake),
      .gated_clk(gated_clk)
  );

  // That of what is around the signature engine: its own where TCP keeps the card awake
  wire logic unused_sigverify_quiet, sigverify_awake, sigverify_clk;
  if (TOE) begin : g_sigverify_sleep
    card_sleep #(
        .GATING(CLOCK_GATING)
    ) sigverify_sleep (
        .clk      (clk),
        .rst      (rst),
        .active   (s_axil_awvalid || s_axil_wvalid || s_axil_arvalid || axil_busy
                   || rd_pending[1:0] != '0 || wr_pending[1:0] != '0 || sigverify_active),
        .quiet    (unused_sigverify_quiet),
        .awake    (sigverify_awake),
        .gated_clk(sigverify_clk)
    );
  end else begin : g_sigverify_sleep
    assign unused_sigverify_quiet = 1'b0;
    assign sigverify_awake = awake;
    assign sigverify_clk = gated_clk;
  end

  card_time timekeeper (
      .clk    (clk),
      .rst    (rst),
      .tick_ms(tick_ms),
      .cycles (cycles),
      .ticks  (ticks)
  );

  assign idle = sigverify_idle && toe_idle && !axil_busy;

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
      .PRESENT({1'b0, TOE, 1'b1})
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
      .idle       (sigverify_idle && toe_idle),
      .set_done   ({1'b0, toe_done, sigverify_done}),
      .set_error  ({1'b0, toe_fault, sigverify_fault}),
      .reset_start(reset_start),
      .resetting  (sigverify_resetting || toe_resetting),
      .irq        (irq)
  );

  card_sigverify #(
      .ENGINES (ENGINES),
      .CONTEXTS(CONTEXTS),
      .MUL_II  (MUL_II),
      .G_WINDOW(G_WINDOW),
      .BATCHES (BATCHES),
      .CLOCK_GATING(CLOCK_GATING),
      .ENGINE_RESTS(TOE)
  ) sigverify (
      .clk        (clk),
      .gated_clk  (sigverify_clk),
      .rst        (rst),
      .awake      (sigverify_awake),
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
      .m_req_addr (req_addr[127:0]),
      .m_req_len  (req_len[15:0]),
      .m_req_valid(req_valid[1:0]),
      .m_req_ready(req_ready[1:0]),
      .rd_data    (rd_data),
      .rd_error   (rd_error),
      .rd_last    (rd_last),
      .rd_valid   (rd_valid[1:0]),
      .rd_pending (rd_pending[1:0]),
      .m_wr_tdata (wr_tdata[127:0]),
      .m_wr_tuser (wr_tuser[25:0]),
      .m_wr_tvalid(wr_tvalid[1:0]),
      .m_wr_tready(wr_tready[1:0]),
      .m_wr_tlast (wr_tlast[1:0]),
      .wr_tag     (wr_tag),
      .wr_error   (wr_error),
      .wr_valid   (wr_valid[1:0]),
      .wr_pending (wr_pending[1:0])
  );

  card_dma_read #(
      .REQUESTERS(REQUESTERS)
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
      .REQUESTERS(REQUESTERS)
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

  if (TOE) begin : g_toe
    card_toe #(
        .SESSIONS_LOG2(TOE_SESSIONS_LOG2),
        .BUFFERS_LOG2 (TOE_BUFFERS_LOG2),
        .NODES_LOG2   (TOE_NODES_LOG2),
        .CLOCK_GATING (CLOCK_GATING)
    ) toe (
        .clk              (clk),
        .gated_clk        (gated_clk),
        .rst              (rst),
        .awake            (awake),
        .active           (toe_active),
        .tick_ms          (tick_ms),
        .tick_due_ms      (tick_due_ms),
        .reg_wr           (reg_wr && in_toe),
        .reg_rd           (reg_rd && in_toe),
        .reg_addr         (reg_addr[11:0]),
        .reg_wdata        (reg_wdata),
        .reg_rdata        (toe_rdata),
        .reg_error        (toe_error),
        .reset_start      (reset_start),
        .resetting        (toe_resetting),
        .idle             (toe_idle),
        .set_done         (toe_done),
        .set_error        (toe_fault),
        .m_req_addr       (req_addr[255:128]),
        .m_req_len        (req_len[31:16]),
        .m_req_valid      (req_valid[3:2]),
        .m_req_ready      (req_ready[3:2]),
        .rd_data          (rd_data),
        .rd_error         (rd_error),
        .rd_last          (rd_last),
        .rd_valid         (rd_valid[3:2]),
        .rd_pending       (rd_pending[3:2]),
        .m_wr_tdata       (wr_tdata[255:128]),
        .m_wr_tuser       (wr_tuser[51:26]),
        .m_wr_tvalid      (wr_tvalid[3:2]),
        .m_wr_tready      (wr_tready[3:2]),
        .m_wr_tlast       (wr_tlast[3:2]),
        .wr_tag           (wr_tag),
        .wr_error         (wr_error),
        .wr_valid         (wr_valid[3:2]),
        .wr_pending       (wr_pending[3:2]),
        .s_mac_axis_tdata (s_mac_axis_tdata),
        .s_mac_axis_tkeep (s_mac_axis_tkeep),
        .s_mac_axis_tvalid(s_mac_axis_tvalid),
        .s_mac_axis_tlast (s_mac_axis_tlast),
        .s_mac_axis_tuser (s_mac_axis_tuser),
        .m_mac_axis_tdata (m_mac_axis_tdata),
        .m_mac_axis_tkeep (m_mac_axis_tkeep),
        .m_mac_axis_tvalid(m_mac_axis_tvalid),
        .m_mac_axis_tready(m_mac_axis_tready),
        .m_mac_axis_tlast (m_mac_axis_tlast),
        .m_rx_axi_awaddr  (m_rx_mem_axi_awaddr),
        .m_rx_axi_awlen   (m_rx_mem_axi_awlen),
        .m_rx_axi_awvalid (m_rx_mem_axi_awvalid),
        .m_rx_axi_awready (m_rx_mem_axi_awready),
        .m_rx_axi_wdata   (m_rx_mem_axi_wdata),
        .m_rx_axi_wstrb   (m_rx_mem_axi_wstrb),
        .m_rx_axi_wlast   (m_rx_mem_axi_wlast),
        .m_rx_axi_wvalid  (m_rx_mem_axi_wvalid),
        .m_rx_axi_wready  (m_rx_mem_axi_wready),
        .m_rx_axi_bresp   (m_rx_mem_axi_bresp),
        .m_rx_axi_bvalid  (m_rx_mem_axi_bvalid),
        .m_rx_axi_bready  (m_rx_mem_axi_bready),
        .m_rx_axi_araddr  (m_rx_mem_axi_araddr),
        .m_rx_axi_arlen   (m_rx_mem_axi_arlen),
        .m_rx_axi_arvalid (m_rx_mem_axi_arvalid),
        .m_rx_axi_arready (m_rx_mem_axi_arready),
        .m_rx_axi_rdata   (m_rx_mem_axi_rdata),
        .m_rx_axi_rresp   (m_rx_mem_axi_rresp),
        .m_rx_axi_rlast   (m_rx_mem_axi_rlast),
        .m_rx_axi_rvalid  (m_rx_mem_axi_rvalid),
        .m_rx_axi_rready  (m_rx_mem_axi_rready),
        .m_tx_axi_awaddr  (m_tx_mem_axi_awaddr),
        .m_tx_axi_awlen   (m_tx_mem_axi_awlen),
        .m_tx_axi_awvalid (m_tx_mem_axi_awvalid),
        .m_tx_axi_awready (m_tx_mem_axi_awready),
        .m_tx_axi_wdata   (m_tx_mem_axi_wdata),
        .m_tx_axi_wstrb   (m_tx_mem_axi_wstrb),
        .m_tx_axi_wlast   (m_tx_mem_axi_wlast),
        .m_tx_axi_wvalid  (m_tx_mem_axi_wvalid),
        .m_tx_axi_wready  (m_tx_mem_axi_wready),
        .m_tx_axi_bresp   (m_tx_mem_axi_bresp),
        .m_tx_axi_bvalid  (m_tx_mem_axi_bvalid),
        .m_tx_axi_bready  (m_tx_mem_axi_bready),
        .m_tx_axi_araddr  (m_tx_mem_axi_araddr),
        .m_tx_axi_arlen   (m_tx_mem_axi_arlen),
        .m_tx_axi_arvalid (m_tx_mem_axi_arvalid),
        .m_tx_axi_arready (m_tx_mem_axi_arready),
        .m_tx_axi_rdata   (m_tx_mem_axi_rdata),
        .m_tx_axi_rresp   (m_tx_mem_axi_rresp),
        .m_tx_axi_rlast   (m_tx_mem_axi_rlast),
        .m_tx_axi_rvalid  (m_tx_mem_axi_rvalid),
        .m_tx_axi_rready  (m_tx_mem_axi_rready)
    );
  end else begin : g_no_toe
    assign toe_active    = 1'b0;
    assign toe_idle      = 1'b1;
    assign toe_resetting = 1'b0;
    assign toe_done      = 1'b0;
    assign toe_fault     = 1'b0;
    assign toe_rdata     = '0;
    assign toe_error     = 1'b0;

    // No frames, nothing in card memory
    assign tick_due_ms          = '1;
    assign m_mac_axis_tdata     = '0;
    assign m_mac_axis_tkeep     = '0;
    assign m_mac_axis_tvalid    = 1'b0;
    assign m_mac_axis_tlast     = 1'b0;
    assign m_rx_mem_axi_awaddr  = '0;
    assign m_rx_mem_axi_awlen   = '0;
    assign m_rx_mem_axi_awvalid = 1'b0;
    assign m_rx_mem_axi_wdata   = '0;
    assign m_rx_mem_axi_wstrb   = '0;
    assign m_rx_mem_axi_wlast   = 1'b0;
    assign m_rx_mem_axi_wvalid  = 1'b0;
    assign m_rx_mem_axi_bready  = 1'b0;
    assign m_rx_mem_axi_araddr  = '0;
    assign m_rx_mem_axi_arlen   = '0;
    assign m_rx_mem_axi_arvalid = 1'b0;
    assign m_rx_mem_axi_rready  = 1'b0;
    assign m_tx_mem_axi_awaddr  = '0;
    assign m_tx_mem_axi_awlen   = '0;
    assign m_tx_mem_axi_awvalid = 1'b0;
    assign m_tx_mem_axi_wdata   = '0;
    assign m_tx_mem_axi_wstrb   = '0;
    assign m_tx_mem_axi_wlast   = 1'b0;
    assign m_tx_mem_axi_wvalid  = 1'b0;
    assign m_tx_mem_axi_bready  = 1'b0;
    assign m_tx_mem_axi_araddr  = '0;
    assign m_tx_mem_axi_arlen   = '0;
    assign m_tx_mem_axi_arvalid = 1'b0;
    assign m_tx_mem_axi_rready  = 1'b0;

    wire logic unused = &{1'b0, s_mac_axis_tdata, s_mac_axis_tkeep, s_mac_axis_tvalid,
                          s_mac_axis_tlast, s_mac_axis_tuser, m_mac_axis_tready,
                          m_rx_mem_axi_awready, m_rx_mem_axi_wready, m_rx_mem_axi_bresp,
                          m_rx_mem_axi_bvalid, m_rx_mem_axi_arready, m_rx_mem_axi_rdata,
                          m_rx_mem_axi_rresp, m_rx_mem_axi_rlast, m_rx_mem_axi_rvalid,
                          m_tx_mem_axi_awready, m_tx_mem_axi_wready, m_tx_mem_axi_bresp,
                          m_tx_mem_axi_bvalid, m_tx_mem_axi_arready, m_tx_mem_axi_rdata,
                          m_tx_mem_axi_rresp, m_tx_mem_axi_rlast, m_tx_mem_axi_rvalid};
  end

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
