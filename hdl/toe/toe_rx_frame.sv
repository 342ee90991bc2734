// SPDX-License-Identifier: Apache-2.0
// toe_rx_frame: frames from the MAC become TCP segments with their payload, ARP packets and ICMP
// messages.
//
// One beat per cycle, never stalls: a TCP segment that finds no room in the FIFOs is dropped whole
// and counted. Segments and payloads leave in order of arrival; a payload is offered from the cycle
// after its segment was taken. From a frame's last beat to its segment are 11 cycles, up to 13
// where there are options. Reset empties all.
`default_nettype none

module toe_rx_frame #(
    // Room for payload, in beats of 8 bytes: a power of two, at least 256
    parameter int unsigned PAYLOAD_BEATS = 2048,
    // Room for segments: a power of two, at least 4
    parameter int unsigned SEGMENTS = 512,
    // 1: stop the clocks of what has nothing to do (clock_rest)
    parameter bit          CLOCK_GATING = 1'b0
) (
    input  wire logic         clk,
    input  wire logic         rst,                // synchronous, active high

    input  wire logic [47:0]  mac,
    input  wire logic [31:0]  ip,
    input  wire logic [31:0]  mask,               // ones where neighbours have the same address
    input  wire logic         enable,             // else frames are passed over

    // Frames from the MAC, without FCS
    input  wire logic [63:0]  s_mac_axis_tdata,
    input  wire logic [7:0]   s_mac_axis_tkeep,
    input  wire logic         s_mac_axis_tvalid,
    input  wire logic         s_mac_axis_tlast,
    input  wire logic         s_mac_axis_tuser,   // with tlast: the frame is bad

    // TCP segments whose checksums and lengths are right
    output wire logic [336:0] m_seg_data,         // segment_t
    output wire logic         m_seg_valid,
    input  wire logic         m_seg_ready,

    // Payload of those with len > 0
    output wire logic [63:0]  m_payload_axis_tdata,
    output wire logic [7:0]   m_payload_axis_tkeep,
    output wire logic         m_payload_axis_tvalid,
    input  wire logic         m_payload_axis_tready,
    output wire logic         m_payload_axis_tlast,

    // ARP packets, cannot wait; see toe_rx_ethernet
    output wire logic [63:0]  m_arp_data,
    output wire logic [3:0]   m_arp_bytes,
    output wire logic         m_arp_valid,
    output wire logic         m_arp_end,
    output wire logic         m_arp_ok,

    // ICMP messages, cannot wait; see toe_rx_ipv4
    output wire logic [63:0]  m_icmp_data,
    output wire logic         m_icmp_valid,
    output wire logic         m_icmp_end,
    output wire logic         m_icmp_ok,
    output wire logic [31:0]  m_icmp_source,      // IPv4 address
    output wire logic [47:0]  m_icmp_source_mac,  // of the frame
    output wire logic [15:0]  m_icmp_len,

    // Pulses, one a frame
    output wire logic         count_segment,      // will be delivered
    output wire logic         drop_mac_error,
    output wire logic         drop_runt,
    output wire logic         drop_ethernet_other,
    output wire logic         drop_ethertype,
    output wire logic         drop_ip_header,
    output wire logic         drop_ip_length,
    output wire logic         drop_ip_checksum,
    output wire logic         drop_ip_other,
    output wire logic         drop_ip_source,
    output wire logic         drop_ip_fragment,
    output wire logic         drop_ip_protocol,
    output wire logic         drop_tcp_header,
    output wire logic         drop_tcp_checksum,
    output wire logic         drop_tcp_full
);
  if (PAYLOAD_BEATS < 256) $error("PAYLOAD_BEATS=%0d is below 256", PAYLOAD_BEATS);

  wire logic [63:0] packet_data;
  wire logic [3:0]  packet_bytes;
  wire logic        packet_ipv4, packet_end, packet_end_arp, packet_ok;
  wire logic [47:0] packet_source;

  toe_rx_ethernet ethernet (
      .clk           (clk),
      .rst           (rst),
      .mac           (mac),
      .enable        (enable),
      .s_axis_tdata  (s_mac_axis_tdata),
      .s_axis_tkeep  (s_mac_axis_tkeep),
      .s_axis_tvalid (s_mac_axis_tvalid),
      .s_axis_tlast  (s_mac_axis_tlast),
      .s_axis_tuser  (s_mac_axis_tuser),
      .m_data        (packet_data),
      .m_bytes       (packet_bytes),
      .m_arp         (m_arp_valid),
      .m_ipv4        (packet_ipv4),
      .m_end         (packet_end),
      .m_end_arp     (packet_end_arp),
      .m_ok          (packet_ok),
      .m_source      (packet_source),
      .drop_mac_error(drop_mac_error),
      .drop_runt     (drop_runt),
      .drop_other    (drop_ethernet_other),
      .drop_ethertype(drop_ethertype)
  );

  assign m_arp_data  = packet_data;
  assign m_arp_bytes = packet_bytes;
  assign m_arp_end   = packet_end && packet_end_arp;
  assign m_arp_ok    = packet_ok;

  wire logic [63:0] carried_data;
  wire logic        carried_tcp, carried_end_tcp, carried_ok;
  wire logic [31:0] carried_source;
  wire logic [15:0] carried_len;

  toe_rx_ipv4 ipv4 (
      .clk          (clk),
      .rst          (rst),
      .ip           (ip),
      .mask         (mask),
      .s_data       (packet_data),
      .s_bytes      (packet_bytes),
      .s_valid      (packet_ipv4),
      .s_end        (packet_end && !packet_end_arp),
      .s_ok         (packet_ok),
      .s_source_mac (packet_source),
      .m_data       (carried_data),
      .m_tcp        (carried_tcp),
      .m_icmp       (m_icmp_valid),
      .m_end_tcp    (carried_end_tcp),
      .m_end_icmp   (m_icmp_end),
      .m_ok         (carried_ok),
      .m_source     (carried_source),
      .m_source_mac (m_icmp_source_mac),
      .m_len        (carried_len),
      .drop_header  (drop_ip_header),
      .drop_length  (drop_ip_length),
      .drop_checksum(drop_ip_checksum),
      .drop_other   (drop_ip_other),
      .drop_source  (drop_ip_source),
      .drop_fragment(drop_ip_fragment),
      .drop_protocol(drop_ip_protocol)
  );

  assign m_icmp_data       = carried_data;
  assign m_icmp_ok         = carried_ok;
  assign m_icmp_source     = carried_source;
  assign m_icmp_len        = carried_len;

  wire logic [63:0]  payload_data;
  wire logic [3:0]   payload_bytes;
  wire logic         payload_last, payload_valid, payload_commit, payload_discard, payload_lost;
  wire logic [336:0] segment;
  wire logic         segment_valid, segment_room;

  toe_rx_tcp #(
      .CLOCK_GATING(CLOCK_GATING)
  ) tcp (
      .clk            (clk),
      .rst            (rst),
      .ip             (ip),
      .s_data         (carried_data),
      .s_valid        (carried_tcp),
      .s_end          (carried_end_tcp),
      .s_ok           (carried_ok),
      .s_source       (carried_source),
      .s_len          (carried_len),
      .payload_data   (payload_data),
      .payload_bytes  (payload_bytes),
      .payload_last   (payload_last),
      .payload_valid  (payload_valid),
      .payload_commit (payload_commit),
      .payload_discard(payload_discard),
      .payload_lost   (payload_lost),
      .m_segment      (segment),
      .m_valid        (segment_valid),
      .m_room         (segment_room),
      .drop_header    (drop_tcp_header),
      .drop_checksum  (drop_tcp_checksum),
      .drop_full      (drop_tcp_full)
  );

  wire logic [2:0]  out_bytes;  // less one
  wire logic [66:0] out_payload;
  wire logic        out_last, out_valid;
  wire logic [67:0] queued_payload;
  wire logic        queued_valid, queued_ready;
  wire logic        unused_payload_ready, unused_payload_user;

  toe_commit_fifo #(
      .DATA_W(68),
      .DEPTH (PAYLOAD_BEATS)
  ) payloads (
      .clk      (clk),
      .rst      (rst),
      .s_data   ({payload_last, 3'(payload_bytes - 4'd1), payload_data}),
      .s_valid  (payload_valid),
      .s_ready  (unused_payload_ready),
      .s_commit (payload_commit),
      .s_discard(payload_discard),
      .s_lost   (payload_lost),
      .m_data   (queued_payload),
      .m_valid  (queued_valid),
      .m_ready  (queued_ready)
  );

  axis_register #(
      .DATA_W(67),
      .USER_W(1)
  ) payload_register (
      .clk          (clk),
      .rst          (rst),
      .s_axis_tdata (queued_payload[66:0]),
      .s_axis_tuser (1'b0),
      .s_axis_tvalid(queued_valid),
      .s_axis_tready(queued_ready),
      .s_axis_tlast (queued_payload[67]),
      .m_axis_tdata (out_payload),
      .m_axis_tuser (unused_payload_user),
      .m_axis_tvalid(out_valid),
      .m_axis_tready(m_payload_axis_tready && m_payload_axis_tvalid),
      .m_axis_tlast (out_last)
  );

  assign count_segment = segment_valid;

  // Received segments have no SACK blocks
  localparam int unsigned BLOCK_W = 65;
  localparam int unsigned LEN_W = 16;
  localparam int unsigned STORED_W = toe_pkg::SEGMENT_W - BLOCK_W;

  wire logic [STORED_W-1:0]         stored;
  wire logic                        unused_user, unused_last;
  wire logic [$clog2(SEGMENTS):0]   unused_level;
  wire logic [BLOCK_W-1:0]          unused_block = segment[LEN_W+:BLOCK_W];

  // The longest word there is moves once a frame
  wire logic segment_clk;
  clock_rest #(
      .GATING(CLOCK_GATING),
      .LINGER(3)
  ) segment_rest (
      .clk      (clk),
      .rst      (rst),
      .active   (segment_valid || m_seg_valid),
      .gated_clk(segment_clk)
  );

  axis_fifo #(
      .DATA_W(STORED_W),
      .USER_W(1),
      .DEPTH (SEGMENTS)
  ) segments (
      .clk          (segment_clk),
      .rst          (rst),
      .s_axis_tdata ({segment[toe_pkg::SEGMENT_W-1:LEN_W+BLOCK_W], segment[LEN_W-1:0]}),
      .s_axis_tuser (1'b0),
      .s_axis_tvalid(segment_valid),
      .s_axis_tready(segment_room),
      .s_axis_tlast (1'b1),
      .m_axis_tdata (stored),
      .m_axis_tuser (unused_user),
      .m_axis_tvalid(m_seg_valid),
      .m_axis_tready(m_seg_ready),
      .m_axis_tlast (unused_last),
      .level        (unused_level)
  );

  assign m_seg_data = {stored[STORED_W-1:LEN_W], {BLOCK_W{1'b0}}, stored[LEN_W-1:0]};

  // Payloads whose segment has been taken
  localparam int unsigned DUE_W = $clog2(PAYLOAD_BEATS) + 2;
  logic [DUE_W-1:0] due_q;

  wire logic taken = m_seg_valid && m_seg_ready && stored[LEN_W-1:0] != '0;
  wire logic given = m_payload_axis_tvalid && m_payload_axis_tready && m_payload_axis_tlast;

  always_ff @(posedge clk) begin
    if (taken != given) due_q <= taken ? due_q + 1'b1 : due_q - 1'b1;
    if (rst) due_q <= '0;
  end

  assign {out_bytes, m_payload_axis_tdata} = out_payload;
  assign m_payload_axis_tlast  = out_last;
  assign m_payload_axis_tkeep  = toe_ip_pkg::keep_of({1'b0, out_bytes} + 4'd1);
  assign m_payload_axis_tvalid = out_valid && due_q != '0;

  wire logic unused = &{1'b0, unused_payload_ready, unused_payload_user, unused_user,
                        unused_last, unused_level, unused_block};
endmodule

`default_nettype wire
