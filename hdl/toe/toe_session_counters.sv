// SPDX-License-Identifier: Apache-2.0
// toe_session_counters: what happened to each session since it began, in a block RAM of their own.
//
// Notes of toe_tcp add up, one a cycle; a note that a session begins counts from zero. Somebody may
// look at a session between notes: the answer is a snapshot of all its counters, with every note
// before it, three cycles later, and stays until the next. After reset `ready` comes when all
// counters are clear, in a cycle a session; no note may come before. Counters wrap.
`default_nettype none

module toe_session_counters #(
    // Sessions as a power of two, 1 to 16
    parameter int unsigned SESSIONS_LOG2 = 14
) (
    input  wire logic                                       clk,
    input  wire logic                                       rst,          // synchronous
    output wire logic                                       ready,

    input  wire logic [toe_tcp_pkg::NOTE_W-1:0]             s_note_tdata, // note_t
    input  wire logic                                       s_note_valid,

    // Whom to look at; the answer: session_counters_t, and a pulse
    input  wire logic [SESSIONS_LOG2-1:0]                   s_look_session,
    input  wire logic                                       s_look_valid,
    output wire logic                                       s_look_ready,
    output wire logic [toe_tcp_pkg::SESSION_COUNTERS_W-1:0] m_counters,
    output wire logic                                       m_counters_valid,
    output wire logic                                       busy          // a look is under way
);
  if (SESSIONS_LOG2 < 1 || SESSIONS_LOG2 > 16) $error("SESSIONS_LOG2=%0d", SESSIONS_LOG2);

  // verilator lint_off UNUSEDSIGNAL
  toe_tcp_pkg::note_t note, note_read_q, note_add_q;  // their session's low bits, once
  // verilator lint_on UNUSEDSIGNAL
  assign note = s_note_tdata;

  logic                     clearing_q;
  logic [SESSIONS_LOG2-1:0] clear_q;

  assign s_look_ready = !s_note_valid && !clearing_q;
  wire logic look = s_look_valid && s_look_ready;
  wire logic [SESSIONS_LOG2-1:0] asked = s_note_valid ? note.session[SESSIONS_LOG2-1:0]
                                                     : s_look_session;

  // ---- First the word is read, then added to, then written ----

  logic reads_q, read_looks_q, adds_q, add_looks_q, was_q;
  logic [SESSIONS_LOG2-1:0] session_read_q, session_add_q, session_was_q;
  toe_tcp_pkg::session_counters_t stored, base_q, sum, was_word_q, seen_q;

  // Words that were being changed while this one was read
  wire logic is_add = adds_q && session_read_q == session_add_q;
  wire logic is_was = was_q && session_read_q == session_was_q;

  ram_sdp #(
      .DATA_W    (toe_tcp_pkg::SESSION_COUNTERS_W),
      .DEPTH     (2 ** SESSIONS_LOG2),
      .READ_FIRST(1'b0)
  ) words (
      .clk    (clk),
      .wr_en  (adds_q || clearing_q),
      .wr_addr(clearing_q ? clear_q : session_add_q),
      .wr_data(clearing_q ? '0 : sum),
      .rd_en  (s_note_valid || look),
      .rd_addr(asked),
      .rd_data(stored)
  );

  always_comb begin
    sum = base_q;
    if (adds_q) begin
      if (note_add_q.begins) sum = '0;
      sum.state = note_add_q.state;
      if (note_add_q.received) begin
        sum.segments_in = sum.segments_in + 32'd1;
        sum.bytes_in    = sum.bytes_in + {32'd0, note_add_q.len};
      end
      if (note_add_q.sent) begin
        sum.segments_out = sum.segments_out + 32'd1;
        sum.bytes_out    = sum.bytes_out + {32'd0, note_add_q.len};
      end
      if (note_add_q.retransmitted) sum.retransmitted = sum.retransmitted + 32'd1;
      if (note_add_q.dup_ack) sum.dup_acks = sum.dup_acks + 32'd1;
      if (note_add_q.out_of_order) sum.out_of_order = sum.out_of_order + 32'd1;
      if (note_add_q.unacceptable) sum.unacceptable = sum.unacceptable + 32'd1;
      if (note_add_q.no_room) sum.no_room = sum.no_room + 32'd1;
    end
  end

  logic seen_valid_q;

  always_ff @(posedge clk) begin
    if (clearing_q) begin
      clear_q    <= clear_q + 1'b1;
      clearing_q <= clear_q != '1;
    end

    reads_q      <= s_note_valid;
    read_looks_q <= look;
    if (s_note_valid || look) begin
      note_read_q    <= note;
      session_read_q <= asked;
    end

    adds_q      <= reads_q;
    add_looks_q <= read_looks_q;
    if (reads_q || read_looks_q) begin
      note_add_q    <= note_read_q;
      session_add_q <= session_read_q;
      base_q        <= is_add ? sum : is_was ? was_word_q : stored;
    end

    was_q <= adds_q;
    if (adds_q) begin
      was_word_q    <= sum;
      session_was_q <= session_add_q;
    end

    seen_valid_q <= add_looks_q;
    if (add_looks_q) seen_q <= base_q;

    if (rst) begin
      clearing_q   <= 1'b1;
      clear_q      <= '0;
      reads_q      <= 1'b0;
      read_looks_q <= 1'b0;
      adds_q       <= 1'b0;
      add_looks_q  <= 1'b0;
      was_q        <= 1'b0;
      seen_valid_q <= 1'b0;
    end
  end

  assign ready            = !clearing_q;
  assign m_counters       = seen_q;
  assign m_counters_valid = seen_valid_q;
  assign busy             = s_look_valid || read_looks_q || add_looks_q || seen_valid_q;

`ifndef SYNTHESIS
  always_ff @(posedge clk) if (!rst) assert (!(s_note_valid && clearing_q));
`endif
endmodule

`default_nettype wire
