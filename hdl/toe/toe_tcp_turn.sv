// SPDX-License-Identifier: Apache-2.0
// toe_tcp_turn: which bytes a session sends next; combinational.
//
// RFC 9293 3.8.6 (window, probes), 3.7.4 and RFC 1122 4.2.3.4 (Nagle, silly windows), RFC 3042
// (limited transmit, in `room`). At most one segment a turn.
`default_nettype none

module toe_tcp_turn #(
    localparam int unsigned W = toe_tcp_pkg::SEQ_W
) (
    input  wire logic         may_send,     // the state allows data
    input  wire logic         retransmit,   // the first segment that is not acknowledged
    input  wire logic         probe,        // a closed window
    input  wire logic [W-1:0] in_flight,    // SND.NXT - SND.UNA
    input  wire logic [W-1:0] sent,         // highest sequence number sent - SND.UNA
    input  wire logic [W-1:0] outstanding,  // of it, bytes of data
    input  wire logic [W-1:0] unsent,       // bytes queued behind SND.NXT
    input  wire logic         fin_queued,
    input  wire logic         fin_sent,     // SND.NXT is behind it
    input  wire logic [W-1:0] room,         // that window and congestion window leave
    input  wire logic [W-1:0] max_window,
    input  wire logic [13:0]  mss,
    input  wire logic         nodelay,

    output wire logic         send,
    output wire logic         again,        // from SND.UNA on, else from SND.NXT
    output wire logic [13:0]  count,
    output wire logic         fin,
    output wire logic         push,
    output wire logic         more,         // another turn would send more
    output wire logic         persist       // there is something to send, and no way to
);
  wire logic [W-1:0] mss_w = {{(W - 14) {1'b0}}, mss};

  // Something of before, if there is something; a SYN is sent elsewhere
  wire logic [13:0] first = outstanding < mss_w ? outstanding[13:0] : mss;
  wire logic first_fin = sent != outstanding && outstanding <= mss_w;
  wire logic resend = may_send && retransmit && sent != '0;

  // Something new, or what a timeout gave up on
  wire logic [W-1:0] allowed = unsent < room ? unsent : room;
  wire logic [W-1:0] next = allowed < mss_w ? allowed : mss_w;
  wire logic is_last = next == unsent;
  wire logic is_resent = in_flight < sent;
  wire logic worth = next == mss_w && next != '0
      || next != '0 && (is_resent || (is_last && (nodelay || fin_queued || in_flight == '0))
                        || next >= max_window >> 1);
  wire logic next_fin = fin_queued && !fin_sent && is_last && (room > next || next != '0);
  wire logic advance = may_send && !retransmit && (worth || (next_fin && (worth || unsent == '0)));

  // What fits after all, one byte, or the FIN alone
  wire logic force_it = may_send && probe && !retransmit && !advance;
  wire logic probe_fin = unsent == '0 && fin_queued && !fin_sent;

  assign send = resend || advance || (force_it && (unsent != '0 || probe_fin));
  assign again = resend;
  assign count = resend ? first : next != '0 ? next[13:0] : {13'd0, force_it && unsent != '0};
  assign fin = resend ? first_fin : advance ? next_fin : probe_fin;
  assign push = resend ? outstanding <= mss_w : advance ? is_last : 1'b1;
  assign more = advance && !is_last && room > next && unsent - next != '0;
  assign persist = may_send && !send && in_flight == '0 && (unsent != '0 || probe_fin);
endmodule

`default_nettype wire
