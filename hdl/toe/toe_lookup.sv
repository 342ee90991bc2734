// SPDX-License-Identifier: Apache-2.0
// toe_lookup: from the tuple of a segment to its session, with the session numbers that are free.
//
// A command every 5 cycles, none waits longer than 4; its answer 15 cycles later, always. Commands
// take effect in the order in which they are accepted: a find behind an insertion or a removal of
// the same tuple sees it. An insertion of a tuple that is there finds it and changes nothing; else
// it takes a number, or says that there is none (m_full) or that neither bucket nor overflow has a
// place (m_overflow). A removal needs the session, too, and gives its number back. After reset
// `ready`, and s_ready with it, stays low for 2^SESSIONS_LOG2 cycles. Who does not know the key,
// which is to stay the same until reset, cannot choose tuples that share buckets: SipHash-1-3.
`default_nettype none

module toe_lookup #(
    // Binary logarithm of the number of sessions: 4 to 16
    parameter int unsigned SESSIONS_LOG2 = 14,
    // Places for tuples whose buckets are full
    parameter int unsigned OVERFLOW      = 16
) (
    input  wire logic                        clk,
    input  wire logic                        rst,         // synchronous, active high
    output wire logic                        ready,       // since reset the tables are clear

    input  wire logic [127:0]                key,         // first byte in bits 7:0

    input  wire logic                        s_valid,
    output wire logic                        s_ready,
    input  wire logic                        s_insert,    // neither: find
    input  wire logic                        s_remove,    // not both
    input  wire logic [toe_pkg::TUPLE_W-1:0] s_tuple,     // tuple_t
    input  wire logic [SESSIONS_LOG2-1:0]    s_session,   // of remove

    // The answer; it cannot be refused
    output wire logic                        m_valid,     // for one cycle
    output wire logic                        m_found,     // there before the command
    output wire logic [SESSIONS_LOG2-1:0]    m_session,   // of the tuple, or the new one
    output wire logic                        m_full,      // not inserted: all sessions are in use
    output wire logic                        m_overflow,  // not inserted: no place for this tuple

    output wire logic [SESSIONS_LOG2:0]      in_use       // sessions
);
  if (SESSIONS_LOG2 < 4 || SESSIONS_LOG2 > 16) begin
    $error("SESSIONS_LOG2=%0d is not from 4 to 16", SESSIONS_LOG2);
  end

  localparam int unsigned BUCKET_W = SESSIONS_LOG2 - 2;
  localparam int unsigned TUPLE_W  = toe_pkg::TUPLE_W;
  // Cycles between two commands of the table
  localparam logic [2:0] APART = 3'd5;

  wire logic [SESSIONS_LOG2-1:0] take_number, back_number;
  wire logic                     take_valid, take_ready, back_valid;
  wire logic [SESSIONS_LOG2:0]   free;
  wire logic                     numbers_ready, table_ready, hash_ready, hash_valid;
  // The command whose hash is there
  wire logic [63:0]              hash;
  wire logic [TUPLE_W-1:0]       tuple;
  wire logic [SESSIONS_LOG2-1:0] session;
  wire logic                     insert, remove;

  // The command before this one was so many cycles ago, 7 for more
  logic [2:0] since_q;

  wire logic go = s_valid && s_ready;

  assign ready   = numbers_ready && table_ready;
  assign s_ready = ready && hash_ready && since_q >= APART;

  always_ff @(posedge clk) begin
    if (go) since_q <= 3'd1;
    else if (since_q != 3'd7) since_q <= since_q + 3'd1;
    if (rst) since_q <= 3'd7;
  end

  toe_siphash #(
      .C_ROUNDS(1),
      .D_ROUNDS(3),
      .USER_W  (2 + SESSIONS_LOG2)
  ) siphash (
      .clk    (clk),
      .rst    (rst),
      .key    (key),
      .s_words({8'd8, 56'd0, s_tuple}),
      .s_user ({s_insert, s_remove, s_session}),
      .s_valid(go),
      .s_ready(hash_ready),
      .m_hash (hash),
      .m_word (tuple),
      .m_user ({insert, remove, session}),
      .m_valid(hash_valid)
  );

  toe_table #(
      .TUPLE_W  (TUPLE_W),
      .SESSION_W(SESSIONS_LOG2),
      .OVERFLOW (OVERFLOW)
  ) places (
      .clk        (clk),
      .rst        (rst),
      .ready      (table_ready),
      .s_valid    (hash_valid),
      .s_insert   (insert),
      .s_remove   (remove),
      .s_tuple    (tuple),
      .s_session  (session),
      .s_bucket_a (hash[BUCKET_W-1:0]),
      .s_bucket_b (hash[32+:BUCKET_W]),
      .take_number(take_number),
      .take_valid (take_valid),
      .take_ready (take_ready),
      .back_number(back_number),
      .back_valid (back_valid),
      .m_valid    (m_valid),
      .m_found    (m_found),
      .m_session  (m_session),
      .m_full     (m_full),
      .m_overflow (m_overflow)
  );

  toe_numbers #(
      .NUMBER_W(SESSIONS_LOG2)
  ) numbers (
      .clk        (clk),
      .rst        (rst),
      .ready      (numbers_ready),
      .take_number(take_number),
      .take_valid (take_valid),
      .take_ready (take_ready),
      .back_number(back_number),
      .back_valid (back_valid),
      .free       (free)
  );

  assign in_use = ready ? (SESSIONS_LOG2 + 1)'(1 << SESSIONS_LOG2) - free : '0;

  wire logic unused = &{1'b0, hash};
endmodule

`default_nettype wire
