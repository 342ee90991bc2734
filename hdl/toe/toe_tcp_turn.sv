// SPDX-License-Identifier: Apache-2.0
// toe_tcp_turn: which bytes a session sends next.
//
// RFC 9293 3.8.6 (window, probes), 3.7.4 and RFC 1122 4.2.3.4 (Nagle, silly windows), RFC 3042
// (limited transmit). At most one segment a turn. The answer follows the session's state six cycles
// later, `sack`, `retransmit`, `probe` and `room` two; `sent` and `unsent` are on their way there.
`default_nettype none

module toe_tcp_turn #(
    localparam int unsigned W  = toe_tcp_pkg::SEQ_W,
    localparam int unsigned WW = toe_tcp_pkg::WINDOW_W
) (
    input  wire logic          clk,

    // The session; sequence numbers where toe_tcp_pkg::tcb_t has some
    input  wire logic          may_send,     // the state allows data
    input  wire logic [W-1:0]  una,
    input  wire logic [W-1:0]  nxt,
    input  wire logic [W-1:0]  max,
    input  wire logic [W-1:0]  queued,
    input  wire logic          fin_queued,
    input  wire logic [W-1:0]  up,
    input  wire logic [WW-1:0] wnd,
    input  wire logic [WW-1:0] max_wnd,
    input  wire logic [WW-1:0] cwnd,
    input  wire logic          recovering,
    input  wire logic [1:0]    dup_acks,
    input  wire logic [13:0]   mss,
    input  wire logic          nodelay,

    input  wire logic          sack,         // a block is told: 12 bytes less
    input  wire logic          retransmit,   // the first segment that is not acknowledged
    input  wire logic          probe,        // a closed window
    input  wire logic          room,         // else new bytes wait for a turn

    output wire logic          send,
    output wire logic          again,        // from SND.UNA on, else from SND.NXT
    output wire logic [13:0]   count,
    output wire logic          fin,
    output wire logic          push,
    output wire logic          more,         // another turn would send more
    output wire logic          persist,      // there is something to send, and no way to
    output wire logic          exceeds,      // goes beyond SND.MAX
    output wire logic          waiting,      // bytes are queued behind SND.NXT

    // Where the segment begins, less SND.UNA; without something to send SND.MAX
    output wire logic [W-1:0]  from,
    // How far behind that urgent data ends; 0: it does not
    output wire logic [W-1:0]  urgent
);
  // ---- Distances ----

  wire logic [W-1:0] behind_queued = queued + 1'b1;
  wire logic         max_is_fin = fin_queued && max == behind_queued;
  wire logic         nxt_is_fin = fin_queued && nxt == behind_queued;
  wire logic [W-1:0] limited = recovering || dup_acks == '0 ? '0
                               : dup_acks[0] ? W'(mss) : W'(mss) << 1;
  wire logic [W-1:0] up_ahead = up - una;

  logic              may_send_q, max_is_fin_q, nxt_is_fin_q, is_resent_q;
  logic [W-1:0]      in_flight_q, sent_q, unsent_q, outstanding_q, window_q, usable_q, room_q;
  logic [W-1:0]      up_ahead_q, urgent_again_q, urgent_new_q, urgent_sent_q, gap_q;
  logic [13:0]       mss_sack_q;

  // ---- What fits ----

  logic [W-1:0]      allowed_q;
  logic              fits_q, spare_q;
  wire logic [13:0]  mss_now = sack ? mss_sack_q : mss;
  wire logic [W-1:0] mss_w = {{(W - 14) {1'b0}}, mss_now};
  wire logic [W-1:0] half = {2'b00, max_wnd[WW-1:1]};

  logic [13:0]       first_q, next_q;
  logic              first_whole_q, is_full_q, is_last_q, is_large_q, is_room_q;

  always_ff @(posedge clk) begin
    may_send_q    <= may_send;
    in_flight_q   <= nxt - una;
    sent_q        <= max - una;
    max_is_fin_q  <= max_is_fin;
    nxt_is_fin_q  <= nxt_is_fin;
    up_ahead_q    <= up_ahead[W-1] ? '0 : up_ahead;
    mss_sack_q    <= mss - 14'd12;
    unsent_q      <= nxt_is_fin ? '0 : queued - nxt;
    window_q      <= W'(cwnd) + limited;

    outstanding_q <= sent_q - W'(max_is_fin_q);
    is_resent_q   <= in_flight_q < sent_q;
    gap_q         <= sent_q - in_flight_q;
    usable_q      <= W'(wnd) < window_q ? W'(wnd) : window_q;

    room_q        <= usable_q > in_flight_q ? usable_q - in_flight_q : '0;

    allowed_q     <= unsent_q < room_q ? unsent_q : room_q;
    fits_q        <= unsent_q <= room_q;
    spare_q       <= unsent_q < room_q;

    // Something of before, if there is something; a SYN is sent elsewhere
    first_q       <= outstanding_q < mss_w ? outstanding_q[13:0] : mss_now;
    first_whole_q <= outstanding_q <= mss_w;
    // Something new, or what a timeout gave up on
    next_q        <= allowed_q < mss_w ? allowed_q[13:0] : mss_now;
    is_full_q     <= allowed_q >= mss_w;
    is_last_q     <= fits_q && allowed_q <= mss_w;
    is_large_q    <= allowed_q >= half && mss_w >= half;
    is_room_q    <= room_q > mss_w;
  end

  // ---- What is sent ----

  wire logic resend = may_send_q && retransmit && sent_q != '0;
  wire logic is_empty = next_q == '0;
  wire logic worth = !is_empty && (is_full_q || is_resent_q || is_large_q
      || (is_last_q && (nodelay || fin_queued || in_flight_q == '0)));
  wire logic probe_fin = unsent_q == '0 && fin_queued && !nxt_is_fin_q;
  wire logic next_fin = fin_queued && !nxt_is_fin_q && is_last_q && (spare_q || !is_empty);
  wire logic may_advance = may_send_q && !retransmit && (worth || (next_fin && unsent_q == '0));
  wire logic advance = may_advance && room;

  // What fits after all, one byte, or the FIN alone
  wire logic force_it = may_send_q && probe && !retransmit && !may_advance;
  wire logic send_now = resend || advance || (force_it && (unsent_q != '0 || probe_fin));

  logic         send_q, again_q, fin_q, push_q, more_q, persist_q, waiting_q;
  logic [13:0]  count_q;
  logic [W-1:0] from_q, urgent_q;

  wire logic [13:0] count_now = resend ? first_q : !is_empty ? next_q
                                : {13'd0, force_it && unsent_q != '0};
  wire logic        fin_now = resend ? max_is_fin_q && first_whole_q
                              : advance ? next_fin : probe_fin;

  always_ff @(posedge clk) begin
    send_q         <= send_now;
    again_q        <= resend;
    count_q        <= count_now;
    fin_q          <= fin_now;
    push_q         <= resend ? first_whole_q : advance ? is_last_q : 1'b1;
    more_q         <= may_advance && (!room || (!is_last_q && is_room_q));
    persist_q      <= may_send_q && !send_now && !may_advance && in_flight_q == '0
                      && (unsent_q != '0 || probe_fin);
    waiting_q      <= unsent_q != '0;
    from_q         <= resend ? '0 : send_now ? in_flight_q : sent_q;

    urgent_again_q <= up_ahead_q;
    urgent_new_q   <= up_ahead_q > in_flight_q ? up_ahead_q - in_flight_q : '0;
    urgent_sent_q  <= up_ahead_q > sent_q ? up_ahead_q - sent_q : '0;
    urgent_q       <= resend ? urgent_again_q : send_now ? urgent_new_q : urgent_sent_q;
  end

  wire logic unused = &{1'b0, max_wnd[0]};

  assign send    = send_q;
  assign again   = again_q;
  assign count   = count_q;
  assign fin     = fin_q;
  assign push    = push_q;
  assign more    = more_q;
  assign persist = persist_q;
  assign waiting = waiting_q;
  assign from    = from_q;
  assign urgent  = urgent_q;
  assign exceeds = send_q && !again_q
                   && (W'(count_q) > gap_q || (fin_q && W'(count_q) == gap_q));
endmodule

`default_nettype wire
