// SPDX-License-Identifier: Apache-2.0
// toe_ip: Ethernet, ARP, IPv4, ICMP echo and the wire format of TCP, both ways.
//
// Received frames: a beat a cycle, never stalled; what finds no room is dropped whole and counted.
// TCP segments go to and come from the TCP engine as segment_t with their payload beside them. Sent
// frames of the three sources take turns. Latencies are in the parts. Reset forgets all; `enable`
// low passes frames over, what is to be sent is sent. mac, ip, prefix_len and gateway are to be
// changed while not enabled.
`default_nettype none

module toe_ip #(
    // Room for received payload, in beats of 8 bytes: a power of two, at least 256
    parameter  int unsigned RX_PAYLOAD_BEATS = 2048,
    // Room for received segments: a power of two, at least 4
    parameter  int unsigned RX_SEGMENTS = 512,
    // Room for packets to send, in beats of 8 bytes: a power of two, at least 256
    parameter  int unsigned TX_BEATS = 512,
    // Room for echo requests, in beats of 8 bytes: a power of two, at least 256
    parameter  int unsigned ECHO_BEATS = 512,
    // Segments that can wait for a hardware address: a power of two, at least 4
    parameter  int unsigned WAITING = 8,
    // How long a neighbour's address is good without being confirmed, at most 65,000
    parameter  int unsigned REACHABLE_MS = 60_000,
    // 1: stop the clocks of what has nothing to do (clock_rest)
    parameter  bit          CLOCK_GATING = 1'b0,
    localparam int unsigned COUNTS = toe_ip_pkg::COUNTS
) (
    input  wire logic              clk,
    input  wire logic              rst,                // synchronous, active high
    input  wire logic              tick_ms,            // a pulse each millisecond

    // Configuration
    input  wire logic [47:0]       mac,
    input  wire logic [31:0]       ip,
    input  wire logic [5:0]        prefix_len,         // 0 to 32
    input  wire logic [31:0]       gateway,            // 0: none
    input  wire logic [7:0]        ttl,                // of segments that are sent
    input  wire logic              enable,

    // Frames from the MAC, without FCS
    input  wire logic [63:0]       s_mac_axis_tdata,
    input  wire logic [7:0]        s_mac_axis_tkeep,
    input  wire logic              s_mac_axis_tvalid,
    input  wire logic              s_mac_axis_tlast,
    input  wire logic              s_mac_axis_tuser,   // with tlast: the frame is bad

    // Frames to the MAC, without FCS, at least 60 bytes
    output wire logic [63:0]       m_mac_axis_tdata,
    output wire logic [7:0]        m_mac_axis_tkeep,
    output wire logic              m_mac_axis_tvalid,
    input  wire logic              m_mac_axis_tready,
    output wire logic              m_mac_axis_tlast,

    // Received segments, and payload of those with len > 0, each behind its segment
    output wire logic [336:0]      m_seg_data,         // segment_t
    output wire logic              m_seg_valid,
    input  wire logic              m_seg_ready,
    output wire logic [63:0]       m_payload_axis_tdata,
    output wire logic [7:0]        m_payload_axis_tkeep,
    output wire logic              m_payload_axis_tvalid,
    input  wire logic              m_payload_axis_tready,
    output wire logic              m_payload_axis_tlast,

    // ICMP errors about segments of the card: {type 8, code 8, next-hop MTU 16, tuple_t, sequence
    // number 32}; eight can wait
    output wire logic [127:0]      m_error_data,
    output wire logic              m_error_valid,
    input  wire logic              m_error_ready,

    // Segments to send, and payload of those with len > 0
    input  wire logic [336:0]      s_seg_data,         // segment_t
    input  wire logic [5:0]        s_seg_dscp,         // Diffserv code point
    input  wire logic              s_seg_valid,
    output wire logic              s_seg_ready,
    input  wire logic [63:0]       s_payload_axis_tdata,
    input  wire logic [7:0]        s_payload_axis_tkeep,
    input  wire logic              s_payload_axis_tvalid,
    output wire logic              s_payload_axis_tready,
    input  wire logic              s_payload_axis_tlast,

    output wire logic [COUNTS-1:0] count,              // pulses, numbered in toe_ip_pkg

    // Neighbours' addresses age: toe_arp_cache
    output wire logic              ageing,
    output wire logic              next_valid,
    output wire logic [16:0]       next_in             // ms
);
  // Ones where neighbours have the same address
  logic [31:0] mask_q;
  always_ff @(posedge clk) mask_q <= ~(32'hffff_ffff >> prefix_len);

  // Clocks: from the MAC to segments, of what is neither TCP nor its way, to the MAC
  wire logic rx_clk, side_clk, tx_clk, arp_moves, icmp_moves, tx_moves;

  // From a frame's last beat to all that follows of it are some 20 cycles
  clock_rest #(
      .GATING(CLOCK_GATING),
      .LINGER(31)
  ) rx_rest (
      .clk      (clk),
      .rst      (rst),
      .active   (s_mac_axis_tvalid || m_seg_valid || m_payload_axis_tvalid),
      .gated_clk(rx_clk)
  );

  clock_rest #(
      .GATING(CLOCK_GATING),
      .LINGER(15)
  ) side_rest (
      .clk      (clk),
      .rst      (rst),
      .active   (tick_ms || arp_moves || icmp_moves || m_error_valid),
      .gated_clk(side_clk)
  );

  clock_rest #(
      .GATING(CLOCK_GATING),
      .LINGER(15)
  ) tx_rest (
      .clk      (clk),
      .rst      (rst),
      .active   (tx_moves || packet_valid != '0 || out_valid || m_mac_axis_tvalid),
      .gated_clk(tx_clk)
  );

  // Packets to send: port 0 TCP, 1 ARP, 2 ICMP
  wire logic [3*64-1:0] packet_data;
  wire logic [3*8-1:0]  packet_keep;
  wire logic [3*48-1:0] packet_to;
  wire logic [2:0]      packet_valid, packet_ready, packet_last;

  // One of them, on its way out
  wire logic [63:0] out_data;
  wire logic [7:0]  out_keep;
  wire logic [47:0] out_to;
  wire logic [1:0]  out_id;
  wire logic        out_valid, out_ready, out_last;

  wire logic [63:0] arp_data, icmp_data;
  wire logic [3:0]  arp_bytes;
  wire logic        arp_valid, arp_end, arp_ok;
  wire logic        icmp_valid, icmp_end, icmp_ok;
  wire logic [31:0] icmp_source;
  wire logic [47:0] icmp_source_mac;
  wire logic [15:0] icmp_len;

  toe_rx_frame #(
      .PAYLOAD_BEATS(RX_PAYLOAD_BEATS),
      .SEGMENTS     (RX_SEGMENTS),
      .CLOCK_GATING (CLOCK_GATING)
  ) rx_frame (
      .clk                  (rx_clk),
      .rst                  (rst),
      .mac                  (mac),
      .ip                   (ip),
      .mask                 (mask_q),
      .enable               (enable),
      .s_mac_axis_tdata     (s_mac_axis_tdata),
      .s_mac_axis_tkeep     (s_mac_axis_tkeep),
      .s_mac_axis_tvalid    (s_mac_axis_tvalid),
      .s_mac_axis_tlast     (s_mac_axis_tlast),
      .s_mac_axis_tuser     (s_mac_axis_tuser),
      .m_seg_data           (m_seg_data),
      .m_seg_valid          (m_seg_valid),
      .m_seg_ready          (m_seg_ready),
      .m_payload_axis_tdata (m_payload_axis_tdata),
      .m_payload_axis_tkeep (m_payload_axis_tkeep),
      .m_payload_axis_tvalid(m_payload_axis_tvalid),
      .m_payload_axis_tready(m_payload_axis_tready),
      .m_payload_axis_tlast (m_payload_axis_tlast),
      .m_arp_data           (arp_data),
      .m_arp_bytes          (arp_bytes),
      .m_arp_valid          (arp_valid),
      .m_arp_end            (arp_end),
      .m_arp_ok             (arp_ok),
      .m_icmp_data          (icmp_data),
      .m_icmp_valid         (icmp_valid),
      .m_icmp_end           (icmp_end),
      .m_icmp_ok            (icmp_ok),
      .m_icmp_source        (icmp_source),
      .m_icmp_source_mac    (icmp_source_mac),
      .m_icmp_len           (icmp_len),
      .count_segment        (count[toe_ip_pkg::RX_SEGMENTS]),
      .drop_mac_error       (count[toe_ip_pkg::DROP_MAC_ERROR]),
      .drop_runt            (count[toe_ip_pkg::DROP_RUNT]),
      .drop_ethernet_other  (count[toe_ip_pkg::DROP_ETHERNET_OTHER]),
      .drop_ethertype       (count[toe_ip_pkg::DROP_ETHERTYPE]),
      .drop_ip_header       (count[toe_ip_pkg::DROP_IP_HEADER]),
      .drop_ip_length       (count[toe_ip_pkg::DROP_IP_LENGTH]),
      .drop_ip_checksum     (count[toe_ip_pkg::DROP_IP_CHECKSUM]),
      .drop_ip_other        (count[toe_ip_pkg::DROP_IP_OTHER]),
      .drop_ip_source       (count[toe_ip_pkg::DROP_IP_SOURCE]),
      .drop_ip_fragment     (count[toe_ip_pkg::DROP_IP_FRAGMENT]),
      .drop_ip_protocol     (count[toe_ip_pkg::DROP_IP_PROTOCOL]),
      .drop_tcp_header      (count[toe_ip_pkg::DROP_TCP_HEADER]),
      .drop_tcp_checksum    (count[toe_ip_pkg::DROP_TCP_CHECKSUM]),
      .drop_tcp_full        (count[toe_ip_pkg::DROP_TCP_FULL])
  );

  wire logic [31:0] find_ip;
  wire logic        find_create, find_valid, find_ready;
  wire logic        found_valid, found_known, found_waiting;
  wire logic [47:0] found_mac;
  wire logic        resolved, changed;

  toe_tx_frame #(
      .BEATS  (TX_BEATS),
      .WAITING(WAITING)
  ) tx_frame (
      .clk                  (tx_clk),
      .rst                  (rst),
      .ip                   (ip),
      .mask                 (mask_q),
      .gateway              (gateway),
      .ttl                  (ttl),
      .s_seg_data           (s_seg_data),
      .s_seg_dscp           (s_seg_dscp),
      .s_seg_valid          (s_seg_valid),
      .s_seg_ready          (s_seg_ready),
      .s_payload_axis_tdata (s_payload_axis_tdata),
      .s_payload_axis_tkeep (s_payload_axis_tkeep),
      .s_payload_axis_tvalid(s_payload_axis_tvalid),
      .s_payload_axis_tready(s_payload_axis_tready),
      .s_payload_axis_tlast (s_payload_axis_tlast),
      .m_find_ip            (find_ip),
      .m_find_create        (find_create),
      .m_find_valid         (find_valid),
      .m_find_ready         (find_ready),
      .s_found_valid        (found_valid),
      .s_found_known        (found_known),
      .s_found_waiting      (found_waiting),
      .s_found_mac          (found_mac),
      .resolved             (resolved),
      .changed              (changed),
      .m_axis_tdata         (packet_data[63:0]),
      .m_axis_tkeep         (packet_keep[7:0]),
      .m_axis_tuser         (packet_to[47:0]),
      .m_axis_tvalid        (packet_valid[0]),
      .m_axis_tready        (packet_ready[0]),
      .m_axis_tlast         (packet_last[0]),
      .moves                (tx_moves),
      .count_segment        (count[toe_ip_pkg::TX_SEGMENTS]),
      .drop_unreachable     (count[toe_ip_pkg::DROP_TX_UNREACHABLE])
  );

  toe_arp #(
      .REACHABLE_MS(REACHABLE_MS)
  ) arp (
      .clk            (side_clk),
      .rst            (rst),
      .tick_ms        (tick_ms),
      .mac            (mac),
      .ip             (ip),
      .mask           (mask_q),
      .gateway        (gateway),
      .s_data         (arp_data),
      .s_bytes        (arp_bytes),
      .s_valid        (arp_valid),
      .s_end          (arp_end),
      .s_ok           (arp_ok),
      .s_find_ip      (find_ip),
      .s_find_create  (find_create),
      .s_find_valid   (find_valid),
      .s_find_ready   (find_ready),
      .m_found_valid  (found_valid),
      .m_found_known  (found_known),
      .m_found_waiting(found_waiting),
      .m_found_mac    (found_mac),
      .resolved       (resolved),
      .changed        (changed),
      .m_axis_tdata   (packet_data[127:64]),
      .m_axis_tkeep   (packet_keep[15:8]),
      .m_axis_tuser   (packet_to[95:48]),
      .m_axis_tvalid  (packet_valid[1]),
      .m_axis_tready  (packet_ready[1]),
      .m_axis_tlast   (packet_last[1]),
      .count_request  (count[toe_ip_pkg::RX_ARP_REQUESTS]),
      .count_ask      (count[toe_ip_pkg::TX_ARP_REQUESTS]),
      .drop_malformed (count[toe_ip_pkg::DROP_ARP]),
      .drop_full      (count[toe_ip_pkg::DROP_ARP_FULL]),
      .busy           (ageing),
      .moves          (arp_moves),
      .next_valid     (next_valid),
      .next_in        (next_in)
  );

  wire logic icmp_other;

  toe_icmp #(
      .BEATS(ECHO_BEATS)
  ) icmp (
      .clk          (side_clk),
      .rst          (rst),
      .ip           (ip),
      .s_data       (icmp_data),
      .s_valid      (icmp_valid),
      .s_end        (icmp_end),
      .s_ok         (icmp_ok),
      .s_source     (icmp_source),
      .s_source_mac (icmp_source_mac),
      .s_len        (icmp_len),
      .m_axis_tdata (packet_data[191:128]),
      .m_axis_tkeep (packet_keep[23:16]),
      .m_axis_tuser (packet_to[143:96]),
      .m_axis_tvalid(packet_valid[2]),
      .m_axis_tready(packet_ready[2]),
      .m_axis_tlast (packet_last[2]),
      .moves        (icmp_moves),
      .other        (icmp_other),
      .count_echo   (count[toe_ip_pkg::RX_ECHOES]),
      .drop_checksum(count[toe_ip_pkg::DROP_ICMP_CHECKSUM]),
      .drop_full    (count[toe_ip_pkg::DROP_ICMP_FULL])
  );

  toe_icmp_error icmp_error (
      .clk          (side_clk),
      .rst          (rst),
      .ip           (ip),
      .s_data       (icmp_data),
      .s_valid      (icmp_valid),
      .s_end        (icmp_end),
      .s_len        (icmp_len),
      .s_good       (icmp_other),
      .m_error_data (m_error_data),
      .m_error_valid(m_error_valid),
      .m_error_ready(m_error_ready),
      .count_error  (count[toe_ip_pkg::RX_ICMP_ERRORS]),
      .drop_type    (count[toe_ip_pkg::DROP_ICMP_TYPE]),
      .drop_full    (count[toe_ip_pkg::DROP_ICMP_ERROR_FULL])
  );

  axis_arb #(
      .PORTS (3),
      .DATA_W(64),
      .USER_W(56)
  ) arb (
      .clk          (tx_clk),
      .rst          (rst),
      .s_axis_tdata (packet_data),
      .s_axis_tuser ({packet_keep[23:16], packet_to[143:96], packet_keep[15:8],
                      packet_to[95:48], packet_keep[7:0], packet_to[47:0]}),
      .s_axis_tvalid(packet_valid),
      .s_axis_tready(packet_ready),
      .s_axis_tlast (packet_last),
      .m_axis_tdata (out_data),
      .m_axis_tuser ({out_keep, out_to}),
      .m_axis_tid   (out_id),
      .m_axis_tvalid(out_valid),
      .m_axis_tready(out_ready),
      .m_axis_tlast (out_last)
  );

  toe_tx_ethernet ethernet (
      .clk          (tx_clk),
      .rst          (rst),
      .mac          (mac),
      .s_axis_tdata (out_data),
      .s_axis_tkeep (out_keep),
      .s_axis_tuser ({out_id == 2'd1, out_to}),
      .s_axis_tvalid(out_valid),
      .s_axis_tready(out_ready),
      .s_axis_tlast (out_last),
      .m_axis_tdata (m_mac_axis_tdata),
      .m_axis_tkeep (m_mac_axis_tkeep),
      .m_axis_tvalid(m_mac_axis_tvalid),
      .m_axis_tready(m_mac_axis_tready),
      .m_axis_tlast (m_mac_axis_tlast)
  );
endmodule

`default_nettype wire
