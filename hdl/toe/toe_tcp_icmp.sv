// SPDX-License-Identifier: Apache-2.0
// toe_tcp_icmp: what an ICMP error means to a session that it is about.
//
// RFC 9293 3.9.2.2, RFC 5927, RFC 1191. Only what names a sequence number that is under way is
// believed (RFC 5927 4.1). Hard errors end what is being opened and nothing else (5.2). The MSS
// goes down to what the next hop says, or to the next of RFC 1191's plateaus where it says nothing,
// but not below FLOOR: nobody who guesses right makes a session crawl. At most one of the outputs,
// three cycles after session and error are there, two after the distances.
`default_nettype none

module toe_tcp_icmp #(
    localparam int unsigned W = toe_tcp_pkg::SEQ_W
) (
    input  wire logic               clk,

    input  wire logic [7:0]         kind,
    input  wire logic [7:0]         code,
    input  wire logic [15:0]        mtu,
    input  wire logic signed [31:0] d_seq,     // of the segment in it - SND.UNA
    input  wire logic [W-1:0]       flight,    // SND.MAX - SND.UNA
    input  wire logic               opening,   // SYN-SENT, SYN-RECEIVED
    input  wire logic [13:0]        mss,
    input  wire logic               ts_on,

    output wire logic               refuse,    // end the session
    output wire logic               keep,      // tell with a time-out
    output wire logic               lower,     // send again, with mss_next
    output wire logic [13:0]        mss_next
);
  // Type of the message, codes of "destination unreachable"
  localparam logic [7:0] UNREACHABLE = 8'd3;
  localparam logic [7:0] PROTOCOL = 8'd2, PORT = 8'd3, FRAGMENTATION_NEEDED = 8'd4;

  // Packets: of the least size, and plateaus of RFC 1191 below Ethernet's
  localparam logic [15:0] FLOOR = 16'd552, SMALL = 16'd1006, LARGE = 16'd1492;

  wire logic is_too_big = kind == UNREACHABLE && code == FRAGMENTATION_NEEDED;
  wire logic is_hard = kind == UNREACHABLE && (code == PROTOCOL || code == PORT);

  // Headers of a packet, how large it is with them, and how large it may be
  wire logic [15:0] headers = ts_on ? 16'd52 : 16'd40;
  logic [15:0]      packet_q, size_q;
  wire logic [15:0] plateau = packet_q > LARGE ? LARGE : packet_q > SMALL ? SMALL : FLOOR;

  logic        believed_q, refuse_q, keep_q, lower_q;
  logic [13:0] mss_next_q;

  always_ff @(posedge clk) begin
    packet_q   <= {2'b00, mss} + headers;

    believed_q <= d_seq >= 0 && d_seq < $signed({{(32 - W) {1'b0}}, flight});
    size_q     <= mtu == '0 ? plateau : mtu < FLOOR ? FLOOR : mtu;

    refuse_q   <= believed_q && is_hard && opening;
    keep_q     <= believed_q && !is_too_big && !(is_hard && opening);
    lower_q    <= believed_q && is_too_big && !opening && size_q < packet_q;
    mss_next_q <= 14'(size_q - headers);
  end

  assign refuse   = refuse_q;
  assign keep     = keep_q;
  assign lower    = lower_q;
  assign mss_next = mss_next_q;
endmodule

`default_nettype wire
