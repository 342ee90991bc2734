// SPDX-License-Identifier: Apache-2.0
// toe_tcp: the protocol of RFC 9293 for all sessions, one event at a time.
//
// An event is a segment, an ICMP error, a timer, a command, or a turn to send; it takes at most 16 cycles where
// nobody holds it up, and sends at most one segment. Nothing here sees a byte of payload: toe_queues is
// told what to keep, what to send and what to forget. Sources take turns. Reset clears the table of
// sessions, a session a cycle.
//
// The caller owes: a segment comes with what toe_lookup and toe_listeners say of it; timers that were set or
// cleared here and accepted do not expire for what they were before; an answer of the queue, the
// lookup or the generator of sequence numbers comes for each question, in order.
`default_nettype none

module toe_tcp #(
    // Sessions as a power of two, 4 to 16
    parameter int unsigned SESSIONS_LOG2 = 14,
    // 1: stop the clock between events (clock_rest)
    parameter bit          CLOCK_GATING  = 1'b0
) (
    input  wire logic                                clk,
    input  wire logic                                rst,           // synchronous, active high
    output wire logic                                ready,         // the table is clear
    input  wire logic [31:0]                         now_ms,
    input  wire logic [toe_tcp_pkg::CONFIG_W-1:0]    cfg,           // config_t
    input  wire logic [31:0]                         ip,            // of the card
    input  wire logic [5:0]                          prefix_len,

    // Segments, with the session of their tuple, or whether somebody listens
    input  wire logic [toe_pkg::SEGMENT_W-1:0]       s_seg_tdata,   // segment_t
    input  wire logic                                s_seg_error,   // an ICMP error: toe_tcp_ingress
    input  wire logic                                s_seg_found,
    input  wire logic [15:0]                         s_seg_session,
    input  wire logic                                s_seg_listening,
    input  wire logic                                s_seg_valid,
    output wire logic                                s_seg_ready,

    // Timers that have expired
    input  wire logic [15:0]                         s_expired_session,
    input  wire logic [1:0]                          s_expired_timer,
    input  wire logic                                s_expired_valid,
    output wire logic                                s_expired_ready,

    input  wire logic [toe_tcp_pkg::COMMAND_W-1:0]   s_cmd_tdata,   // command_t
    input  wire logic                                s_cmd_valid,
    output wire logic                                s_cmd_ready,

    // toe_lookup
    output wire logic [1:0]                          m_lookup_op,
    output wire logic [toe_pkg::TUPLE_W-1:0]         m_lookup_tuple,
    output wire logic [15:0]                         m_lookup_session,
    output wire logic                                m_lookup_valid,
    input  wire logic                                m_lookup_ready,
    input  wire logic                                s_lookup_valid, // of find and insert
    input  wire logic                                s_lookup_found, // it was there already
    input  wire logic                                s_lookup_ok,    // now it is there
    input  wire logic [15:0]                         s_lookup_session,

    // toe_isn
    output wire logic [toe_pkg::TUPLE_W-1:0]         m_isn_tuple,
    output wire logic                                m_isn_valid,
    input  wire logic                                m_isn_ready,
    input  wire logic                                s_isn_valid,
    input  wire logic [31:0]                         s_isn,

    // toe_timer
    output wire logic [15:0]                         m_timer_session,
    output wire logic [1:0]                          m_timer_timer,
    output wire logic                                m_timer_set,    // else clear
    output wire logic [31:0]                         m_timer_at,
    output wire logic                                m_timer_valid,
    input  wire logic                                m_timer_ready,

    // toe_queues, bytes received
    output wire logic [1:0]                          m_rxq_op,
    output wire logic [15:0]                         m_rxq_session,
    output wire logic [31:0]                         m_rxq_pos,
    output wire logic [15:0]                         m_rxq_skip,
    output wire logic [15:0]                         m_rxq_len,
    output wire logic                                m_rxq_valid,
    input  wire logic                                m_rxq_ready,
    input  wire logic                                s_grant_valid,  // of each store, in order
    input  wire logic                                s_grant_ok,

    // toe_queues, bytes to send
    output wire logic [1:0]                          m_txq_op,
    output wire logic [15:0]                         m_txq_session,
    output wire logic [31:0]                         m_txq_pos,
    output wire logic [15:0]                         m_txq_len,
    output wire logic                                m_txq_valid,
    input  wire logic                                m_txq_ready,
    input  wire logic                                txq_room,      // a fetch keeps nobody waiting

    // Segments to send; the payload of those with some is fetched from toe_queues
    output wire logic [toe_pkg::SEGMENT_W-1:0]       m_seg_tdata,
    output wire logic [5:0]                          m_seg_dscp,
    output wire logic                                m_seg_valid,
    input  wire logic                                m_seg_ready,

    output wire logic [toe_tcp_pkg::EVENT_W-1:0]     m_event_tdata,  // event_t
    output wire logic                                m_event_valid,
    input  wire logic                                m_event_ready,

    output wire logic [toe_tcp_pkg::NOTE_W-1:0]      m_note_tdata,   // note_t
    output wire logic                                m_note_valid,

    // Causes, one cycle each
    output wire logic                                count_unknown,     // segments of no session
    output wire logic                                count_unwanted,    // not acceptable, dropped
    output wire logic                                count_challenge,
    output wire logic                                count_flooded,     // SYNs above the limit: at another's cost
    output wire logic                                count_no_room,     // text without a buffer
    output wire logic                                count_retransmit,
    output wire logic                                count_disbelieved, // ICMP errors of no use
    output wire logic                                count_suppressed, // challenges above the limit
    output wire logic [15:0]                         half_open,
    output wire logic                                busy               // an event is under way
);
  if (SESSIONS_LOG2 < 4 || SESSIONS_LOG2 > 16) $error("SESSIONS_LOG2=%0d", SESSIONS_LOG2);

  localparam int unsigned W = toe_tcp_pkg::SEQ_W;
  localparam int unsigned WW = toe_tcp_pkg::WINDOW_W;
  localparam int unsigned TCB_W = toe_tcp_pkg::TCB_W;

  localparam logic [1:0] FIND = 2'd0, INSERT = 2'd1, REMOVE = 2'd2;
  localparam logic [1:0] RX_OPEN = 2'd0, RX_RELEASE = 2'd1, RX_STORE = 2'd2;
  localparam logic [1:0] TX_OPEN = 2'd0, TX_RELEASE = 2'd1, TX_FETCH = 2'd2, TX_FREE = 2'd3;

  localparam logic [4:0] ST_CLEAR = 5'd0, ST_IDLE = 5'd1, ST_LOAD = 5'd2, ST_MEASURE = 5'd3,
                         ST_SYN_SENT = 5'd4, ST_ACK = 5'd5, ST_UNREAD = 5'd6,
                         ST_SETTLE = 5'd7, ST_RECEIVED = 5'd8, ST_TURN = 5'd9, ST_SEND = 5'd10,
                         ST_SIZE = 5'd11, ST_TIMERS = 5'd12, ST_TIMER = 5'd13, ST_COMMAND = 5'd14,
                         ST_UNKNOWN = 5'd15, ST_FIND = 5'd16, ST_ISN = 5'd17, ST_INSERT = 5'd18,
                         ST_FRESH = 5'd19, ST_OPEN_TX = 5'd20, ST_OPEN_RX = 5'd21,
                         ST_RESET = 5'd22, ST_RELEASE = 5'd23, ST_RELEASED = 5'd24,
                         ST_FAILED = 5'd25, ST_ERROR = 5'd26, ST_SEGMENT = 5'd27,
                         ST_LAPSE = 5'd28, ST_POLL = 5'd29, ST_CHECK = 5'd30,
                         ST_OLDEST = 5'd31;

  localparam logic [1:0] BY_SEGMENT = 2'd0, BY_TIMER = 2'd1, BY_COMMAND = 2'd2, BY_TURN = 2'd3;

  logic [4:0]                state_q;
  logic [1:0]                by_q;
  logic [15:0]               session_q;
  logic                      sure_q;       // what lookup said was asked just now
  // verilator lint_off UNUSEDSIGNAL
  toe_pkg::segment_t         seg_q;        // SACK blocks are not looked at
  // verilator lint_on UNUSEDSIGNAL
  logic                      error_q, found_q, listening_q;
  logic [1:0]                timer_q;
  toe_tcp_pkg::command_t     cmd_q;
  toe_tcp_pkg::tcb_t         t_q;
  logic [31:0]               isn_q;
  logic                      asked_q;      // a question is on its way
  logic [15:0]               half_open_q;
  logic [SESSIONS_LOG2-1:0]  clear_q;
  logic                      challenge_q;

  // verilator lint_off UNUSEDSIGNAL
  toe_tcp_pkg::config_t  config_w;  // the TTL is toe_ip's
  // verilator lint_on UNUSEDSIGNAL
  toe_tcp_pkg::tcb_t     rd;
  toe_pkg::segment_t     seg_in;
  toe_tcp_pkg::command_t cmd_in;
  assign config_w = cfg;

  // Both readings of what a session's table entry says of clocks
  // verilator lint_off UNUSEDSIGNAL
  toe_tcp_pkg::seen_t  seen;
  toe_tcp_pkg::timed_t timed;
  // verilator lint_on UNUSEDSIGNAL
  assign seen = t_q.timing;
  assign timed = t_q.timing;
  assign seg_in = s_seg_tdata;
  assign cmd_in = s_cmd_tdata;

  // The clock of all but the limit of challenges, whose noise runs on
  wire logic event_clk;
  wire logic tells = m_lookup_valid || m_isn_valid || m_timer_valid || m_rxq_valid || m_txq_valid
                     || m_seg_valid || m_event_valid || s_grant_valid;

  clock_rest #(
      .GATING(CLOCK_GATING)
  ) event_rest (
      .clk      (clk),
      .rst      (rst),
      .active   (busy || tells),
      .gated_clk(event_clk)
  );

  // ---- Who is next ----

  wire logic [3:0]  request, next;
  wire logic        turn_valid;
  wire logic [15:0] turn_session, next_session;
  wire logic        next_valid, next_same, next_read;
  wire logic        is_idle = state_q == ST_IDLE;
  // New bytes, and what a timeout gave up on, are sent where there is room, else in a turn, which
  // waits for some and holds up nobody
  wire logic has_room = txq_room && !m_txq_valid && !m_seg_valid;
  assign request = {turn_valid && has_room, s_cmd_valid, s_expired_valid, s_seg_valid};

  logic room_q;  // holds still while it is decided what is sent
  always_ff @(posedge event_clk) begin
    if (state_q != ST_TURN && state_q != ST_SIZE && state_q != ST_SEND) room_q <= has_room;
  end

  // The last cycle of an event writes its state, and can be the first of the next one's
  wire logic write, start;

  toe_tcp_pick pick (
      .clk            (event_clk),
      .rst            (rst),
      .enable         (ready),
      .request        (request),
      .request_session({turn_session, cmd_in.session, s_expired_session, s_seg_session}),
      .next           (next),
      .next_session   (next_session),
      .valid          (next_valid),
      .same           (next_same),
      .start          (start),
      .rd_en          (next_read),
      .rd_taken       (state_q == ST_FIND || state_q == ST_INSERT || state_q == ST_OLDEST),
      .session        (session_q),
      .wr_en          (write)
  );

  assign s_seg_ready     = start && next[0];
  assign s_expired_ready = start && next[1];
  assign s_cmd_ready     = start && next[2];
  wire logic turn_ready  = start && next[3];

  // Sessions that have more to send, each at most once
  wire logic unused_turn_ready, unused_turn_user, unused_turn_last;
  wire logic [SESSIONS_LOG2:0] unused_turn_level;
  axis_fifo #(
      .DATA_W(16),
      .DEPTH (2 ** SESSIONS_LOG2)
  ) turns (
      .clk          (event_clk),
      .rst          (rst),
      .s_axis_tdata (session_q),
      .s_axis_tuser (1'b0),
      .s_axis_tvalid(write && push_q),
      .s_axis_tready(unused_turn_ready),
      .s_axis_tlast (1'b1),
      .m_axis_tdata (turn_session),
      .m_axis_tvalid(turn_valid),
      .m_axis_tuser (unused_turn_user),
      .m_axis_tready(turn_ready),
      .m_axis_tlast (unused_turn_last),
      .level        (unused_turn_level)
  );

  // ---- State of the sessions ----

  wire logic read = next_read || state_q == ST_FIND || state_q == ST_INSERT
                    || state_q == ST_OLDEST;
  // verilator lint_off UNUSEDSIGNAL
  wire logic [15:0] read_session = next_read ? next_session
                                   : state_q == ST_OLDEST ? session_q : s_lookup_session;
  // verilator lint_on UNUSEDSIGNAL
  toe_tcp_pkg::tcb_t written;

  // What is read while it is written is read again
  ram_sdp #(
      .DATA_W    (TCB_W),
      .DEPTH     (2 ** SESSIONS_LOG2),
      .READ_FIRST(1'b0)
  ) sessions (
      .clk    (event_clk),
      .wr_en  (write || state_q == ST_CLEAR),
      .wr_addr(state_q == ST_CLEAR ? clear_q : session_q[SESSIONS_LOG2-1:0]),
      .wr_data(state_q == ST_CLEAR ? '0 : written),
      .rd_en  (read),
      .rd_addr(read_session[SESSIONS_LOG2-1:0]),
      .rd_data(rd)
  );

  assign ready = state_q != ST_CLEAR;

  // ---- Distances: what ST_MEASURE finds ----

  logic signed [31:0] d_seq_q, d_last_q, d_end_q, d_ack_q;
  logic [W-1:0]       window_q, flight_q, to_recover_q, behind_q, up_ahead_q, rtt_ahead_q;
  logic [W-1:0]       ooo_left_q, ooo_right_q;
  logic [WW-1:0]      seg_wnd_q;
  logic               same_q, ts_old_q, ts_fresh_q, newer_wnd_q, late_q, fin_matches_q;
  logic [15:0]        sample_q;

  wire logic [16:0] seg_length = {1'b0, seg_q.len} + 17'(seg_q.flags[toe_pkg::SYN])
                                 + 17'(seg_q.flags[toe_pkg::FIN]);
  wire logic [31:0] seg_end = seg_q.seq + {15'd0, seg_length};
  wire logic [31:0] seg_wnd = {16'd0, seg_q.window} << (t_q.ws_on ? t_q.ws : 4'd0);
  wire logic        ts_behind = $signed(seg_q.options.ts_val - seen.ts_recent) < 0;
  wire logic        ts_on = t_q.ts_on && seg_q.options.ts_valid;
  wire logic [7:0]  age = now_ms[30:23] - seen.ts_age;
  wire logic [W-1:0] since_wl1 = seg_q.seq[W-1:0] - t_q.wl1;
  wire logic [W-1:0] since_ack = seg_q.seq[W-1:0] - t_q.rcv_nxt[W-1:0] + W'(t_q.unacked);
  wire logic [31:0] echo_age = now_ms - seg_q.options.ts_ecr;

  always_ff @(posedge event_clk) begin
    if (state_q == ST_MEASURE) begin
      d_seq_q       <= seg_q.seq - t_q.rcv_nxt;
      d_last_q      <= seg_end - t_q.rcv_nxt - 32'd1;
      d_end_q       <= seg_q.seq + {16'd0, seg_q.len} - t_q.rcv_nxt;
      d_ack_q       <= seg_q.ack - t_q.una;
      window_q      <= t_q.rcv_adv - t_q.rcv_nxt[W-1:0];
      flight_q      <= t_q.max - t_q.una[W-1:0];
      behind_q      <= t_q.nxt - t_q.una[W-1:0];
      up_ahead_q    <= t_q.up - t_q.una[W-1:0];
      to_recover_q  <= t_q.progress - t_q.una[W-1:0];
      ooo_left_q    <= t_q.ooo_left - t_q.rcv_nxt[W-1:0];
      ooo_right_q   <= t_q.ooo_right - t_q.rcv_nxt[W-1:0];
      seg_wnd_q     <= seg_wnd[31:WW] != '0 ? '1 : seg_wnd[WW-1:0];
      same_q        <= t_q.state != toe_tcp_pkg::CLOSED && t_q.tuple == seg_q.tuple;
      // RFC 7323 5.3 R1, 5.5: a timestamp of more than 24 days ago says nothing
      ts_old_q      <= ts_on && ts_behind && age < 8'd247;
      ts_fresh_q    <= ts_on && (since_ack[W-1] || since_ack == '0);
      newer_wnd_q   <= !since_wl1[W-1];
      late_q        <= ts_on ? seg_q.options.ts_ecr == '0 : !t_q.rtt_running;
      sample_q      <= !ts_on ? now_ms[15:0] - timed.at
                       : echo_age[31:16] != '0 ? 16'hffff : echo_age[15:0];
      rtt_ahead_q   <= seg_q.ack[W-1:0] - timed.seq;
      fin_matches_q <= t_q.fin_queued && seg_q.ack[W-1:0] == t_q.queued + 1'b1;
    end
  end

  // ---- What a segment means ----

  wire logic take, drop, answer, challenge, repeat_syn, reset, refuse, reopen;
  wire logic in_syn_received = t_q.state == toe_tcp_pkg::SYN_RECEIVED;
  wire logic is_syn_state = t_q.state == toe_tcp_pkg::SYN_SENT || in_syn_received;

  toe_tcp_check checks (
      .flags       (seg_q.flags),
      .empty       (seg_length == '0),
      .d_seq       (d_seq_q),
      .d_last      (d_last_q),
      .window      (window_q),
      .d_ack       (d_ack_q),
      .flight      (flight_q),
      .max_window  (W'(t_q.max_wnd)),
      .ts_missing  (t_q.ts_on && !seg_q.options.ts_valid),
      .ts_old      (ts_old_q),
      .syn_received(in_syn_received),
      .passive     (t_q.passive),
      .time_wait   (t_q.state == toe_tcp_pkg::TIME_WAIT),
      .take        (take),
      .drop        (drop),
      .answer      (answer),
      .challenge   (challenge),
      .repeat_syn  (repeat_syn),
      .reset       (reset),
      .refuse      (refuse),
      .reopen      (reopen)
  );

  logic take_q, drop_q, answer_q, forged_q, repeat_syn_q, reset_q, refuse_q, reopen_q;
  always_ff @(posedge event_clk) begin
    take_q       <= take;
    drop_q       <= drop;
    answer_q     <= answer;
    // A SYN in TIME-WAIT that cannot open a session is one, too
    forged_q     <= challenge || reopen;
    repeat_syn_q <= repeat_syn;
    reset_q      <= reset;
    refuse_q     <= refuse;
    reopen_q     <= reopen;
  end

  wire logic challenge_allowed;

  toe_tcp_challenge challenges (
      .clk       (clk),
      .rst       (rst),
      .second    (now_ms[31:10]),
      .per_second(config_w.challenges),
      .spend     (challenge_q),
      .allowed   (challenge_allowed)
  );

  // What the acknowledgement does: ST_CHECK finds it, ST_ACK does it
  logic advance_q, fin_acked_q, passes_nxt_q, passes_up_q, all_acked_q, larger_q, dup_q;
  logic measured_q, urgent_ahead_q;
  wire logic is_advance = d_ack_q > 0;
  wire logic signed [31:0] d_urgent = d_seq_q + $signed({16'd0, seg_q.urgent});

  logic syn_acked_q;  // before ST_SYN_SENT
  always_ff @(posedge event_clk) begin
    syn_acked_q <= is_advance && d_ack_q[31:W] == '0 && d_ack_q[W-1:0] <= flight_q;
    if (state_q == ST_CHECK) begin
      advance_q      <= is_advance;
      fin_acked_q    <= is_advance && fin_matches_q;
      passes_nxt_q   <= behind_q < d_ack_q[W-1:0];
      passes_up_q    <= up_ahead_q[W-1] || up_ahead_q < d_ack_q[W-1:0];
      all_acked_q    <= d_ack_q[W-1:0] == flight_q;
      larger_q       <= seg_wnd_q > t_q.max_wnd;
      dup_q          <= d_ack_q == 0 && seg_q.len == '0 && flight_q != '0
                        && !seg_q.flags[toe_pkg::FIN] && seg_wnd_q == t_q.wnd;
      // RFC 6298 3: no sample of what was sent again, unless a timestamp tells
      measured_q     <= is_advance && !late_q && !(t_q.syn_lost && in_syn_received)
                        && (t_q.ts_on || (!rtt_ahead_q[W-1] && rtt_ahead_q != '0));
      // RFC 9293 3.10.7.4, sixth. Who has heard of a pointer before knows it again
      urgent_ahead_q <= d_urgent > 0;
    end
  end

  wire logic [WW-1:0] cwnd_next, ssthresh_next;
  wire logic [W-1:0] acked_next;
  wire logic recover_valid_next, set_recover, recovering_next, retransmit_first;
  wire logic [1:0] dup_acks_next;

  toe_tcp_congestion congestion (
      .clk               (event_clk),
      .ack               (by_q == BY_SEGMENT && advance_q),
      .dup               (by_q == BY_SEGMENT && dup_q),
      .timeout           (by_q == BY_TIMER),
      .first_timeout     (first_timeout_q),
      .bytes             (d_ack_q[W-1:0]),
      .flight            (flight_q),
      .to_recover        (to_recover_q),
      .mss               (t_q.mss),
      .cwnd              (t_q.cwnd),
      .ssthresh          (t_q.ssthresh),
      .acked             (t_q.progress),
      .recover_valid     (t_q.recover_valid),
      .recovering        (t_q.recovering),
      .dup_acks          (t_q.dup_acks),
      .cwnd_next         (cwnd_next),
      .ssthresh_next     (ssthresh_next),
      .acked_next        (acked_next),
      .recover_valid_next(recover_valid_next),
      .set_recover       (set_recover),
      .recovering_next   (recovering_next),
      .dup_acks_next     (dup_acks_next),
      .retransmit        (retransmit_first)
  );

  wire logic [18:0] srtt_next;
  wire logic [17:0] rttvar_next;
  wire logic [16:0] rto_ms;

  toe_tcp_rtt rtt (
      .clk         (event_clk),
      .srtt        (t_q.srtt),
      .rttvar      (t_q.rttvar),
      .sample_ms   (sample_q),
      .srtt_next   (srtt_next),
      .rttvar_next (rttvar_next),
      .rto_min_ms  (config_w.rto_min_ms),
      .rto_max_ms  (config_w.rto_max_ms),
      .rto_first_ms(t_q.syn_lost && !is_syn_state ? 17'd3000 : config_w.rto_first_ms),
      .backoff     (t_q.tries),
      .rto_ms      (rto_ms)
  );

  logic       stored_q;   // room was asked for
  logic [7:0] dropped_q;  // payloads that were dropped, and not answered yet
  logic       granted_q, grant_q;  // it was answered, and how
  wire logic is_open = t_q.state == toe_tcp_pkg::ESTABLISHED
                       || t_q.state == toe_tcp_pkg::FIN_WAIT_1
                       || t_q.state == toe_tcp_pkg::FIN_WAIT_2;
  wire logic store, fin_taken, is_received, in_order, text_ack_now, block_fin;
  wire logic ooo_clear, ooo_set_left, ooo_set_right, ooo_set_fin;
  wire logic [W-1:0] text_from, received, ooo_right_next;
  wire logic [15:0] text_skip, text_count;

  toe_tcp_text texts (
      .clk          (event_clk),
      .look         (state_q == ST_CHECK),
      .sum          (state_q == ST_ACK),
      .d_seq        (d_seq_q),
      .d_end        (d_end_q),
      .len          (seg_q.len),
      .fin          (seg_q.flags[toe_pkg::FIN]),
      .window       (window_q),
      // What is acknowledged opens it
      .takes        (is_open || in_syn_received),
      .rcv_nxt      (t_q.rcv_nxt[W-1:0]),
      .ooo_valid    (t_q.ooo_valid),
      .ooo_fin      (t_q.ooo_fin),
      .ooo_left     (ooo_left_q),
      .ooo_right    (ooo_right_q),
      .store        (store),
      .from         (text_from),
      .skip         (text_skip),
      .count        (text_count),
      .received     (received),
      .is_received  (is_received),
      .fin_taken    (fin_taken),
      .in_order     (in_order),
      .ack_now      (text_ack_now),
      .ooo_clear    (ooo_clear),
      .ooo_set_left (ooo_set_left),
      .ooo_set_right(ooo_set_right),
      .ooo_set_fin  (ooo_set_fin),
      .right        (ooo_right_next),
      .block_fin    (block_fin)
  );

  wire logic is_urgent = seg_q.flags[toe_pkg::URG] && is_open && urgent_ahead_q;

  // What will be received, while it is being asked whether there is room
  logic [31:0]  rcv_nxt_next_q;
  logic [W-1:0] unacked_q;
  logic         due_ack_q;  // for more than a segment
  always_ff @(posedge event_clk) begin
    rcv_nxt_next_q <= t_q.rcv_nxt + {{(32 - W) {1'b0}}, received};
    unacked_q      <= W'(t_q.unacked) + received;
    due_ack_q      <= unacked_q > W'(config_w.mss);
  end

  wire logic icmp_refuse, icmp_keep, icmp_lower;
  wire logic [13:0] icmp_mss;

  toe_tcp_icmp icmp (
      .clk     (event_clk),
      .kind    (seg_q.urgent[15:8]),
      .code    (seg_q.urgent[7:0]),
      .mtu     (seg_q.window),
      .d_seq   (d_ack_q),
      .flight  (flight_q),
      .opening (is_syn_state),
      .mss     (t_q.mss),
      .ts_on   (t_q.ts_on),
      .refuse  (icmp_refuse),
      .keep    (icmp_keep),
      .lower   (icmp_lower),
      .mss_next(icmp_mss)
  );

  // ---- What is sent ----

  logic ack_now_q, retransmit_q, probe_q, syn_q, keep_q;

  wire logic may_send = !is_syn_state && t_q.state != toe_tcp_pkg::CLOSED
                        && t_q.state != toe_tcp_pkg::FIN_WAIT_2
                        && t_q.state != toe_tcp_pkg::TIME_WAIT;
  wire logic sack_block = t_q.sack_on && t_q.ooo_valid;

  wire logic send, again, send_fin, push, more, persist, exceeds, waiting;
  wire logic [13:0] count;
  wire logic [W-1:0] from, out_urgent;

  toe_tcp_turn sender (
      .clk       (event_clk),
      .may_send  (may_send),
      .una       (t_q.una[W-1:0]),
      .nxt       (t_q.nxt),
      .max       (t_q.max),
      .queued    (t_q.queued),
      .fin_queued(t_q.fin_queued),
      .up        (t_q.up),
      .wnd       (t_q.wnd),
      .max_wnd   (t_q.max_wnd),
      .cwnd      (t_q.cwnd),
      .recovering(t_q.recovering),
      .dup_acks  (t_q.dup_acks),
      .mss       (t_q.mss),
      .nodelay   (t_q.nodelay),
      .sack      (sack_block),
      .retransmit(retransmit_q),
      .probe     (probe_q),
      .room      (room_q),
      .send      (send),
      .again     (again),
      .count     (count),
      .fin       (send_fin),
      .push      (push),
      .more      (more),
      .persist   (persist),
      .exceeds   (exceeds),
      .waiting   (waiting),
      .from      (from),
      .urgent    (out_urgent)
  );

  wire logic [15:0] window_field, syn_window;
  wire logic [W-1:0] offer;
  wire logic offer_grows, opens;

  toe_tcp_window receiver (
      .clk       (event_clk),
      .rx_limit  (config_w.rx_limit),
      .mss       (config_w.mss),
      .ws_on     (t_q.ws_on),
      .rcv_nxt   (t_q.rcv_nxt[W-1:0]),
      .rcv_adv   (t_q.rcv_adv),
      .rcv_read  (t_q.rcv_read),
      .window    (window_field),
      .syn_window(syn_window),
      .offer     (offer),
      .grows     (offer_grows),
      .opens     (opens)
  );

  wire logic sends_text = send && !syn_q;
  // A reader that takes a lot at once opens the window; while more than half of it is open nobody waits
  wire logic sends = syn_q || send || ack_now_q || keep_q
                     || (by_q == BY_COMMAND && opens && is_open);
  // Behind what is sent now, unless it is sent again
  wire logic [W-1:0] sent_end = t_q.nxt + W'(count) + W'(send_fin);

  // Whole sequence numbers of the block ahead: they follow RCV.NXT
  wire logic [31:0] sack_left, sack_right;
  assign sack_left = {t_q.rcv_nxt[31:W] + (32 - W)'(t_q.ooo_left < t_q.rcv_nxt[W-1:0]),
                      t_q.ooo_left};
  assign sack_right = {t_q.rcv_nxt[31:W] + (32 - W)'(t_q.ooo_right < t_q.rcv_nxt[W-1:0]),
                       t_q.ooo_right};
  logic [31:0] sack_left_q, sack_right_q;
  always_ff @(posedge event_clk) begin
    sack_left_q  <= sack_left;
    sack_right_q <= sack_right;
  end

  toe_pkg::segment_t out;
  always_comb begin
    out = '0;
    out.tuple = t_q.tuple;
    out.seq = t_q.una + (syn_q ? '0 : {{(32 - W) {1'b0}}, from});
    if (keep_q && !send) out.seq = t_q.una - 32'd1;
    out.ack = t_q.rcv_nxt;
    out.flags[toe_pkg::ACK] = 1'b1;
    out.window = window_field;
    if (syn_q) begin
      out.flags[toe_pkg::SYN] = 1'b1;
      out.window = syn_window;
      out.options.mss_valid = 1'b1;
      out.options.mss = {2'b00, config_w.mss};
      out.options.ws_valid = t_q.ws_on;
      out.options.ws = toe_tcp_pkg::RCV_WS;
      out.options.sack_ok = t_q.sack_on;
      if (t_q.state == toe_tcp_pkg::SYN_SENT) begin
        out.flags[toe_pkg::ACK] = 1'b0;
        out.ack = '0;
      end
    end else begin
      if (send) begin
        out.flags[toe_pkg::FIN] = send_fin;
        out.flags[toe_pkg::PSH] = push && count != '0;
        out.len = {2'b00, count};
      end
      out.options.sack_valid = sack_block;
      out.options.sack_left = sack_left_q;
      out.options.sack_right = sack_right_q;
    end
    // Behind the last urgent byte (MUST-62), or as far ahead as the field reaches
    if (!syn_q) begin
      out.flags[toe_pkg::URG] = out_urgent != '0;
      out.urgent = out_urgent[W-1:16] != '0 ? 16'hffff : out_urgent[15:0];
    end
    out.options.ts_valid = t_q.ts_on;
    out.options.ts_val = now_ms;
    out.options.ts_ecr = out.flags[toe_pkg::ACK] ? seen.ts_recent : '0;
  end

  // Without timestamps, or before the peer has agreed to them
  wire logic times = !t_q.ts_on || t_q.state == toe_tcp_pkg::SYN_SENT;

  // A reset: of what a segment acknowledges, of what it is, or of a session that is given up
  logic abort_q;
  toe_pkg::segment_t rst_out;
  always_comb begin
    rst_out = '0;
    rst_out.tuple = abort_q ? t_q.tuple : seg_q.tuple;
    rst_out.flags[toe_pkg::RST] = 1'b1;
    if (abort_q) begin
      rst_out.seq = t_q.una + {{(32 - W) {1'b0}}, W'(t_q.nxt - t_q.una[W-1:0])};
      rst_out.ack = t_q.rcv_nxt;
      rst_out.flags[toe_pkg::ACK] = 1'b1;
    end else if (seg_q.flags[toe_pkg::ACK]) begin
      rst_out.seq = seg_q.ack;
    end else begin
      rst_out.ack = seg_end;
      rst_out.flags[toe_pkg::ACK] = 1'b1;
    end
  end

  // ---- What a SYN agrees on ----

  wire logic [13:0] offered_mss = !seg_q.options.mss_valid ? 14'd536
      : seg_q.options.mss[15:14] != '0 ? 14'h3fff
      : seg_q.options.mss < 16'd64 ? 14'd64 : seg_q.options.mss[13:0];
  wire logic [3:0] agreed_ws = !seg_q.options.ws_valid ? 4'd0
                               : seg_q.options.ws > 4'd14 ? 4'd14 : seg_q.options.ws;

  // They follow the segment after three cycles
  logic [13:0]   least_mss_q, agreed_mss_q;
  logic [WW-1:0] first_cwnd_q;
  wire logic [WW-1:0] agreed_w = WW'(agreed_mss_q);
  always_ff @(posedge event_clk) begin
    least_mss_q  <= offered_mss < config_w.mss ? offered_mss : config_w.mss;
    agreed_mss_q <= least_mss_q - (seg_q.options.ts_valid ? 14'd12 : 14'd0);
    // RFC 5681 3.1
    first_cwnd_q <= agreed_mss_q > 14'd2190 ? agreed_w << 1
        : agreed_mss_q > 14'd1095 ? agreed_w + (agreed_w << 1) : agreed_w << 2;
  end

  wire logic [39:0] seen_now = {seg_q.options.ts_val, now_ms[30:23]};

  toe_tcp_pkg::tcb_t fresh;
  always_comb begin
    fresh = '0;
    fresh.una = isn_q;
    fresh.nxt = isn_q[W-1:0] + 1'b1;
    fresh.max = isn_q[W-1:0] + 1'b1;
    fresh.queued = isn_q[W-1:0] + 1'b1;
    fresh.up = isn_q[W-1:0] + 1'b1;
    fresh.ssthresh = '1;
    fresh.turn = rd.turn;
    if (by_q == BY_COMMAND) begin
      fresh.state = toe_tcp_pkg::SYN_SENT;
      fresh.tuple = cmd_q.tuple;
      fresh.nodelay = cmd_q.value[0];
      fresh.keepalive = cmd_q.value[1];
      fresh.r2 = cmd_q.value[7:4];
      fresh.dscp = cmd_q.value[13:8];
      fresh.ts_on = 1'b1;
      fresh.sack_on = 1'b1;
      fresh.ws_on = 1'b1;
      fresh.mss = 14'd536;
    end else begin
      fresh.state = toe_tcp_pkg::SYN_RECEIVED;
      fresh.tuple = seg_q.tuple;
      fresh.passive = 1'b1;
      fresh.ts_on = seg_q.options.ts_valid;
      fresh.sack_on = seg_q.options.sack_ok;
      fresh.ws_on = seg_q.options.ws_valid;
      fresh.ws = agreed_ws;
      fresh.mss = agreed_mss_q;
      fresh.cwnd = first_cwnd_q;
      fresh.wnd = WW'(seg_q.window);
      fresh.max_wnd = WW'(seg_q.window);
      fresh.wl1 = seg_q.seq[W-1:0];
      fresh.rcv_nxt = seg_q.seq + 32'd1;
      fresh.rcv_adv = seg_q.seq[W-1:0] + 1'b1 + W'(syn_window);
      fresh.rcv_read = seg_q.seq[W-1:0] + 1'b1;
      fresh.timing = seen_now;
    end
  end

  // ---- Registers towards the others ----

  logic [1:0]                   lookup_op_q;
  logic                         lookup_valid_q, isn_valid_q, rxq_valid_q, txq_valid_q;
  logic [1:0]                   rxq_op_q, txq_op_q;
  logic [31:0]                  rxq_pos_q, txq_pos_q;
  logic [15:0]                  rxq_skip_q, rxq_len_q, txq_len_q;
  logic                         seg_valid_q, event_valid_q;
  toe_pkg::segment_t            out_q;
  logic [5:0]                   dscp_q;
  toe_tcp_pkg::event_t          event_q;
  logic [toe_tcp_pkg::EVENTS-1:0] what_q;
  // Timers to set or clear at the end of the event
  logic [2:0]                   set_q, clr_q;
  logic [22:0]                  long_ms_q;
  logic                         timer_valid_q, timer_set_q;
  logic [1:0]                   timer_which_q;
  logic [31:0]                  timer_at_q;
  logic                         release_q, again_q, text_q, push_q;
  logic [15:0]                  lookup_session_q, rxq_session_q, txq_session_q, timer_session_q;
  logic [63:0]                  lookup_tuple_q;
  logic [4:0]                   after_q, then_q;
  logic [2:0]                   settle_q;     // cycles until all that follows from the state does
  logic                         congests_q, samples_q, first_timeout_q;
  logic                         unknown_q, unwanted_q, flooded_q, no_room_q, resent_q,
                                disbelieved_q, suppressed_q;

  wire logic seg_free = !seg_valid_q || m_seg_ready;
  wire logic txq_free = !txq_valid_q || m_txq_ready;
  // What is sent, if anything, has a place
  wire logic may_leave = (seg_free || !sends) && (txq_free || !sends_text);
  wire logic rxq_free = !rxq_valid_q || m_rxq_ready;
  wire logic event_free = !event_valid_q || m_event_ready;
  wire logic lookup_free = !lookup_valid_q || m_lookup_ready;
  wire logic timer_free = !timer_valid_q || m_timer_ready;

  wire logic [22:0] two_msl = {5'd0, config_w.msl_ms, 1'b0};
  // Each payload is asked for or dropped, once
  wire logic drops = by_q == BY_SEGMENT && seg_q.len != '0 && !stored_q;
  wire logic is_full = half_open_q >= config_w.half_open;
  wire logic [SESSIONS_LOG2-1:0] oldest;
  wire logic oldest_valid;
  wire logic seg_syn = seg_q.flags[toe_pkg::SYN];
  wire logic seg_rst = seg_q.flags[toe_pkg::RST];
  wire logic seg_ack = seg_q.flags[toe_pkg::ACK];
  wire logic keeps = t_q.keepalive && (t_q.state == toe_tcp_pkg::ESTABLISHED
                                       || t_q.state == toe_tcp_pkg::CLOSE_WAIT);
  // The long timer's end is the session's
  wire logic is_last_wait = t_q.state == toe_tcp_pkg::TIME_WAIT
                            || (t_q.state == toe_tcp_pkg::FIN_WAIT_2 && t_q.detached);
  wire logic [2:0] armed = {t_q.long_armed, t_q.ack_armed, t_q.rtx_armed};
  wire logic [2:0] due = set_q | (clr_q & armed);
  wire logic [2:0] now_due = {due[2] && due[1:0] == '0, due[1] && !due[0], due[0]};
  // R2 (RFC 9293 3.8.3)
  wire logic [3:0] most_tries = is_syn_state ? config_w.syn_tries
                                : t_q.r2 != '0 ? t_q.r2 : config_w.data_tries;
  wire logic leaves_half_open = in_syn_received && t_q.passive;

  // MUST-46: no host has the address of a network or loop, of a group, or of all of this network
  wire logic [31:0] remote = cmd_q.tuple[63:32];
  wire logic [31:0] host_bits = 32'hffff_ffff >> prefix_len;
  wire logic is_for_all = prefix_len < 6'd31 && ((remote ^ ip) & ~host_bits) == '0
                          && (remote | ~host_bits) == 32'hffff_ffff;
  logic no_host_q;
  always_ff @(posedge event_clk) begin
    no_host_q <= remote[31:29] == 3'b111 || remote[31:24] == 8'd0 || remote[31:24] == 8'd127
                 || is_for_all;
  end

  wire logic [63:0] isn_tuple = by_q == BY_COMMAND ? cmd_q.tuple : seg_q.tuple;

  // The last of the timers, if any, and the last of the event
  wire logic ends = state_q == ST_TIMERS && timer_free && event_free && (due & (due - 1'b1)) == '0;
  assign write = ends;
  // What was set or cleared is not reported with its old deadline once toe_timer has it
  wire logic may_expire = s_expired_valid && !timer_valid_q;
  assign start = next_valid && (is_idle ? !next[1] || may_expire : ends && !release_q && !next[1]);

  always_comb begin
    written = t_q;
    if (now_due[0]) written.rtx_armed = set_q[0];
    if (now_due[1]) written.ack_armed = set_q[1];
    if (now_due[2]) written.long_armed = set_q[2];
  end

  wire logic granted = s_grant_valid && dropped_q == '0;
  wire logic is_granted = granted_q ? grant_q : s_grant_ok;
  wire logic drop_asked = m_rxq_valid && m_rxq_ready && m_rxq_op == RX_STORE && m_rxq_len == '0;

  always_ff @(posedge event_clk) begin
    unknown_q   <= 1'b0;
    unwanted_q  <= 1'b0;
    challenge_q <= 1'b0;
    flooded_q   <= 1'b0;
    no_room_q   <= 1'b0;
    resent_q    <= 1'b0;
    disbelieved_q <= 1'b0;
    suppressed_q  <= 1'b0;
    if (m_seg_ready) seg_valid_q <= 1'b0;
    if (m_txq_ready) txq_valid_q <= 1'b0;
    if (m_rxq_ready) rxq_valid_q <= 1'b0;
    if (m_event_ready) event_valid_q <= 1'b0;
    if (m_lookup_ready) lookup_valid_q <= 1'b0;
    if (m_isn_ready) isn_valid_q <= 1'b0;
    if (m_timer_ready) timer_valid_q <= 1'b0;
    dropped_q <= dropped_q + 8'(drop_asked) - 8'(s_grant_valid && dropped_q != '0);

    case (state_q)
      ST_CLEAR: begin
        clear_q <= clear_q + 1'b1;
        if (clear_q == '1) state_q <= ST_IDLE;
      end

      ST_IDLE: ;

      ST_LOAD: begin
        t_q     <= rd;
        state_q <= ST_MEASURE;
        if (again_q) begin
          t_q.state   <= toe_tcp_pkg::CLOSED;
          half_open_q <= half_open_q - 1'b1;
          state_q     <= ST_TIMERS;
        end
      end

      ST_MEASURE: begin
        after_q <= ST_TURN;
        if (by_q == BY_TIMER) begin
          state_q <= ST_LAPSE;
        end else if (error_q || t_q.state == toe_tcp_pkg::SYN_SENT) begin
          settle_q <= 3'd1;
          then_q   <= error_q ? ST_ERROR : ST_SYN_SENT;
          state_q  <= ST_SETTLE;
        end else begin
          state_q  <= ST_CHECK;
        end
      end

      // What follows from the state is on its way, and of the congestion window a part of the state
      ST_SETTLE: begin
        settle_q   <= settle_q - 1'b1;
        congests_q <= 1'b0;
        samples_q  <= 1'b0;
        if (congests_q) begin
          t_q.cwnd          <= cwnd_next;
          t_q.ssthresh      <= ssthresh_next;
          t_q.progress      <= set_recover ? t_q.max : acked_next;
          t_q.recover_valid <= recover_valid_next;
          t_q.recovering    <= recovering_next;
          t_q.dup_acks      <= dup_acks_next;
          retransmit_q      <= retransmit_first;
          if (retransmit_first) t_q.rtt_running <= 1'b0;
        end
        if (samples_q) begin
          t_q.srtt        <= srtt_next;
          t_q.rttvar      <= rttvar_next;
          t_q.rtt_running <= 1'b0;
        end
        if (settle_q == '0) state_q <= then_q;
      end

      // ---- A segment of a session ----

      ST_CHECK: state_q <= ST_SEGMENT;

      ST_SEGMENT: begin
        if (ts_fresh_q && take_q) t_q.timing <= seen_now;
        if (!same_q) begin
          state_q <= ST_UNKNOWN;
        end else if (take_q) begin
          state_q <= ST_ACK;
        end else if (reset_q) begin
          t_q.state <= toe_tcp_pkg::CLOSED;
          clr_q     <= 3'b111;
          release_q <= t_q.detached || leaves_half_open;
          if (leaves_half_open) half_open_q <= half_open_q - 1'b1;
          else if (in_syn_received) what_q[toe_tcp_pkg::EV_REFUSED] <= 1'b1;
          else what_q[toe_tcp_pkg::EV_RESET] <= t_q.state != toe_tcp_pkg::TIME_WAIT
                                                && t_q.state != toe_tcp_pkg::LAST_ACK;
          if (t_q.state == toe_tcp_pkg::LAST_ACK) what_q[toe_tcp_pkg::EV_CLOSED] <= 1'b1;
          after_q <= ST_TIMERS;
          state_q <= ST_RECEIVED;
        end else if (refuse_q) begin
          after_q <= ST_IDLE;
          state_q <= ST_RESET;
        end else if (reopen_q && listening_q && t_q.detached) begin
          t_q.state <= toe_tcp_pkg::CLOSED;
          clr_q     <= 3'b111;
          release_q <= 1'b1;
          again_q   <= 1'b1;
          // Its payload is dropped when it opens a session
          state_q   <= ST_TIMERS;
        end else if (drop_q) begin
          unwanted_q <= 1'b1;
          after_q    <= ST_IDLE;
          state_q    <= ST_RECEIVED;
        end else if (forged_q && !challenge_allowed) begin
          suppressed_q <= 1'b1;
          after_q      <= ST_IDLE;
          state_q      <= ST_RECEIVED;
        end else begin
          // What is left is acknowledged as it stands: answer, challenge, repeat_syn
          settle_q    <= 3'd0;
          then_q      <= ST_RECEIVED;
          challenge_q <= !answer_q && !repeat_syn_q;
          ack_now_q   <= !repeat_syn_q;
          syn_q       <= repeat_syn_q || in_syn_received;
          if (t_q.state == toe_tcp_pkg::TIME_WAIT && seg_q.flags[toe_pkg::FIN]) begin
            set_q[2]  <= 1'b1;
            long_ms_q <= two_msl;
          end
          after_q <= ST_TURN;
          state_q <= ST_SETTLE;
        end
      end

      ST_SYN_SENT: begin
        after_q <= ST_IDLE;
        state_q <= ST_RECEIVED;
        if (!same_q) begin
          state_q <= ST_UNKNOWN;
        end else if (seg_ack && !syn_acked_q) begin
          if (!seg_rst) state_q <= ST_RESET;
        end else if (seg_rst) begin
          if (seg_ack) begin
            t_q.state <= toe_tcp_pkg::CLOSED;
            clr_q     <= 3'b111;
            release_q <= t_q.detached;
            what_q[toe_tcp_pkg::EV_REFUSED] <= 1'b1;
            after_q   <= ST_TIMERS;
          end
        end else if (seg_syn) begin
          t_q.ts_on         <= seg_q.options.ts_valid;
          t_q.sack_on       <= seg_q.options.sack_ok;
          t_q.ws_on         <= seg_q.options.ws_valid;
          t_q.ws            <= agreed_ws;
          t_q.mss           <= agreed_mss_q;
          t_q.cwnd          <= t_q.syn_lost ? agreed_w : first_cwnd_q;
          t_q.wnd           <= WW'(seg_q.window);
          t_q.max_wnd       <= WW'(seg_q.window);
          t_q.wl1           <= seg_q.seq[W-1:0];
          t_q.rcv_nxt       <= seg_q.seq + 32'd1;
          t_q.rcv_adv       <= seg_q.seq[W-1:0] + 1'b1 + W'(syn_window);
          t_q.rcv_read      <= seg_q.seq[W-1:0] + 1'b1;
          t_q.unacked       <= '0;
          t_q.timing        <= seen_now;
          if (seg_ack) begin
            t_q.state <= toe_tcp_pkg::ESTABLISHED;
            t_q.una   <= seg_q.ack;
            t_q.tries <= '0;
            clr_q[0]  <= 1'b1;
            ack_now_q <= 1'b1;
            what_q[toe_tcp_pkg::EV_OPENED] <= 1'b1;
            samples_q <= !t_q.syn_lost && (seg_q.options.ts_valid || t_q.rtt_running);
            t_q.rtt_running <= 1'b0;
            if (t_q.keepalive) begin
              set_q[2]  <= 1'b1;
              long_ms_q <= config_w.keep_idle_ms;
            end
          end else begin
            t_q.state <= toe_tcp_pkg::SYN_RECEIVED;
            syn_q     <= 1'b1;
          end
          after_q  <= ST_OPEN_RX;
          settle_q <= 3'd0;
          then_q   <= ST_RECEIVED;
          state_q  <= ST_SETTLE;
        end
      end

      // A session's first event says where its streams begin: text is told behind it
      ST_ACK: if (txq_free && rxq_free && (event_free || !in_syn_received)) begin
        text_q   <= 1'b1;
        t_q.kept <= '0;
        if (keeps) begin
          set_q[2]  <= 1'b1;
          long_ms_q <= config_w.keep_idle_ms;
        end
        samples_q  <= measured_q;
        congests_q <= !in_syn_received;
        if (advance_q) begin
          t_q.una   <= seg_q.ack;
          t_q.tries <= '0;
          t_q.unreachable <= 1'b0;
          if (passes_nxt_q) t_q.nxt <= seg_q.ack[W-1:0];
          if (passes_up_q) t_q.up <= seg_q.ack[W-1:0];
          if (all_acked_q) clr_q[0] <= 1'b1;
          else set_q[0] <= 1'b1;
          what_q[toe_tcp_pkg::EV_SENT] <= 1'b1;
        end
        if (t_q.probing) t_q.tries <= '0;
        // Not of an acknowledgement that was overtaken: its window ends where it says
        if (newer_wnd_q && !d_ack_q[31]) begin
          t_q.wnd <= seg_wnd_q;
          t_q.wl1 <= seg_q.seq[W-1:0];
          if (larger_q) t_q.max_wnd <= seg_wnd_q;
          if (t_q.probing && seg_wnd_q != '0) begin
            t_q.probing <= 1'b0;
            if (!advance_q) clr_q[0] <= 1'b1;
          end
        end
        if (in_syn_received) begin
          t_q.state <= toe_tcp_pkg::ESTABLISHED;
          if (t_q.passive) half_open_q <= half_open_q - 1'b1;
          if (t_q.syn_lost) t_q.cwnd <= WW'(t_q.mss);
          what_q[toe_tcp_pkg::EV_SENT] <= 1'b0;
          if (!t_q.detached) begin
            event_valid_q        <= 1'b1;
            event_q.session      <= session_q;
            event_q.what         <= toe_tcp_pkg::EVENTS'(1)
                << (t_q.passive ? toe_tcp_pkg::EV_ACCEPTED : toe_tcp_pkg::EV_OPENED);
            event_q.tuple        <= t_q.tuple;
            event_q.received     <= t_q.rcv_nxt;
            event_q.acknowledged <= seg_q.ack;
            event_q.urgent       <= '0;
          end
          if (t_q.fin_queued) t_q.state <= toe_tcp_pkg::FIN_WAIT_1;
        end else if (advance_q) begin
          txq_valid_q <= 1'b1;
          txq_op_q    <= TX_FREE;
          txq_session_q <= session_q;
          txq_pos_q   <= seg_q.ack - 32'(fin_acked_q);
        end
        if (store && !t_q.detached) begin
          rxq_valid_q   <= 1'b1;
          rxq_op_q      <= RX_STORE;
          rxq_session_q <= session_q;
          stored_q      <= 1'b1;
          rxq_pos_q     <= t_q.rcv_nxt + {{(32 - W) {1'b0}}, text_from};
          rxq_skip_q    <= text_skip;
          rxq_len_q     <= text_count;
        end
        after_q <= ST_TURN;
        settle_q <= 3'd3;
        then_q   <= store && t_q.detached ? ST_UNREAD : ST_RECEIVED;
        state_q  <= ST_SETTLE;
        if (fin_acked_q) begin
          case (t_q.state)
            toe_tcp_pkg::FIN_WAIT_1: begin
              t_q.state <= toe_tcp_pkg::FIN_WAIT_2;
              if (t_q.detached) begin
                set_q[2]  <= 1'b1;
                long_ms_q <= two_msl;
              end
            end
            toe_tcp_pkg::CLOSING: begin
              t_q.state <= toe_tcp_pkg::TIME_WAIT;
              set_q[2]  <= 1'b1;
              long_ms_q <= two_msl;
              what_q[toe_tcp_pkg::EV_CLOSED] <= 1'b1;
            end
            toe_tcp_pkg::LAST_ACK: begin
              t_q.state <= toe_tcp_pkg::CLOSED;
              clr_q     <= 3'b111;
              set_q     <= '0;
              release_q <= t_q.detached;
              what_q[toe_tcp_pkg::EV_CLOSED] <= 1'b1;
              after_q   <= ST_TIMERS;
              state_q   <= ST_RECEIVED;
            end
            default: ;
          endcase
        end
      end

      // RFC 9293 3.10.4: text that nobody will read
      ST_UNREAD: begin
        abort_q   <= 1'b1;
        t_q.state <= toe_tcp_pkg::CLOSED;
        set_q     <= '0;
        clr_q     <= 3'b111;
        release_q <= 1'b1;
        after_q   <= ST_TIMERS;
        state_q   <= ST_RESET;
      end

      // The payload is stored, or has to be dropped; only text that was taken counts
      ST_RECEIVED: if (rxq_free && (!stored_q || granted_q || granted)) begin
        no_room_q <= stored_q && !is_granted;
        if (drops) begin
          rxq_valid_q <= 1'b1;
          rxq_op_q    <= RX_STORE;
          rxq_session_q <= session_q;
          rxq_skip_q  <= '0;
          rxq_len_q   <= '0;
        end
        state_q <= after_q;
        if (text_q && after_q == ST_TURN) begin
          what_q[toe_tcp_pkg::EV_URGENT] <= is_urgent;
          if (stored_q && !is_granted) begin
            ack_now_q <= 1'b1;
          end else begin
            t_q.rcv_nxt <= rcv_nxt_next_q;
            // More is acknowledged at once
            t_q.unacked <= unacked_q[13:0];
            if (ooo_clear) begin
              t_q.ooo_valid <= 1'b0;
              t_q.ooo_fin   <= 1'b0;
            end
            if (ooo_set_left || ooo_set_right) t_q.ooo_valid <= 1'b1;
            if (ooo_set_left) t_q.ooo_left <= seg_q.seq[W-1:0];
            if (ooo_set_right) t_q.ooo_right <= ooo_right_next;
            if (ooo_set_fin) t_q.ooo_fin <= block_fin;
            if (text_ack_now || due_ack_q) ack_now_q <= 1'b1;
            else if (in_order && !t_q.ack_armed) set_q[1] <= 1'b1;
            what_q[toe_tcp_pkg::EV_RECEIVED] <= is_received;
          end
          if (fin_taken && !(stored_q && !is_granted)) begin
            what_q[toe_tcp_pkg::EV_PEER_CLOSED] <= 1'b1;
            case (t_q.state)
              toe_tcp_pkg::ESTABLISHED: t_q.state <= toe_tcp_pkg::CLOSE_WAIT;
              toe_tcp_pkg::FIN_WAIT_1:  t_q.state <= toe_tcp_pkg::CLOSING;
              default: begin
                t_q.state <= toe_tcp_pkg::TIME_WAIT;
                set_q[2]  <= 1'b1;
                long_ms_q <= two_msl;
                what_q[toe_tcp_pkg::EV_CLOSED] <= 1'b1;
              end
            endcase
          end
        end
      end

      // ---- An ICMP error about a session ----

      ST_ERROR: begin
        state_q <= ST_IDLE;
        if (same_q && icmp_refuse) begin
          t_q.state <= toe_tcp_pkg::CLOSED;
          clr_q     <= 3'b111;
          release_q <= t_q.detached || leaves_half_open;
          if (leaves_half_open) begin
            half_open_q <= half_open_q - 1'b1;
          end else begin
            what_q[toe_tcp_pkg::EV_REFUSED]     <= 1'b1;
            what_q[toe_tcp_pkg::EV_UNREACHABLE] <= 1'b1;
          end
          state_q <= ST_TIMERS;
        end else if (same_q && icmp_keep) begin
          t_q.unreachable <= 1'b1;
          state_q         <= ST_TIMERS;
        end else if (same_q && icmp_lower) begin
          // RFC 1191 6.5: what was too big is sent again in slow start, and nothing was congested
          t_q.mss           <= icmp_mss;
          t_q.cwnd          <= WW'(icmp_mss);
          t_q.nxt           <= t_q.una[W-1:0];
          t_q.progress      <= t_q.max;
          t_q.recover_valid <= 1'b1;
          t_q.recovering    <= 1'b0;
          t_q.dup_acks      <= '0;
          t_q.rtt_running   <= 1'b0;
          settle_q          <= 3'd3;
          then_q            <= ST_TURN;
          state_q           <= ST_SETTLE;
        end else begin
          disbelieved_q <= 1'b1;
        end
      end

      // ---- Sending ----

      ST_POLL: begin
        t_q.turn <= 1'b0;
        settle_q <= 3'd2;
        then_q   <= ST_TURN;
        state_q  <= t_q.turn ? ST_SETTLE : ST_IDLE;
      end

      ST_TURN: state_q <= ST_SIZE;

      ST_SIZE: state_q <= ST_SEND;

      ST_SEND: if (may_leave) begin
        state_q <= ST_TIMERS;
        if (sends) begin
          seg_valid_q <= 1'b1;
          out_q       <= out;
          dscp_q      <= t_q.dscp;
          if (out.flags[toe_pkg::ACK]) begin
            t_q.unacked <= '0;
            clr_q[1]    <= 1'b1;
            set_q[1]    <= 1'b0;
          end
          if (!syn_q && offer_grows)
            t_q.rcv_adv <= t_q.rcv_nxt[W-1:0] + offer;
        end
        if (syn_q) begin
          set_q[0] <= 1'b1;
          clr_q[0] <= 1'b0;
          t_q.rtt_running <= t_q.tries == '0;
          if (times) t_q.timing <= {t_q.una[W-1:0], now_ms[15:0], 3'd0};
        end
        if (sends_text) begin
          if (count != '0) begin
            txq_valid_q <= 1'b1;
            txq_op_q    <= TX_FETCH;
            txq_session_q <= session_q;
            txq_pos_q   <= out.seq;
            txq_len_q   <= {2'b00, count};
          end
          resent_q <= !exceeds;
          if (!probe_q) begin
            if (!again) t_q.nxt <= sent_end;
            if (!t_q.rtx_armed || clr_q[0] || retransmit_q) begin
              set_q[0] <= 1'b1;
              clr_q[0] <= 1'b0;
            end
          end
          if (exceeds) begin
            t_q.max <= sent_end;
            if (!t_q.rtt_running && !probe_q) begin
              t_q.rtt_running <= 1'b1;
              if (times) t_q.timing <= {t_q.nxt, now_ms[15:0], 3'd0};
            end
          end
        end
        if ((more || (retransmit_q && waiting)) && !t_q.turn) begin
          t_q.turn <= 1'b1;
          push_q   <= 1'b1;
        end
        if (persist && !t_q.rtx_armed || persist && clr_q[0]) begin
          t_q.probing <= 1'b1;
          set_q[0]    <= 1'b1;
          clr_q[0]    <= 1'b0;
        end
        if (probe_q) set_q[0] <= 1'b1;
      end

      // ---- The end of an event ----

      ST_TIMERS: if (timer_free && event_free) begin
        what_q <= '0;
        if (what_q != '0 && !t_q.detached) begin
          event_valid_q        <= 1'b1;
          event_q.session      <= session_q;
          event_q.what         <= what_q;
          event_q.tuple        <= t_q.tuple;
          event_q.received     <= t_q.rcv_nxt;
          event_q.acknowledged <= t_q.una;
          event_q.urgent       <= what_q[toe_tcp_pkg::EV_URGENT]
                                  ? seg_q.seq + {16'd0, seg_q.urgent} : '0;
        end
        if (due != '0) begin
          timer_valid_q   <= 1'b1;
          timer_session_q <= session_q;
          timer_which_q   <= now_due[0] ? toe_pkg::TIMER_RTX
                             : now_due[1] ? toe_pkg::TIMER_ACK : toe_pkg::TIMER_LONG;
          timer_set_q     <= (set_q & now_due) != '0;
          timer_at_q      <= now_ms + (now_due[0] ? {15'd0, rto_ms}
              : now_due[1] ? {22'd0, config_w.ack_delay_ms} : {9'd0, long_ms_q});
        end
        t_q.rtx_armed  <= written.rtx_armed;
        t_q.ack_armed  <= written.ack_armed;
        t_q.long_armed <= written.long_armed;
        set_q <= set_q & ~now_due;
        clr_q <= clr_q & ~now_due;
        if (ends) state_q <= release_q ? ST_RELEASE : ST_IDLE;
      end

      ST_RELEASE: if (lookup_free && rxq_free && txq_free) begin
        lookup_valid_q <= 1'b1;
        lookup_op_q    <= REMOVE;
        lookup_session_q <= session_q;
        lookup_tuple_q <= t_q.tuple;
        rxq_session_q  <= session_q;
        txq_session_q  <= session_q;
        rxq_valid_q    <= 1'b1;
        rxq_op_q       <= RX_RELEASE;
        txq_valid_q    <= 1'b1;
        txq_op_q       <= TX_RELEASE;
        state_q        <= ST_RELEASED;
      end

      // All three know before the number is used again
      ST_RELEASED: if (lookup_free && rxq_free && txq_free && timer_free) begin
        release_q <= 1'b0;
        again_q   <= 1'b0;
        clr_q     <= '0;
        sure_q    <= 1'b1;
        found_q   <= 1'b0;
        state_q   <= again_q ? ST_UNKNOWN : ST_IDLE;
      end

      // ---- A timer ----

      ST_LAPSE: state_q <= ST_TIMER;

      ST_TIMER: begin
        state_q  <= ST_IDLE;
        settle_q <= 3'd4;
        then_q   <= ST_TURN;
        first_timeout_q <= t_q.tries == '0;
        case (timer_q)
          toe_pkg::TIMER_RTX: if (t_q.rtx_armed) begin
            t_q.rtx_armed <= 1'b0;
            if (t_q.tries == most_tries) begin
              what_q[toe_tcp_pkg::EV_TIMED_OUT]   <= 1'b1;
              what_q[toe_tcp_pkg::EV_UNREACHABLE] <= t_q.unreachable;
              t_q.state <= toe_tcp_pkg::CLOSED;
              clr_q     <= 3'b110;
              release_q <= t_q.detached || leaves_half_open;
              if (leaves_half_open) begin
                half_open_q <= half_open_q - 1'b1;
                what_q      <= '0;
              end
              state_q <= ST_TIMERS;
            end else begin
              t_q.tries       <= t_q.tries + 1'b1;
              what_q[toe_tcp_pkg::EV_STALLED] <= !leaves_half_open
                  && config_w.stalled_tries != '0 && t_q.tries + 1'b1 == config_w.stalled_tries;
              t_q.rtt_running <= 1'b0;
              state_q         <= ST_SETTLE;
              if (is_syn_state) begin
                syn_q        <= 1'b1;
                t_q.syn_lost <= 1'b1;
              end else if (t_q.probing) begin
                probe_q <= 1'b1;
              end else begin
                t_q.nxt    <= t_q.una[W-1:0];
                congests_q <= 1'b1;
              end
            end
          end
          toe_pkg::TIMER_ACK: if (t_q.ack_armed) begin
            t_q.ack_armed <= 1'b0;
            ack_now_q     <= 1'b1;
            state_q       <= ST_SETTLE;
          end
          default: if (t_q.long_armed) begin
            t_q.long_armed <= 1'b0;
            if (keeps && t_q.kept != config_w.keep_tries) begin
              t_q.kept  <= t_q.kept + 1'b1;
              keep_q    <= 1'b1;
              set_q[2]  <= 1'b1;
              long_ms_q <= {6'd0, config_w.keep_every_ms};
              state_q   <= ST_SETTLE;
            end else if (!keeps && !is_last_wait) begin
              // Of a keep-alive that is over
              state_q <= ST_TIMERS;
            end else begin
              what_q[toe_tcp_pkg::EV_TIMED_OUT]   <= keeps;
              what_q[toe_tcp_pkg::EV_UNREACHABLE] <= keeps && t_q.unreachable;
              t_q.state <= toe_tcp_pkg::CLOSED;
              clr_q     <= 3'b011;
              release_q <= t_q.detached;
              state_q   <= ST_TIMERS;
            end
          end
        endcase
      end

      // ---- A command ----

      ST_COMMAND: begin
        state_q  <= ST_TIMERS;
        settle_q <= 3'd3;
        then_q   <= ST_TURN;
        case (cmd_q.op)
          toe_tcp_pkg::CMD_CLOSE: begin
            t_q.fin_queued <= 1'b1;
            case (t_q.state)
              toe_tcp_pkg::SYN_SENT: begin
                t_q.state <= toe_tcp_pkg::CLOSED;
                clr_q     <= 3'b111;
                what_q[toe_tcp_pkg::EV_CLOSED] <= 1'b1;
              end
              toe_tcp_pkg::ESTABLISHED: begin
                t_q.state <= toe_tcp_pkg::FIN_WAIT_1;
                state_q   <= ST_SETTLE;
              end
              toe_tcp_pkg::CLOSE_WAIT: begin
                t_q.state <= toe_tcp_pkg::LAST_ACK;
                state_q   <= ST_SETTLE;
              end
              default: ;
            endcase
          end
          toe_tcp_pkg::CMD_ABORT: begin
            t_q.detached <= 1'b1;
            t_q.state    <= toe_tcp_pkg::CLOSED;
            clr_q        <= 3'b111;
            release_q    <= 1'b1;
            abort_q      <= 1'b1;
            after_q      <= ST_TIMERS;
            if (leaves_half_open) half_open_q <= half_open_q - 1'b1;
            if (t_q.state != toe_tcp_pkg::CLOSED && t_q.state != toe_tcp_pkg::SYN_SENT
                && t_q.state != toe_tcp_pkg::TIME_WAIT) state_q <= ST_RESET;
          end
          toe_tcp_pkg::CMD_FREE: begin
            t_q.detached <= 1'b1;
            release_q    <= t_q.state == toe_tcp_pkg::CLOSED;
            if (t_q.state == toe_tcp_pkg::FIN_WAIT_2) begin
              set_q[2]  <= 1'b1;
              long_ms_q <= two_msl;
            end
          end
          toe_tcp_pkg::CMD_SENT: begin
            // Behind a FIN nothing is sent
            if (!t_q.fin_queued) t_q.queued <= t_q.queued + W'(cmd_q.value);
            state_q <= ST_SETTLE;
          end
          // Nothing of what follows can be sent any more
          toe_tcp_pkg::CMD_BROKEN: begin
            t_q.state <= toe_tcp_pkg::CLOSED;
            clr_q     <= 3'b111;
            release_q <= t_q.detached || leaves_half_open;
            abort_q   <= 1'b1;
            after_q   <= ST_TIMERS;
            if (leaves_half_open) half_open_q <= half_open_q - 1'b1;
            else what_q[toe_tcp_pkg::EV_RESET] <= 1'b1;
            if (t_q.state != toe_tcp_pkg::SYN_SENT && t_q.state != toe_tcp_pkg::TIME_WAIT)
              state_q <= ST_RESET;
          end
          toe_tcp_pkg::CMD_READ: begin
            t_q.rcv_read <= t_q.rcv_read + W'(cmd_q.value);
            state_q      <= ST_SETTLE;
          end
          toe_tcp_pkg::CMD_URGENT: begin
            // Told at once, also to a peer whose window is closed
            t_q.up    <= t_q.queued + W'(cmd_q.value);
            ack_now_q <= !is_syn_state
                         && (t_q.queued != t_q.una[W-1:0] || cmd_q.value != '0);
            state_q   <= ST_SETTLE;
          end
          default: begin
            t_q.nodelay   <= cmd_q.value[0];
            t_q.keepalive <= cmd_q.value[1];
            t_q.r2        <= cmd_q.value[7:4];
            t_q.dscp      <= cmd_q.value[13:8];
            if (cmd_q.value[1]) begin
              set_q[2]  <= 1'b1;
              long_ms_q <= config_w.keep_idle_ms;
            end
            state_q <= ST_SETTLE;
          end
        endcase
        // Of a session that is gone only the number is left
        if (t_q.state == toe_tcp_pkg::CLOSED && cmd_q.op != toe_tcp_pkg::CMD_ABORT
            && cmd_q.op != toe_tcp_pkg::CMD_FREE) state_q <= ST_IDLE;
      end

      // ---- A segment of no session, and new sessions ----

      ST_UNKNOWN: begin
        after_q <= ST_IDLE;
        if (seg_rst) begin
          unwanted_q <= 1'b1;
          state_q    <= ST_RECEIVED;
        end else if (listening_q && seg_syn && !seg_ack) begin
          if (sure_q && found_q) begin
            // The host has not freed the last session between these two
            unwanted_q <= 1'b1;
            state_q    <= ST_RECEIVED;
          end else if (is_full && !sure_q) begin
            state_q <= ST_FIND;
          end else if (is_full) begin
            flooded_q <= 1'b1;
            session_q <= 16'(oldest);
            state_q   <= oldest_valid ? ST_OLDEST : ST_RECEIVED;
          end else begin
            state_q <= ST_ISN;
          end
        end else if (!sure_q) begin
          state_q <= ST_FIND;
        end else if (listening_q && !seg_ack) begin
          // RFC 9293 3.10.7.2, fourth: LISTEN is silent where there is neither SYN nor ACK
          unwanted_q <= 1'b1;
          state_q    <= ST_RECEIVED;
        end else begin
          unknown_q <= 1'b1;
          state_q   <= ST_RESET;
        end
      end

      // RFC 4987 3.4: who has waited longest makes room for who came last
      ST_OLDEST: begin
        clr_q     <= 3'b111;
        release_q <= 1'b1;
        again_q   <= 1'b1;
        state_q   <= ST_LOAD;
      end

      ST_FIND: begin
        if (!asked_q && lookup_free) begin
          asked_q        <= 1'b1;
          lookup_valid_q <= 1'b1;
          lookup_op_q    <= FIND;
          lookup_tuple_q <= seg_q.tuple;
        end
        if (asked_q && s_lookup_valid) begin
          asked_q   <= 1'b0;
          sure_q    <= 1'b1;
          found_q   <= s_lookup_found;
          session_q <= s_lookup_session;
          state_q   <= s_lookup_found ? ST_LOAD : ST_UNKNOWN;
        end
      end

      ST_ISN: begin
        if (by_q == BY_COMMAND && no_host_q) begin
          state_q <= ST_FAILED;
        end else if (!asked_q) begin
          asked_q     <= 1'b1;
          isn_valid_q <= 1'b1;
        end
        if (asked_q && s_isn_valid) begin
          asked_q <= 1'b0;
          isn_q   <= s_isn;
          state_q <= ST_INSERT;
        end
      end

      ST_INSERT: begin
        if (!asked_q && lookup_free) begin
          asked_q        <= 1'b1;
          lookup_valid_q <= 1'b1;
          lookup_op_q    <= INSERT;
          lookup_tuple_q <= isn_tuple;
        end
        if (asked_q && s_lookup_valid) begin
          asked_q   <= 1'b0;
          sure_q    <= 1'b1;
          found_q   <= s_lookup_found;
          session_q <= s_lookup_session;
          after_q   <= ST_IDLE;
          if (by_q == BY_COMMAND) begin
            state_q <= s_lookup_ok && !s_lookup_found ? ST_FRESH : ST_FAILED;
          end else if (s_lookup_found) begin
            state_q <= ST_LOAD;
          end else if (s_lookup_ok) begin
            state_q <= ST_FRESH;
          end else begin
            flooded_q <= 1'b1;
            state_q   <= ST_RECEIVED;
          end
        end
      end

      ST_FRESH: begin
        t_q     <= fresh;
        syn_q   <= 1'b1;
        state_q <= ST_OPEN_TX;
        if (by_q == BY_SEGMENT) half_open_q <= half_open_q + 1'b1;
      end

      ST_OPEN_TX: if (txq_free) begin
        txq_valid_q   <= 1'b1;
        txq_op_q      <= TX_OPEN;
        txq_session_q <= session_q;
        txq_pos_q     <= isn_q + 32'd1;
        after_q       <= ST_TURN;
        state_q       <= by_q == BY_COMMAND ? ST_TURN : ST_OPEN_RX;
      end

      ST_OPEN_RX: if (rxq_free) begin
        rxq_valid_q   <= 1'b1;
        rxq_op_q      <= RX_OPEN;
        rxq_session_q <= session_q;
        rxq_pos_q     <= t_q.rcv_nxt;
        after_q       <= ST_TURN;
        // A SYN's payload comes again
        settle_q      <= 3'd4;
        then_q        <= t_q.passive ? ST_RECEIVED : ST_TURN;
        state_q       <= ST_SETTLE;
      end

      ST_RESET: if (seg_free && rxq_free) begin
        seg_valid_q <= 1'b1;
        out_q       <= rst_out;
        dscp_q      <= abort_q ? t_q.dscp : '0;
        if (drops) begin
          rxq_valid_q   <= 1'b1;
          rxq_op_q      <= RX_STORE;
          rxq_session_q <= session_q;
          rxq_skip_q    <= '0;
          rxq_len_q     <= '0;
        end
        state_q <= after_q;
      end

      ST_FAILED: if (event_free) begin
        event_valid_q   <= 1'b1;
        event_q         <= '0;
        event_q.what[toe_tcp_pkg::EV_OPEN_FAILED] <= 1'b1;
        event_q.tuple   <= cmd_q.tuple;
        event_q.session <= cmd_q.session;
        state_q         <= ST_IDLE;
      end

      default: state_q <= ST_IDLE;
    endcase

    if (granted) begin
      granted_q <= 1'b1;
      grant_q   <= s_grant_ok;
    end

    if (start) begin
      sure_q       <= 1'b0;
      what_q       <= '0;
      set_q        <= '0;
      clr_q        <= '0;
      ack_now_q    <= 1'b0;
      retransmit_q <= 1'b0;
      probe_q      <= 1'b0;
      syn_q        <= 1'b0;
      keep_q       <= 1'b0;
      abort_q      <= 1'b0;
      release_q    <= 1'b0;
      again_q      <= 1'b0;
      stored_q     <= 1'b0;
      granted_q    <= 1'b0;
      text_q       <= 1'b0;
      push_q       <= 1'b0;
      asked_q      <= 1'b0;
      congests_q   <= 1'b0;
      samples_q    <= 1'b0;
      session_q    <= next_session;
      if (!(ends && next_same)) t_q <= rd;
      if (next[0]) begin
        by_q        <= BY_SEGMENT;
        seg_q       <= seg_in;
        error_q     <= s_seg_error;
        found_q     <= s_seg_found;
        listening_q <= s_seg_listening;
        state_q     <= s_seg_found ? ST_MEASURE : s_seg_error ? ST_IDLE : ST_UNKNOWN;
        disbelieved_q <= s_seg_error && !s_seg_found;
      end
      if (next[1]) begin
        by_q    <= BY_TIMER;
        timer_q <= s_expired_timer;
        state_q <= ST_MEASURE;
      end
      if (next[2]) begin
        by_q     <= BY_COMMAND;
        cmd_q    <= cmd_in;
        settle_q <= 3'd0;
        then_q   <= ST_ISN;
        state_q  <= cmd_in.op == toe_tcp_pkg::CMD_OPEN ? ST_SETTLE : ST_COMMAND;
      end
      if (next[3]) begin
        by_q    <= BY_TURN;
        state_q <= ST_POLL;
      end
    end

    if (rst) begin
      state_q        <= ST_CLEAR;
      clear_q        <= '0;
      half_open_q    <= '0;
      dropped_q      <= '0;
      seg_valid_q    <= 1'b0;
      txq_valid_q    <= 1'b0;
      rxq_valid_q    <= 1'b0;
      event_valid_q  <= 1'b0;
      lookup_valid_q <= 1'b0;
      isn_valid_q    <= 1'b0;
      timer_valid_q  <= 1'b0;
    end
  end

  // ---- Who is half-open, in the order in which they came: the count has moved by one ----

  logic [15:0] half_open_was_q;
  always_ff @(posedge event_clk) half_open_was_q <= rst ? '0 : half_open_q;

  toe_half_open #(
      .SESSIONS_LOG2(SESSIONS_LOG2)
  ) half_opens (
      .clk         (event_clk),
      .rst         (rst),
      .s_session   (session_q[SESSIONS_LOG2-1:0]),
      .s_enter     (half_open_q == half_open_was_q + 16'd1),
      .s_leave     (half_open_was_q == half_open_q + 16'd1),
      .oldest      (oldest),
      .oldest_valid(oldest_valid)
  );

  // ---- What is counted for each session ----

  toe_tcp_pkg::note_t note, note_q;
  logic               note_valid_q;
  wire logic reopens = reopen_q && listening_q && t_q.detached;
  wire logic opens_with = seg_ack ? syn_acked_q && (seg_rst || seg_syn)
                                  : seg_syn && !seg_rst;  // in SYN-SENT

  always_comb begin
    note = '0;
    note.session = session_q;
    note.state = t_q.state;
    note.len = seg_q.len;
    note.retransmitted = resent_q;
    note.no_room = no_room_q;
    case (state_q)
      ST_SEGMENT: begin
        note.received = same_q && !reopens;
        note.dup_ack = take_q && dup_q;
        note.out_of_order = take_q && d_seq_q > 0 && seg_q.len != '0;
        note.unacceptable = drop_q || answer_q || forged_q || refuse_q;
      end
      ST_SYN_SENT: begin
        note.received = same_q;
        note.unacceptable = !opens_with;
      end
      ST_SEND: begin
        note.sent = may_leave && sends;
        note.len = out.len;
      end
      ST_RESET: begin
        note.sent = seg_free && rxq_free && abort_q;
        note.len = '0;
      end
      ST_FRESH: begin
        note.begins = 1'b1;
        note.state = fresh.state;
        note.received = by_q == BY_SEGMENT;
      end
      default: ;
    endcase
  end

  wire logic noted = note.begins || note.received || note.sent || note.retransmitted
                     || note.no_room || write;

  always_ff @(posedge event_clk) begin
    note_valid_q <= noted && !rst;
    if (noted) note_q <= note;
  end

  assign m_lookup_op      = lookup_op_q;
  assign m_lookup_tuple   = lookup_tuple_q;
  assign m_lookup_session = lookup_session_q;
  assign m_lookup_valid   = lookup_valid_q;
  assign m_isn_tuple      = isn_tuple;
  assign m_isn_valid      = isn_valid_q;
  assign m_timer_session  = timer_session_q;
  assign m_timer_timer    = timer_which_q;
  assign m_timer_set      = timer_set_q;
  assign m_timer_at       = timer_at_q;
  assign m_timer_valid    = timer_valid_q;
  assign m_rxq_op         = rxq_op_q;
  assign m_rxq_session    = rxq_session_q;
  assign m_rxq_pos        = rxq_pos_q;
  assign m_rxq_skip       = rxq_skip_q;
  assign m_rxq_len        = rxq_len_q;
  assign m_rxq_valid      = rxq_valid_q;
  assign m_txq_op         = txq_op_q;
  assign m_txq_session    = txq_session_q;
  assign m_txq_pos        = txq_pos_q;
  assign m_txq_len        = txq_len_q;
  assign m_txq_valid      = txq_valid_q;
  assign m_seg_tdata      = out_q;
  assign m_seg_dscp       = dscp_q;
  assign m_seg_valid      = seg_valid_q;
  assign m_event_tdata    = event_q;
  assign m_event_valid    = event_valid_q;
  assign m_note_tdata     = note_q;
  assign m_note_valid     = note_valid_q;

  assign count_unknown    = unknown_q;
  assign count_unwanted   = unwanted_q;
  assign count_challenge  = challenge_q;
  assign count_flooded    = flooded_q;
  assign count_no_room    = no_room_q;
  assign count_retransmit = resent_q;
  assign count_disbelieved = disbelieved_q;
  assign count_suppressed = suppressed_q;
  assign half_open        = half_open_q;
  assign busy             = !is_idle || turn_valid || request != '0;
endmodule

`default_nettype wire
