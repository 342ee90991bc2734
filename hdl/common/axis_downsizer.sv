// SPDX-License-Identifier: Apache-2.0
// axis_downsizer: cuts the beats of a wide AXI4-Stream into narrow ones, low bits first.
//
// One narrow beat per cycle, latency one cycle. Narrow beats without a byte are left out, so a
// frame's last one ends where its bytes end. The output is registered; s_axis_tready follows
// m_axis_tready within the cycle. Reset drops what was left to send. The caller owes tkeep without
// gaps: all ones but on the last beat of a frame, there ones from bit 0 up.
`default_nettype none

module axis_downsizer #(
    // Input width in bits, a multiple of OUT_W
    parameter  int unsigned IN_W     = 64,
    // Output width in bits, a multiple of 8
    parameter  int unsigned OUT_W    = 32,
    localparam int unsigned IN_KEEP  = IN_W / 8,
    localparam int unsigned OUT_KEEP = OUT_W / 8
) (
    input  wire logic                clk,
    input  wire logic                rst,            // synchronous, active high

    // Wide stream in
    input  wire logic [IN_W-1:0]     s_axis_tdata,
    input  wire logic [IN_KEEP-1:0]  s_axis_tkeep,
    input  wire logic                s_axis_tvalid,
    output wire logic                s_axis_tready,
    input  wire logic                s_axis_tlast,

    // Narrow stream out; bytes without tkeep are undefined
    output wire logic [OUT_W-1:0]    m_axis_tdata,
    output wire logic [OUT_KEEP-1:0] m_axis_tkeep,
    output wire logic                m_axis_tvalid,
    input  wire logic                m_axis_tready,
    output wire logic                m_axis_tlast
);
  if (OUT_W == 0 || OUT_W % 8 != 0) $error("OUT_W=%0d is not a multiple of 8", OUT_W);
  if (IN_W < OUT_W || IN_W % OUT_W != 0) $error("IN_W=%0d is no multiple of OUT_W", IN_W);

  logic               valid_q, last_q;
  logic [IN_W-1:0]    data_q;  // bytes yet to send, the next ones lowest
  logic [IN_KEEP-1:0] keep_q;

  wire logic [IN_KEEP-1:0] keep_after  = keep_q >> OUT_KEEP;
  wire logic               final_piece = !keep_after[0];  // as tkeep has no gaps

  always_ff @(posedge clk) begin
    if (s_axis_tready) begin
      valid_q <= s_axis_tvalid;
      last_q  <= s_axis_tlast;
      data_q  <= s_axis_tdata;
      keep_q  <= s_axis_tkeep;
    end else if (m_axis_tready) begin
      data_q <= data_q >> OUT_W;
      keep_q <= keep_after;
    end
    if (rst) valid_q <= 1'b0;
  end

  assign s_axis_tready = !valid_q || (m_axis_tready && final_piece);
  assign m_axis_tdata  = data_q[OUT_W-1:0];
  assign m_axis_tkeep  = keep_q[OUT_KEEP-1:0];
  assign m_axis_tvalid = valid_q;
  assign m_axis_tlast  = last_q && final_piece;

`ifdef FORMAL
  localparam int unsigned F_CAPACITY = IN_KEEP;
  localparam int unsigned F_COUNT_W  = $clog2(F_CAPACITY + IN_KEEP + OUT_KEEP + 1);

  wire logic                       f_in_frame_s, f_in_frame_m, f_route_s, f_route_m;
  wire logic [F_COUNT_W-1:0]       f_level, f_ahead;
  wire logic                       f_marked, f_frame_last;
  wire logic [7:0]                 f_data;

  axis_contract #(
      .ASSUME   (1'b1),
      .PAYLOAD_W(IN_W),
      .KEEP_W   (IN_KEEP)
  ) f_source (
      .clk, .rst, .payload(s_axis_tdata), .tkeep(s_axis_tkeep), .route(1'b0),
      .tvalid(s_axis_tvalid), .tready(s_axis_tready), .tlast(s_axis_tlast),
      .in_frame(f_in_frame_s), .frame_route(f_route_s)
  );

  axis_contract #(
      .PAYLOAD_W(OUT_W),
      .KEEP_W   (OUT_KEEP)
  ) f_sink (
      .clk, .rst, .payload(m_axis_tdata), .tkeep(m_axis_tkeep), .route(1'b0),
      .tvalid(m_axis_tvalid), .tready(m_axis_tready), .tlast(m_axis_tlast),
      .in_frame(f_in_frame_m), .frame_route(f_route_m)
  );

  byte_scoreboard #(
      .IN_KEEP (IN_KEEP),
      .OUT_KEEP(OUT_KEEP),
      .CAPACITY(F_CAPACITY)
  ) f_scoreboard (
      .clk, .rst,
      .push(s_axis_tvalid && s_axis_tready), .push_data(s_axis_tdata), .push_keep(s_axis_tkeep),
      .push_last(s_axis_tlast),
      .pop(m_axis_tvalid && m_axis_tready), .pop_data(m_axis_tdata), .pop_keep(m_axis_tkeep),
      .pop_last(m_axis_tlast),
      .level(f_level), .marked(f_marked), .ahead(f_ahead), .data(f_data),
      .frame_last(f_frame_last)
  );

  logic f_past_exists = 1'b0;
  always @(posedge clk) f_past_exists <= 1'b1;

  logic [F_COUNT_W-1:0] f_count;  // bytes yet to send
  always @* begin
    f_count = '0;
    for (int i = 0; i < IN_KEEP; i++) f_count = f_count + F_COUNT_W'(keep_q[i]);
  end

  always @* if (f_past_exists && !rst) begin
    // Rule 1: the source is stalled only by a sink that stalls, or while a wide beat is cut.
    assert (s_axis_tready || (m_axis_tvalid && !(m_axis_tready && f_level <= OUT_KEEP)));
    // Rule 2: bytes inside are offered at once.
    assert (m_axis_tvalid == (f_level != '0));
    // Where the bytes are
    assert (f_level == (valid_q ? f_count : '0));
    assert (!valid_q || (keep_q & (keep_q + 1'b1)) == '0);
    assert (!valid_q || last_q || f_count % OUT_KEEP == 0);
    assert (!f_marked || data_q[f_ahead*8+:8] == f_data);
    assert (!f_marked || f_frame_last == (last_q && f_ahead == f_count - 1'b1));
  end
`endif
endmodule

`default_nettype wire
