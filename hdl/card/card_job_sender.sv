// SPDX-License-Identifier: Apache-2.0
// card_job_sender: turns buffered records into job frames of the signature engine.
//
// One beat per cycle and two cycles more per record. The tag names batch and record: {batch 5,
// record 16}. A record that the bus refused makes no job and is reported dropped; a malformed one
// is sent with all flags set, which the engine answers with MALFORMED.
`default_nettype none

module card_job_sender (
    input  wire logic        clk,
    input  wire logic        rst,             // synchronous, active high

    // The oldest record; its beats are read from the buffer
    input  wire logic        record_valid,
    output wire logic        record_done,
    input  wire logic [4:0]  record_slot,
    input  wire logic [15:0] record_index,
    input  wire logic        record_recover,
    input  wire logic        record_allow_high_s,
    input  wire logic [7:0]  record_recovery_id,
    input  wire logic        record_malformed,
    input  wire logic        record_error,
    output wire logic        beat_en,
    output wire logic [4:0]  beat,
    input  wire logic [63:0] beat_data,       // one cycle after beat_en

    // A record without a job
    output wire logic        drop_valid,
    input  wire logic        drop_ready,
    output wire logic [4:0]  drop_slot,

    // Job frames
    output wire logic [63:0] m_job_tdata,
    output wire logic        m_job_tvalid,
    input  wire logic        m_job_tready,
    output wire logic        m_job_tlast,

    output wire logic        add_job
);
  typedef enum logic [1:0] {
    StIdle,
    StHeader,
    StPayload,
    StDrop
  } state_t;

  // Beats of the payload: for RECOVER, all of the record but the recovery id
  localparam logic [4:0] VERIFY_BEATS = 5'(card_pkg::VERIFY_INPUT_BYTES / 8);
  localparam logic [4:0] RECOVER_BEATS = 5'(card_pkg::RECOVER_INPUT_BYTES / 8 - 1);

  state_t      state_q;
  logic [63:0] header_q;
  logic [4:0]  slot_q, beats_q;
  logic [4:0]  beat_q;  // beats asked of the buffer
  logic        have_q;  // beat_data is valid
  logic        last_q;  // and is the last one

  wire logic [7:0] op = record_recover ? card_pkg::OP_RECOVER : card_pkg::OP_VERIFY;
  wire logic [7:0] flags = record_malformed ? 8'hff : {7'd0, record_allow_high_s};
  wire logic       payload = state_q == StPayload;
  wire logic       sending = state_q == StHeader || payload;

  assign beat_en = sending && beat_q != beats_q && (!have_q || (payload && m_job_tready));
  assign beat    = beat_q;

  always_ff @(posedge clk) begin
    unique case (state_q)
      StIdle:
        if (record_valid) begin
          state_q  <= record_error ? StDrop : StHeader;
          header_q <= {11'd0, record_slot, record_index, 8'd0, record_recovery_id, flags, op};
          slot_q   <= record_slot;
          beats_q  <= record_recover ? RECOVER_BEATS : VERIFY_BEATS;
        end
      StHeader:  if (m_job_tready) state_q <= StPayload;
      StPayload: if (have_q && m_job_tready && last_q) state_q <= StIdle;
      StDrop:    if (drop_ready) state_q <= StIdle;
      default:   state_q <= StIdle;
    endcase
    if (beat_en) begin
      beat_q <= beat_q + 5'd1;
      have_q <= 1'b1;
      last_q <= beat_q + 5'd1 == beats_q;
    end else if (payload && m_job_tready) begin
      have_q <= 1'b0;
    end
    if (record_done) beat_q <= '0;
    if (rst) begin
      state_q <= StIdle;
      beat_q  <= '0;
      have_q  <= 1'b0;
    end
  end

  assign record_done = payload ? have_q && m_job_tready && last_q : state_q == StDrop && drop_ready;

  assign drop_valid = state_q == StDrop;
  assign drop_slot  = slot_q;

  assign m_job_tdata  = payload ? beat_data : header_q;
  assign m_job_tvalid = payload ? have_q : state_q == StHeader;
  assign m_job_tlast  = payload && last_q;

  assign add_job = state_q == StHeader && m_job_tready;
endmodule

`default_nettype wire
