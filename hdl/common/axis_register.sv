// SPDX-License-Identifier: Apache-2.0
// axis_register: AXI4-Stream register slice; cuts every combinational path between both sides.
//
// One beat per cycle, latency one cycle. All outputs, s_axis_tready too, come from flip-flops, so a
// second (skid) register holds the beat that arrives in the cycle in which the sink stalls.
// Reset empties it. Sidebands such as tkeep, tid or tdest travel in tuser.
`default_nettype none

module axis_register #(
    // Data width in bits, at least 1
    parameter int unsigned DATA_W = 64,
    // User sideband width in bits, at least 1
    parameter int unsigned USER_W = 1
) (
    input  wire logic              clk,
    input  wire logic              rst,            // synchronous, active high

    // Stream in
    input  wire logic [DATA_W-1:0] s_axis_tdata,
    input  wire logic [USER_W-1:0] s_axis_tuser,
    input  wire logic              s_axis_tvalid,
    output wire logic              s_axis_tready,
    input  wire logic              s_axis_tlast,

    // Stream out
    output wire logic [DATA_W-1:0] m_axis_tdata,
    output wire logic [USER_W-1:0] m_axis_tuser,
    output wire logic              m_axis_tvalid,
    input  wire logic              m_axis_tready,
    output wire logic              m_axis_tlast
);
  if (DATA_W == 0) $error("DATA_W=%0d is below 1", DATA_W);
  if (USER_W == 0) $error("USER_W=%0d is below 1", USER_W);

  logic              ready_q;  // the skid register is empty
  logic              valid_q;
  logic [DATA_W-1:0] data_q, skid_data_q;
  logic [USER_W-1:0] user_q, skid_user_q;
  logic              last_q, skid_last_q;

  wire logic move = !valid_q || m_axis_tready;  // the output register may change

  always_ff @(posedge clk) begin
    if (move) begin
      data_q <= ready_q ? s_axis_tdata : skid_data_q;
      user_q <= ready_q ? s_axis_tuser : skid_user_q;
      last_q <= ready_q ? s_axis_tlast : skid_last_q;
      valid_q <= !ready_q || s_axis_tvalid;
      ready_q <= 1'b1;
    end else if (ready_q) begin
      ready_q <= !s_axis_tvalid;
    end
    if (ready_q) begin
      skid_data_q <= s_axis_tdata;
      skid_user_q <= s_axis_tuser;
      skid_last_q <= s_axis_tlast;
    end
    if (rst) begin
      valid_q <= 1'b0;
      ready_q <= 1'b1;
    end
  end

  assign s_axis_tready = ready_q;
  assign m_axis_tdata  = data_q;
  assign m_axis_tuser  = user_q;
  assign m_axis_tvalid = valid_q;
  assign m_axis_tlast  = last_q;

`ifdef FORMAL
  localparam int unsigned F_PAYLOAD_W = DATA_W + USER_W + 1;

  wire logic                   f_in_frame_s, f_in_frame_m, f_route_s, f_route_m;
  wire logic [1:0]             f_level, f_ahead;
  wire logic                   f_marked;
  wire logic [F_PAYLOAD_W-1:0] f_payload;

  wire logic [F_PAYLOAD_W-1:0] f_in   = {s_axis_tlast, s_axis_tuser, s_axis_tdata};
  wire logic [F_PAYLOAD_W-1:0] f_out  = {last_q, user_q, data_q};
  wire logic [F_PAYLOAD_W-1:0] f_skid = {skid_last_q, skid_user_q, skid_data_q};

  axis_contract #(
      .ASSUME   (1'b1),
      .PAYLOAD_W(F_PAYLOAD_W)
  ) f_source (
      .clk, .rst, .payload(f_in), .tkeep(1'b1), .route(1'b0),
      .tvalid(s_axis_tvalid), .tready(s_axis_tready), .tlast(s_axis_tlast),
      .in_frame(f_in_frame_s), .frame_route(f_route_s)
  );

  axis_contract #(
      .PAYLOAD_W(F_PAYLOAD_W)
  ) f_sink (
      .clk, .rst, .payload(f_out), .tkeep(1'b1), .route(1'b0),
      .tvalid(m_axis_tvalid), .tready(m_axis_tready), .tlast(m_axis_tlast),
      .in_frame(f_in_frame_m), .frame_route(f_route_m)
  );

  beat_scoreboard #(
      .PAYLOAD_W(F_PAYLOAD_W),
      .CAPACITY (2)
  ) f_scoreboard (
      .clk, .rst,
      .push(s_axis_tvalid && s_axis_tready), .push_payload(f_in),
      .pop(m_axis_tvalid && m_axis_tready), .pop_payload(f_out),
      .level(f_level), .marked(f_marked), .ahead(f_ahead), .payload(f_payload)
  );

  logic f_past_exists = 1'b0;
  logic f_past_rst, f_past_move;
  always @(posedge clk) begin
    f_past_exists <= 1'b1;
    f_past_rst    <= rst;
    f_past_move   <= move;
  end

  always @* if (f_past_exists && !rst) begin
    // Rule 1: a beat inside is offered at once.
    assert (m_axis_tvalid == (f_level != '0));
    // Rule 2: it never stalls its source by itself, only after its sink stalled it.
    assert (s_axis_tready || !(f_past_rst || f_past_move));
    // Where the beats are
    assert (f_level == 2'(valid_q) + 2'(!ready_q));
    assert (!f_marked || f_payload == (f_ahead == '0 ? f_out : f_skid));
  end
`endif
endmodule

`default_nettype wire
