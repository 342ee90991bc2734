// SPDX-License-Identifier: Apache-2.0
// card_record_reader: reads the input records of batches into a buffer, several at a time.
//
// Each record is one bus request, or two where it crosses a 4 KiB boundary. Up to RECORDS are on
// their way or waiting, across batches: the next batch's first records are fetched while the last
// ones of this batch still wait. Records leave in order, whole, each with what is known of it.
`default_nettype none

module card_record_reader #(
    // Records buffered: a power of two, at least 2
    parameter  int unsigned RECORDS = 8
) (
    input  wire logic        clk,
    input  wire logic        rst,             // synchronous, active high
    input  wire logic        quiesce,         // ask for nothing more

    // Batches to read
    input  wire logic        s_batch_valid,
    output wire logic        s_batch_ready,
    input  wire logic [4:0]  s_batch_slot,
    input  wire logic        s_batch_recover,
    input  wire logic        s_batch_allow_high_s,
    input  wire logic [63:0] s_batch_input,
    input  wire logic [15:0] s_batch_count,   // at least 1

    // Read requests, and their data; the data cannot be refused
    output wire logic [63:0] m_req_addr,
    output wire logic [7:0]  m_req_len,
    output wire logic        m_req_valid,
    input  wire logic        m_req_ready,
    input  wire logic [63:0] rd_data,
    input  wire logic        rd_error,
    input  wire logic        rd_valid,

    // The oldest record; its beats are read from the buffer
    output wire logic        record_valid,
    input  wire logic        record_done,     // finished with it; one cycle
    output wire logic [4:0]  record_slot,
    output wire logic [15:0] record_index,
    output wire logic        record_recover,
    output wire logic        record_allow_high_s,
    output wire logic [7:0]  record_recovery_id,
    output wire logic        record_malformed,
    output wire logic        record_error,    // the bus refused a part of it
    input  wire logic        beat_en,
    input  wire logic [4:0]  beat,
    output wire logic [63:0] beat_data        // one cycle after beat_en
);
  if (RECORDS < 2 || RECORDS != 1 << $clog2(RECORDS)) begin
    $error("RECORDS=%0d is no power of two", RECORDS);
  end

  localparam int unsigned RECORD_W = $clog2(RECORDS);
  localparam logic [4:0] VERIFY_BEATS = 5'(card_pkg::VERIFY_INPUT_BYTES / 8);
  localparam logic [4:0] RECOVER_BEATS = 5'(card_pkg::RECOVER_INPUT_BYTES / 8);

  // The batch being asked for
  logic                reading_q;
  logic [4:0]          slot_q;
  logic                recover_q, allow_high_s_q;
  logic [15:0]         index_q, last_index_q;
  logic [63:0]         addr_q;
  logic [4:0]          left_q;      // beats of the record not asked for yet

  // The request
  logic                asking_q;
  logic [63:0]         req_addr_q;
  logic [4:0]          req_beats_q;

  // Ring of records: asked for, arrived, and taken counts
  logic [RECORD_W-1:0] ask_q, arrive_q, take_q;
  logic [RECORD_W:0]   used_q;      // records between ask_q and take_q
  logic [RECORDS-1:0]  arrived_q;
  logic [22:0]         about_q [0:RECORDS-1];  // {slot, index, recover, allow_high_s}, when asked
  logic [9:0]          found_q [0:RECORDS-1];  // {error, malformed, recovery id}, when arrived

  // The record that is arriving
  logic [4:0]          arrive_beat_q;
  logic                error_q;

  wire logic       room = !used_q[RECORD_W];
  wire logic       may_ask = !asking_q || m_req_ready;
  wire logic [9:0] to_boundary = 10'd512 - {1'b0, addr_q[11:3]};  // beats up to 4 KiB
  wire logic       split = to_boundary < 10'(left_q);
  wire logic [4:0] now = split ? to_boundary[4:0] : left_q;
  wire logic [4:0] whole = recover_q ? RECOVER_BEATS : VERIFY_BEATS;
  wire logic       ask = reading_q && room && may_ask && !quiesce;
  wire logic       asked_all = ask && !split;

  assign s_batch_ready = !reading_q;

  always_ff @(posedge clk) begin : ask_for_records
    if (m_req_ready) asking_q <= 1'b0;
    if (ask) begin
      asking_q    <= 1'b1;
      req_addr_q  <= addr_q;
      req_beats_q <= now;
      about_q[ask_q] <= {slot_q, index_q, recover_q, allow_high_s_q};  // before anything arrives
      addr_q      <= addr_q + {56'd0, now, 3'd0};
      if (split) begin
        left_q <= left_q - now;
      end else begin
        left_q  <= whole;
        ask_q   <= ask_q + 1'b1;
        index_q <= index_q + 16'd1;
        if (index_q == last_index_q) reading_q <= 1'b0;
      end
    end
    if (s_batch_valid && s_batch_ready) begin
      reading_q      <= 1'b1;
      slot_q         <= s_batch_slot;
      recover_q      <= s_batch_recover;
      allow_high_s_q <= s_batch_allow_high_s;
      addr_q         <= s_batch_input;
      index_q        <= '0;
      last_index_q   <= s_batch_count - 16'd1;
      left_q         <= s_batch_recover ? RECOVER_BEATS : VERIFY_BEATS;
    end
    if (rst) begin
      reading_q <= 1'b0;
      asking_q  <= 1'b0;
      ask_q     <= '0;
    end
  end

  wire logic       arriving_recover = about_q[arrive_q][1];
  wire logic [4:0] last_beat = (arriving_recover ? RECOVER_BEATS : VERIFY_BEATS) - 5'd1;
  wire logic       arrived = rd_valid && arrive_beat_q == last_beat;

  always_ff @(posedge clk) begin : receive
    if (rd_valid) begin
      arrive_beat_q <= arrive_beat_q + 5'd1;
      error_q       <= error_q || rd_error;
      if (arrived) begin
        // The last beat of a RECOVER record is the recovery id and seven zero bytes
        found_q[arrive_q] <= {error_q || rd_error, arriving_recover && rd_data[63:8] != '0,
                              arriving_recover ? rd_data[7:0] : 8'd0};
        arrive_q      <= arrive_q + 1'b1;
        arrive_beat_q <= '0;
        error_q       <= 1'b0;
      end
    end
    if (arrived) arrived_q[arrive_q] <= 1'b1;
    if (record_done) begin
      arrived_q[take_q] <= 1'b0;
      take_q            <= take_q + 1'b1;
    end
    if (asked_all != record_done) used_q <= asked_all ? used_q + 1'b1 : used_q - 1'b1;
    if (rst) begin
      arrive_q      <= '0;
      arrive_beat_q <= '0;
      error_q       <= 1'b0;
      arrived_q     <= '0;
      take_q        <= '0;
      used_q        <= '0;
    end
  end

  ram_sdp #(
      .DATA_W(64),
      .DEPTH (RECORDS * 32)
  ) buffer (
      .clk    (clk),
      .wr_en  (rd_valid),
      .wr_addr({arrive_q, arrive_beat_q}),
      .wr_data(rd_data),
      .rd_en  (beat_en),
      .rd_addr({take_q, beat}),
      .rd_data(beat_data)
  );

  assign m_req_addr  = req_addr_q;
  assign m_req_len   = {3'd0, req_beats_q} - 8'd1;
  assign m_req_valid = asking_q;

  assign record_valid = arrived_q[take_q];
  assign {record_slot, record_index, record_recover, record_allow_high_s} = about_q[take_q];
  assign {record_error, record_malformed, record_recovery_id} = found_q[take_q];
endmodule

`default_nettype wire
