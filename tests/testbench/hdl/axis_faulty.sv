// SPDX-License-Identifier: Apache-2.0
// axis_faulty: AXI4-Stream passed through, with one bug of choice that a monitor must notice.
//
// Combinational but for the bugs.
`default_nettype none

module axis_faulty (
    input  wire logic        clk,
    input  wire logic        rst,            // synchronous, active high

    // 0 none, 1 tvalid falls, 2 tdata changes while stalled, 3 tvalid in reset, 4 tready never
    // comes, 5 tstrb beyond tkeep, 6 a gap in tkeep, 7 an early beat that is not full, 8 tid
    // changes within a packet, 9 tlast never comes
    input  wire logic [3:0]  bug,

    input  wire logic [31:0] s_axis_tdata,
    input  wire logic [3:0]  s_axis_tkeep,
    input  wire logic [3:0]  s_axis_tstrb,
    input  wire logic        s_axis_tlast,
    input  wire logic [3:0]  s_axis_tid,
    input  wire logic [3:0]  s_axis_tdest,
    input  wire logic        s_axis_tvalid,
    output wire logic        s_axis_tready,

    output wire logic [31:0] m_axis_tdata,
    output wire logic [3:0]  m_axis_tkeep,
    output wire logic [3:0]  m_axis_tstrb,
    output wire logic        m_axis_tlast,
    output wire logic [3:0]  m_axis_tid,
    output wire logic [3:0]  m_axis_tdest,
    output wire logic        m_axis_tvalid,
    input  wire logic        m_axis_tready
);
  // The offer of the last cycle was not taken
  logic stalled_q;
  // Beats so far
  logic [3:0] beat_q;

  assign m_axis_tdata = s_axis_tdata ^ {31'd0, bug == 4'd2 && stalled_q};
  assign m_axis_tkeep = bug == 4'd6 ? 4'b1011
                      : bug == 4'd7 && !s_axis_tlast ? 4'b0111 : s_axis_tkeep;
  assign m_axis_tstrb = bug == 4'd5 ? 4'b1111 : s_axis_tstrb & m_axis_tkeep;
  assign m_axis_tlast = s_axis_tlast && bug != 4'd9;
  assign m_axis_tid = bug == 4'd8 ? beat_q : s_axis_tid;
  assign m_axis_tdest = s_axis_tdest;
  assign m_axis_tvalid = (s_axis_tvalid && !(bug == 4'd1 && stalled_q) && bug != 4'd4)
                       || (bug == 4'd3 && rst);
  assign s_axis_tready = m_axis_tready && bug != 4'd4;

  always_ff @(posedge clk) begin
    stalled_q <= m_axis_tvalid && !m_axis_tready;
    if (m_axis_tvalid && m_axis_tready) beat_q <= beat_q + 4'd1;
    if (rst) begin
      stalled_q <= 1'b0;
      beat_q <= '0;
    end
  end
endmodule

`default_nettype wire
