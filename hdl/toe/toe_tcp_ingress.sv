// SPDX-License-Identifier: Apache-2.0
// toe_tcp_ingress: finds the session of each segment ahead of its turn, and shares toe_lookup.
//
// A segment is asked for as soon as it is here, so that its session is known when toe_tcp comes to
// it; order is kept. Commands of toe_tcp go first. What the lookup answers belongs to its commands in order.
// A session may be made or removed between answer and turn: toe_tcp compares tuples, and asks again
// where it matters. ICMP errors go the same way, in turns with segments, as a word of the same form.
// Up to SEGMENTS wait here. Reset empties it.
`default_nettype none

module toe_tcp_ingress #(
    // Bits of a session's number
    parameter int unsigned SESSIONS_LOG2 = 14,
    // Segments that may wait: a power of two, at least 4
    parameter int unsigned SEGMENTS      = 8
) (
    input  wire logic                          clk,
    input  wire logic                          rst,             // synchronous, active high

    // Segments
    input  wire logic [toe_pkg::SEGMENT_W-1:0] s_seg_tdata,     // segment_t
    input  wire logic                          s_seg_valid,
    output wire logic                          s_seg_ready,

    // ICMP errors
    input  wire logic [toe_tcp_pkg::ICMP_ERROR_W-1:0] s_error_tdata, // icmp_error_t
    input  wire logic                          s_error_valid,
    output wire logic                          s_error_ready,

    // Ports that are open: the answer is there in the cycle after
    output wire logic [15:0]                   m_port,
    output wire logic                          m_port_valid,
    input  wire logic                          s_port_open,

    // Segments with what is known of them, for toe_tcp. Of an error: `ack` is the sequence number in
    // it, `window` its MTU, `urgent` its type and code
    output wire logic [toe_pkg::SEGMENT_W-1:0] m_seg_tdata,
    output wire logic                          m_seg_error,
    output wire logic                          m_seg_found,
    output wire logic [15:0]                   m_seg_session,
    output wire logic                          m_seg_listening,
    output wire logic                          m_seg_valid,
    input  wire logic                          m_seg_ready,

    // Commands of toe_tcp; answers to finds and insertions only
    input  wire logic [1:0]                    s_lookup_op,     // 0 find, 1 insert, 2 remove
    input  wire logic [toe_pkg::TUPLE_W-1:0]   s_lookup_tuple,
    input  wire logic [SESSIONS_LOG2-1:0]      s_lookup_session,
    input  wire logic                          s_lookup_valid,
    output wire logic                          s_lookup_ready,
    output wire logic                          m_lookup_valid,
    output wire logic                          m_lookup_found,
    output wire logic                          m_lookup_ok,     // it is there now
    output wire logic [15:0]                   m_lookup_session,

    // toe_lookup
    output wire logic                          m_find_insert,
    output wire logic                          m_find_remove,
    output wire logic [toe_pkg::TUPLE_W-1:0]   m_find_tuple,
    output wire logic [SESSIONS_LOG2-1:0]      m_find_session,
    output wire logic                          m_find_valid,
    input  wire logic                          m_find_ready,
    input  wire logic                          s_found_valid,
    input  wire logic                          s_found_found,
    input  wire logic [SESSIONS_LOG2-1:0]      s_found_session,
    input  wire logic                          s_found_failed   // not inserted
);
  localparam logic [1:0] INSERT = 2'd1, REMOVE = 2'd2;

  toe_tcp_pkg::icmp_error_t error;
  toe_pkg::segment_t        of_error, seg;
  assign error = s_error_tdata;

  // Whoever waited while the other one went goes next
  logic error_first_q;
  wire logic is_error = s_error_valid && (error_first_q || !s_seg_valid);

  always_comb begin
    of_error = '0;
    of_error.tuple = error.tuple;
    of_error.ack = error.seq;
    of_error.window = error.mtu;
    of_error.urgent = {error.kind, error.code};
  end
  assign seg = is_error ? of_error : s_seg_tdata;

  // ---- Commands, toe_tcp's first; who asked, in order ----

  wire logic segment_room, asked_room, asks;
  wire logic segment_go = !s_lookup_valid && (s_seg_valid || s_error_valid) && segment_room;
  wire logic segment_taken = m_find_ready && asked_room && segment_go;
  assign m_find_valid   = (s_lookup_valid || segment_go) && asked_room;
  assign m_find_insert  = s_lookup_valid && s_lookup_op == INSERT;
  assign m_find_remove  = s_lookup_valid && s_lookup_op == REMOVE;
  assign m_find_tuple   = s_lookup_valid ? s_lookup_tuple : seg.tuple;
  assign m_find_session = s_lookup_session;
  assign s_lookup_ready = m_find_ready && asked_room;
  assign s_seg_ready    = segment_taken && !is_error;
  assign s_error_ready  = segment_taken && is_error;
  assign asks           = m_find_valid && m_find_ready;

  always_ff @(posedge clk) begin
    if (segment_taken) error_first_q <= !is_error;
    if (rst) error_first_q <= 1'b0;
  end

  localparam logic [1:0] BY_SEGMENT = 2'd0, BY_ENGINE = 2'd1, BY_NOBODY = 2'd2;
  wire logic [1:0] asker = !s_lookup_valid ? BY_SEGMENT
                           : s_lookup_op == REMOVE ? BY_NOBODY : BY_ENGINE;
  wire logic [1:0] answered;
  wire logic       unused_asked_valid, unused_asked_user, unused_asked_last;
  wire logic [3:0] unused_asked_level;

  axis_fifo #(
      .DATA_W(2),
      .DEPTH (8)
  ) asked (
      .clk          (clk),
      .rst          (rst),
      .s_axis_tdata (asker),
      .s_axis_tuser (1'b0),
      .s_axis_tvalid(asks),
      .s_axis_tready(asked_room),
      .s_axis_tlast (1'b1),
      .m_axis_tdata (answered),
      .m_axis_tuser (unused_asked_user),
      .m_axis_tvalid(unused_asked_valid),
      .m_axis_tready(s_found_valid),
      .m_axis_tlast (unused_asked_last),
      .level        (unused_asked_level)
  );

  assign m_lookup_valid   = s_found_valid && answered == BY_ENGINE;
  assign m_lookup_found   = s_found_found;
  assign m_lookup_ok      = s_found_found || !s_found_failed;
  assign m_lookup_session = 16'(s_found_session);

  // ---- Segments that wait, and what is known of them ----

  assign m_port       = seg.tuple.local_port;
  assign m_port_valid = segment_taken;

  wire logic unused_seg_last, seg_valid, seg_ready;
  wire logic [$clog2(SEGMENTS):0] unused_seg_level, unused_known_level, unused_open_level;

  axis_fifo #(
      .DATA_W(toe_pkg::SEGMENT_W),
      .DEPTH (SEGMENTS)
  ) segments (
      .clk          (clk),
      .rst          (rst),
      .s_axis_tdata (seg),
      .s_axis_tuser (is_error),
      .s_axis_tvalid(segment_taken),
      .s_axis_tready(segment_room),
      .s_axis_tlast (1'b1),
      .m_axis_tdata (m_seg_tdata),
      .m_axis_tuser (m_seg_error),
      .m_axis_tvalid(seg_valid),
      .m_axis_tready(seg_ready),
      .m_axis_tlast (unused_seg_last),
      .level        (unused_seg_level)
  );

  logic open_valid_q;
  always_ff @(posedge clk) begin
    open_valid_q <= m_port_valid;
    if (rst) open_valid_q <= 1'b0;
  end

  wire logic open_valid, unused_open_room, unused_open_user, unused_open_last;
  axis_fifo #(
      .DATA_W(1),
      .DEPTH (SEGMENTS)
  ) opens (
      .clk          (clk),
      .rst          (rst),
      .s_axis_tdata (s_port_open),
      .s_axis_tuser (1'b0),
      .s_axis_tvalid(open_valid_q),
      .s_axis_tready(unused_open_room),
      .s_axis_tlast (1'b1),
      .m_axis_tdata (m_seg_listening),
      .m_axis_tuser (unused_open_user),
      .m_axis_tvalid(open_valid),
      .m_axis_tready(seg_ready),
      .m_axis_tlast (unused_open_last),
      .level        (unused_open_level)
  );

  wire logic known_valid, unused_known_room, unused_known_user, unused_known_last;
  axis_fifo #(
      .DATA_W(17),
      .DEPTH (SEGMENTS)
  ) known (
      .clk          (clk),
      .rst          (rst),
      .s_axis_tdata ({s_found_found, 16'(s_found_session)}),
      .s_axis_tuser (1'b0),
      .s_axis_tvalid(s_found_valid && answered == BY_SEGMENT),
      .s_axis_tready(unused_known_room),
      .s_axis_tlast (1'b1),
      .m_axis_tdata ({m_seg_found, m_seg_session}),
      .m_axis_tuser (unused_known_user),
      .m_axis_tvalid(known_valid),
      .m_axis_tready(seg_ready),
      .m_axis_tlast (unused_known_last),
      .level        (unused_known_level)
  );

  assign m_seg_valid = seg_valid && open_valid && known_valid;
  assign seg_ready   = m_seg_valid && m_seg_ready;
endmodule

`default_nettype wire
