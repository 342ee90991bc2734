// SPDX-License-Identifier: Apache-2.0
// card_toe_write: WRITEs: bytes of host memory into the engine, several bursts ahead of their use.
//
// The engine is asked for room first; what it refuses is not read. Bursts are of 256 bytes, aligned
// to them; 4 KiB may be under way or waiting, so a long write streams close to a beat a cycle at
// latencies of up to 450 cycles. Up to WRITES are under way, answered in order. Words that the bus
// refuses are marked, for the engine to send nothing of the write, and the answer says so.
`default_nettype none

module card_toe_write #(
    // Writes under way, at most: a power of two, at least 4
    parameter  int unsigned WRITES        = 16,
    // Sessions as a power of two, at most 16
    parameter  int unsigned SESSIONS_LOG2 = 14,
    localparam int unsigned ANSWER_W      = card_toe_pkg::ANSWER_W
) (
    input  wire logic                     clk,
    input  wire logic                     rst,                // synchronous, active high
    input  wire logic                     quiesce,            // begin no transfer

    // Writes
    input  wire logic                     s_valid,
    output wire logic                     s_ready,
    input  wire logic [31:0]              s_id,
    input  wire logic [14:0]              s_index,
    input  wire logic [15:0]              s_session,
    input  wire logic [63:0]              s_address,
    input  wire logic [15:0]              s_length,           // bytes, at least 1

    // The engine: room, then bytes
    output wire logic [SESSIONS_LOG2-1:0] m_write_session,
    output wire logic [15:0]              m_write_len,
    output wire logic                     m_write_valid,
    input  wire logic                     m_write_ready,
    input  wire logic                     s_granted,
    input  wire logic                     s_granted_valid,    // pulse
    output wire logic [63:0]              m_axis_tdata,
    output wire logic                     m_axis_tuser,       // the bus refused this word
    output wire logic                     m_axis_tvalid,
    input  wire logic                     m_axis_tready,
    output wire logic                     m_axis_tlast,

    // Read requests, and their data; the data cannot be refused
    output wire logic [63:0]              m_req_addr,
    output wire logic [7:0]               m_req_len,
    output wire logic                     m_req_valid,
    input  wire logic                     m_req_ready,
    input  wire logic [63:0]              rd_data,
    input  wire logic                     rd_error,
    input  wire logic                     rd_last,
    input  wire logic                     rd_valid,

    output wire logic [ANSWER_W-1:0]      m_answer,           // answer_t
    output wire logic                     m_answer_valid,
    input  wire logic                     m_answer_ready,

    output wire logic                     busy
);
  localparam int unsigned BEATS = 512;    // that may be under way or waiting
  localparam int unsigned BURSTS = 32;
  localparam int unsigned ROOM_W = $clog2(BEATS) + 1;

  typedef enum logic [1:0] {
    StIdle,
    StAsk,
    StGrant,
    StFetch
  } state_t;

  // ---- Room and bursts ----

  state_t              state_q;
  card_toe_pkg::answer_t job_q;         // the write in hand
  logic [60:0]         address_q;       // words
  logic [13:0]         left_q;          // beats that are not asked for
  logic                asking_q;
  logic [5:0]          count_q;         // beats of the burst
  logic [ROOM_W-1:0]   room_q;
  logic [5:0]          bursts_q;        // under way

  wire logic job_room;
  wire logic take = s_valid && s_ready;
  wire logic asks = m_req_valid && m_req_ready;
  wire logic ends = rd_valid && rd_last;
  wire logic pop;

  // To the next multiple of 256 bytes
  wire logic [5:0] to_edge = 6'd32 - {1'b0, address_q[4:0]};
  wire logic [5:0] count   = left_q < 14'(to_edge) ? left_q[5:0] : to_edge;

  assign s_ready = state_q == StIdle && job_room && !quiesce;

  always_ff @(posedge clk) begin
    unique case (state_q)
      StIdle:
        if (take) begin
          job_q.id      <= s_id;
          job_q.index   <= s_index;
          job_q.session <= s_session;
          job_q.status  <= card_pkg::STATUS_OK[2:0];
          job_q.length  <= s_length;
          address_q     <= s_address[63:3];
          left_q        <= 14'(({1'b0, s_length} + 17'd7) >> 3);
          state_q       <= StAsk;
        end
      StAsk: if (m_write_ready) state_q <= StGrant;
      StGrant: if (s_granted_valid) state_q <= s_granted ? StFetch : StIdle;
      StFetch:
        if (asking_q) begin
          if (m_req_ready) asking_q <= 1'b0;
        end else if (left_q == '0) begin
          state_q <= StIdle;
        end else if (room_q >= ROOM_W'(count) && bursts_q != 6'(BURSTS) && !quiesce) begin
          asking_q <= 1'b1;
          count_q  <= count;
        end
      default: state_q <= StIdle;
    endcase
    if (asks) begin
      address_q <= address_q + 61'(count_q);
      left_q    <= left_q - 14'(count_q);
    end
    room_q <= room_q + ROOM_W'(pop) - (asks ? ROOM_W'(count_q) : '0);
    if (asks != ends) bursts_q <= asks ? bursts_q + 6'd1 : bursts_q - 6'd1;
    if (rst) begin
      state_q  <= StIdle;
      asking_q <= 1'b0;
      room_q   <= ROOM_W'(BEATS);
      bursts_q <= '0;
    end
  end

  assign m_write_session = job_q.session[SESSIONS_LOG2-1:0];
  assign m_write_len     = job_q.length;
  assign m_write_valid   = state_q == StAsk;
  assign m_req_addr      = {address_q, 3'd0};
  assign m_req_len       = 8'(count_q) - 8'd1;
  assign m_req_valid     = asking_q;

  // ---- What was granted or refused, and the words that arrive ----

  card_toe_pkg::answer_t granted, job, answer, answer_q;
  always_comb begin
    granted = job_q;
    granted.status = s_granted ? card_pkg::STATUS_OK[2:0] : card_pkg::STATUS_REFUSED[2:0];
  end

  wire logic                    job_valid, unused_job_user, unused_job_last;
  wire logic [$clog2(WRITES):0] jobs_level;
  wire logic                    job_done;

  axis_fifo #(
      .DATA_W(ANSWER_W),
      .DEPTH (WRITES)
  ) jobs (
      .clk          (clk),
      .rst          (rst),
      .s_axis_tdata (granted),
      .s_axis_tuser (1'b0),
      .s_axis_tvalid(state_q == StGrant && s_granted_valid),
      .s_axis_tready(job_room),
      .s_axis_tlast (1'b1),
      .m_axis_tdata (job),
      .m_axis_tuser (unused_job_user),
      .m_axis_tvalid(job_valid),
      .m_axis_tready(job_done),
      .m_axis_tlast (unused_job_last),
      .level        (jobs_level)
  );

  wire logic [63:0]            word;
  wire logic                   word_error, word_valid, unused_word_ready, unused_word_last;
  wire logic [$clog2(BEATS):0] words_level;

  axis_fifo #(
      .DATA_W(64),
      .DEPTH (BEATS)
  ) words (
      .clk          (clk),
      .rst          (rst),
      .s_axis_tdata (rd_data),
      .s_axis_tuser (rd_error),
      .s_axis_tvalid(rd_valid),
      .s_axis_tready(unused_word_ready),  // room was made sure of before asking
      .s_axis_tlast (1'b0),
      .m_axis_tdata (word),
      .m_axis_tuser (word_error),
      .m_axis_tvalid(word_valid),
      .m_axis_tready(pop),
      .m_axis_tlast (unused_word_last),
      .level        (words_level)
  );

  // ---- The payload: of what was refused one beat, which is dropped ----

  logic [12:0] beat_q;                  // of the write
  logic        error_q;                 // in its words so far
  logic        answer_valid_q;

  wire logic        refused    = job.status == card_pkg::STATUS_REFUSED[2:0];
  wire logic [15:0] last_byte  = job.length - 16'd1;
  wire logic        is_last    = refused || beat_q == last_byte[15:3];
  wire logic        may_answer = !answer_valid_q || m_answer_ready;
  wire logic        out_ready;
  wire logic        out_valid  = job_valid && (refused || word_valid) && (!is_last || may_answer);
  wire logic        moves      = out_valid && out_ready;

  assign pop      = moves && !refused;
  assign job_done = moves && is_last;

  always_comb begin
    answer = job;
    if (!refused && (error_q || word_error)) answer.status = card_pkg::STATUS_INPUT_BUS_ERROR[2:0];
  end

  always_ff @(posedge clk) begin
    if (m_answer_ready) answer_valid_q <= 1'b0;
    if (moves) begin
      beat_q  <= is_last ? '0 : beat_q + 13'd1;
      error_q <= !is_last && !refused && (error_q || word_error);
    end
    if (job_done) begin
      answer_valid_q <= 1'b1;
      answer_q       <= answer;
    end
    if (rst) begin
      answer_valid_q <= 1'b0;
      beat_q         <= '0;
      error_q        <= 1'b0;
    end
  end

  axis_register #(
      .DATA_W(64),
      .USER_W(1)
  ) out_register (
      .clk          (clk),
      .rst          (rst),
      .s_axis_tdata (word),
      .s_axis_tuser (!refused && word_error),
      .s_axis_tvalid(out_valid),
      .s_axis_tready(out_ready),
      .s_axis_tlast (is_last),
      .m_axis_tdata (m_axis_tdata),
      .m_axis_tuser (m_axis_tuser),
      .m_axis_tvalid(m_axis_tvalid),
      .m_axis_tready(m_axis_tready),
      .m_axis_tlast (m_axis_tlast)
  );

  assign m_answer       = answer_q;
  assign m_answer_valid = answer_valid_q;
  assign busy           = state_q != StIdle || jobs_level != '0 || answer_valid_q || m_axis_tvalid;

  wire logic unused = &{1'b0, unused_job_user, unused_job_last, unused_word_ready, unused_word_last,
                        words_level, s_address[2:0], last_byte[2:0]};
endmodule

`default_nettype wire
