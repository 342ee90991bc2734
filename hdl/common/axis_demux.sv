// SPDX-License-Identifier: Apache-2.0
// axis_demux: routes each frame of an AXI4-Stream to the port that its first beat names.
//
// One beat per cycle, latency zero: valid, data and ready pass within the cycle, and the only state
// is the destination of the frame under way. Frames to a destination of PORTS or above are taken
// and discarded. A port that stalls stops the frames behind it. Reset forgets a frame that has
// begun.
`default_nettype none

module axis_demux #(
    // Number of streams out, at least 1
    parameter  int unsigned PORTS  = 2,
    // Data width in bits, at least 1
    parameter  int unsigned DATA_W = 64,
    // User sideband width in bits, at least 1
    parameter  int unsigned USER_W = 1,
    localparam int unsigned DEST_W = PORTS > 1 ? $clog2(PORTS) : 1
) (
    input  wire logic                    clk,
    input  wire logic                    rst,            // synchronous, active high

    // Stream in
    input  wire logic [DATA_W-1:0]       s_axis_tdata,
    input  wire logic [USER_W-1:0]       s_axis_tuser,
    input  wire logic [DEST_W-1:0]       s_axis_tdest,   // looked at on a frame's first beat only
    input  wire logic                    s_axis_tvalid,
    output wire logic                    s_axis_tready,
    input  wire logic                    s_axis_tlast,

    // Streams out; port i has bits [i*W +: W]
    output wire logic [PORTS*DATA_W-1:0] m_axis_tdata,
    output wire logic [PORTS*USER_W-1:0] m_axis_tuser,
    output wire logic [PORTS-1:0]        m_axis_tvalid,
    input  wire logic [PORTS-1:0]        m_axis_tready,
    output wire logic [PORTS-1:0]        m_axis_tlast
);
  if (PORTS == 0) $error("PORTS=%0d is below 1", PORTS);
  if (DATA_W == 0) $error("DATA_W=%0d is below 1", DATA_W);
  if (USER_W == 0) $error("USER_W=%0d is below 1", USER_W);

  logic             in_frame_q;  // between a frame's first beat and its last
  logic [PORTS-1:0] route_q;     // one-hot port of the frame under way, zero to discard it

  wire logic [PORTS-1:0] route = in_frame_q ? route_q : PORTS'(1) << s_axis_tdest;

  always_ff @(posedge clk) begin
    if (s_axis_tvalid && s_axis_tready) begin
      in_frame_q <= !s_axis_tlast;
      route_q    <= route;
    end
    if (rst) in_frame_q <= 1'b0;
  end

  assign s_axis_tready = (route & ~m_axis_tready) == '0;
  assign m_axis_tdata  = {PORTS{s_axis_tdata}};
  assign m_axis_tuser  = {PORTS{s_axis_tuser}};
  assign m_axis_tvalid = s_axis_tvalid ? route : '0;
  assign m_axis_tlast  = {PORTS{s_axis_tlast}};
endmodule

`default_nettype wire
