// SPDX-License-Identifier: Apache-2.0
// toe_tcp_icmp: what an ICMP error means to a session that it is about; combinational.
//
// RFC 9293 3.9.2.2, RFC 5927, RFC 1191. Only what names a sequence number that is under way is
// believed (RFC 5927 4.1). Hard errors end what is being opened and nothing else (5.2). The MSS
// goes down to what the next hop says, or to the next of RFC 1191's plateaus where it says nothing,
// but not below FLOOR: nobody who guesses right makes a session crawl. At most one of the outputs.
`default_nettype none

module toe_tcp_icmp #(
    localparam int unsigned W = toe_tcp_pkg::SEQ_W
) (
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

  wire logic is_believed = d_seq >= 0 && d_seq < $signed({{(32 - W) {1'b0}}, flight});
  wire logic is_too_big = kind == UNREACHABLE && code == FRAGMENTATION_NEEDED;
  wire logic is_hard = kind == UNREACHABLE && (code == PROTOCOL || code == PORT);

  // Headers of a packet, and how large it is with them
  wire logic [15:0] headers = ts_on ? 16'd52 : 16'd40;
  wire logic [15:0] packet = {2'b00, mss} + headers;
  wire logic [15:0] plateau = packet > LARGE ? LARGE : packet > SMALL ? SMALL : FLOOR;
  wire logic [15:0] told = mtu == '0 ? plateau : mtu;
  wire logic [15:0] size = told < FLOOR ? FLOOR : told;

  assign refuse = is_believed && is_hard && opening;
  assign keep = is_believed && !is_too_big && !refuse;
  assign lower = is_believed && is_too_big && !opening && size < packet;
  assign mss_next = 14'(size - headers);
endmodule

`default_nettype wire
