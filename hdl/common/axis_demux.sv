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

`ifdef FORMAL
  localparam int unsigned F_PAYLOAD_W = DATA_W + USER_W + 1;

  // One port of the solver's choice
  (* anyconst *) logic [DEST_W-1:0] f_port;
  always @* assume (32'(f_port) < PORTS);

  wire logic                   f_in_frame_s, f_in_frame_m, f_route_s, f_route_m;
  wire logic                   f_level, f_ahead, f_marked;
  wire logic [F_PAYLOAD_W-1:0] f_payload;
  wire logic [F_PAYLOAD_W-1:0] f_in  = {s_axis_tlast, s_axis_tuser, s_axis_tdata};
  logic [F_PAYLOAD_W-1:0]      f_out;

  always @* begin
    f_out = '0;
    for (int i = 0; i < PORTS; i++) begin
      if (f_port == DEST_W'(i)) begin
        f_out = {m_axis_tlast[i], m_axis_tuser[i*USER_W+:USER_W], m_axis_tdata[i*DATA_W+:DATA_W]};
      end
    end
  end

  axis_contract #(
      .ASSUME   (1'b1),
      .PAYLOAD_W(F_PAYLOAD_W + DEST_W)
  ) f_source (
      .clk, .rst, .payload({f_in, s_axis_tdest}), .tkeep(1'b1), .route(1'b0),
      .tvalid(s_axis_tvalid), .tready(s_axis_tready), .tlast(s_axis_tlast),
      .in_frame(f_in_frame_s), .frame_route(f_route_s)
  );

  axis_contract #(
      .PAYLOAD_W(F_PAYLOAD_W)
  ) f_sink (
      .clk, .rst, .payload(f_out), .tkeep(1'b1), .route(1'b0),
      .tvalid(m_axis_tvalid[f_port]), .tready(m_axis_tready[f_port]),
      .tlast(m_axis_tlast[f_port]), .in_frame(f_in_frame_m), .frame_route(f_route_m)
  );

  // The destination of the frame under way, kept apart from the design's own way to keep it
  logic [DEST_W-1:0] f_dest_q;
  wire logic [DEST_W-1:0] f_dest = f_in_frame_s ? f_dest_q : s_axis_tdest;
  always @(posedge clk) if (s_axis_tvalid && s_axis_tready) f_dest_q <= f_dest;

  // What enters for the watched port leaves there in the same cycle, and nothing else does
  beat_scoreboard #(
      .PAYLOAD_W(F_PAYLOAD_W),
      .CAPACITY (0)
  ) f_scoreboard (
      .clk, .rst,
      .push(s_axis_tvalid && s_axis_tready && f_dest == f_port), .push_payload(f_in),
      .pop(m_axis_tvalid[f_port] && m_axis_tready[f_port]), .pop_payload(f_out),
      .level(f_level), .marked(f_marked), .ahead(f_ahead), .payload(f_payload)
  );

  logic f_past_exists = 1'b0;
  always @(posedge clk) f_past_exists <= 1'b1;

  always @* if (f_past_exists && !rst) begin
    // Rule 1: at most one port is offered a beat, and none is if the destination does not exist.
    assert ((m_axis_tvalid & (m_axis_tvalid - 1'b1)) == '0);
    assert (32'(f_dest) < PORTS || m_axis_tvalid == '0);
    // Rule 2: a beat for no port never stalls; a beat for a port stalls only if that port does.
    assert (32'(f_dest) < PORTS || s_axis_tready);
    assert (f_dest != f_port || s_axis_tready == m_axis_tready[f_port]);
    // The state agrees with the frame under way
    assert (in_frame_q == f_in_frame_s);
    assert (!in_frame_q || route_q == PORTS'(1) << f_dest_q);
    assert (f_level == '0);
    cover (s_axis_tvalid && in_frame_q && s_axis_tdest != f_dest && f_dest == f_port);
    if (PORTS != 1 << DEST_W) cover (s_axis_tvalid && in_frame_q && 32'(f_dest) >= PORTS);
  end
`endif
endmodule

`default_nettype wire
