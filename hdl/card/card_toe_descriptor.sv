// SPDX-License-Identifier: Apache-2.0
// card_toe_descriptor: reads one TOE descriptor from four beats and judges it.
//
// What is offered stands until it is taken; four cycles a descriptor and one to take it. One that
// is out of range, or that the bus refused, is offered like any other with a status that says why.
`default_nettype none

module card_toe_descriptor #(
    // Sessions as a power of two, at most 16
    parameter int unsigned SESSIONS_LOG2 = 14
) (
    input  wire logic        clk,
    input  wire logic        rst,            // synchronous, active high
    input  wire logic        quiesce,        // take nothing

    // Descriptors, four beats each
    input  wire logic [63:0] s_axis_tdata,
    input  wire logic        s_axis_tuser,   // the bus refused this beat
    input  wire logic        s_axis_tvalid,
    output wire logic        s_axis_tready,

    // One descriptor
    output wire logic        m_valid,
    input  wire logic        m_ready,
    output wire logic [2:0]  m_status,       // OK, or why nothing is to be done
    output wire logic [31:0] m_id,
    output wire logic [14:0] m_index,        // its number in the ring
    output wire logic [3:0]  m_op,
    output wire logic [15:0] m_session,
    output wire logic [63:0] m_address,
    output wire logic [63:0] m_tuple,        // toe_pkg::tuple_t
    output wire logic [15:0] m_length,
    output wire logic [13:0] m_options,      // value of command_t

    output wire logic        busy,
    output wire logic        add_bad_descriptor,
    output wire logic        add_bus_error
);
  localparam logic [2:0] OK = card_pkg::STATUS_OK[2:0];
  localparam logic [2:0] BAD = card_pkg::STATUS_BAD_DESCRIPTOR[2:0];
  localparam logic [2:0] REFUSED = card_pkg::STATUS_DESCRIPTOR_BUS_ERROR[2:0];

  logic        valid_q;
  logic [1:0]  beat_q;
  logic [14:0] index_q;
  logic        bad_q, refused_q;
  logic [31:0] id_q;
  logic [3:0]  op_q;
  logic [15:0] session_q, length_q;
  logic [63:0] address_q, tuple_q;
  logic [13:0] options_q;

  wire logic [15:0] op = s_axis_tdata[47:32];
  wire logic listens   = op_q == card_pkg::TOE_OP_LISTEN[3:0]
                         || op_q == card_pkg::TOE_OP_UNLISTEN[3:0];
  wire logic opens     = op_q == card_pkg::TOE_OP_OPEN[3:0];
  wire logic moves     = op_q == card_pkg::TOE_OP_READ[3:0] || op_q == card_pkg::TOE_OP_WRITE[3:0];
  wire logic marks     = op_q == card_pkg::TOE_OP_URGENT[3:0];
  wire logic sets      = op_q == card_pkg::TOE_OP_OPTIONS[3:0];

  wire logic [31:0] remote_ip   = s_axis_tdata[31:0];
  wire logic [15:0] remote_port = s_axis_tdata[47:32];
  wire logic [15:0] local_port  = s_axis_tdata[63:48];

  // Whether a field of this beat is out of its range
  logic out_of_range;
  always_comb begin
    unique case (beat_q)
      2'd0:
        out_of_range = op < 16'(card_pkg::TOE_OP_LISTEN) || op > 16'(card_pkg::TOE_OP_URGENT)
            || (op >= 16'(card_pkg::TOE_OP_CLOSE)
                && 32'(s_axis_tdata[63:48]) >= 32'd1 << SESSIONS_LOG2);
      // The last 16 MiB are out: no transfer that starts below them wraps around 2^64
      2'd1:
        out_of_range = moves && (s_axis_tdata[2:0] != '0 || s_axis_tdata[63:24] == '1);
      // Who can be a peer: not this network, not this host, no group (RFC 1122 3.2.1.3)
      2'd2:
        out_of_range = ((listens || opens) && local_port == '0)
            || (opens && (remote_port == '0 || remote_ip[31:24] == 8'd0
                          || remote_ip[31:24] == 8'd127 || remote_ip[31:29] == 3'b111));
      default:
        out_of_range = ((moves || marks) && s_axis_tdata[31:16] != '0)
            || (moves && s_axis_tdata[15:0] == '0)
            || ((sets || opens) && (s_axis_tdata[63:46] != '0 || s_axis_tdata[35:34] != '0));
    endcase
  end

  assign s_axis_tready = !valid_q && !quiesce;

  always_ff @(posedge clk) begin
    if (s_axis_tvalid && s_axis_tready) begin
      beat_q    <= beat_q + 2'd1;
      bad_q     <= (beat_q != 2'd0 && bad_q) || out_of_range;
      refused_q <= (beat_q != 2'd0 && refused_q) || s_axis_tuser;
      unique case (beat_q)
        2'd0: begin
          id_q      <= s_axis_tdata[31:0];
          op_q      <= op[3:0];
          session_q <= s_axis_tdata[63:48];
        end
        2'd1: address_q <= s_axis_tdata;
        2'd2: tuple_q <= {remote_ip, remote_port, local_port};
        default: begin
          length_q  <= s_axis_tdata[15:0];
          options_q <= s_axis_tdata[45:32];
          valid_q   <= 1'b1;
        end
      endcase
    end
    if (m_valid && m_ready) begin
      valid_q <= 1'b0;
      index_q <= index_q + 15'd1;
    end
    if (rst) begin
      valid_q <= 1'b0;
      beat_q  <= '0;
      index_q <= '0;
    end
  end

  assign m_valid   = valid_q;
  assign m_status  = refused_q ? REFUSED : bad_q ? BAD : OK;
  assign m_id      = refused_q ? 32'd0 : id_q;
  assign m_index   = index_q;
  assign m_op      = op_q;
  assign m_session = refused_q ? 16'd0 : session_q;
  assign m_address = address_q;
  assign m_tuple   = tuple_q;
  assign m_length  = length_q;
  assign m_options = options_q;

  assign busy               = valid_q || beat_q != '0;
  assign add_bad_descriptor = m_valid && m_ready && bad_q && !refused_q;
  assign add_bus_error      = m_valid && m_ready && refused_q;
endmodule

`default_nettype wire
