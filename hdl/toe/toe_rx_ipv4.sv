// SPDX-License-Identifier: Apache-2.0
// toe_rx_ipv4: checks the IPv4 header of packets, skips it with its options, and cuts off padding.
//
// One beat per cycle, never stalls. In and out are as toe_rx_ethernet's out: beats, then m_end in a
// cycle of its own, two cycles behind s_end, before the next packet's first beat. What is dropped
// for its checksum or for its length may give beats, and then an m_end without m_ok.
`default_nettype none

module toe_rx_ipv4 (
    input  wire logic        clk,
    input  wire logic        rst,            // synchronous, active high
    input  wire logic [31:0] ip,             // this card's
    input  wire logic [31:0] mask,           // ones where neighbours have the same address

    // IPv4 packets from byte 0
    input  wire logic [63:0] s_data,
    input  wire logic [3:0]  s_bytes,        // 1 to 8; below 8 on a packet's last beat only
    input  wire logic        s_valid,
    input  wire logic        s_end,          // in a cycle of its own behind the last beat
    input  wire logic        s_ok,           // with s_end: else count nothing and let nothing pass
    input  wire logic [47:0] s_source_mac,   // of the frame, from the first beat to s_end

    // What they carry, from byte 0; bytes behind its end are zero
    output wire logic [63:0] m_data,
    output wire logic        m_tcp,          // a beat of a TCP segment
    output wire logic        m_icmp,         // a beat of an ICMP message
    output wire logic        m_end_tcp,
    output wire logic        m_end_icmp,
    output wire logic        m_ok,           // with m_end_*: header and lengths are right
    output wire logic [31:0] m_source,       // IPv4 address, from the first beat until m_end_*
    output wire logic [47:0] m_source_mac,   // of the frame, as long
    output wire logic [15:0] m_len,          // bytes carried, as long

    // Pulses, one a packet that is dropped
    output wire logic        drop_header,
    output wire logic        drop_length,
    output wire logic        drop_checksum,
    output wire logic        drop_other,
    output wire logic        drop_source,
    output wire logic        drop_fragment,
    output wire logic        drop_protocol
);

  // The packet coming in
  logic [3:0]  index_q;        // its beat, 15 and above are one
  logic [15:0] received_q;     // bytes of it, saturating
  logic [3:0]  ihl_q;          // header length in words
  logic        version_bad_q, fragment_q, source_bad_q, other_q, total_bad_q;
  logic        tcp_q, icmp_q;
  logic [15:0] total_q;        // length it says
  logic [31:0] source_q;
  logic [15:0] len_q;          // bytes carried
  logic [15:0] left_q;         // of them not given yet
  logic [31:0] held_q;         // the last beat's second word

  // At s_end: why it is dropped, but for the checksum
  logic        end_q, end_ok_q, end_version_bad_q, end_length_bad_q, end_other_q;
  logic        end_source_bad_q, end_fragment_q, end_protocol_bad_q, end_tcp_q, end_icmp_q;

  // Output registers
  logic [63:0] data_q;
  logic        out_tcp_q, out_icmp_q, out_end_tcp_q, out_end_icmp_q, out_ok_q;
  logic [31:0] out_source_q;
  logic [47:0] out_source_mac_q;
  logic [15:0] out_len_q;
  logic [6:0]  drops_q;

  wire logic        is_first = index_q == 4'd0;
  wire logic [15:0] header_bytes = {10'd0, ihl_q, 2'd0};
  wire logic [31:0] second = toe_ip_pkg::swap32(s_data[63:32]);
  wire logic [16:0] received = {1'b0, is_first ? 16'd0 : received_q} + {13'd0, s_bytes};

  // Addresses that no host has: this network, loopback, multicast and above, all neighbours
  // (RFC 1122 3.2.1.3; RFC 3021 for networks without that address); and our own
  wire logic is_for_all = ((second ^ ip) & mask) == '0 && (second | mask) == '1 && !mask[1];
  wire logic source_bad = second[31:24] == 8'd0 || second[31:24] == 8'd127
                          || second[31:29] == 3'b111 || is_for_all || second == ip;

  // Beats out: from the header's end on; with an odd number of words each is of two beats in
  wire logic        odd     = ihl_q[0];
  wire logic        behind  = index_q[3] || (odd ? index_q[2:0] > ihl_q[3:1]
                                                 : index_q[2:0] >= ihl_q[3:1]);
  wire logic        usable  = index_q > 4'd2 && !version_bad_q && !total_bad_q && !fragment_q
                              && !source_bad_q && !other_q && (tcp_q || icmp_q);
  wire logic        emit    = usable && left_q != 16'd0
                              && ((s_valid && behind) || (s_end && odd));
  wire logic [63:0] aligned = odd ? {s_valid ? s_data[31:0] : 32'd0, held_q} : s_data;
  wire logic        ending  = left_q < 16'd8;

  wire logic [1:0]  in_header = {{index_q, 1'b1} < {1'b0, ihl_q}, {index_q, 1'b0} < {1'b0, ihl_q}};
  wire logic [1:0]  counted   = is_first ? 2'b11 : in_header;
  wire logic [15:0] sum;

  toe_checksum checksum (
      .clk    (clk),
      .s_valid(s_valid),
      .s_first(is_first),
      .s_seed (19'd0),
      .s_data ({counted[1] ? s_data[63:32] : 32'd0, counted[0] ? s_data[31:0] : 32'd0}),
      .sum    (sum)
  );

  wire logic length_bad   = total_bad_q || received_q < total_q || received_q < header_bytes;
  wire logic checksum_bad = sum != 16'hffff;

  always_ff @(posedge clk) begin
    if (s_valid) begin
      held_q     <= s_data[63:32];
      received_q <= received[16] ? 16'hffff : received[15:0];
      if (index_q != 4'd15) index_q <= index_q + 4'd1;
      if (is_first) begin
        version_bad_q <= s_data[7:4] != 4'd4 || s_data[3:0] < 4'd5;
        ihl_q         <= s_data[3:0];
        total_q       <= toe_ip_pkg::swap16(s_data[31:16]);
        fragment_q    <= s_data[53] || s_data[52:48] != '0 || s_data[63:56] != '0;
      end
      if (index_q == 4'd1) begin
        tcp_q        <= s_data[15:8] == toe_ip_pkg::PROTOCOL_TCP;
        icmp_q       <= s_data[15:8] == toe_ip_pkg::PROTOCOL_ICMP;
        source_q     <= second;
        source_bad_q <= source_bad;
        total_bad_q  <= total_q < header_bytes || total_q > 16'(toe_ip_pkg::MTU);
        len_q        <= total_q - header_bytes;
        left_q       <= total_q - header_bytes;
      end
      if (index_q == 4'd2) other_q <= s_data[31:0] != toe_ip_pkg::swap32(ip);
    end
    if (emit) left_q <= ending ? 16'd0 : left_q - 16'd8;
    if (emit || s_end) begin
      out_source_q     <= source_q;
      out_source_mac_q <= s_source_mac;
      out_len_q        <= len_q;
    end
    if (s_end) index_q <= '0;

    data_q     <= ending ? toe_ip_pkg::first_bytes(aligned, {1'b0, left_q[2:0]}) : aligned;
    out_tcp_q  <= emit && tcp_q;
    out_icmp_q <= emit && icmp_q;

    end_q              <= s_end;
    end_ok_q           <= s_ok;
    end_version_bad_q  <= version_bad_q;
    end_length_bad_q   <= length_bad;
    end_other_q        <= other_q;
    end_source_bad_q   <= source_bad_q;
    end_fragment_q     <= fragment_q;
    end_protocol_bad_q <= !tcp_q && !icmp_q;
    end_tcp_q          <= usable && tcp_q;
    end_icmp_q         <= usable && icmp_q;

    drops_q        <= '0;
    out_end_tcp_q  <= end_q && end_tcp_q;
    out_end_icmp_q <= end_q && end_icmp_q;
    out_ok_q       <= 1'b0;
    if (end_q && end_ok_q) begin
      if (end_version_bad_q)       drops_q[0] <= 1'b1;
      else if (end_length_bad_q)   drops_q[1] <= 1'b1;
      else if (checksum_bad)       drops_q[2] <= 1'b1;
      else if (end_other_q)        drops_q[3] <= 1'b1;
      else if (end_source_bad_q)   drops_q[4] <= 1'b1;
      else if (end_fragment_q)     drops_q[5] <= 1'b1;
      else if (end_protocol_bad_q) drops_q[6] <= 1'b1;
      else                         out_ok_q   <= 1'b1;
    end
    if (rst) begin
      index_q        <= '0;
      end_q          <= 1'b0;
      out_tcp_q      <= 1'b0;
      out_icmp_q     <= 1'b0;
      out_end_tcp_q  <= 1'b0;
      out_end_icmp_q <= 1'b0;
      drops_q        <= '0;
    end
  end

  assign m_data     = data_q;
  assign m_tcp      = out_tcp_q;
  assign m_icmp     = out_icmp_q;
  assign m_end_tcp  = out_end_tcp_q;
  assign m_end_icmp = out_end_icmp_q;
  assign m_ok       = out_ok_q;
  assign m_source   = out_source_q;
  assign m_len      = out_len_q;

  assign m_source_mac = out_source_mac_q;

  assign {drop_protocol, drop_fragment, drop_source, drop_other, drop_checksum, drop_length,
          drop_header} = drops_q;
endmodule

`default_nettype wire
