// SPDX-License-Identifier: Apache-2.0
// toe_tx_frame: TCP segments and their payload become IPv4 packets, with the hardware address to
// send them to.
//
// One beat per cycle; a segment without payload each eight cycles to the same next hop, each twelve
// to changing ones. A packet leaves when it is whole. Segments whose next hop does not answer are
// dropped with their payload and counted. Reset forgets all.
`default_nettype none

module toe_tx_frame #(
    // Room for packets, in beats of 8 bytes: a power of two, at least 256
    parameter int unsigned BEATS = 512,
    // Segments that can wait for a hardware address: a power of two, at least 4
    parameter int unsigned WAITING = 8
) (
    input  wire logic         clk,
    input  wire logic         rst,                // synchronous, active high

    input  wire logic [31:0]  ip,
    input  wire logic [31:0]  mask,
    input  wire logic [31:0]  gateway,            // 0: none
    input  wire logic [7:0]   ttl,

    // Segments to send, and payload of those with len > 0
    input  wire logic [336:0] s_seg_data,         // segment_t
    input  wire logic [5:0]   s_seg_dscp,         // Diffserv code point
    input  wire logic         s_seg_valid,
    output wire logic         s_seg_ready,
    input  wire logic [63:0]  s_payload_axis_tdata,
    input  wire logic [7:0]   s_payload_axis_tkeep,
    input  wire logic         s_payload_axis_tvalid,
    output wire logic         s_payload_axis_tready,
    input  wire logic         s_payload_axis_tlast,

    // toe_arp
    output wire logic [31:0]  m_find_ip,
    output wire logic         m_find_create,
    output wire logic         m_find_valid,
    input  wire logic         m_find_ready,
    input  wire logic         s_found_valid,
    input  wire logic         s_found_known,
    input  wire logic         s_found_waiting,
    input  wire logic [47:0]  s_found_mac,
    input  wire logic         resolved,
    input  wire logic         changed,

    // Packets; bytes behind the end are zero
    output wire logic [63:0]  m_axis_tdata,
    output wire logic [7:0]   m_axis_tkeep,
    output wire logic [47:0]  m_axis_tuser,       // hardware address to send to
    output wire logic         m_axis_tvalid,
    input  wire logic         m_axis_tready,
    output wire logic         m_axis_tlast,

    output wire logic         moves,              // there is something to do

    // Pulses
    output wire logic         count_segment,
    output wire logic         drop_unreachable
);
  wire logic [336:0] seg;
  wire logic [5:0]   seg_dscp;
  wire logic [47:0]  seg_mac;
  wire logic         seg_drop, seg_valid, seg_ready, route_moves, segment_moves;
  assign moves = route_moves || segment_moves;

  toe_tx_route #(
      .WAITING(WAITING)
  ) route (
      .clk             (clk),
      .rst             (rst),
      .ip              (ip),
      .mask            (mask),
      .gateway         (gateway),
      .s_seg_data      (s_seg_data),
      .s_seg_dscp      (s_seg_dscp),
      .s_seg_valid     (s_seg_valid),
      .s_seg_ready     (s_seg_ready),
      .m_find_ip       (m_find_ip),
      .m_find_create   (m_find_create),
      .m_find_valid    (m_find_valid),
      .m_find_ready    (m_find_ready),
      .s_found_valid   (s_found_valid),
      .s_found_known   (s_found_known),
      .s_found_waiting (s_found_waiting),
      .s_found_mac     (s_found_mac),
      .resolved        (resolved),
      .changed         (changed),
      .m_seg_data      (seg),
      .m_seg_dscp      (seg_dscp),
      .m_seg_mac       (seg_mac),
      .m_seg_drop      (seg_drop),
      .m_seg_valid     (seg_valid),
      .m_seg_ready     (seg_ready),
      .moves           (route_moves),
      .drop_unreachable(drop_unreachable)
  );

  toe_tx_segment #(
      .BEATS(BEATS)
  ) segment (
      .clk                  (clk),
      .rst                  (rst),
      .ip                   (ip),
      .ttl                  (ttl),
      .s_seg_data           (seg),
      .s_seg_dscp           (seg_dscp),
      .s_seg_mac            (seg_mac),
      .s_seg_drop           (seg_drop),
      .s_seg_valid          (seg_valid),
      .s_seg_ready          (seg_ready),
      .s_payload_axis_tdata (s_payload_axis_tdata),
      .s_payload_axis_tkeep (s_payload_axis_tkeep),
      .s_payload_axis_tvalid(s_payload_axis_tvalid),
      .s_payload_axis_tready(s_payload_axis_tready),
      .s_payload_axis_tlast (s_payload_axis_tlast),
      .m_axis_tdata         (m_axis_tdata),
      .m_axis_tkeep         (m_axis_tkeep),
      .m_axis_tuser         (m_axis_tuser),
      .m_axis_tvalid        (m_axis_tvalid),
      .m_axis_tready        (m_axis_tready),
      .m_axis_tlast         (m_axis_tlast),
      .moves                (segment_moves),
      .count_segment        (count_segment)
  );
endmodule

`default_nettype wire
