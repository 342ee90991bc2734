// SPDX-License-Identifier: Apache-2.0
// toe_ip_pkg: numbers of the protocols below TCP, byte order, and what toe_ip counts.

package toe_ip_pkg;
  // A package offers more than each of its users takes.
  // verilator lint_off UNUSEDPARAM

  localparam logic [15:0] ETHERTYPE_IPV4 = 16'h0800;
  localparam logic [15:0] ETHERTYPE_ARP = 16'h0806;
  localparam logic [47:0] MAC_BROADCAST = 48'hffff_ffff_ffff;

  localparam logic [7:0] PROTOCOL_ICMP = 8'd1;
  localparam logic [7:0] PROTOCOL_TCP = 8'd6;

  // Longest IPv4 packet, either way
  localparam int unsigned MTU = 1500;

  // What is counted: bit numbers of toe_ip's `count`, one pulse an event
  localparam int unsigned RX_SEGMENTS = 0;          // with room, to be delivered
  localparam int unsigned TX_SEGMENTS = 1;          // handed to the MAC's queue
  localparam int unsigned RX_ECHOES = 2;            // ICMP echo requests answered
  localparam int unsigned RX_ARP_REQUESTS = 3;      // asked for the card's address
  localparam int unsigned TX_ARP_REQUESTS = 4;
  localparam int unsigned DROP_MAC_ERROR = 5;       // the MAC found the frame bad
  localparam int unsigned DROP_RUNT = 6;            // no byte behind the Ethernet header
  localparam int unsigned DROP_ETHERNET_OTHER = 7;  // another hardware address
  localparam int unsigned DROP_ETHERTYPE = 8;
  localparam int unsigned DROP_ARP = 9;             // short, or of something else
  localparam int unsigned DROP_ARP_FULL = 10;
  localparam int unsigned DROP_IP_HEADER = 11;      // version, or fewer than five words
  localparam int unsigned DROP_IP_LENGTH = 12;      // that contradict one another or the frame
  localparam int unsigned DROP_IP_CHECKSUM = 13;
  localparam int unsigned DROP_IP_OTHER = 14;       // another IPv4 address
  localparam int unsigned DROP_IP_SOURCE = 15;      // no other host can have this address
  localparam int unsigned DROP_IP_FRAGMENT = 16;
  localparam int unsigned DROP_IP_PROTOCOL = 17;
  localparam int unsigned DROP_TCP_HEADER = 18;     // shorter than a header, or than it says
  localparam int unsigned DROP_TCP_CHECKSUM = 19;
  localparam int unsigned DROP_TCP_FULL = 20;       // no room for the segment or its payload
  localparam int unsigned DROP_ICMP_TYPE = 21;      // neither echo request nor an error for TCP
  localparam int unsigned DROP_ICMP_CHECKSUM = 22;  // or shorter than its header
  localparam int unsigned DROP_ICMP_FULL = 23;
  localparam int unsigned DROP_TX_UNREACHABLE = 24; // to send: next hop unknown, or nobody answers
  localparam int unsigned RX_ICMP_ERRORS = 25;      // about a segment of the card, passed on
  localparam int unsigned DROP_ICMP_ERROR_FULL = 26;
  localparam int unsigned COUNTS = 27;

  // verilator lint_on UNUSEDPARAM

  // Number to wire order and back; the first wire byte is the lowest
  function automatic logic [15:0] swap16(input logic [15:0] x);
    swap16 = {x[7:0], x[15:8]};
  endfunction

  function automatic logic [31:0] swap32(input logic [31:0] x);
    swap32 = {x[7:0], x[15:8], x[23:16], x[31:24]};
  endfunction

  function automatic logic [47:0] swap48(input logic [47:0] x);
    swap48 = {x[7:0], x[15:8], x[23:16], x[31:24], x[39:32], x[47:40]};
  endfunction

  // tkeep, gapless, to the number of bytes, and back
  function automatic logic [3:0] bytes_of(input logic [7:0] keep);
    bytes_of = keep[7] ? 4'd8 : keep[6] ? 4'd7 : keep[5] ? 4'd6 : keep[4] ? 4'd5
               : keep[3] ? 4'd4 : keep[2] ? 4'd3 : keep[1] ? 4'd2 : {3'd0, keep[0]};
  endfunction

  function automatic logic [7:0] keep_of(input logic [3:0] bytes);
    keep_of = ~(8'hff << bytes);
  endfunction

  // A beat's first bytes, the others zero
  function automatic logic [63:0] first_bytes(input logic [63:0] data, input logic [3:0] bytes);
    first_bytes = data & ~(64'hffff_ffff_ffff_ffff << {bytes, 3'd0});
  endfunction

  // Ones' complement sum, RFC 1071: 32 bits to 16
  function automatic logic [15:0] fold(input logic [31:0] sum);
    logic [16:0] once;
    once = {1'b0, sum[31:16]} + {1'b0, sum[15:0]};
    fold = once[15:0] + {15'd0, once[16]};
  endfunction
endpackage
