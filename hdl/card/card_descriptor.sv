// SPDX-License-Identifier: Apache-2.0
// card_descriptor: reads one descriptor from four beats, judges it, and opens a batch for it.
//
// A good descriptor is passed on to the record reader with the batch number it was given. A bad
// one, or one that the bus refused, opens a batch without records and a status that says why: it is
// answered like any other. Four cycles per descriptor and two to open it; the next one is read
// while the reader is busy.
`default_nettype none

module card_descriptor (
    input  wire logic        clk,
    input  wire logic        rst,            // synchronous, active high
    input  wire logic        quiesce,        // pass nothing on

    // Descriptors, four beats each
    input  wire logic [63:0] s_axis_tdata,
    input  wire logic        s_axis_tuser,   // the bus refused this beat
    input  wire logic        s_axis_tvalid,
    output wire logic        s_axis_tready,

    // Opens a batch; open_slot is the number it gets
    output wire logic        open_valid,
    input  wire logic        open_ready,
    input  wire logic [4:0]  open_slot,
    output wire logic [31:0] open_id,
    output wire logic        open_recover,
    output wire logic [63:0] open_result,    // address of the first result record
    output wire logic [15:0] open_count,     // records; 0 if status is not OK
    output wire logic [2:0]  open_status,
    output wire logic [14:0] open_index,     // the descriptor's number in the ring

    // Good batches to read
    output wire logic        m_batch_valid,
    input  wire logic        m_batch_ready,
    output wire logic [4:0]  m_batch_slot,
    output wire logic        m_batch_recover,
    output wire logic        m_batch_allow_high_s,
    output wire logic [63:0] m_batch_input,  // address of the first input record
    output wire logic [15:0] m_batch_count,

    output wire logic        busy,
    output wire logic        add_bad_descriptor,
    output wire logic        add_bus_error
);
  typedef enum logic [1:0] {
    StRead,
    StOpen,
    StPass
  } state_t;

  localparam logic [2:0] OK = card_pkg::STATUS_OK[2:0];
  localparam logic [2:0] BAD = card_pkg::STATUS_BAD_DESCRIPTOR[2:0];
  localparam logic [2:0] REFUSED = card_pkg::STATUS_DESCRIPTOR_BUS_ERROR[2:0];

  state_t      state_q;
  logic [1:0]  beat_q;
  logic [14:0] index_q;
  logic        bad_q, refused_q;
  logic [31:0] id_q;
  logic        recover_q, allow_high_s_q;
  logic [63:0] input_q, result_q;
  logic [15:0] count_q;
  logic [4:0]  slot_q;

  assign s_axis_tready = state_q == StRead && !quiesce;

  // Whether a field of this beat is out of its range; beat 0 starts over
  function automatic logic out_of_range(input logic [1:0] beat, input logic [63:0] data);
    logic bad_op, bad_address;
    bad_op = data[47:32] != 16'(card_pkg::OP_VERIFY) && data[47:32] != 16'(card_pkg::OP_RECOVER);
    // The last 16 MiB are out: no batch that starts below them wraps around 2^64
    bad_address = data[2:0] != '0 || data[63:24] == '1;
    case (beat)
      2'd0:       out_of_range = bad_op || (data[63:48] & ~16'(card_pkg::FLAG_ALLOW_HIGH_S)) != '0;
      2'd1, 2'd2: out_of_range = bad_address;
      default:    out_of_range = data[63:16] != '0 || data[15:0] == '0;
    endcase
  endfunction

  always_ff @(posedge clk) begin
    unique case (state_q)
      StRead:
        if (s_axis_tvalid && s_axis_tready) begin
          beat_q    <= beat_q + 2'd1;
          bad_q     <= (beat_q != 2'd0 && bad_q) || out_of_range(beat_q, s_axis_tdata);
          refused_q <= (beat_q != 2'd0 && refused_q) || s_axis_tuser;
          case (beat_q)
            2'd0: begin
              id_q           <= s_axis_tdata[31:0];
              recover_q      <= s_axis_tdata[33];
              allow_high_s_q <= s_axis_tdata[48];
            end
            2'd1: input_q <= s_axis_tdata;
            2'd2: result_q <= s_axis_tdata;
            default: begin
              count_q <= s_axis_tdata[15:0];
              state_q <= StOpen;
            end
          endcase
        end
      StOpen:
        if (open_ready) begin
          slot_q  <= open_slot;
          index_q <= index_q + 15'd1;
          state_q <= bad_q || refused_q ? StRead : StPass;
        end
      StPass: if (m_batch_ready) state_q <= StRead;
      default: state_q <= StRead;
    endcase
    if (rst) begin
      state_q <= StRead;
      beat_q  <= '0;
      index_q <= '0;
    end
  end

  assign open_valid   = state_q == StOpen;
  assign open_id      = refused_q ? 32'd0 : id_q;
  assign open_recover = recover_q;
  assign open_result  = result_q;
  assign open_count   = bad_q || refused_q ? 16'd0 : count_q;
  assign open_status  = refused_q ? REFUSED : bad_q ? BAD : OK;
  assign open_index   = index_q;

  assign m_batch_valid        = state_q == StPass;
  assign m_batch_slot         = slot_q;
  assign m_batch_recover      = recover_q;
  assign m_batch_allow_high_s = allow_high_s_q;
  assign m_batch_input        = input_q;
  assign m_batch_count        = count_q;

  assign busy               = state_q != StRead || beat_q != '0;
  assign add_bad_descriptor = open_valid && open_ready && bad_q && !refused_q;
  assign add_bus_error      = open_valid && open_ready && refused_q;
endmodule

`default_nettype wire
