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
endmodule

`default_nettype wire
