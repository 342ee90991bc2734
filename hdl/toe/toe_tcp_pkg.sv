// SPDX-License-Identifier: Apache-2.0
// toe_tcp_pkg: a session's state, and what toe_tcp is asked and tells.

package toe_tcp_pkg;
  // A package offers more than each of its users takes.
  // verilator lint_off UNUSEDPARAM

  // States of RFC 9293 3.3.2; LISTEN is a bit of toe_listeners
  localparam logic [3:0] CLOSED = 4'd0;
  localparam logic [3:0] SYN_SENT = 4'd1;
  localparam logic [3:0] SYN_RECEIVED = 4'd2;
  localparam logic [3:0] ESTABLISHED = 4'd3;
  localparam logic [3:0] CLOSE_WAIT = 4'd4;
  localparam logic [3:0] FIN_WAIT_1 = 4'd5;
  localparam logic [3:0] FIN_WAIT_2 = 4'd6;
  localparam logic [3:0] CLOSING = 4'd7;
  localparam logic [3:0] LAST_ACK = 4'd8;
  localparam logic [3:0] TIME_WAIT = 4'd9;

  // Sequence numbers of one direction of a session are within 2^20 of one another: of all but one
  // per direction the low bits are kept.
  localparam int unsigned SEQ_W = 21;
  localparam int unsigned WINDOW_W = 20;
  localparam int unsigned MAX_WINDOW = 32'h000f_ffff;

  // Shift of the window this side advertises, where the peer agrees to scaling
  localparam logic [3:0] RCV_WS = 4'd5;

  // The peer's clock (RFC 7323 4.3), and when it was seen, 2^23 ms each
  typedef struct packed {
    logic [31:0]      ts_recent;
    logic [7:0]       ts_age;
  } seen_t;

  // Sequence number that is timed, and the millisecond it was sent in
  typedef struct packed {
    logic [SEQ_W-1:0] seq;
    logic [15:0]      at;
    logic [2:0]       unused;
  } timed_t;

  // State of a session
  typedef struct packed {
    logic [3:0]       state;
    logic [63:0]      tuple;         // toe_pkg::tuple_t

    logic             passive;       // opened by the peer
    logic             detached;      // the host has no more to do with it
    logic             nodelay;       // Nagle's algorithm is off
    logic             keepalive;
    logic             ts_on;
    logic             sack_on;
    logic             ws_on;

    // Sending (RFC 9293 3.3.1); sequence numbers
    logic [31:0]      una;
    logic [SEQ_W-1:0] nxt;
    logic [SEQ_W-1:0] max;           // highest ever sent, plus one
    logic [SEQ_W-1:0] queued;        // behind the last byte of the host
    logic             fin_queued;    // and behind that a FIN
    logic [SEQ_W-1:0] up;            // behind the last urgent byte; una, or before it: none
    logic [WINDOW_W-1:0] wnd;
    logic [WINDOW_W-1:0] max_wnd;
    logic [13:0]      mss;           // bytes of payload in a full segment, options subtracted
    logic [3:0]       ws;            // shift of the windows received

    // Receiving
    logic [31:0]      rcv_nxt;
    logic [SEQ_W-1:0] rcv_adv;       // right edge of the window offered
    logic [SEQ_W-1:0] rcv_read;      // what the host has not taken yet begins here
    logic [13:0]      unacked;       // RCV.NXT less the last acknowledgement sent
    logic [SEQ_W-1:0] wl1;
    logic             ooo_valid;     // a block ahead of what is missing
    logic             ooo_fin;       // with a FIN behind it
    logic [SEQ_W-1:0] ooo_left;
    logic [SEQ_W-1:0] ooo_right;
    logic [39:0]      timing;        // seen_t with timestamps, else, and in SYN-SENT, timed_t

    // Congestion (RFC 5681, 6582)
    logic [WINDOW_W-1:0] cwnd;
    logic [WINDOW_W-1:0] ssthresh;
    // What was sent when a loss was noticed, until that is acknowledged: `recover`. Then bytes
    // acknowledged towards the next increase of cwnd: none counts before.
    logic             recover_valid;
    logic [SEQ_W-1:0] progress;
    logic             recovering;
    logic [1:0]       dup_acks;      // up to 3

    // Round trip (RFC 6298): units of 1/8 and 1/4 ms; zero before the first sample
    logic [18:0]      srtt;
    logic [17:0]      rttvar;
    logic             rtt_running;   // a segment is timed; not used with timestamps

    // Timers
    logic             rtx_armed;
    logic             ack_armed;
    logic             long_armed;
    logic             probing;       // the retransmission timer is for a window probe
    logic [3:0]       tries;         // retransmissions, or probes, without an answer
    logic             syn_lost;      // the SYN had to be sent again (RFC 6298 5.7)
    logic [3:0]       kept;          // keep-alive probes without an answer
    logic             unreachable;   // an ICMP error said so, and nothing was acknowledged since
    logic             turn;          // waits for a turn to send

    // As the host wishes
    logic [3:0]       r2;            // 0: the card's
    logic [5:0]       dscp;
  } tcb_t;

  localparam int unsigned TCB_W = 571;

  // How a card behaves; the host may change it between sessions
  typedef struct packed {
    logic [13:0] mss;             // largest payload to receive, at most the MTU less 40
    logic [19:0] rx_limit;        // bytes of a session that wait for the host, at most
    logic [16:0] rto_min_ms;
    logic [16:0] rto_max_ms;
    logic [16:0] rto_first_ms;    // before there is a sample (RFC 6298 2.1: 1 s)
    logic [9:0]  ack_delay_ms;    // below 500 (RFC 9293 MUST-40)
    logic [16:0] msl_ms;
    logic [3:0]  syn_tries;       // R2 of a SYN, in retransmissions
    logic [3:0]  data_tries;      // R2 of data
    logic [15:0] half_open;       // sessions in SYN-RECEIVED, at most
    logic [22:0] keep_idle_ms;    // keep-alive: silence before the first probe, 2 h (MUST-28)
    logic [16:0] keep_every_ms;   // between probes
    logic [3:0]  keep_tries;
    logic [9:0]  challenges;      // challenge acknowledgements a second, at most (RFC 5961 7)
    logic [3:0]  stalled_tries;   // R1: so many, and the host is told; 0: it is not
    logic [7:0]  ttl;             // of what is sent
  } config_t;

  localparam int unsigned CONFIG_W = 202;

  // What the host asks
  localparam logic [3:0] CMD_OPEN = 4'd0;    // active open of `tuple`
  localparam logic [3:0] CMD_CLOSE = 4'd1;   // a FIN behind what is queued
  localparam logic [3:0] CMD_ABORT = 4'd2;   // RST
  localparam logic [3:0] CMD_FREE = 4'd3;    // the host forgets the session
  localparam logic [3:0] CMD_SENT = 4'd4;    // `value` bytes were queued (from toe_queues)
  localparam logic [3:0] CMD_READ = 4'd5;    // `value` bytes were read (from toe_queues)
  // value, of CMD_OPEN, too: [0] nodelay, [1] keepalive, [7:4] R2 of data in retransmissions, 0: as
  // the card's, [13:8] Diffserv code point (RFC 2474)
  localparam logic [3:0] CMD_OPTIONS = 4'd6;
  // What is queued now is urgent, and `value` bytes behind it
  localparam logic [3:0] CMD_URGENT = 4'd7;
  localparam logic [3:0] CMD_BROKEN = 4'd8;  // bytes are missing: RST (from toe_queues)

  typedef struct packed {
    logic [3:0]      op;
    logic [15:0]     session;
    logic [63:0]     tuple;    // toe_pkg::tuple_t
    logic [19:0]     value;
  } command_t;

  localparam int unsigned COMMAND_W = 104;

  // What is told to the host; several at once
  localparam int unsigned EV_ACCEPTED = 0;     // a peer opened a session
  localparam int unsigned EV_OPENED = 1;       // an active open succeeded
  localparam int unsigned EV_RECEIVED = 2;     // bytes up to `received` can be read
  localparam int unsigned EV_SENT = 3;         // bytes up to `acknowledged` have arrived
  localparam int unsigned EV_PEER_CLOSED = 4;  // no bytes will follow `received`
  localparam int unsigned EV_CLOSED = 5;       // both directions are closed
  localparam int unsigned EV_RESET = 6;        // by the peer
  localparam int unsigned EV_REFUSED = 7;      // RST in answer to a SYN
  localparam int unsigned EV_TIMED_OUT = 8;    // no answer within R2
  localparam int unsigned EV_OPEN_FAILED = 9;  // no session left, one like it, no host's address
  localparam int unsigned EV_UNREACHABLE = 10; // with REFUSED or TIMED_OUT: ICMP told so
  localparam int unsigned EV_URGENT = 11;      // urgent data ends before `urgent`; maybe told before
  localparam int unsigned EV_STALLED = 12;     // no answer within R1: the way there may be broken
  localparam int unsigned EVENTS = 13;

  typedef struct packed {
    logic [15:0]       session;
    logic [EVENTS-1:0] what;
    logic [63:0]       tuple;    // toe_pkg::tuple_t
    logic [31:0]       received;
    logic [31:0]       acknowledged;
    logic [31:0]       urgent;   // as `received`; 0 without EV_URGENT
  } event_t;

  localparam int unsigned EVENT_W = 189;

  // An ICMP error about a segment of the card, as toe_ip tells it
  typedef struct packed {
    logic [7:0]  kind;      // the message's type
    logic [7:0]  code;
    logic [15:0] mtu;       // of the next hop; means something with FRAGMENTATION_NEEDED
    logic [63:0] tuple;     // toe_pkg::tuple_t
    logic [31:0] seq;       // of the segment
  } icmp_error_t;

  localparam int unsigned ICMP_ERROR_W = 128;

  // What happened to a session, for toe_session_counters
  typedef struct packed {
    logic [15:0] session;
    logic        begins;         // a new session has this number
    logic [3:0]  state;          // as it is now
    logic        received;       // a segment of it
    logic        sent;           // another one; not both in one note
    logic [15:0] len;            // bytes of payload of either
    logic        retransmitted;  // what was sent last was sent before, or a part of it
    logic        dup_ack;        // (RFC 5681, 2)
    logic        out_of_order;   // text ahead of what is missing
    logic        unacceptable;   // (RFC 9293 3.10.7.4, RFC 7323, RFC 5961)
    logic        no_room;        // its text found no buffer
  } note_t;

  localparam int unsigned NOTE_W = 44;

  // What toe_session_counters keeps; the counters' names are those of note_t
  typedef struct packed {
    logic [3:0]  state;
    logic [31:0] segments_in;
    logic [31:0] segments_out;
    logic [47:0] bytes_in;
    logic [47:0] bytes_out;
    logic [31:0] retransmitted;
    logic [31:0] dup_acks;
    logic [31:0] out_of_order;
    logic [31:0] unacceptable;
    logic [31:0] no_room;
  } session_counters_t;

  localparam int unsigned SESSION_COUNTERS_W = 324;
  // verilator lint_on UNUSEDPARAM
endpackage
