// SPDX-License-Identifier: Apache-2.0
// toe_fence: items that wait for bursts asked for before them, then for their taker.
//
// An item carries how many bursts must have been answered before it may leave; items leave in
// order. Room for the second wait is kept when an item enters, so a taker that stalls never makes
// an item wait so long that the count, which wraps, overtakes it. One item a cycle, latency four
// cycles. Reset empties it. The caller owes: at most 2^(FENCE_W-2) bursts are unanswered, and as
// many answered in DEPTH cycles.
`default_nettype none

module toe_fence #(
    // Bits of an item, at least 1
    parameter  int unsigned DATA_W  = 16,
    // Items inside, a power of two, at least 4
    parameter  int unsigned DEPTH   = 16,
    // Bits of a count of bursts, at least 3
    parameter  int unsigned FENCE_W = 10,
    localparam int unsigned LEVEL_W = $clog2(DEPTH) + 1
) (
    input  wire logic               clk,
    input  wire logic               rst,       // synchronous, active high

    // Items, and the count of bursts they wait for
    input  wire logic [DATA_W-1:0]  s_data,
    input  wire logic [FENCE_W-1:0] s_asked,
    input  wire logic               s_valid,
    output wire logic               s_ready,

    // Bursts answered so far
    input  wire logic [FENCE_W-1:0] done,

    output wire logic [DATA_W-1:0]  m_data,
    output wire logic               m_valid,
    input  wire logic               m_ready,

    output wire logic               busy       // items are inside
);
  if (FENCE_W < 3) $error("FENCE_W=%0d is below 3", FENCE_W);

  logic [LEVEL_W-1:0] inside_q;

  wire logic [DATA_W-1:0]  wait_data;
  wire logic [FENCE_W-1:0] wait_asked;
  wire logic               wait_valid;
  wire logic [LEVEL_W-1:0] unused_wait_level, unused_pass_level;
  wire logic               unused_wait_ready, unused_pass_ready;
  wire logic               unused_wait_last, unused_pass_last, unused_user;

  wire logic [FENCE_W-1:0] over   = done - wait_asked;
  wire logic               passed = !over[FENCE_W-1];
  wire logic               enter  = s_valid && s_ready;
  wire logic               leave  = m_valid && m_ready;

  axis_fifo #(
      .DATA_W(DATA_W),
      .USER_W(FENCE_W),
      .DEPTH (DEPTH)
  ) wait_fifo (
      .clk          (clk),
      .rst          (rst),
      .s_axis_tdata (s_data),
      .s_axis_tuser (s_asked),
      .s_axis_tvalid(enter),
      .s_axis_tready(unused_wait_ready),
      .s_axis_tlast (1'b0),
      .m_axis_tdata (wait_data),
      .m_axis_tuser (wait_asked),
      .m_axis_tvalid(wait_valid),
      .m_axis_tready(passed),
      .m_axis_tlast (unused_wait_last),
      .level        (unused_wait_level)
  );

  axis_fifo #(
      .DATA_W(DATA_W),
      .USER_W(1),
      .DEPTH (DEPTH)
  ) pass_fifo (
      .clk          (clk),
      .rst          (rst),
      .s_axis_tdata (wait_data),
      .s_axis_tuser (1'b0),
      .s_axis_tvalid(wait_valid && passed),
      .s_axis_tready(unused_pass_ready),
      .s_axis_tlast (1'b0),
      .m_axis_tdata (m_data),
      .m_axis_tuser (unused_user),
      .m_axis_tvalid(m_valid),
      .m_axis_tready(m_ready),
      .m_axis_tlast (unused_pass_last),
      .level        (unused_pass_level)
  );

  always_ff @(posedge clk) begin
    if (enter != leave) inside_q <= enter ? inside_q + 1'b1 : inside_q - 1'b1;
    if (rst) inside_q <= '0;
  end

  assign s_ready = inside_q != LEVEL_W'(DEPTH);
  assign busy    = inside_q != '0;

  wire logic unused = &{1'b0, unused_wait_level, unused_pass_level, unused_wait_ready,
                        unused_pass_ready, unused_wait_last, unused_pass_last, unused_user,
                        over[FENCE_W-2:0]};
endmodule

`default_nettype wire
