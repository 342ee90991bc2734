// SPDX-License-Identifier: Apache-2.0
// toe_rx_ethernet: takes the Ethernet header off frames for this card.
//
// One beat per cycle, never stalls. Out comes what follows the 14 bytes of header, from byte 0:
// beats with m_arp or m_ipv4, then for each frame that had one m_end, in a cycle of its own before
// the next frame's first beat. Bytes behind m_bytes are undefined. From tlast to m_end are three
// cycles. Frames are for this card if their destination is its address, or for ARP the broadcast
// address.
`default_nettype none

module toe_rx_ethernet (
    input  wire logic        clk,
    input  wire logic        rst,            // synchronous, active high
    input  wire logic [47:0] mac,            // this card's
    input  wire logic        enable,         // else all frames are passed over

    // Frames from the MAC, without FCS
    input  wire logic [63:0] s_axis_tdata,
    input  wire logic [7:0]  s_axis_tkeep,   // no gaps
    input  wire logic        s_axis_tvalid,
    input  wire logic        s_axis_tlast,
    input  wire logic        s_axis_tuser,   // with tlast: the frame is bad

    output wire logic [63:0] m_data,
    output wire logic [3:0]  m_bytes,        // 1 to 8; below 8 on a frame's last beat only
    output wire logic        m_arp,          // a beat of an ARP packet
    output wire logic        m_ipv4,         // a beat of an IPv4 packet
    output wire logic        m_end,
    output wire logic        m_end_arp,      // with m_end: of an ARP packet, else IPv4
    output wire logic        m_ok,           // with m_end: the MAC found the frame good
    output wire logic [47:0] m_source,       // hardware address, from the first beat to m_end

    // Pulses, one a frame that is dropped
    output wire logic        drop_mac_error,
    output wire logic        drop_runt,
    output wire logic        drop_other,
    output wire logic        drop_ethertype
);

  // The frame coming in
  logic [1:0]  index_q;             // its beat, 2 and above are one
  logic        enabled_q, own_q, broadcast_q, type_arp_q, type_ipv4_q;
  logic [47:0] source_q;
  logic [15:0] held_q;              // the last beat's bytes 6 and 7

  // Behind its last beat: what is still to be told
  logic        flush_q, end_q;
  logic [1:0]  flush_bytes_q;
  logic        flush_arp_q, flush_ok_q, end_arp_q, end_ok_q;

  // Output registers
  logic [63:0] data_q;
  logic [3:0]  bytes_q;
  logic        out_arp_q, out_ipv4_q, out_end_q, out_end_arp_q, out_ok_q;
  logic [47:0] out_source_q;
  logic        mac_error_q, runt_q, other_q, ethertype_q;

  wire logic [3:0]  in_bytes = s_axis_tlast ? toe_ip_pkg::bytes_of(s_axis_tkeep) : 4'd8;
  wire logic [15:0] ethertype = toe_ip_pkg::swap16(s_axis_tdata[47:32]);
  wire logic        is_second = index_q == 2'd1;

  // What the frame is, known from its second beat on
  wire logic type_arp  = is_second ? ethertype == toe_ip_pkg::ETHERTYPE_ARP : type_arp_q;
  wire logic type_ipv4 = is_second ? ethertype == toe_ip_pkg::ETHERTYPE_IPV4 : type_ipv4_q;
  wire logic here      = own_q || (broadcast_q && !type_ipv4);
  wire logic arp       = type_arp && here;
  wire logic ipv4      = type_ipv4 && here;

  wire logic last    = s_axis_tvalid && s_axis_tlast;
  wire logic spills  = in_bytes > 4'd6;             // its bytes 6 and 7 make a beat of their own
  wire logic is_runt = index_q == 2'd0 || (is_second && !spills);
  wire logic wanted  = enabled_q && (arp || ipv4) && !is_runt;
  wire logic emit    = s_axis_tvalid && index_q[1] && enabled_q && (arp || ipv4);

  always_ff @(posedge clk) begin
    if (s_axis_tvalid) begin
      held_q  <= s_axis_tdata[63:48];
      index_q <= s_axis_tlast ? 2'd0 : index_q[1] ? index_q : index_q + 2'd1;
      if (index_q == 2'd0) begin
        enabled_q       <= enable;
        own_q           <= s_axis_tdata[47:0] == toe_ip_pkg::swap48(mac);
        broadcast_q     <= s_axis_tdata[47:0] == toe_ip_pkg::MAC_BROADCAST;
        source_q[47:32] <= toe_ip_pkg::swap16(s_axis_tdata[63:48]);
      end
      if (is_second) begin
        type_arp_q     <= type_arp;
        type_ipv4_q    <= type_ipv4;
        source_q[31:0] <= toe_ip_pkg::swap32(s_axis_tdata[31:0]);
      end
    end

    // One cycle behind the last beat a rest of one or two bytes, two cycles behind it the end
    flush_q       <= last && wanted;
    flush_bytes_q <= spills ? 2'(in_bytes - 4'd6) : 2'd0;
    flush_arp_q   <= arp;
    flush_ok_q    <= !s_axis_tuser;
    end_q         <= flush_q;
    end_arp_q     <= flush_arp_q;
    end_ok_q      <= flush_ok_q;

    data_q        <= emit ? {s_axis_tdata[47:0], held_q} : {48'd0, held_q};
    bytes_q       <= !emit ? {2'd0, flush_bytes_q} : spills ? 4'd8 : in_bytes + 4'd2;
    out_arp_q     <= emit ? arp : flush_q && flush_bytes_q != 2'd0 && flush_arp_q;
    out_ipv4_q    <= emit ? ipv4 : flush_q && flush_bytes_q != 2'd0 && !flush_arp_q;
    out_end_q     <= end_q;
    out_end_arp_q <= end_arp_q;
    out_ok_q      <= end_ok_q;
    if (emit || flush_q) out_source_q <= source_q;

    mac_error_q <= 1'b0;
    runt_q      <= 1'b0;
    other_q     <= 1'b0;
    ethertype_q <= 1'b0;
    if (last && (index_q == 2'd0 ? enable : enabled_q)) begin
      if (s_axis_tuser) mac_error_q <= 1'b1;
      else if (is_runt) runt_q <= 1'b1;
      else if (!wanted) begin
        other_q     <= !here;
        ethertype_q <= here;
      end
    end

    if (rst) begin
      index_q     <= '0;
      flush_q     <= 1'b0;
      end_q       <= 1'b0;
      out_arp_q   <= 1'b0;
      out_ipv4_q  <= 1'b0;
      out_end_q   <= 1'b0;
      mac_error_q <= 1'b0;
      runt_q      <= 1'b0;
      other_q     <= 1'b0;
      ethertype_q <= 1'b0;
    end
  end

  assign m_data    = data_q;
  assign m_bytes   = bytes_q;
  assign m_arp     = out_arp_q;
  assign m_ipv4    = out_ipv4_q;
  assign m_end     = out_end_q;
  assign m_end_arp = out_end_arp_q;
  assign m_ok      = out_ok_q;
  assign m_source  = out_source_q;

  assign drop_mac_error = mac_error_q;
  assign drop_runt      = runt_q;
  assign drop_other     = other_q;
  assign drop_ethertype = ethertype_q;
endmodule

`default_nettype wire
