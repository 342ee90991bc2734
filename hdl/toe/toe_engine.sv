// SPDX-License-Identifier: Apache-2.0
// toe_engine: TCP over Ethernet for 2^SESSIONS_LOG2 sessions, with their bytes in card memory.
//
// Joins toe_ip, toe_tcp with its tables and timers, and toe_queues. The host opens ports, commands
// sessions, writes and reads their bytes, and hears of events; what is written or read is told to toe_tcp here. After
// reset `ready` comes when all tables are clear, in at most 65,536 cycles or a session each.
//
// Commands wait here for what they end: CLOSE for all bytes written, FREE and ABORT for all reads, too.
// With `quiesce` no burst begins: when `transfers` is low the engine may be reset. `busy` is high while
// something is under way that shows neither at a port nor, within 40 cycles, in `busy` again.
//
// With CLOCK_GATING each part's clock rests while it has nothing to do; then every s_*_valid and
// s_*_tvalid, rst and tick_ms depend on flip-flops of clk alone.
//
// The host owes: keys that nobody else knows; configuration that stays while `enable`; reads of no more than
// was told as received; every event taken, sooner or later; no write behind a close.
`default_nettype none

module toe_engine #(
    // Sessions as a power of two, 4 to 16
    parameter  int unsigned SESSIONS_LOG2 = 14,
    // Buffers of 2,048 bytes, as a power of two, 5 to 19
    parameter  int unsigned BUFFERS_LOG2  = 13,
    // Pieces to send, as a power of two
    parameter  int unsigned NODES_LOG2    = 14,
    // 1: stop the clocks of what has nothing to do (clock_rest)
    parameter  bit          CLOCK_GATING  = 1'b0,
    localparam int unsigned COUNTS        = toe_ip_pkg::COUNTS
) (
    input  wire logic                              clk,
    input  wire logic                              rst,             // synchronous, active high
    output wire logic                              ready,
    input  wire logic                              tick_ms,

    // Configuration
    input  wire logic [47:0]                       mac,
    input  wire logic [31:0]                       ip,
    input  wire logic [5:0]                        prefix_len,
    input  wire logic [31:0]                       gateway,         // 0: none
    input  wire logic                              enable,
    input  wire logic [127:0]                      lookup_key,
    input  wire logic [127:0]                      isn_key,
    input  wire logic [toe_tcp_pkg::CONFIG_W-1:0]  cfg,             // config_t
    input  wire logic [63:0]                       memory_base,     // of buffer 0
    input  wire logic [19:0]                       tx_limit,        // bytes held for a session

    // Frames
    input  wire logic [63:0]                       s_mac_axis_tdata,
    input  wire logic [7:0]                        s_mac_axis_tkeep,
    input  wire logic                              s_mac_axis_tvalid,
    input  wire logic                              s_mac_axis_tlast,
    input  wire logic                              s_mac_axis_tuser,
    output wire logic [63:0]                       m_mac_axis_tdata,
    output wire logic [7:0]                        m_mac_axis_tkeep,
    output wire logic                              m_mac_axis_tvalid,
    input  wire logic                              m_mac_axis_tready,
    output wire logic                              m_mac_axis_tlast,

    // Ports to listen on
    input  wire logic [15:0]                       s_port,
    input  wire logic                              s_port_open,
    input  wire logic                              s_port_valid,
    output wire logic                              s_port_ready,

    // Commands (OPEN, CLOSE, ABORT, FREE, OPTIONS) and events
    input  wire logic [toe_tcp_pkg::COMMAND_W-1:0] s_cmd_tdata,     // command_t
    input  wire logic                              s_cmd_valid,
    output wire logic                              s_cmd_ready,
    output wire logic                              m_cmd_taken,     // pulse: carried out; events before it show
    output wire logic [toe_tcp_pkg::EVENT_W-1:0]   m_event_tdata,   // event_t
    output wire logic                              m_event_valid,
    input  wire logic                              m_event_ready,

    // Bytes to send: a write, its payload, its answer
    input  wire logic [SESSIONS_LOG2-1:0]          s_write_session,
    input  wire logic [15:0]                       s_write_len,
    input  wire logic                              s_write_valid,
    output wire logic                              s_write_ready,
    input  wire logic [63:0]                       s_write_axis_tdata,
    input  wire logic                              s_write_axis_tuser, // this beat could not be had
    input  wire logic                              s_write_axis_tvalid,
    output wire logic                              s_write_axis_tready,
    input  wire logic                              s_write_axis_tlast,
    output wire logic                              m_write_granted,
    output wire logic                              m_write_valid,   // pulse

    // Bytes received: a read, and its frame
    input  wire logic [SESSIONS_LOG2-1:0]          s_read_session,
    input  wire logic [15:0]                       s_read_len,
    input  wire logic                              s_read_valid,
    output wire logic                              s_read_ready,
    output wire logic [63:0]                       m_read_axis_tdata,
    output wire logic [7:0]                        m_read_axis_tkeep,
    output wire logic                              m_read_axis_tvalid,
    output wire logic                              m_read_axis_tuser, // last beat: it is not whole
    input  wire logic                              m_read_axis_tready,
    output wire logic                              m_read_axis_tlast,

    // Bytes on the card to send by reference; buffers for their owner
    input  wire logic [SESSIONS_LOG2-1:0]          s_refer_session,
    input  wire logic [BUFFERS_LOG2-1:0]           s_refer_buffer,
    input  wire logic [10:0]                       s_refer_offset,
    input  wire logic [11:0]                       s_refer_len,
    input  wire logic                              s_refer_valid,
    output wire logic                              s_refer_ready,
    output wire logic                              m_refer_granted,
    output wire logic                              m_refer_valid,   // pulse
    input  wire logic                              s_take_valid,
    output wire logic                              s_take_ready,
    output wire logic                              m_take_granted,
    output wire logic [BUFFERS_LOG2-1:0]           m_take_buffer,
    input  wire logic [BUFFERS_LOG2-1:0]           s_drop_buffer,
    input  wire logic                              s_drop_valid,
    output wire logic                              s_drop_ready,

    // What a session's counters say: whom to look at, its snapshot
    input  wire logic [SESSIONS_LOG2-1:0]          s_look_session,
    input  wire logic                              s_look_valid,
    output wire logic                              s_look_ready,
    output wire logic [toe_tcp_pkg::SESSION_COUNTERS_W-1:0] m_counters, // session_counters_t
    output wire logic                              m_counters_valid, // pulse; they stay

    // State, counters as pulses
    output wire logic [SESSIONS_LOG2:0]            in_use,
    output wire logic [15:0]                       half_open,
    output wire logic [BUFFERS_LOG2:0]             free_buffers,
    output wire logic [NODES_LOG2:0]               free_nodes,
    output wire logic [COUNTS-1:0]                 count_ip,        // numbered in toe_ip_pkg
    output wire logic [7:0]                        count_tcp,       // as toe_tcp's, unknown first
    output wire logic [2:0]                        fault,           // drop, free, bus; pulses

    // What is under way
    input  wire logic                              quiesce,
    output wire logic                              transfers,
    output wire logic                              busy,
    output wire logic [31:0]                       due_ms,          // to the next deadline; ones: none

    // AXI4 managers to card memory, received and to be sent: 8 bytes a beat, incrementing bursts
    output wire logic [63:0]                       m_rx_axi_awaddr,
    output wire logic [7:0]                        m_rx_axi_awlen,
    output wire logic                              m_rx_axi_awvalid,
    input  wire logic                              m_rx_axi_awready,
    output wire logic [63:0]                       m_rx_axi_wdata,
    output wire logic [7:0]                        m_rx_axi_wstrb,
    output wire logic                              m_rx_axi_wlast,
    output wire logic                              m_rx_axi_wvalid,
    input  wire logic                              m_rx_axi_wready,
    input  wire logic [1:0]                        m_rx_axi_bresp,
    input  wire logic                              m_rx_axi_bvalid,
    output wire logic                              m_rx_axi_bready,
    output wire logic [63:0]                       m_rx_axi_araddr,
    output wire logic [7:0]                        m_rx_axi_arlen,
    output wire logic                              m_rx_axi_arvalid,
    input  wire logic                              m_rx_axi_arready,
    input  wire logic [63:0]                       m_rx_axi_rdata,
    input  wire logic [1:0]                        m_rx_axi_rresp,
    input  wire logic                              m_rx_axi_rlast,
    input  wire logic                              m_rx_axi_rvalid,
    output wire logic                              m_rx_axi_rready,
    output wire logic [63:0]                       m_tx_axi_awaddr,
    output wire logic [7:0]                        m_tx_axi_awlen,
    output wire logic                              m_tx_axi_awvalid,
    input  wire logic                              m_tx_axi_awready,
    output wire logic [63:0]                       m_tx_axi_wdata,
    output wire logic [7:0]                        m_tx_axi_wstrb,
    output wire logic                              m_tx_axi_wlast,
    output wire logic                              m_tx_axi_wvalid,
    input  wire logic                              m_tx_axi_wready,
    input  wire logic [1:0]                        m_tx_axi_bresp,
    input  wire logic                              m_tx_axi_bvalid,
    output wire logic                              m_tx_axi_bready,
    output wire logic [63:0]                       m_tx_axi_araddr,
    output wire logic [7:0]                        m_tx_axi_arlen,
    output wire logic                              m_tx_axi_arvalid,
    input  wire logic                              m_tx_axi_arready,
    input  wire logic [63:0]                       m_tx_axi_rdata,
    input  wire logic [1:0]                        m_tx_axi_rresp,
    input  wire logic                              m_tx_axi_rlast,
    input  wire logic                              m_tx_axi_rvalid,
    output wire logic                              m_tx_axi_rready
);
  localparam int unsigned SEGMENT_W = toe_pkg::SEGMENT_W;
  localparam int unsigned TUPLE_W = toe_pkg::TUPLE_W;
  localparam int unsigned COMMAND_W = toe_tcp_pkg::COMMAND_W;

  logic [31:0] now_q;
  wire logic   tick_clk;
  clock_gate #(
      .GATING(CLOCK_GATING)
  ) tick_gate (
      .clk      (clk),
      .enable   (rst || tick_ms),
      .gated_clk(tick_clk)
  );
  always_ff @(posedge tick_clk) begin
    if (tick_ms) now_q <= now_q + 32'd1;
    if (rst) now_q <= '0;
  end

  // verilator lint_off UNUSEDSIGNAL
  toe_tcp_pkg::config_t config_w;  // of it the limit and the TTL only
  // verilator lint_on UNUSEDSIGNAL
  assign config_w = cfg;

  // ---- Frames ----

  wire logic [SEGMENT_W-1:0] rx_seg, tx_seg;
  wire logic [5:0]           tx_seg_dscp;
  wire logic                 rx_seg_valid, rx_seg_ready, tx_seg_valid, tx_seg_ready;
  wire logic [63:0]          rx_data, tx_data;
  wire logic [7:0]           unused_rx_keep, tx_keep;
  wire logic                 rx_valid, rx_ready, rx_last, tx_valid, tx_ready, tx_last;

  wire logic                 ageing, next_valid;
  wire logic [16:0]          next_in;

  // ICMP errors
  wire logic [127:0]         error;
  wire logic                 error_valid, error_ready;

  toe_ip #(
      .CLOCK_GATING(CLOCK_GATING)
  ) network (
      .clk                  (clk),
      .rst                  (rst),
      .tick_ms              (tick_ms),
      .mac                  (mac),
      .ip                   (ip),
      .prefix_len           (prefix_len),
      .gateway              (gateway),
      .ttl                  (config_w.ttl),
      .enable               (enable),
      .s_mac_axis_tdata     (s_mac_axis_tdata),
      .s_mac_axis_tkeep     (s_mac_axis_tkeep),
      .s_mac_axis_tvalid    (s_mac_axis_tvalid),
      .s_mac_axis_tlast     (s_mac_axis_tlast),
      .s_mac_axis_tuser     (s_mac_axis_tuser),
      .m_mac_axis_tdata     (m_mac_axis_tdata),
      .m_mac_axis_tkeep     (m_mac_axis_tkeep),
      .m_mac_axis_tvalid    (m_mac_axis_tvalid),
      .m_mac_axis_tready    (m_mac_axis_tready),
      .m_mac_axis_tlast     (m_mac_axis_tlast),
      .m_seg_data           (rx_seg),
      .m_seg_valid          (rx_seg_valid),
      .m_seg_ready          (rx_seg_ready),
      .m_payload_axis_tdata (rx_data),
      .m_payload_axis_tkeep (unused_rx_keep),
      .m_payload_axis_tvalid(rx_valid),
      .m_payload_axis_tready(rx_ready),
      .m_payload_axis_tlast (rx_last),
      .s_seg_data           (tx_seg),
      .s_seg_dscp           (tx_seg_dscp),
      .s_seg_valid          (tx_seg_valid),
      .s_seg_ready          (tx_seg_ready),
      .s_payload_axis_tdata (tx_data),
      .s_payload_axis_tkeep (tx_keep),
      .s_payload_axis_tvalid(tx_valid),
      .s_payload_axis_tready(tx_ready),
      .s_payload_axis_tlast (tx_last),
      .m_error_data         (error),
      .m_error_valid        (error_valid),
      .m_error_ready        (error_ready),
      .count                (count_ip),
      .ageing               (ageing),
      .next_valid           (next_valid),
      .next_in              (next_in)
  );

  // ---- Sessions ----

  wire logic [15:0] port;
  wire logic        port_ask, port_open, listeners_ready;

  toe_listeners listeners (
      .clk    (clk),
      .rst    (rst),
      .ready  (listeners_ready),
      .s_port (s_port),
      .s_open (s_port_open),
      .s_valid(s_port_valid),
      .s_ready(s_port_ready),
      .port   (port),
      .ask    (port_ask),
      .is_open(port_open)
  );

  wire logic [SEGMENT_W-1:0] seg;
  wire logic                 seg_error, seg_found, seg_listening, seg_valid, seg_ready;
  wire logic [15:0]          seg_session;
  wire logic [1:0]           lookup_op;
  wire logic [TUPLE_W-1:0]   lookup_tuple, find_tuple;
  // verilator lint_off UNUSEDSIGNAL
  wire logic [15:0]          lookup_session, timer_session, rxq_session, txq_session;
  // verilator lint_on UNUSEDSIGNAL
  wire logic                 lookup_valid, lookup_ready, found_valid, found_found, found_ok;
  wire logic [15:0]          found_session;
  wire logic                 find_insert, find_remove, find_valid, find_ready;
  wire logic [SESSIONS_LOG2-1:0] find_session, answer_session;
  wire logic                 answer_valid, answer_found, answer_full, answer_overflow;
  wire logic                 lookup_clear;

  // A command is over, and its number replaced, after some 20 cycles
  wire logic lookup_clk;
  clock_rest #(
      .GATING(CLOCK_GATING),
      .LINGER(31)
  ) lookup_rest (
      .clk      (clk),
      .rst      (rst),
      .active   (!lookup_clear || rx_seg_valid || error_valid || lookup_valid || seg_valid),
      .gated_clk(lookup_clk)
  );

  toe_tcp_ingress #(
      .SESSIONS_LOG2(SESSIONS_LOG2)
  ) ingress (
      .clk             (lookup_clk),
      .rst             (rst),
      .s_seg_tdata     (rx_seg),
      .s_seg_valid     (rx_seg_valid),
      .s_seg_ready     (rx_seg_ready),
      .s_error_tdata   (error),
      .s_error_valid   (error_valid),
      .s_error_ready   (error_ready),
      .m_port          (port),
      .m_port_valid    (port_ask),
      .s_port_open     (port_open),
      .m_seg_tdata     (seg),
      .m_seg_error     (seg_error),
      .m_seg_found     (seg_found),
      .m_seg_session   (seg_session),
      .m_seg_listening (seg_listening),
      .m_seg_valid     (seg_valid),
      .m_seg_ready     (seg_ready),
      .s_lookup_op     (lookup_op),
      .s_lookup_tuple  (lookup_tuple),
      .s_lookup_session(lookup_session[SESSIONS_LOG2-1:0]),
      .s_lookup_valid  (lookup_valid),
      .s_lookup_ready  (lookup_ready),
      .m_lookup_valid  (found_valid),
      .m_lookup_found  (found_found),
      .m_lookup_ok     (found_ok),
      .m_lookup_session(found_session),
      .m_find_insert   (find_insert),
      .m_find_remove   (find_remove),
      .m_find_tuple    (find_tuple),
      .m_find_session  (find_session),
      .m_find_valid    (find_valid),
      .m_find_ready    (find_ready),
      .s_found_valid   (answer_valid),
      .s_found_found   (answer_found),
      .s_found_session (answer_session),
      .s_found_failed  (answer_full || answer_overflow)
  );

  toe_lookup #(
      .SESSIONS_LOG2(SESSIONS_LOG2)
  ) lookup (
      .clk       (lookup_clk),
      .rst       (rst),
      .ready     (lookup_clear),
      .key       (lookup_key),
      .s_valid   (find_valid),
      .s_ready   (find_ready),
      .s_insert  (find_insert),
      .s_remove  (find_remove),
      .s_tuple   (find_tuple),
      .s_session (find_session),
      .m_valid   (answer_valid),
      .m_found   (answer_found),
      .m_session (answer_session),
      .m_full    (answer_full),
      .m_overflow(answer_overflow),
      .in_use    (in_use)
  );

  wire logic [TUPLE_W-1:0] isn_tuple;
  wire logic               isn_ask, isn_ready, isn_valid;
  wire logic [31:0]        isn;

  wire logic isn_clk;
  clock_rest #(
      .GATING(CLOCK_GATING),
      .LINGER(31)
  ) isn_rest (
      .clk      (clk),
      .rst      (rst),
      .active   (tick_ms || isn_ask || !isn_ready),
      .gated_clk(isn_clk)
  );

  toe_isn numbers (
      .clk     (isn_clk),
      .rst     (rst),
      .tick_ms (tick_ms),
      .key     (isn_key),
      .local_ip(ip),
      .s_tuple (isn_tuple),
      .s_valid (isn_ask),
      .s_ready (isn_ready),
      .m_isn   (isn),
      .m_valid (isn_valid),
      .m_ready (1'b1)
  );

  wire logic [1:0]               timer_which, expired_which;
  wire logic                     timer_set, timer_valid, timer_ready, timer_clear;
  wire logic [31:0]              timer_at;
  wire logic [SESSIONS_LOG2-1:0] expired_session;
  wire logic                     expired_valid, expired_ready;

  wire logic        timer_busy, timer_next_valid;
  wire logic [31:0] timer_next_at;

  // Milliseconds to the first deadline of a session; 0: it is there
  wire logic [31:0] timer_next_in = timer_next_at - now_q;
  wire logic [31:0] timer_due = !timer_next_valid ? '1 : timer_next_in[31] ? '0 : timer_next_in;

  wire logic timer_clk;
  clock_rest #(
      .GATING(CLOCK_GATING)
  ) timer_rest (
      .clk      (clk),
      .rst      (rst),
      .active   (timer_valid || timer_busy || expired_valid || timer_due == '0),
      .gated_clk(timer_clk)
  );

  toe_timer #(
      .SESSIONS_LOG2(SESSIONS_LOG2)
  ) timers (
      .clk       (timer_clk),
      .rst       (rst),
      .ready     (timer_clear),
      .now       (now_q),
      .s_valid   (timer_valid),
      .s_ready   (timer_ready),
      .s_set     (timer_set),
      .s_session (timer_session[SESSIONS_LOG2-1:0]),
      .s_timer   (timer_which),
      .s_at      (timer_at),
      .m_valid   (expired_valid),
      .m_ready   (expired_ready),
      .m_session (expired_session),
      .m_timer   (expired_which),
      .busy      (timer_busy),
      .next_valid(timer_next_valid),
      .next_at   (timer_next_at)
  );

  // Milliseconds to the first deadline, of sessions or of neighbours
  wire logic [31:0] age_due = next_valid ? 32'(next_in) : '1;
  assign due_ms = timer_due < age_due ? timer_due : age_due;

  // ---- Commands: of the host, and of what was written and read ----

  wire logic [SESSIONS_LOG2-1:0] added_session, read_session;
  wire logic [15:0]              added_len;
  wire logic [11:0]              read_len;
  wire logic                     added_broken, added_valid, added_ready, read_pulse;

  // A read is told in a pulse; no more reads are taken than can wait here
  localparam int unsigned READS = 64;
  wire logic [SESSIONS_LOG2+11:0] read_told;
  wire logic                      read_told_valid, read_told_ready, unused_read_ready;
  wire logic                      unused_read_user, unused_read_last;
  wire logic [$clog2(READS):0]    reads_waiting;

  axis_fifo #(
      .DATA_W(SESSIONS_LOG2 + 12),
      .DEPTH (READS)
  ) reads (
      .clk          (clk),
      .rst          (rst),
      .s_axis_tdata ({read_session, read_len}),
      .s_axis_tuser (1'b0),
      .s_axis_tvalid(read_pulse),
      .s_axis_tready(unused_read_ready),
      .s_axis_tlast (1'b1),
      .m_axis_tdata (read_told),
      .m_axis_tuser (unused_read_user),
      .m_axis_tvalid(read_told_valid),
      .m_axis_tready(read_told_ready),
      .m_axis_tlast (unused_read_last),
      .level        (reads_waiting)
  );

  // One read of 65,535 bytes is told in at most 33 parts
  wire logic reads_open = reads_waiting < 7'd16;
  wire logic queue_read_ready;
  assign s_read_ready = queue_read_ready && reads_open;

  // Writes without an answer or with bytes that toe_tcp does not know; reads that are not through
  logic [6:0] writes_q, reads_q;
  wire logic  write_begins  = (s_write_valid && s_write_ready) || (s_refer_valid && s_refer_ready);
  wire logic  write_refused = (m_write_valid && !m_write_granted)
                              || (m_refer_valid && !m_refer_granted);
  wire logic  write_ends    = added_valid && added_ready;
  wire logic  read_begins   = s_read_valid && s_read_ready;
  wire logic  read_ends     = m_read_axis_tvalid && m_read_axis_tready && m_read_axis_tlast;
  always_ff @(posedge clk) begin
    writes_q <= writes_q + 7'(write_begins) - 7'(write_refused) - 7'(write_ends);
    reads_q  <= reads_q + 7'(read_begins) - 7'(read_ends);
    if (rst) begin
      writes_q <= '0;
      reads_q  <= '0;
    end
  end

  // verilator lint_off UNUSEDSIGNAL
  toe_tcp_pkg::command_t host_cmd;  // of it what it does
  // verilator lint_on UNUSEDSIGNAL
  assign host_cmd = s_cmd_tdata;
  wire logic ends_session = host_cmd.op == toe_tcp_pkg::CMD_FREE
                            || host_cmd.op == toe_tcp_pkg::CMD_ABORT;
  // What follows the last byte written, or marks it
  wire logic ends_stream  = host_cmd.op == toe_tcp_pkg::CMD_CLOSE
                            || host_cmd.op == toe_tcp_pkg::CMD_URGENT;
  wire logic holds = (ends_session || ends_stream) && writes_q != '0
                     || ends_session && (reads_q != '0 || reads_waiting != '0);
  wire logic host_cmd_ready;
  assign s_cmd_ready = host_cmd_ready && !holds;

  toe_tcp_pkg::command_t added, was_read;
  always_comb begin
    added = '0;
    added.op = added_broken ? toe_tcp_pkg::CMD_BROKEN : toe_tcp_pkg::CMD_SENT;
    added.session = 16'(added_session);
    added.value = {4'd0, added_len};
    was_read = '0;
    was_read.op = toe_tcp_pkg::CMD_READ;
    was_read.session = 16'(read_told[SESSIONS_LOG2+11:12]);
    was_read.value = {8'd0, read_told[11:0]};
  end

  wire logic [COMMAND_W-1:0] cmd;
  wire logic                 cmd_valid, cmd_ready, unused_cmd_user, unused_cmd_last;
  wire logic [1:0]           cmd_id;
  // A cycle later: the last event of what toe_tcp did before shows by then
  logic taken_q;
  always_ff @(posedge clk) taken_q <= cmd_valid && cmd_ready && cmd_id == 2'd0 && !rst;
  assign m_cmd_taken = taken_q;

  axis_arb #(
      .PORTS (3),
      .DATA_W(COMMAND_W)
  ) commands (
      .clk          (clk),
      .rst          (rst),
      .s_axis_tdata ({was_read, added, s_cmd_tdata}),
      .s_axis_tuser (3'b000),
      .s_axis_tvalid({read_told_valid, added_valid, s_cmd_valid && !holds}),
      .s_axis_tready({read_told_ready, added_ready, host_cmd_ready}),
      .s_axis_tlast (3'b111),
      .m_axis_tdata (cmd),
      .m_axis_tuser (unused_cmd_user),
      .m_axis_tid   (cmd_id),
      .m_axis_tvalid(cmd_valid),
      .m_axis_tready(cmd_ready),
      .m_axis_tlast (unused_cmd_last)
  );

  // ---- The protocol ----

  wire logic [1:0]               rxq_op, txq_op;
  wire logic [31:0]              rxq_pos, txq_pos;
  wire logic [15:0]              rxq_skip, rxq_len, txq_len;
  wire logic                     rxq_valid, rxq_ready, txq_valid, txq_ready, txq_room;
  wire logic                     stored_valid, stored_granted;
  wire logic                     sessions_clear, tcp_busy, queues_busy;
  wire logic [toe_tcp_pkg::NOTE_W-1:0] note;
  wire logic                     note_valid, counters_clear, look_busy;

  toe_tcp #(
      .SESSIONS_LOG2(SESSIONS_LOG2),
      .CLOCK_GATING (CLOCK_GATING)
  ) tcp (
      .clk              (clk),
      .rst              (rst),
      .ready            (sessions_clear),
      .now_ms           (now_q),
      .cfg              (cfg),
      .ip               (ip),
      .prefix_len       (prefix_len),
      .s_seg_tdata      (seg),
      .s_seg_error      (seg_error),
      .s_seg_found      (seg_found),
      .s_seg_session    (seg_session),
      .s_seg_listening  (seg_listening),
      .s_seg_valid      (seg_valid),
      .s_seg_ready      (seg_ready),
      .s_expired_session(16'(expired_session)),
      .s_expired_timer  (expired_which),
      .s_expired_valid  (expired_valid),
      .s_expired_ready  (expired_ready),
      .s_cmd_tdata      (cmd),
      .s_cmd_valid      (cmd_valid),
      .s_cmd_ready      (cmd_ready),
      .m_lookup_op      (lookup_op),
      .m_lookup_tuple   (lookup_tuple),
      .m_lookup_session (lookup_session),
      .m_lookup_valid   (lookup_valid),
      .m_lookup_ready   (lookup_ready),
      .s_lookup_valid   (found_valid),
      .s_lookup_found   (found_found),
      .s_lookup_ok      (found_ok),
      .s_lookup_session (found_session),
      .m_isn_tuple      (isn_tuple),
      .m_isn_valid      (isn_ask),
      .m_isn_ready      (isn_ready),
      .s_isn_valid      (isn_valid),
      .s_isn            (isn),
      .m_timer_session  (timer_session),
      .m_timer_timer    (timer_which),
      .m_timer_set      (timer_set),
      .m_timer_at       (timer_at),
      .m_timer_valid    (timer_valid),
      .m_timer_ready    (timer_ready),
      .m_rxq_op         (rxq_op),
      .m_rxq_session    (rxq_session),
      .m_rxq_pos        (rxq_pos),
      .m_rxq_skip       (rxq_skip),
      .m_rxq_len        (rxq_len),
      .m_rxq_valid      (rxq_valid),
      .m_rxq_ready      (rxq_ready),
      .s_grant_valid    (stored_valid),
      .s_grant_ok       (stored_granted),
      .m_txq_op         (txq_op),
      .m_txq_session    (txq_session),
      .m_txq_pos        (txq_pos),
      .m_txq_len        (txq_len),
      .m_txq_valid      (txq_valid),
      .m_txq_ready      (txq_ready),
      .txq_room         (txq_room),
      .m_seg_tdata      (tx_seg),
      .m_seg_dscp       (tx_seg_dscp),
      .m_seg_valid      (tx_seg_valid),
      .m_seg_ready      (tx_seg_ready),
      .m_event_tdata    (m_event_tdata),
      .m_event_valid    (m_event_valid),
      .m_event_ready    (m_event_ready),
      .m_note_tdata     (note),
      .m_note_valid     (note_valid),
      .count_unknown    (count_tcp[0]),
      .count_unwanted   (count_tcp[1]),
      .count_challenge  (count_tcp[2]),
      .count_flooded    (count_tcp[3]),
      .count_no_room    (count_tcp[4]),
      .count_retransmit (count_tcp[5]),
      .count_disbelieved(count_tcp[6]),
      .count_suppressed (count_tcp[7]),
      .half_open        (half_open),
      .busy             (tcp_busy)
  );

  toe_session_counters #(
      .SESSIONS_LOG2(SESSIONS_LOG2)
  ) session_counters (
      .clk             (clk),
      .rst             (rst),
      .ready           (counters_clear),
      .s_note_tdata    (note),
      .s_note_valid    (note_valid),
      .s_look_session  (s_look_session),
      .s_look_valid    (s_look_valid),
      .s_look_ready    (s_look_ready),
      .m_counters      (m_counters),
      .m_counters_valid(m_counters_valid),
      .busy            (look_busy)
  );

  // ---- Bytes ----

  // What was offered in the units of the window scale may be a little more than the limit
  wire logic [19:0] rx_limit = config_w.rx_limit > 20'hfffdf ? 20'hfffff
                                                            : config_w.rx_limit + 20'd32;
  wire logic unused_tx_user;
  wire logic [SESSIONS_LOG2-1:0] unused_stored_session;

  toe_queues #(
      .SESSIONS_LOG2(SESSIONS_LOG2),
      .BUFFERS_LOG2 (BUFFERS_LOG2),
      .NODES_LOG2   (NODES_LOG2),
      .CLOCK_GATING (CLOCK_GATING)
  ) queues (
      .clk                (clk),
      .rst                (rst),
      .base               (memory_base),
      .rx_limit           (rx_limit),
      .tx_limit           (tx_limit),
      .s_rx_op            (rxq_op),
      .s_rx_session       (rxq_session[SESSIONS_LOG2-1:0]),
      .s_rx_pos           (rxq_pos),
      .s_rx_skip          (rxq_skip),
      .s_rx_len           (rxq_len),
      .s_rx_valid         (rxq_valid),
      .s_rx_ready         (rxq_ready),
      .s_store_axis_tdata (rx_data),
      .s_store_axis_tvalid(rx_valid),
      .s_store_axis_tready(rx_ready),
      .s_store_axis_tlast (rx_last),
      .m_stored_session   (unused_stored_session),
      .m_stored_granted   (stored_granted),
      .m_stored_valid     (stored_valid),
      .s_read_session     (s_read_session),
      .s_read_len         (s_read_len),
      .s_read_valid       (s_read_valid && reads_open),
      .s_read_ready       (queue_read_ready),
      .m_read_axis_tdata  (m_read_axis_tdata),
      .m_read_axis_tkeep  (m_read_axis_tkeep),
      .m_read_axis_tuser  (m_read_axis_tuser),
      .m_read_axis_tvalid (m_read_axis_tvalid),
      .m_read_axis_tready (m_read_axis_tready),
      .m_read_axis_tlast  (m_read_axis_tlast),
      .m_read_session     (read_session),
      .m_read_len         (read_len),
      .m_read_valid       (read_pulse),
      .s_tx_op            (txq_op),
      .s_tx_session       (txq_session[SESSIONS_LOG2-1:0]),
      .s_tx_pos           (txq_pos),
      .s_tx_len           (txq_len),
      .s_tx_valid         (txq_valid),
      .s_tx_ready         (txq_ready),
      .tx_room            (txq_room),
      .m_fetch_axis_tdata (tx_data),
      .m_fetch_axis_tkeep (tx_keep),
      .m_fetch_axis_tuser (unused_tx_user),
      .m_fetch_axis_tvalid(tx_valid),
      .m_fetch_axis_tready(tx_ready),
      .m_fetch_axis_tlast (tx_last),
      .m_added_session    (added_session),
      .m_added_len        (added_len),
      .m_added_broken     (added_broken),
      .m_added_valid      (added_valid),
      .m_added_ready      (added_ready),
      .s_write_session    (s_write_session),
      .s_write_len        (s_write_len),
      .s_write_valid      (s_write_valid),
      .s_write_ready      (s_write_ready),
      .s_write_axis_tdata (s_write_axis_tdata),
      .s_write_axis_tuser (s_write_axis_tuser),
      .s_write_axis_tvalid(s_write_axis_tvalid),
      .s_write_axis_tready(s_write_axis_tready),
      .s_write_axis_tlast (s_write_axis_tlast),
      .m_write_granted    (m_write_granted),
      .m_write_valid      (m_write_valid),
      .s_refer_session    (s_refer_session),
      .s_refer_buffer     (s_refer_buffer),
      .s_refer_offset     (s_refer_offset),
      .s_refer_len        (s_refer_len),
      .s_refer_valid      (s_refer_valid),
      .s_refer_ready      (s_refer_ready),
      .m_refer_granted    (m_refer_granted),
      .m_refer_valid      (m_refer_valid),
      .s_take_valid       (s_take_valid),
      .s_take_ready       (s_take_ready),
      .m_take_granted     (m_take_granted),
      .m_take_buffer      (m_take_buffer),
      .s_drop_buffer      (s_drop_buffer),
      .s_drop_valid       (s_drop_valid),
      .s_drop_ready       (s_drop_ready),
      .free_buffers       (free_buffers),
      .free_nodes         (free_nodes),
      .drop_fault         (fault[0]),
      .free_fault         (fault[1]),
      .bus_fault          (fault[2]),
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
      .m_tx_axi_rready    (m_tx_axi_rready),
      .quiesce            (quiesce),
      .transfers          (transfers),
      .busy               (queues_busy)
  );

  assign ready = listeners_ready && lookup_clear && timer_clear && sessions_clear && counters_clear;
  assign busy  = !ready || look_busy || ageing || timer_busy || tcp_busy || queues_busy || rx_seg_valid
                 || error_valid || rx_valid || tx_seg_valid || tx_valid || seg_valid || expired_valid || cmd_valid || added_valid
                 || reads_waiting != '0 || writes_q != '0 || reads_q != '0;
endmodule

`default_nettype wire
