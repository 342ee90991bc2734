// SPDX-License-Identifier: Apache-2.0
// axis_upsizer: gathers the beats of a narrow AXI4-Stream into wide ones, low bits first.
//
// One narrow beat per cycle, latency one cycle after the beat that fills the wide one or ends the
// frame. A frame always starts a new wide beat. The output is registered; s_axis_tready follows
// m_axis_tready within the cycle. Reset drops what was gathered. The caller owes tkeep without
// gaps: all ones but on the last beat of a frame, there ones from bit 0 up.
`default_nettype none

module axis_upsizer #(
    // Input width in bits, a multiple of 8
    parameter  int unsigned IN_W     = 32,
    // Output width in bits, a multiple of IN_W
    parameter  int unsigned OUT_W    = 64,
    localparam int unsigned IN_KEEP  = IN_W / 8,
    localparam int unsigned OUT_KEEP = OUT_W / 8
) (
    input  wire logic                clk,
    input  wire logic                rst,            // synchronous, active high

    // Narrow stream in
    input  wire logic [IN_W-1:0]     s_axis_tdata,
    input  wire logic [IN_KEEP-1:0]  s_axis_tkeep,
    input  wire logic                s_axis_tvalid,
    output wire logic                s_axis_tready,
    input  wire logic                s_axis_tlast,

    // Wide stream out; bytes without tkeep are undefined
    output wire logic [OUT_W-1:0]    m_axis_tdata,
    output wire logic [OUT_KEEP-1:0] m_axis_tkeep,
    output wire logic                m_axis_tvalid,
    input  wire logic                m_axis_tready,
    output wire logic                m_axis_tlast
);
  if (IN_W == 0 || IN_W % 8 != 0) $error("IN_W=%0d is not a multiple of 8", IN_W);
  if (OUT_W < IN_W || OUT_W % IN_W != 0) $error("OUT_W=%0d is no multiple of IN_W", OUT_W);

  localparam int unsigned RATIO = OUT_W / IN_W;
  localparam int unsigned SLOT_W = RATIO > 1 ? $clog2(RATIO) : 1;

  logic              valid_q, last_q;
  logic [SLOT_W-1:0] slot_q;  // where the next narrow beat goes

  wire logic take = s_axis_tvalid && s_axis_tready;
  wire logic full = slot_q == SLOT_W'(RATIO - 1) || s_axis_tlast;

  for (genvar i = 0; i < RATIO; i++) begin : gen_slot
    logic [IN_W-1:0]    data_q;
    logic [IN_KEEP-1:0] keep_q;

    always_ff @(posedge clk) begin
      if (take && slot_q == SLOT_W'(i)) data_q <= s_axis_tdata;
      if (take && slot_q == SLOT_W'(i)) keep_q <= s_axis_tkeep;
      else if (take && slot_q == '0) keep_q <= '0;
    end

    assign m_axis_tdata[i*IN_W+:IN_W]       = data_q;
    assign m_axis_tkeep[i*IN_KEEP+:IN_KEEP] = keep_q;
  end

  always_ff @(posedge clk) begin
    if (take) slot_q <= full ? '0 : slot_q + 1'b1;
    if (take) last_q <= s_axis_tlast;
    if (s_axis_tready) valid_q <= take && full;
    if (rst) begin
      valid_q <= 1'b0;
      slot_q  <= '0;
    end
  end

  assign s_axis_tready = !valid_q || m_axis_tready;
  assign m_axis_tvalid = valid_q;
  assign m_axis_tlast  = last_q;

`ifdef FORMAL
  localparam int unsigned F_CAPACITY = OUT_KEEP;
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

  logic [F_COUNT_W-1:0] f_count;  // bytes of the wide beat
  always @* begin
    f_count = '0;
    for (int i = 0; i < OUT_KEEP; i++) f_count = f_count + F_COUNT_W'(m_axis_tkeep[i]);
  end

  always @* if (f_past_exists && !rst) begin
    // Rule 1: the source is stalled only by a sink that stalls.
    assert (s_axis_tready || (m_axis_tvalid && !m_axis_tready));
    // Rule 2: bytes wait only for the rest of their wide beat.
    assert (m_axis_tvalid || f_level < OUT_KEEP);
    assert (m_axis_tvalid || f_level == '0 || f_in_frame_s);
    // Where the bytes are
    assert (f_level == (valid_q ? f_count : F_COUNT_W'(slot_q) * F_COUNT_W'(IN_KEEP)));
    assert (32'(slot_q) < RATIO && (!valid_q || slot_q == '0));
    assert (slot_q == '0 || f_count == f_level);
    assert (!valid_q || last_q || f_count == OUT_KEEP);
    assert ((m_axis_tkeep & (m_axis_tkeep + 1'b1)) == '0 || f_level == '0);
    assert (!f_marked || m_axis_tdata[f_ahead*8+:8] == f_data);
    assert (!f_marked || f_frame_last == (valid_q && last_q && f_ahead == f_count - 1'b1));
    assert (!valid_q || f_in_frame_s == !last_q);
    assert (slot_q == '0 || f_in_frame_s);
  end
`endif
endmodule

`default_nettype wire
