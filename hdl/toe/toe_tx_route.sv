// SPDX-License-Identifier: Apache-2.0
// toe_tx_route: finds the hardware address for segments to send, and keeps a few that wait for it.
//
// Neighbours are sent to themselves, others to the gateway. A segment whose next hop is being asked
// for waits, if it has no payload and there is room, and overtakes nothing that can go; else it is
// passed on marked m_drop, for its payload to be taken, and counted. Four cycles a segment to the
// same hop as the last one, eleven to another. Reset forgets all.
`default_nettype none

module toe_tx_route #(
    // Segments that can wait: a power of two, at least 4
    parameter int unsigned WAITING = 8
) (
    input  wire logic         clk,
    input  wire logic         rst,             // synchronous, active high

    input  wire logic [31:0]  ip,
    input  wire logic [31:0]  mask,            // ones where neighbours have the same address
    input  wire logic [31:0]  gateway,         // 0: none

    // Segments to send
    input  wire logic [336:0] s_seg_data,      // segment_t
    input  wire logic [5:0]   s_seg_dscp,      // Diffserv code point
    input  wire logic         s_seg_valid,
    output wire logic         s_seg_ready,

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

    // Segments with their address
    output wire logic [336:0] m_seg_data,
    output wire logic [5:0]   m_seg_dscp,
    output wire logic [47:0]  m_seg_mac,
    output wire logic         m_seg_drop,      // it has payload, which has to be taken
    output wire logic         m_seg_valid,
    input  wire logic         m_seg_ready,

    output wire logic         moves,           // there is something to do
    output wire logic         drop_unreachable // pulse
);
  typedef enum logic [2:0] {
    StIdle,
    StHop,     // is it a neighbour?
    StFind,    // asks the cache, unless it is the last one
    StFound,   // waits for the answer
    StPass,    // gives the segment away
    StKeep,    // lets it wait
    StDrop
  } state_t;

  localparam int unsigned LEVEL_W = $clog2(WAITING) + 1;

  state_t             state_q;
  toe_pkg::segment_t  seg_q;
  logic [5:0]         dscp_q;
  logic               again_q;         // it has waited before
  logic [31:0]        hop_q;
  logic               hop_ok_q;
  logic [47:0]        mac_q;
  logic               drop_q, drop_pulse_q;

  // The last answer, while it holds
  logic               last_valid_q;
  logic [31:0]        last_hop_q;
  logic [47:0]        last_mac_q;

  // Who waits has another look after each change
  logic               resolved_q;
  logic [LEVEL_W-1:0] looks_q;         // looks to take
  wire logic [LEVEL_W-1:0] level;
  wire logic [336:0]  waiting;
  wire logic [5:0]    waiting_dscp;
  wire logic          waiting_valid, waiting_room;
  wire logic          unused_last;

  wire logic look  = state_q == StIdle && !resolved_q && looks_q != '0;
  wire logic take  = state_q == StIdle && !resolved_q && looks_q == '0;

  axis_fifo #(
      .DATA_W(337),
      .USER_W(6),
      .DEPTH (WAITING)
  ) waiting_fifo (
      .clk          (clk),
      .rst          (rst),
      .s_axis_tdata (seg_q),
      .s_axis_tuser (dscp_q),
      .s_axis_tvalid(state_q == StKeep),
      .s_axis_tready(waiting_room),
      .s_axis_tlast (1'b1),
      .m_axis_tdata (waiting),
      .m_axis_tuser (waiting_dscp),
      .m_axis_tvalid(waiting_valid),
      .m_axis_tready(look),
      .m_axis_tlast (unused_last),
      .level        (level)
  );

  wire logic neighbour = ((seg_q.tuple.remote_ip ^ ip) & mask) == '0;
  wire logic payload   = seg_q.len != '0;
  wire logic same      = last_valid_q && last_hop_q == hop_q;

  always_ff @(posedge clk) begin
    drop_pulse_q <= 1'b0;
    if (resolved) resolved_q <= 1'b1;
    unique case (state_q)
      StIdle: begin
        drop_q <= 1'b0;
        if (resolved_q) begin
          resolved_q <= resolved;
          looks_q    <= level;
        end else if (look ? waiting_valid : s_seg_valid) begin
          state_q <= StHop;
          again_q <= look;
          seg_q   <= look ? waiting : s_seg_data;
          dscp_q  <= look ? waiting_dscp : s_seg_dscp;
          if (look) looks_q <= looks_q - 1'b1;
        end
      end
      StHop: begin
        state_q  <= StFind;
        hop_q    <= neighbour ? seg_q.tuple.remote_ip : gateway;
        hop_ok_q <= neighbour || gateway != '0;
      end
      StFind:
        if (!hop_ok_q) begin
          state_q <= StDrop;
        end else if (same) begin
          state_q <= StPass;
          mac_q   <= last_mac_q;
        end else if (m_find_ready) begin
          state_q <= StFound;
        end
      StFound:
        if (s_found_valid) begin
          mac_q      <= s_found_mac;
          last_hop_q <= hop_q;
          last_mac_q <= s_found_mac;
          if (s_found_known) state_q <= StPass;
          else if (s_found_waiting && !payload && waiting_room) state_q <= StKeep;
          else state_q <= StDrop;
        end
      StDrop: begin
        state_q      <= payload ? StPass : StIdle;
        drop_q       <= 1'b1;
        drop_pulse_q <= 1'b1;
      end
      StPass: if (m_seg_ready) state_q <= StIdle;
      StKeep: state_q <= StIdle;
      default: state_q <= StIdle;
    endcase
    if (s_found_valid) last_valid_q <= s_found_known;
    else if (changed) last_valid_q <= 1'b0;
    if (rst) begin
      state_q      <= StIdle;
      last_valid_q <= 1'b0;
      resolved_q   <= 1'b0;
      looks_q      <= '0;
      drop_pulse_q <= 1'b0;
    end
  end

  assign s_seg_ready      = take;
  assign m_find_ip        = hop_q;
  assign m_find_create    = !again_q;
  assign m_find_valid     = state_q == StFind && hop_ok_q && !same;
  assign m_seg_data       = seg_q;
  assign m_seg_dscp       = dscp_q;
  assign m_seg_mac        = mac_q;
  assign m_seg_drop       = drop_q;
  assign m_seg_valid      = state_q == StPass;
  assign moves            = s_seg_valid || s_found_valid || resolved || changed || resolved_q
                            || looks_q != '0 || state_q != StIdle;
  assign drop_unreachable = drop_pulse_q;

  wire logic unused = &{1'b0, unused_last};
endmodule

`default_nettype wire
