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
  wire logic               final_piece = keep_after == '0;

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
endmodule

`default_nettype wire
