// SPDX-License-Identifier: Apache-2.0
// toe_tx_ethernet: puts Ethernet headers before packets, and pads frames to 60 bytes.
//
// One beat per cycle, one or two cycles more than beats in a frame; output registered,
// m_axis_tready reaches s_axis_tready within the cycle. Bytes behind a packet's end have to be
// zero. Reset forgets a frame that has begun.
`default_nettype none

module toe_tx_ethernet (
    input  wire logic        clk,
    input  wire logic        rst,            // synchronous, active high
    input  wire logic [47:0] mac,            // this card's

    // Packets from byte 0
    input  wire logic [63:0] s_axis_tdata,
    input  wire logic [7:0]  s_axis_tkeep,
    input  wire logic [48:0] s_axis_tuser,   // {is ARP, else IPv4; hardware address to send to}
    input  wire logic        s_axis_tvalid,
    output wire logic        s_axis_tready,
    input  wire logic        s_axis_tlast,

    // Frames without FCS
    output wire logic [63:0] m_axis_tdata,
    output wire logic [7:0]  m_axis_tkeep,
    output wire logic        m_axis_tvalid,
    input  wire logic        m_axis_tready,
    output wire logic        m_axis_tlast
);
  typedef enum logic [2:0] {
    StFirst,   // both addresses
    StSecond,  // the rest of the header, and two bytes of the packet
    StData,    // six bytes of a beat, two of the next
    StFlush,   // what is left of the last beat
    StPad
  } state_t;

  // The last beat of a frame of 60 bytes, and its bytes
  localparam logic [3:0] MIN_LAST = 4'd7;
  localparam logic [3:0] MIN_BYTES = 4'd4;

  state_t      state_q;
  logic [3:0]  index_q;      // beat of the frame, 8 and above are one
  logic [47:0] held_q;       // the last beat's bytes 2 to 7
  logic [2:0]  rest_q;       // of them valid, in the last beat
  logic        valid_q, last_q;
  logic [63:0] data_q;
  logic [3:0]  bytes_q;

  wire logic        arp   = s_axis_tuser[48];
  wire logic [47:0] to    = toe_ip_pkg::swap48(s_axis_tuser[47:0]);
  wire logic [47:0] from  = toe_ip_pkg::swap48(mac);
  wire logic [3:0]  bytes = toe_ip_pkg::bytes_of(s_axis_tkeep);
  wire logic        takes = state_q == StSecond || state_q == StData;
  wire logic        needs = takes || state_q == StFirst;
  wire logic        move  = (!valid_q || m_axis_tready) && (!needs || s_axis_tvalid);
  wire logic        short = bytes <= 4'd2;  // this beat ends the packet in the frame's beat

  logic [63:0] beat;
  logic [3:0]  beat_bytes;
  logic        ends;  // the packet ends with this beat
  always_comb begin
    unique case (state_q)
      StFirst: begin
        beat       = {from[15:0], to};
        beat_bytes = 4'd8;
        ends       = 1'b0;
      end
      StSecond: begin
        beat       = {s_axis_tdata[15:0],
                      toe_ip_pkg::swap16(arp ? toe_ip_pkg::ETHERTYPE_ARP
                                             : toe_ip_pkg::ETHERTYPE_IPV4), from[47:16]};
        beat_bytes = short ? bytes + 4'd6 : 4'd8;
        ends       = s_axis_tlast && short;
      end
      StData: begin
        beat       = {s_axis_tdata[15:0], held_q};
        beat_bytes = short ? bytes + 4'd6 : 4'd8;
        ends       = s_axis_tlast && short;
      end
      default: begin
        beat       = state_q == StFlush ? {16'd0, held_q} : 64'd0;
        beat_bytes = state_q == StFlush ? {1'b0, rest_q} : 4'd0;
        ends       = 1'b1;
      end
    endcase
  end

  wire logic long_enough = index_q >= MIN_LAST;
  wire logic last        = ends && long_enough;

  always_ff @(posedge clk) begin
    if (move) begin
      data_q  <= beat;
      last_q  <= last;
      bytes_q <= !ends ? 4'd8 : !long_enough ? 4'd8
                 : index_q == MIN_LAST && beat_bytes < MIN_BYTES ? MIN_BYTES : beat_bytes;
      index_q <= last ? 4'd0 : index_q[3] ? index_q : index_q + 4'd1;
      held_q  <= s_axis_tdata[63:16];
      rest_q  <= 3'(bytes - 4'd2);
      if (last)                       state_q <= StFirst;
      else if (ends)                  state_q <= StPad;
      else if (state_q == StFirst)    state_q <= StSecond;
      else if (takes && s_axis_tlast) state_q <= StFlush;
      else                            state_q <= StData;
    end
    valid_q <= move || (valid_q && !m_axis_tready);
    if (rst) begin
      state_q <= StFirst;
      index_q <= '0;
      valid_q <= 1'b0;
    end
  end

  assign s_axis_tready = takes && (!valid_q || m_axis_tready);
  assign m_axis_tdata  = data_q;
  assign m_axis_tkeep  = toe_ip_pkg::keep_of(bytes_q);
  assign m_axis_tvalid = valid_q;
  assign m_axis_tlast  = last_q;
endmodule

`default_nettype wire
