// SPDX-License-Identifier: Apache-2.0
// card_toe_mac: the MAC in front of an engine that sleeps and is reset.
//
// Received beats pass a flip-flop whose clock always runs, and say so with `active` before: the
// engine is awake when they are there. With `quiesce` no frame begins, either way: one that is being
// sent is ended, of received ones nothing is passed on, nor the rest of one that came meanwhile.
`default_nettype none

module card_toe_mac (
    input  wire logic        clk,               // always runs
    input  wire logic        rst,               // synchronous, active high
    input  wire logic        quiesce,

    // Frames from the MAC
    input  wire logic [63:0] s_mac_axis_tdata,
    input  wire logic [7:0]  s_mac_axis_tkeep,
    input  wire logic        s_mac_axis_tvalid,
    input  wire logic        s_mac_axis_tlast,
    input  wire logic        s_mac_axis_tuser,
    output wire logic [63:0] m_rx_axis_tdata,
    output wire logic [7:0]  m_rx_axis_tkeep,
    output wire logic        m_rx_axis_tvalid,
    output wire logic        m_rx_axis_tlast,
    output wire logic        m_rx_axis_tuser,

    // Frames to the MAC
    input  wire logic [63:0] s_tx_axis_tdata,
    input  wire logic [7:0]  s_tx_axis_tkeep,
    input  wire logic        s_tx_axis_tvalid,
    output wire logic        s_tx_axis_tready,
    input  wire logic        s_tx_axis_tlast,
    output wire logic [63:0] m_mac_axis_tdata,
    output wire logic [7:0]  m_mac_axis_tkeep,
    output wire logic        m_mac_axis_tvalid,
    input  wire logic        m_mac_axis_tready,
    output wire logic        m_mac_axis_tlast,

    output wire logic        active,
    output wire logic        sending,           // a frame is offered and has not ended
    output wire logic        add_frame_in,      // a frame is whole; one cycle
    output wire logic        add_frame_out
);
  logic        receiving_q, skip_q, valid_q, last_q, user_q, sending_q;
  logic [63:0] data_q;
  logic [7:0]  keep_q;

  wire logic open = !quiesce || sending_q;

  always_ff @(posedge clk) begin
    if (s_mac_axis_tvalid) receiving_q <= !s_mac_axis_tlast;
    if (quiesce) skip_q <= 1'b1;
    else if (s_mac_axis_tvalid ? s_mac_axis_tlast : !receiving_q) skip_q <= 1'b0;

    valid_q <= s_mac_axis_tvalid && !skip_q && !quiesce;
    if (s_mac_axis_tvalid) begin
      data_q <= s_mac_axis_tdata;
      keep_q <= s_mac_axis_tkeep;
      last_q <= s_mac_axis_tlast;
      user_q <= s_mac_axis_tuser;
    end

    // What is offered is taken first
    if (m_mac_axis_tvalid) sending_q <= !(m_mac_axis_tready && m_mac_axis_tlast);

    if (rst) begin
      receiving_q <= 1'b0;
      skip_q      <= 1'b0;
      valid_q     <= 1'b0;
      sending_q   <= 1'b0;
    end
  end

  assign m_rx_axis_tdata  = data_q;
  assign m_rx_axis_tkeep  = keep_q;
  assign m_rx_axis_tvalid = valid_q;
  assign m_rx_axis_tlast  = last_q;
  assign m_rx_axis_tuser  = user_q;

  assign m_mac_axis_tdata  = s_tx_axis_tdata;
  assign m_mac_axis_tkeep  = s_tx_axis_tkeep;
  assign m_mac_axis_tvalid = s_tx_axis_tvalid && open;
  assign m_mac_axis_tlast  = s_tx_axis_tlast;
  assign s_tx_axis_tready  = m_mac_axis_tready && open;

  assign active        = s_mac_axis_tvalid || valid_q || s_tx_axis_tvalid;
  assign sending       = sending_q;
  assign add_frame_in  = valid_q && last_q;
  assign add_frame_out = m_mac_axis_tvalid && m_mac_axis_tready && m_mac_axis_tlast;
endmodule

`default_nettype wire
