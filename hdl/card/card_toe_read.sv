// SPDX-License-Identifier: Apache-2.0
// card_toe_read: READs: bytes from the engine into host memory, several bursts ahead of the answers.
//
// Up to READS are under way; each is answered, in order, when the bus has answered all its bursts.
// Bursts are of 512 bytes, aligned to them, and begin when all their words are here, so that nobody
// else waits for the engine; 66 cycles a burst. The last word is written whole.
`default_nettype none

module card_toe_read #(
    // Reads under way, at most: a power of two, 4 to 32
    parameter  int unsigned READS         = 8,
    // Sessions as a power of two, at most 16
    parameter  int unsigned SESSIONS_LOG2 = 14,
    localparam int unsigned ANSWER_W      = card_toe_pkg::ANSWER_W
) (
    input  wire logic                     clk,
    input  wire logic                     rst,               // synchronous, active high
    input  wire logic                     quiesce,           // begin no transfer

    // Reads
    input  wire logic                     s_valid,
    output wire logic                     s_ready,
    input  wire logic [31:0]              s_id,
    input  wire logic [14:0]              s_index,
    input  wire logic [15:0]              s_session,
    input  wire logic [63:0]              s_address,
    input  wire logic [15:0]              s_length,          // bytes, at least 1

    // The engine: a request, and a frame for each
    output wire logic [SESSIONS_LOG2-1:0] m_read_session,
    output wire logic [15:0]              m_read_len,
    output wire logic                     m_read_valid,
    input  wire logic                     m_read_ready,
    input  wire logic [63:0]              s_axis_tdata,
    input  wire logic                     s_axis_tuser,      // it is not whole
    input  wire logic                     s_axis_tvalid,
    output wire logic                     s_axis_tready,

    // Write frames, and the bus's answers
    output wire logic [63:0]              m_axis_tdata,
    output wire logic [12:0]              m_axis_tuser,
    output wire logic                     m_axis_tvalid,
    input  wire logic                     m_axis_tready,
    output wire logic                     m_axis_tlast,
    input  wire logic [4:0]               wr_tag,
    input  wire logic                     wr_error,
    input  wire logic                     wr_valid,

    output wire logic [ANSWER_W-1:0]      m_answer,          // answer_t
    output wire logic                     m_answer_valid,
    input  wire logic                     m_answer_ready,

    output wire logic                     busy
);
  if (READS < 4 || READS > 32) $error("READS=%0d is not 4 to 32", READS);

  localparam int unsigned SLOT_W = $clog2(READS);
  localparam int unsigned WORDS = 512;

  // ---- Requests: to the engine, and to two lists ----

  logic                     asking_q;
  logic [SESSIONS_LOG2-1:0] session_q;
  logic [15:0]              length_q;
  card_toe_pkg::answer_t asked, done, answer;

  wire logic list_room, plan_room;
  wire logic take = s_valid && s_ready;
  assign s_ready = !asking_q && list_room && plan_room && !quiesce;

  always_comb begin
    asked = '0;
    asked.id      = s_id;
    asked.index   = s_index;
    asked.session = s_session;
    asked.length  = s_length;
  end

  always_ff @(posedge clk) begin
    if (m_read_ready) asking_q <= 1'b0;
    if (take) begin
      asking_q  <= 1'b1;
      session_q <= s_session[SESSIONS_LOG2-1:0];
      length_q  <= s_length;
    end
    if (rst) asking_q <= 1'b0;
  end

  assign m_read_session = session_q;
  assign m_read_len     = length_q;
  assign m_read_valid   = asking_q;

  wire logic            done_valid, unused_done_user, unused_done_last;
  wire logic [SLOT_W:0] level;
  wire logic            gone = m_answer_valid && m_answer_ready;

  axis_fifo #(
      .DATA_W(ANSWER_W),
      .DEPTH (READS)
  ) list (
      .clk          (clk),
      .rst          (rst),
      .s_axis_tdata (asked),
      .s_axis_tuser (1'b0),
      .s_axis_tvalid(take),
      .s_axis_tready(list_room),
      .s_axis_tlast (1'b1),
      .m_axis_tdata (done),
      .m_axis_tuser (unused_done_user),
      .m_axis_tvalid(done_valid),
      .m_axis_tready(gone),
      .m_axis_tlast (unused_done_last),
      .level        (level)
  );

  wire logic [60:0]     plan_address;
  wire logic [15:0]     plan_length;
  wire logic            plan_valid, plan_taken, unused_plan_user, unused_plan_last;
  wire logic [SLOT_W:0] unused_plan_level;

  axis_fifo #(
      .DATA_W(77),
      .DEPTH (READS)
  ) plans (
      .clk          (clk),
      .rst          (rst),
      .s_axis_tdata ({s_address[63:3], s_length}),
      .s_axis_tuser (1'b0),
      .s_axis_tvalid(take),
      .s_axis_tready(plan_room),
      .s_axis_tlast (1'b1),
      .m_axis_tdata ({plan_address, plan_length}),
      .m_axis_tuser (unused_plan_user),
      .m_axis_tvalid(plan_valid),
      .m_axis_tready(plan_taken),
      .m_axis_tlast (unused_plan_last),
      .level        (unused_plan_level)
  );

  // ---- Words that have arrived ----

  wire logic [63:0]            word;
  wire logic                   word_broken, word_valid, word_taken, unused_word_last;
  wire logic [$clog2(WORDS):0] words_level;

  axis_fifo #(
      .DATA_W(64),
      .DEPTH (WORDS)
  ) words (
      .clk          (clk),
      .rst          (rst),
      .s_axis_tdata (s_axis_tdata),
      .s_axis_tuser (s_axis_tuser),
      .s_axis_tvalid(s_axis_tvalid),
      .s_axis_tready(s_axis_tready),
      .s_axis_tlast (1'b0),
      .m_axis_tdata (word),
      .m_axis_tuser (word_broken),
      .m_axis_tvalid(word_valid),
      .m_axis_tready(word_taken),
      .m_axis_tlast (unused_word_last),
      .level        (words_level)
  );

  // ---- Bursts of the read whose turn it is ----

  typedef enum logic [1:0] {
    StIdle,
    StBurst,    // waits for the words of a burst
    StAddress,
    StWords
  } state_t;

  state_t            state_q;
  logic [SLOT_W-1:0] slot_q;
  logic [60:0]       address_q;         // words
  logic [13:0]       left_q;            // words behind the burst
  logic [6:0]        count_q;           // words of the burst
  logic [6:0]        words_q;           // still to come

  wire logic [6:0] to_edge = 7'd64 - {1'b0, address_q[5:0]};
  wire logic [6:0] count   = left_q < 14'(to_edge) ? left_q[6:0] : to_edge;
  wire logic begins = state_q == StAddress && m_axis_tready;
  wire logic ends   = state_q == StWords && word_taken && words_q == 7'd1;
  wire logic issued = begins && left_q == '0;

  assign plan_taken = state_q == StIdle;
  assign word_taken = state_q == StWords && word_valid && m_axis_tready;

  always_ff @(posedge clk) begin
    unique case (state_q)
      StIdle:
        if (plan_valid) begin
          address_q <= plan_address;
          left_q    <= 14'(({1'b0, plan_length} + 17'd7) >> 3);
          state_q   <= StBurst;
        end
      StBurst: begin
        count_q <= count;
        if (words_level >= ($clog2(WORDS) + 1)'(count) && !quiesce) begin
          left_q  <= left_q - 14'(count);
          state_q <= StAddress;
        end
      end
      StAddress:
        if (m_axis_tready) begin
          words_q <= count_q;
          state_q <= StWords;
        end
      StWords: begin
        if (word_taken) words_q <= words_q - 7'd1;
        if (ends) begin
          address_q <= address_q + 61'(count_q);
          if (left_q == '0) slot_q <= slot_q + 1'b1;
          state_q <= left_q == '0 ? StIdle : StBurst;
        end
      end
      default: state_q <= StIdle;
    endcase
    if (rst) begin
      state_q <= StIdle;
      slot_q  <= '0;
    end
  end

  assign m_axis_tdata  = state_q == StAddress ? {address_q, 3'd0} : word;
  assign m_axis_tuser  = {5'(slot_q), 8'(count_q) - 8'd1};
  assign m_axis_tvalid = state_q == StAddress || (state_q == StWords && word_valid);
  assign m_axis_tlast  = state_q == StWords && words_q == 7'd1;

  // ---- What each read still waits for ----

  logic [READS-1:0]  issued_q, broken_q, refused_q, whole;
  logic [SLOT_W-1:0] done_q;

  for (genvar i = 0; i < READS; i++) begin : g_slot
    logic [8:0] bursts_q;               // begun and not answered
    wire logic  here     = slot_q == SLOT_W'(i);
    wire logic  begun    = begins && here;
    wire logic  answered = wr_valid && wr_tag[SLOT_W-1:0] == SLOT_W'(i);
    wire logic  over     = gone && done_q == SLOT_W'(i);

    always_ff @(posedge clk) begin
      if (begun != answered) bursts_q <= begun ? bursts_q + 9'd1 : bursts_q - 9'd1;
      if (issued && here) issued_q[i] <= 1'b1;
      if (word_taken && word_broken && here) broken_q[i] <= 1'b1;
      if (answered && wr_error) refused_q[i] <= 1'b1;
      if (rst || over) begin
        issued_q[i]  <= 1'b0;
        broken_q[i]  <= 1'b0;
        refused_q[i] <= 1'b0;
      end
      if (rst) bursts_q <= '0;
    end

    assign whole[i] = issued_q[i] && bursts_q == '0;
  end

  always_ff @(posedge clk) begin
    if (gone) done_q <= done_q + 1'b1;
    if (rst) done_q <= '0;
  end

  always_comb begin
    answer = done;
    answer.status = refused_q[done_q] ? card_pkg::STATUS_RESULT_BUS_ERROR[2:0]
                    : broken_q[done_q] ? card_pkg::STATUS_INPUT_BUS_ERROR[2:0]
                    : card_pkg::STATUS_OK[2:0];
  end

  assign m_answer       = answer;
  assign m_answer_valid = done_valid && whole[done_q];
  assign busy           = level != '0;

  wire logic unused = &{1'b0, unused_done_user, unused_done_last, unused_plan_user,
                        unused_plan_last, unused_plan_level, unused_word_last, s_address[2:0],
                        wr_tag[4:SLOT_W]};
endmodule

`default_nettype wire
