// SPDX-License-Identifier: Apache-2.0
// card_toe_entries: events and answers, in the order in which they happened, as completion entries.
//
// A command's answer comes behind the event that stood when the engine carried it out, and before
// all later ones. Events, answers of writes and of reads take turns otherwise. Combinational towards
// the ring.
`default_nettype none

module card_toe_entries #(
    localparam int unsigned ANSWER_W = card_toe_pkg::ANSWER_W,
    localparam int unsigned EVENT_W  = toe_tcp_pkg::EVENT_W
) (
    input  wire logic                clk,
    input  wire logic                rst,             // synchronous, active high

    input  wire logic [EVENT_W-1:0]  s_event_tdata,   // event_t
    input  wire logic                s_event_valid,
    output wire logic                s_event_ready,

    // Answers: answer_t
    input  wire logic                cmd_taken,       // the command is carried out; one cycle
    input  wire logic [ANSWER_W-1:0] s_command,
    input  wire logic                s_command_valid,
    output wire logic                s_command_ready,
    input  wire logic [ANSWER_W-1:0] s_write,
    input  wire logic                s_write_valid,
    output wire logic                s_write_ready,
    input  wire logic [ANSWER_W-1:0] s_read,
    input  wire logic                s_read_valid,
    output wire logic                s_read_ready,

    // TOE_COMPLETION without its phase, first byte lowest
    output wire logic [254:0]        m_entry,
    output wire logic                m_valid,
    input  wire logic                m_ready
);
  logic older_q;  // an event that happened before the command

  wire logic       command_first = s_command_valid && !older_q;
  wire logic [2:0] turn;
  wire logic       event_taken = s_event_valid && s_event_ready;

  rr_arbiter #(
      .PORTS(3)
  ) arbiter (
      .clk    (clk),
      .rst    (rst),
      .request({s_read_valid, s_write_valid, s_event_valid}),
      .grant  (turn),
      .advance(m_ready && !command_first)
  );

  always_ff @(posedge clk) begin
    if (event_taken) older_q <= 1'b0;
    else if (cmd_taken) older_q <= s_event_valid;
    if (rst) older_q <= 1'b0;
  end

  toe_tcp_pkg::event_t what;
  toe_pkg::tuple_t     tuple;
  assign what = s_event_tdata;
  assign tuple = what.tuple;

  card_toe_pkg::answer_t answer;
  assign answer = command_first ? s_command : turn[1] ? s_write : s_read;

  wire logic is_event = !command_first && turn[0];
  logic [254:0] entry;
  always_comb begin
    entry = '0;
    if (m_valid) begin
      entry = is_event
          ? {15'd0, what.urgent, 16'(what.what),
             what.acknowledged, what.received,
             tuple.local_port, tuple.remote_port, tuple.remote_ip,
             what.session, card_pkg::STATUS_EVENT, 32'd0}
          : {answer.index, 32'd0, 16'd0,
             32'd0, 16'd0, answer.length,
             64'd0,
             answer.session, 13'd0, answer.status, answer.id};
    end
  end

  assign m_entry         = entry;
  assign m_valid         = command_first || turn != '0;
  assign s_command_ready = m_ready && command_first;
  assign s_event_ready   = m_ready && is_event;
  assign s_write_ready   = m_ready && !command_first && turn[1];
  assign s_read_ready    = m_ready && !command_first && turn[2];
endmodule

`default_nettype wire
