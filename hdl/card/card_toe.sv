// SPDX-License-Identifier: Apache-2.0
// card_toe: the TCP engine behind its rings.
//
//   ring_fetch -> descriptor -> dispatch -+-> commands ---------> toe_engine <-> card memory
//                                  |  |   +-> ports to listen on     | ^     <-> toe_mac <-> MAC
//                        answers   |  +-> write: host memory -> bytes  |
//                           |      +----> read:  host memory <- bytes -+
//                           v                                   events |
//                    entries -> ring_complete -> interrupt <-----------+
//
// Requester 0 of the DMA serves the bytes, requester 1 the rings. The engine's clock is stopped
// while it rests; while it runs, that of the card runs, too.
`default_nettype none

module card_toe #(
    // Sessions, buffers of 2,048 bytes and pieces to send, as powers of two
    parameter int unsigned SESSIONS_LOG2 = 14,
    parameter int unsigned BUFFERS_LOG2  = 13,
    parameter int unsigned NODES_LOG2    = 14,
    // As in card_top
    parameter bit          CLOCK_GATING  = 1'b0
) (
    input  wire logic         clk,           // always runs
    input  wire logic         gated_clk,     // clk while awake
    input  wire logic         rst,           // synchronous, active high
    input  wire logic         awake,
    output wire logic         active,        // keep awake, or wake up
    input  wire logic         tick_ms,
    output wire logic [31:0]  tick_due_ms,

    // Register bus, this block selected
    input  wire logic         reg_wr,
    input  wire logic         reg_rd,
    input  wire logic [11:0]  reg_addr,
    input  wire logic [31:0]  reg_wdata,
    output wire logic [31:0]  reg_rdata,
    output wire logic         reg_error,

    input  wire logic         reset_start,   // the whole card resets; one cycle
    output wire logic         resetting,
    output wire logic         idle,
    output wire logic         set_done,      // raise the completion interrupt; one cycle
    output wire logic         set_error,     // raise the error interrupt; one cycle

    // Read requests and their data
    output wire logic [127:0] m_req_addr,
    output wire logic [15:0]  m_req_len,
    output wire logic [1:0]   m_req_valid,
    input  wire logic [1:0]   m_req_ready,
    input  wire logic [63:0]  rd_data,
    input  wire logic         rd_error,
    input  wire logic         rd_last,
    input  wire logic [1:0]   rd_valid,
    input  wire logic [1:0]   rd_pending,

    // Write frames and the bus's answers
    output wire logic [127:0] m_wr_tdata,
    output wire logic [25:0]  m_wr_tuser,
    output wire logic [1:0]   m_wr_tvalid,
    input  wire logic [1:0]   m_wr_tready,
    output wire logic [1:0]   m_wr_tlast,
    input  wire logic [4:0]   wr_tag,
    input  wire logic         wr_error,
    input  wire logic [1:0]   wr_valid,
    input  wire logic [1:0]   wr_pending,

    // Frames
    input  wire logic [63:0]  s_mac_axis_tdata,
    input  wire logic [7:0]   s_mac_axis_tkeep,
    input  wire logic         s_mac_axis_tvalid,
    input  wire logic         s_mac_axis_tlast,
    input  wire logic         s_mac_axis_tuser,
    output wire logic [63:0]  m_mac_axis_tdata,
    output wire logic [7:0]   m_mac_axis_tkeep,
    output wire logic         m_mac_axis_tvalid,
    input  wire logic         m_mac_axis_tready,
    output wire logic         m_mac_axis_tlast,

    // Card memory: AXI4 masters for what is received and what is to be sent
    output wire logic [63:0]  m_rx_axi_awaddr,
    output wire logic [7:0]   m_rx_axi_awlen,
    output wire logic         m_rx_axi_awvalid,
    input  wire logic         m_rx_axi_awready,
    output wire logic [63:0]  m_rx_axi_wdata,
    output wire logic [7:0]   m_rx_axi_wstrb,
    output wire logic         m_rx_axi_wlast,
    output wire logic         m_rx_axi_wvalid,
    input  wire logic         m_rx_axi_wready,
    input  wire logic [1:0]   m_rx_axi_bresp,
    input  wire logic         m_rx_axi_bvalid,
    output wire logic         m_rx_axi_bready,
    output wire logic [63:0]  m_rx_axi_araddr,
    output wire logic [7:0]   m_rx_axi_arlen,
    output wire logic         m_rx_axi_arvalid,
    input  wire logic         m_rx_axi_arready,
    input  wire logic [63:0]  m_rx_axi_rdata,
    input  wire logic [1:0]   m_rx_axi_rresp,
    input  wire logic         m_rx_axi_rlast,
    input  wire logic         m_rx_axi_rvalid,
    output wire logic         m_rx_axi_rready,
    output wire logic [63:0]  m_tx_axi_awaddr,
    output wire logic [7:0]   m_tx_axi_awlen,
    output wire logic         m_tx_axi_awvalid,
    input  wire logic         m_tx_axi_awready,
    output wire logic [63:0]  m_tx_axi_wdata,
    output wire logic [7:0]   m_tx_axi_wstrb,
    output wire logic         m_tx_axi_wlast,
    output wire logic         m_tx_axi_wvalid,
    input  wire logic         m_tx_axi_wready,
    input  wire logic [1:0]   m_tx_axi_bresp,
    input  wire logic         m_tx_axi_bvalid,
    output wire logic         m_tx_axi_bready,
    output wire logic [63:0]  m_tx_axi_araddr,
    output wire logic [7:0]   m_tx_axi_arlen,
    output wire logic         m_tx_axi_arvalid,
    input  wire logic         m_tx_axi_arready,
    input  wire logic [63:0]  m_tx_axi_rdata,
    input  wire logic [1:0]   m_tx_axi_rresp,
    input  wire logic         m_tx_axi_rlast,
    input  wire logic         m_tx_axi_rvalid,
    output wire logic         m_tx_axi_rready
);
  localparam int unsigned PREFETCH = 8;
  localparam int unsigned RING_LOG2_MAX = 14;
  localparam int unsigned WRITES = 16;
  localparam int unsigned READS = 8;
  // Quiet cycles before the engine's clock stops: more than any wait in it without a sign of `busy`
  localparam int unsigned LINGER = 63;

  localparam int unsigned EVENT_W = toe_tcp_pkg::EVENT_W;
  localparam int unsigned COMMAND_W = toe_tcp_pkg::COMMAND_W;

  // ---- Control and state ----

  wire logic        enable, reset_request, quiesce, engine_rst;
  wire logic        fetch_busy, descriptor_busy, reads_busy, writes_busy, complete_busy;
  wire logic        irq_waiting;
  wire logic [15:0] irq_count, sq_size, sq_head, sq_tail, cq_size, cq_head, cq_tail;
  wire logic [23:0] irq_cycles;
  wire logic [51:0] sq_base, cq_base;
  wire logic        add_bad_descriptor, descriptor_lost;
  wire logic        read_answer_valid, read_answer_ready, write_answer_valid, write_answer_ready;
  card_toe_pkg::answer_t read_answer, write_answer;

  // The engine
  wire logic        toe_clk, toe_awake, toe_quiet, toe_ready, toe_busy, transfers;
  wire logic        mac_active, mac_sending, add_frame_in, add_frame_out;
  logic             tick_q;
  wire logic        entry_valid, event_valid, event_ready;

  wire logic completion_written = wr_valid[1] && !wr_error && !quiesce;
  wire logic completion_lost    = wr_valid[1] && wr_error && !quiesce;

  wire logic work_waits = enable && sq_tail != sq_head;
  wire logic glue_busy = fetch_busy || descriptor_busy || reads_busy || writes_busy || entry_valid
                         || complete_busy || rd_pending != '0 || wr_pending != '0;
  wire logic busy = work_waits || glue_busy || !toe_quiet;

  wire logic toe_active = tick_q || tick_ms || mac_active || toe_busy || transfers || resetting || engine_rst
                          || event_valid || descriptor_busy || reads_busy || writes_busy
                          || look_busy;

  // While the engine is awake, so is the rest: it sees every pulse
  assign active = set_error || irq_waiting || resetting || reset_start || glue_busy || toe_active
                  || toe_awake;
  assign idle   = !busy && !irq_waiting && !set_error && !resetting;

  // A tick comes when the engine is awake
  always_ff @(posedge clk) tick_q <= tick_ms && !rst;

  card_sleep #(
      .GATING(CLOCK_GATING),
      .LINGER(LINGER)
  ) sleep (
      .clk      (clk),
      .rst      (rst),
      .active   (toe_active),
      .quiet    (toe_quiet),
      .awake    (toe_awake),
      .gated_clk(toe_clk)
  );

  // ---- Registers ----

  wire logic [31:0] engine_rdata, own_rdata;
  wire logic        engine_error, own_error, engine_set_error, own_set_error;
  assign reg_rdata = engine_rdata | own_rdata;
  assign reg_error = engine_error && own_error;
  assign set_error = engine_set_error || own_set_error;

  wire logic                             net_enable;
  wire logic [47:0]                      mac;
  wire logic [31:0]                      ip, gateway;
  wire logic [5:0]                       prefix_len;
  wire logic [63:0]                      memory_base;
  wire logic [19:0]                      tx_limit;
  wire logic [127:0]                     lookup_key, isn_key;
  wire logic [toe_tcp_pkg::CONFIG_W-1:0] cfg;
  wire logic [SESSIONS_LOG2:0]           in_use;
  wire logic [15:0]                      half_open;
  wire logic [BUFFERS_LOG2:0]            free_buffers;
  wire logic [NODES_LOG2:0]              free_nodes;
  wire logic [toe_ip_pkg::COUNTS-1:0]    count_ip;
  wire logic [7:0]                       count_tcp;
  wire logic [2:0]                       fault;
  wire logic [SESSIONS_LOG2-1:0]         look_session;
  wire logic                             look_valid, look_ready, look_busy, counters_valid;
  wire logic [toe_tcp_pkg::SESSION_COUNTERS_W-1:0] session_counters;

  wire logic write_answered = write_answer_valid && write_answer_ready;
  wire logic write_refused  = write_answer.status == card_pkg::STATUS_REFUSED[2:0];
  wire logic read_answered  = read_answer_valid && read_answer_ready;
  wire logic input_lost     = (write_answered
                               && write_answer.status == card_pkg::STATUS_INPUT_BUS_ERROR[2:0])
                              || (read_answered
                                  && read_answer.status == card_pkg::STATUS_INPUT_BUS_ERROR[2:0]);
  wire logic result_lost    = read_answered
                              && read_answer.status == card_pkg::STATUS_RESULT_BUS_ERROR[2:0];

  card_engine_regs #(
      .KIND({8'(PREFETCH), 8'(RING_LOG2_MAX), 8'(READS + WRITES), card_pkg::ENGINE_KIND_TOE}),
      .PARAMETERS({8'd0, 8'(NODES_LOG2), 8'(BUFFERS_LOG2), 8'(SESSIONS_LOG2)}),
      .RING_LOG2_MAX(RING_LOG2_MAX)
  ) regs (
      .clk                (gated_clk),
      .rst                (engine_rst),
      .reg_wr             (reg_wr),
      .reg_rd             (reg_rd),
      .reg_addr           (reg_addr),
      .reg_wdata          (reg_wdata),
      .reg_rdata          (engine_rdata),
      .reg_error          (engine_error),
      .enable             (enable),
      .reset_request      (reset_request),
      .resetting          (resetting),
      .busy               (busy),
      .completion_lost    (completion_lost),
      .set_error          (engine_set_error),
      .irq_count          (irq_count),
      .irq_cycles         (irq_cycles),
      .sq_base            (sq_base),
      .sq_size            (sq_size),
      .sq_tail            (sq_tail),
      .sq_head            (sq_head),
      .cq_base            (cq_base),
      .cq_size            (cq_size),
      .cq_head            (cq_head),
      .cq_tail            (cq_tail),
      .add_completion     (completion_written),
      .add_bus_errors     (2'(completion_lost) + 2'(descriptor_lost) + 2'(input_lost || result_lost)),
      .add_bad_descriptor (add_bad_descriptor)
  );

  card_toe_regs #(
      .SESSIONS_LOG2(SESSIONS_LOG2),
      .BUFFERS_LOG2 (BUFFERS_LOG2),
      .NODES_LOG2   (NODES_LOG2),
      .CLOCK_GATING (CLOCK_GATING)
  ) own_regs (
      .clk         (gated_clk),
      .rst         (engine_rst),
      .reg_wr      (reg_wr),
      .reg_rd      (reg_rd),
      .reg_addr    (reg_addr),
      .reg_wdata   (reg_wdata),
      .reg_rdata   (own_rdata),
      .reg_error   (own_error),
      .enable      (net_enable),
      .mac         (mac),
      .ip          (ip),
      .prefix_len  (prefix_len),
      .gateway     (gateway),
      .memory_base (memory_base),
      .tx_limit    (tx_limit),
      .lookup_key  (lookup_key),
      .isn_key     (isn_key),
      .cfg         (cfg),
      .ready       (toe_ready),
      .in_use      (in_use),
      .half_open   (half_open),
      .free_buffers(free_buffers),
      .free_nodes  (free_nodes),
      .set_error   (own_set_error),
      .look_session(look_session),
      .look_valid  (look_valid),
      .look_ready  (look_ready && toe_awake),
      .look_busy   (look_busy),
      .session_counters(session_counters),
      .session_counters_valid(counters_valid),
      .count_ip    (count_ip),
      .count_tcp   (count_tcp),
      .fault       (fault),
      .count_own   ({read_answered, write_answered && write_refused,
                     write_answered && !write_refused, event_valid && event_ready,
                     add_frame_out, add_frame_in})
  );

  card_engine_reset engine_reset (
      .clk       (gated_clk),
      .rst       (rst),
      .request   (reset_request || reset_start),
      .transfers (rd_pending != '0 || wr_pending != '0 || transfers || mac_sending),
      .quiesce   (quiesce),
      .engine_rst(engine_rst),
      .resetting (resetting)
  );

  card_irq_coalesce irq_coalesce (
      .clk     (gated_clk),
      .rst     (engine_rst),
      .count   (irq_count),
      .cycles  (irq_cycles),
      .event_in(completion_written),
      .fire    (set_done),
      .waiting (irq_waiting)
  );

  // ---- Submission ----

  wire logic [63:0] beat_tdata;
  wire logic        beat_tuser, beat_tvalid, beat_tready;

  card_ring_fetch #(
      .PREFETCH(PREFETCH)
  ) ring_fetch (
      .clk          (gated_clk),
      .rst          (engine_rst),
      .enable       (enable && !quiesce),
      .base         (sq_base),
      .size         (sq_size),
      .tail         (sq_tail),
      .head         (sq_head),
      .m_req_addr   (m_req_addr[127:64]),
      .m_req_len    (m_req_len[15:8]),
      .m_req_valid  (m_req_valid[1]),
      .m_req_ready  (m_req_ready[1]),
      .rd_data      (rd_data),
      .rd_error     (rd_error),
      .rd_last      (rd_last),
      .rd_valid     (rd_valid[1]),
      .m_axis_tdata (beat_tdata),
      .m_axis_tuser (beat_tuser),
      .m_axis_tvalid(beat_tvalid),
      .m_axis_tready(beat_tready),
      .busy         (fetch_busy)
  );

  wire logic        job_valid, job_ready;
  wire logic [2:0]  job_status;
  wire logic [31:0] job_id;
  wire logic [14:0] job_index;
  wire logic [3:0]  job_op;
  wire logic [15:0] job_session, job_length;
  wire logic [63:0] job_address, job_tuple;
  wire logic [13:0] job_options;

  card_toe_descriptor #(
      .SESSIONS_LOG2(SESSIONS_LOG2)
  ) descriptor (
      .clk               (gated_clk),
      .rst               (engine_rst),
      .quiesce           (quiesce),
      .s_axis_tdata      (beat_tdata),
      .s_axis_tuser      (beat_tuser),
      .s_axis_tvalid     (beat_tvalid),
      .s_axis_tready     (beat_tready),
      .m_valid           (job_valid),
      .m_ready           (job_ready),
      .m_status          (job_status),
      .m_id              (job_id),
      .m_index           (job_index),
      .m_op              (job_op),
      .m_session         (job_session),
      .m_address         (job_address),
      .m_tuple           (job_tuple),
      .m_length          (job_length),
      .m_options         (job_options),
      .busy              (descriptor_busy),
      .add_bad_descriptor(add_bad_descriptor),
      .add_bus_error     (descriptor_lost)
  );

  wire logic                 read_valid, read_ready, write_valid, write_ready;
  wire logic                 port_open, port_valid, port_ready;
  wire logic [COMMAND_W-1:0] cmd;
  wire logic                 cmd_valid, cmd_ready, cmd_taken;
  wire logic                 command_answer_valid, command_answer_ready;

  card_toe_dispatch dispatch (
      .clk           (gated_clk),
      .rst           (engine_rst),
      .quiesce       (quiesce),
      .s_valid       (job_valid),
      .s_ready       (job_ready),
      .s_status      (job_status),
      .s_op          (job_op),
      .s_session     (job_session),
      .s_tuple       (job_tuple),
      .s_length      (job_length),
      .s_options     (job_options),
      .m_read_valid  (read_valid),
      .m_read_ready  (read_ready),
      .reads_busy    (reads_busy),
      .m_write_valid (write_valid),
      .m_write_ready (write_ready),
      .writes_busy   (writes_busy),
      .m_port_open   (port_open),
      .m_port_valid  (port_valid),
      .m_port_ready  (port_ready && toe_awake),
      .m_cmd_tdata   (cmd),
      .m_cmd_valid   (cmd_valid),
      .m_cmd_ready   (cmd_ready && toe_awake),
      .cmd_taken     (cmd_taken),
      .m_answer_valid(command_answer_valid),
      .m_answer_ready(command_answer_ready)
  );

  // ---- Bytes ----

  wire logic [SESSIONS_LOG2-1:0] ask_write_session, ask_read_session;
  wire logic [15:0]              ask_write_len, ask_read_len;
  wire logic                     ask_write_valid, ask_write_ready, granted, granted_valid;
  wire logic                     ask_read_valid, ask_read_ready;
  wire logic [63:0]              in_tdata, out_tdata;
  wire logic                     in_tuser, in_tvalid, in_tready, in_tlast;
  wire logic                     out_tuser, out_tvalid, out_tready, unused_out_tlast;
  wire logic [7:0]               unused_out_tkeep;

  card_toe_write #(
      .WRITES       (WRITES),
      .SESSIONS_LOG2(SESSIONS_LOG2)
  ) write (
      .clk            (gated_clk),
      .rst            (engine_rst),
      .quiesce        (quiesce),
      .s_valid        (write_valid),
      .s_ready        (write_ready),
      .s_id           (job_id),
      .s_index        (job_index),
      .s_session      (job_session),
      .s_address      (job_address),
      .s_length       (job_length),
      .m_write_session(ask_write_session),
      .m_write_len    (ask_write_len),
      .m_write_valid  (ask_write_valid),
      .m_write_ready  (ask_write_ready && toe_awake),
      .s_granted      (granted),
      .s_granted_valid(granted_valid),
      .m_axis_tdata   (in_tdata),
      .m_axis_tuser   (in_tuser),
      .m_axis_tvalid  (in_tvalid),
      .m_axis_tready  (in_tready && toe_awake),
      .m_axis_tlast   (in_tlast),
      .m_req_addr     (m_req_addr[63:0]),
      .m_req_len      (m_req_len[7:0]),
      .m_req_valid    (m_req_valid[0]),
      .m_req_ready    (m_req_ready[0]),
      .rd_data        (rd_data),
      .rd_error       (rd_error),
      .rd_last        (rd_last),
      .rd_valid       (rd_valid[0]),
      .m_answer       (write_answer),
      .m_answer_valid (write_answer_valid),
      .m_answer_ready (write_answer_ready),
      .busy           (writes_busy)
  );

  card_toe_read #(
      .READS        (READS),
      .SESSIONS_LOG2(SESSIONS_LOG2)
  ) read (
      .clk           (gated_clk),
      .rst           (engine_rst),
      .quiesce       (quiesce),
      .s_valid       (read_valid),
      .s_ready       (read_ready),
      .s_id          (job_id),
      .s_index       (job_index),
      .s_session     (job_session),
      .s_address     (job_address),
      .s_length      (job_length),
      .m_read_session(ask_read_session),
      .m_read_len    (ask_read_len),
      .m_read_valid  (ask_read_valid),
      .m_read_ready  (ask_read_ready && toe_awake),
      .s_axis_tdata  (out_tdata),
      .s_axis_tuser  (out_tuser),
      .s_axis_tvalid (out_tvalid),
      .s_axis_tready (out_tready),
      .m_axis_tdata  (m_wr_tdata[63:0]),
      .m_axis_tuser  (m_wr_tuser[12:0]),
      .m_axis_tvalid (m_wr_tvalid[0]),
      .m_axis_tready (m_wr_tready[0]),
      .m_axis_tlast  (m_wr_tlast[0]),
      .wr_tag        (wr_tag),
      .wr_error      (wr_error),
      .wr_valid      (wr_valid[0]),
      .m_answer      (read_answer),
      .m_answer_valid(read_answer_valid),
      .m_answer_ready(read_answer_ready),
      .busy          (reads_busy)
  );

  // ---- Completion ----

  card_toe_pkg::answer_t command_answer;
  always_comb begin
    command_answer.id      = job_id;
    command_answer.index   = job_index;
    command_answer.session = job_session;
    command_answer.length  = '0;
    command_answer.status  = job_status;
  end

  wire logic [EVENT_W-1:0] what;
  wire logic [254:0]       entry;
  wire logic               entry_ready;

  card_toe_entries entries (
      .clk            (gated_clk),
      .rst            (engine_rst),
      .s_event_tdata  (what),
      .s_event_valid  (event_valid),
      .s_event_ready  (event_ready),
      .cmd_taken      (cmd_taken),
      .s_command      (command_answer),
      .s_command_valid(command_answer_valid),
      .s_command_ready(command_answer_ready),
      .s_write        (write_answer),
      .s_write_valid  (write_answer_valid),
      .s_write_ready  (write_answer_ready),
      .s_read         (read_answer),
      .s_read_valid   (read_answer_valid),
      .s_read_ready   (read_answer_ready),
      .m_entry        (entry),
      .m_valid        (entry_valid),
      .m_ready        (entry_ready)
  );

  card_ring_complete #(
      .WORDS(4)
  ) ring_complete (
      .clk          (gated_clk),
      .rst          (engine_rst),
      .quiesce      (quiesce),
      .base         (cq_base),
      .size         (cq_size),
      .head         (cq_head),
      .tail         (cq_tail),
      .done_valid   (entry_valid),
      .done_ready   (entry_ready),
      .done_entry   (entry),
      .m_axis_tdata (m_wr_tdata[127:64]),
      .m_axis_tuser (m_wr_tuser[25:13]),
      .m_axis_tvalid(m_wr_tvalid[1]),
      .m_axis_tready(m_wr_tready[1]),
      .m_axis_tlast (m_wr_tlast[1]),
      .busy         (complete_busy)
  );

  // ---- The engine, and the MAC ----

  wire logic [63:0] rx_tdata, tx_tdata;
  wire logic [7:0]  rx_tkeep, tx_tkeep;
  wire logic        rx_tvalid, rx_tlast, rx_tuser, tx_tvalid, tx_tready, tx_tlast;

  card_toe_mac mac_port (
      .clk              (clk),
      .rst              (rst),
      .quiesce          (quiesce),
      .s_mac_axis_tdata (s_mac_axis_tdata),
      .s_mac_axis_tkeep (s_mac_axis_tkeep),
      .s_mac_axis_tvalid(s_mac_axis_tvalid),
      .s_mac_axis_tlast (s_mac_axis_tlast),
      .s_mac_axis_tuser (s_mac_axis_tuser),
      .m_rx_axis_tdata  (rx_tdata),
      .m_rx_axis_tkeep  (rx_tkeep),
      .m_rx_axis_tvalid (rx_tvalid),
      .m_rx_axis_tlast  (rx_tlast),
      .m_rx_axis_tuser  (rx_tuser),
      .s_tx_axis_tdata  (tx_tdata),
      .s_tx_axis_tkeep  (tx_tkeep),
      .s_tx_axis_tvalid (tx_tvalid),
      .s_tx_axis_tready (tx_tready),
      .s_tx_axis_tlast  (tx_tlast),
      .m_mac_axis_tdata (m_mac_axis_tdata),
      .m_mac_axis_tkeep (m_mac_axis_tkeep),
      .m_mac_axis_tvalid(m_mac_axis_tvalid),
      .m_mac_axis_tready(m_mac_axis_tready),
      .m_mac_axis_tlast (m_mac_axis_tlast),
      .active           (mac_active),
      .sending          (mac_sending),
      .add_frame_in     (add_frame_in),
      .add_frame_out    (add_frame_out)
  );

  // References to buffers are for who shares them on the card; nobody does yet
  wire logic                    unused_refer_ready, unused_refer_granted, unused_refer_valid;
  wire logic                    unused_take_ready, unused_take_granted, unused_drop_ready;
  wire logic [BUFFERS_LOG2-1:0] unused_take_buffer;

  toe_engine #(
      .SESSIONS_LOG2(SESSIONS_LOG2),
      .BUFFERS_LOG2 (BUFFERS_LOG2),
      .NODES_LOG2   (NODES_LOG2),
      .CLOCK_GATING (CLOCK_GATING)
  ) engine (
      .clk                (toe_clk),
      .rst                (engine_rst || rst),
      .ready              (toe_ready),
      .tick_ms            (tick_q),
      .mac                (mac),
      .ip                 (ip),
      .prefix_len         (prefix_len),
      .gateway            (gateway),
      .enable             (net_enable),
      .lookup_key         (lookup_key),
      .isn_key            (isn_key),
      .cfg                (cfg),
      .memory_base        (memory_base),
      .tx_limit           (tx_limit),
      .s_mac_axis_tdata   (rx_tdata),
      .s_mac_axis_tkeep   (rx_tkeep),
      .s_mac_axis_tvalid  (rx_tvalid),
      .s_mac_axis_tlast   (rx_tlast),
      .s_mac_axis_tuser   (rx_tuser),
      .m_mac_axis_tdata   (tx_tdata),
      .m_mac_axis_tkeep   (tx_tkeep),
      .m_mac_axis_tvalid  (tx_tvalid),
      .m_mac_axis_tready  (tx_tready),
      .m_mac_axis_tlast   (tx_tlast),
      .s_port             (job_tuple[15:0]),
      .s_port_open        (port_open),
      .s_port_valid       (port_valid),
      .s_port_ready       (port_ready),
      .s_cmd_tdata        (cmd),
      .s_cmd_valid        (cmd_valid),
      .s_cmd_ready        (cmd_ready),
      .m_cmd_taken        (cmd_taken),
      .m_event_tdata      (what),
      .m_event_valid      (event_valid),
      .m_event_ready      (event_ready),
      .s_write_session    (ask_write_session),
      .s_write_len        (ask_write_len),
      .s_write_valid      (ask_write_valid),
      .s_write_ready      (ask_write_ready),
      .s_write_axis_tdata (in_tdata),
      .s_write_axis_tuser (in_tuser),
      .s_write_axis_tvalid(in_tvalid),
      .s_write_axis_tready(in_tready),
      .s_write_axis_tlast (in_tlast),
      .m_write_granted    (granted),
      .m_write_valid      (granted_valid),
      .s_read_session     (ask_read_session),
      .s_read_len         (ask_read_len),
      .s_read_valid       (ask_read_valid),
      .s_read_ready       (ask_read_ready),
      .m_read_axis_tdata  (out_tdata),
      .m_read_axis_tkeep  (unused_out_tkeep),
      .m_read_axis_tuser  (out_tuser),
      .m_read_axis_tvalid (out_tvalid),
      .m_read_axis_tready (out_tready),
      .m_read_axis_tlast  (unused_out_tlast),
      .s_refer_session    ('0),
      .s_refer_buffer     ('0),
      .s_refer_offset     ('0),
      .s_refer_len        ('0),
      .s_refer_valid      (1'b0),
      .s_refer_ready      (unused_refer_ready),
      .m_refer_granted    (unused_refer_granted),
      .m_refer_valid      (unused_refer_valid),
      .s_take_valid       (1'b0),
      .s_take_ready       (unused_take_ready),
      .m_take_granted     (unused_take_granted),
      .m_take_buffer      (unused_take_buffer),
      .s_drop_buffer      ('0),
      .s_drop_valid       (1'b0),
      .s_drop_ready       (unused_drop_ready),
      .s_look_session     (look_session),
      .s_look_valid       (look_valid),
      .s_look_ready       (look_ready),
      .m_counters         (session_counters),
      .m_counters_valid   (counters_valid),
      .in_use             (in_use),
      .half_open          (half_open),
      .free_buffers       (free_buffers),
      .free_nodes         (free_nodes),
      .count_ip           (count_ip),
      .count_tcp          (count_tcp),
      .fault              (fault),
      .quiesce            (quiesce),
      .transfers          (transfers),
      .busy               (toe_busy),
      .due_ms             (tick_due_ms),
      .m_rx_axi_awaddr    (m_rx_axi_awaddr),
      .m_rx_axi_awlen     (m_rx_axi_awlen),
      .m_rx_axi_awvalid   (m_rx_axi_awvalid),
      .m_rx_axi_awready   (m_rx_axi_awready),
      .m_rx_axi_wdata     (m_rx_axi_wdata),
      .m_rx_axi_wstrb     (m_rx_axi_wstrb),
      .m_rx_axi_wlast     (m_rx_axi_wlast),
      .m_rx_axi_wvalid    (m_rx_axi_wvalid),
      .m_rx_axi_wready    (m_rx_axi_wready),
      .m_rx_axi_bresp     (m_rx_axi_bresp),
      .m_rx_axi_bvalid    (m_rx_axi_bvalid),
      .m_rx_axi_bready    (m_rx_axi_bready),
      .m_rx_axi_araddr    (m_rx_axi_araddr),
      .m_rx_axi_arlen     (m_rx_axi_arlen),
      .m_rx_axi_arvalid   (m_rx_axi_arvalid),
      .m_rx_axi_arready   (m_rx_axi_arready),
      .m_rx_axi_rdata     (m_rx_axi_rdata),
      .m_rx_axi_rresp     (m_rx_axi_rresp),
      .m_rx_axi_rlast     (m_rx_axi_rlast),
      .m_rx_axi_rvalid    (m_rx_axi_rvalid),
      .m_rx_axi_rready    (m_rx_axi_rready),
      .m_tx_axi_awaddr    (m_tx_axi_awaddr),
      .m_tx_axi_awlen     (m_tx_axi_awlen),
      .m_tx_axi_awvalid   (m_tx_axi_awvalid),
      .m_tx_axi_awready   (m_tx_axi_awready),
      .m_tx_axi_wdata     (m_tx_axi_wdata),
      .m_tx_axi_wstrb     (m_tx_axi_wstrb),
      .m_tx_axi_wlast     (m_tx_axi_wlast),
      .m_tx_axi_wvalid    (m_tx_axi_wvalid),
      .m_tx_axi_wready    (m_tx_axi_wready),
      .m_tx_axi_bresp     (m_tx_axi_bresp),
      .m_tx_axi_bvalid    (m_tx_axi_bvalid),
      .m_tx_axi_bready    (m_tx_axi_bready),
      .m_tx_axi_araddr    (m_tx_axi_araddr),
      .m_tx_axi_arlen     (m_tx_axi_arlen),
      .m_tx_axi_arvalid   (m_tx_axi_arvalid),
      .m_tx_axi_arready   (m_tx_axi_arready),
      .m_tx_axi_rdata     (m_tx_axi_rdata),
      .m_tx_axi_rresp     (m_tx_axi_rresp),
      .m_tx_axi_rlast     (m_tx_axi_rlast),
      .m_tx_axi_rvalid    (m_tx_axi_rvalid),
      .m_tx_axi_rready    (m_tx_axi_rready)
  );

  wire logic unused = &{1'b0, unused_out_tkeep, unused_out_tlast, unused_refer_ready,
                        unused_refer_granted, unused_refer_valid, unused_take_ready,
                        unused_take_granted, unused_take_buffer, unused_drop_ready};

`ifndef SYNTHESIS
  always_ff @(posedge clk) begin
    // no pulse of the engine finds the rest asleep
    if (!rst) assert (awake || !toe_awake);
    // nothing is offered while the engine sleeps
    if (!rst && !toe_awake) begin
      assert (!tx_tvalid);
      assert (!m_rx_axi_arvalid && !m_rx_axi_awvalid && !m_rx_axi_wvalid);
      assert (!m_tx_axi_arvalid && !m_tx_axi_awvalid && !m_tx_axi_wvalid);
    end
  end
`endif
endmodule

`default_nettype wire
