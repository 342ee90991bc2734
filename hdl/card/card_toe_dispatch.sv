// SPDX-License-Identifier: Apache-2.0
// card_toe_dispatch: sends each descriptor its way, in order: reads, writes, or a command.
//
// A command, and a descriptor with which nothing is to be done, wait for the writes before them to
// be answered; ABORT and FREE for the reads, too. The engine holds a command back further for what
// it knows. A command is answered when the engine carries it out. Reads and writes answer for
// themselves.
`default_nettype none

module card_toe_dispatch (
    input  wire logic                              clk,
    input  wire logic                              rst,           // synchronous, active high
    input  wire logic                              quiesce,       // begin nothing

    // The descriptor; its other fields go to the reads and writes beside
    input  wire logic                              s_valid,
    output wire logic                              s_ready,
    input  wire logic [2:0]                        s_status,
    input  wire logic [3:0]                        s_op,
    input  wire logic [15:0]                       s_session,
    input  wire logic [63:0]                       s_tuple,
    input  wire logic [15:0]                       s_length,
    input  wire logic [13:0]                       s_options,

    output wire logic                              m_read_valid,
    input  wire logic                              m_read_ready,
    input  wire logic                              reads_busy,
    output wire logic                              m_write_valid,
    input  wire logic                              m_write_ready,
    input  wire logic                              writes_busy,

    // Ports to listen on, and commands of the engine
    output wire logic                              m_port_open,
    output wire logic                              m_port_valid,
    input  wire logic                              m_port_ready,
    output wire logic [toe_tcp_pkg::COMMAND_W-1:0] m_cmd_tdata,   // command_t
    output wire logic                              m_cmd_valid,
    input  wire logic                              m_cmd_ready,
    input  wire logic                              cmd_taken,     // it is carried out; one cycle

    // The answer, of the descriptor that is offered
    output wire logic                              m_answer_valid,
    input  wire logic                              m_answer_ready
);
  typedef enum logic [2:0] {
    StIdle,
    StPort,
    StCommand,
    StTaken,
    StAnswer
  } state_t;

  state_t state_q;

  wire logic good    = s_status == card_pkg::STATUS_OK[2:0];
  wire logic reads   = good && s_op == card_pkg::TOE_OP_READ[3:0];
  wire logic writes  = good && s_op == card_pkg::TOE_OP_WRITE[3:0];
  wire logic listens = s_op == card_pkg::TOE_OP_LISTEN[3:0];
  wire logic ports   = listens || s_op == card_pkg::TOE_OP_UNLISTEN[3:0];
  wire logic ends    = good && (s_op == card_pkg::TOE_OP_ABORT[3:0]
                                || s_op == card_pkg::TOE_OP_FREE[3:0]);
  wire logic idle    = state_q == StIdle && !quiesce;
  wire logic begins  = s_valid && !reads && !writes && !writes_busy && !(ends && reads_busy);

  toe_tcp_pkg::command_t command;
  always_comb begin
    command = '0;
    command.session = s_session;
    command.tuple = s_tuple;
    command.value = {6'd0, s_options};
    unique case (s_op)
      card_pkg::TOE_OP_OPEN[3:0]:   command.op = toe_tcp_pkg::CMD_OPEN;
      card_pkg::TOE_OP_CLOSE[3:0]:  command.op = toe_tcp_pkg::CMD_CLOSE;
      card_pkg::TOE_OP_ABORT[3:0]:  command.op = toe_tcp_pkg::CMD_ABORT;
      card_pkg::TOE_OP_FREE[3:0]:   command.op = toe_tcp_pkg::CMD_FREE;
      card_pkg::TOE_OP_URGENT[3:0]: begin
        command.op = toe_tcp_pkg::CMD_URGENT;
        command.value = {4'd0, s_length};
      end
      default:                      command.op = toe_tcp_pkg::CMD_OPTIONS;
    endcase
  end

  always_ff @(posedge clk) begin
    unique case (state_q)
      StIdle:    if (idle && begins) state_q <= !good ? StAnswer : ports ? StPort : StCommand;
      StPort:    if (m_port_ready) state_q <= StAnswer;
      StCommand: if (m_cmd_ready) state_q <= StTaken;
      StTaken:   if (cmd_taken) state_q <= StAnswer;
      StAnswer:  if (m_answer_ready) state_q <= StIdle;
      default:   state_q <= StIdle;
    endcase
    if (rst) state_q <= StIdle;
  end

  assign m_read_valid   = idle && s_valid && reads;
  assign m_write_valid  = idle && s_valid && writes;
  assign m_port_open    = listens;
  assign m_port_valid   = state_q == StPort;
  assign m_cmd_tdata    = command;
  assign m_cmd_valid    = state_q == StCommand;
  assign m_answer_valid = state_q == StAnswer;
  assign s_ready = (m_read_valid && m_read_ready) || (m_write_valid && m_write_ready)
                   || (m_answer_valid && m_answer_ready);
endmodule

`default_nettype wire
