// SPDX-License-Identifier: Apache-2.0
// toe_timer: three timers a session; an expired one is reported once and is then no longer armed.
//
// Deadlines are milliseconds modulo 2^32, compared with wrap: the caller owes them within 2^30 of
// `now`. A timer never expires before its deadline; it is reported by the end of the scan that
// begins after it, or of the one under way. What was set or cleared is no longer reported with its
// old deadline: m_valid falls, in the cycle after the command, if that report was not taken before
// or in the same cycle. m_valid is otherwise held until m_ready. A command every 3 cycles; while a
// scan is under way the first and then every fifth one waits up to 5 more. None waits for m_ready.
//
// Scans cost what may be due: bounds of 32 deadlines, and of 32 such bounds, say where to look. With
// nothing due nothing moves. Else: a cycle for each 1,024 timers, 32 and some for each of these
// with a bound that is due, and one for each armed timer and 11 for each 32 timers whose bound is.
// Bounds may be too early, for timers that were cleared or set anew: they are put right once they
// pass. After reset `ready`, and s_ready with it, stays low for a cycle for each 32 timers.
`default_nettype none

module toe_timer #(
    // Binary logarithm of the number of sessions: 4 to 16
    parameter int unsigned SESSIONS_LOG2 = 14
) (
    input  wire logic                     clk,
    input  wire logic                     rst,         // synchronous, active high
    output wire logic                     ready,       // since reset the tables are clear

    input  wire logic [31:0]              now,         // ms

    // Sets or clears a timer, armed or not
    input  wire logic                     s_valid,
    output wire logic                     s_ready,
    input  wire logic                     s_set,       // else clear
    input  wire logic [SESSIONS_LOG2-1:0] s_session,
    input  wire logic [1:0]               s_timer,     // 0 to 2
    input  wire logic [31:0]              s_at,        // expires as soon as now is there

    // A timer that expired
    output wire logic                     m_valid,
    input  wire logic                     m_ready,
    output wire logic [SESSIONS_LOG2-1:0] m_session,
    output wire logic [1:0]               m_timer,

    // Without a scan or a command under way nothing happens before next_at, if next_valid, else ever
    output wire logic                     busy,
    output wire logic                     next_valid,
    output wire logic [31:0]              next_at      // ms
);
  if (SESSIONS_LOG2 < 4 || SESSIONS_LOG2 > 16) begin
    $error("SESSIONS_LOG2=%0d is not from 4 to 16", SESSIONS_LOG2);
  end

  // Index of a timer: {group, word in the group, bit in the word}, together {timer, session}
  localparam int unsigned INDEX_W = SESSIONS_LOG2 + 2 < 11 ? 11 : SESSIONS_LOG2 + 2;
  localparam int unsigned WORD_W  = INDEX_W - 5;
  localparam int unsigned GROUP_W = INDEX_W - 10;
  localparam int unsigned AT_W    = GROUP_W < 6 ? 6 : GROUP_W;
  localparam int unsigned TIMERS  = 3 << SESSIONS_LOG2;
  localparam int unsigned GROUPS  = (TIMERS + 1023) / 1024;

  // Early bound of some deadlines, {there are some, bound}
  localparam int unsigned BOUND_W = 33;
  localparam logic [BOUND_W-1:0] NONE = '0;

  localparam logic [2:0] StSweep  = 3'd0;
  localparam logic [2:0] StIdle   = 3'd1;
  localparam logic [2:0] StGroups = 3'd2;  // looks at the bound of each group
  localparam logic [2:0] StWords  = 3'd3;  // at that of each word of a group
  localparam logic [2:0] StLoad   = 3'd4;  // fetches a word
  localparam logic [2:0] StBits   = 3'd5;  // looks at the deadline of each armed timer of a word

  // Commands in a row that a scan puts up with
  localparam logic [2:0] STREAK = 3'd4;

  function logic is_due(input logic [BOUND_W-1:0] bound, input logic [31:0] at_now);
    is_due = bound[32] && $signed(at_now - bound[31:0]) >= 0;
  endfunction

  // The earlier of two bounds
  function logic [BOUND_W-1:0] earlier(input logic [BOUND_W-1:0] a,
                                                 input logic [BOUND_W-1:0] b);
    earlier = !b[32] || (a[32] && $signed(a[31:0] - b[31:0]) < 0) ? a : b;
  endfunction

  logic [2:0]         state_q;
  logic [WORD_W-1:0]  sweep_q;

  // The command: reads, its data in registers, writes
  logic               read_q, data_q, write_q;
  logic               set_q;
  logic [INDEX_W-1:0] index_q;
  logic [31:0]        at_q;
  logic [31:0]        word_armed_q;
  logic [BOUND_W-1:0] word_bound_q, group_bound_q;
  logic [2:0]         streak_q;

  wire logic [WORD_W-1:0]  word  = index_q[INDEX_W-1:5];
  wire logic [GROUP_W-1:0] group = index_q[INDEX_W-1:10];

  // The scan: where it is, what comes next, bounds of what it leaves behind, reads under way
  logic [GROUP_W-1:0] scan_group_q;
  logic [4:0]         scan_word_q;
  logic [GROUP_W:0]   next_group_q;
  logic [5:0]         next_word_q;
  logic [31:0]        armed_q;      // of the word
  logic [31:0]        to_look_q;    // armed and not yet looked at
  logic [BOUND_W-1:0] all_bound_q;  // outside of a scan
  logic [BOUND_W-1:0] acc_all_q, acc_group_q, acc_word_q;
  logic               asked_q, read_back_q, got_q;
  logic [AT_W-1:0]    asked_at_q, read_at_q, got_at_q;  // group, word or bit
  logic [BOUND_W-1:0] read_bound_q, got_bound_q;
  logic [31:0]        read_armed_q, got_armed_q;
  logic               got_due_q;
  logic               all_due_q;    // all_bound_q is, outside of a scan

  // The report
  logic               out_valid_q;
  logic [INDEX_W-1:0] out_index_q;

  wire logic [INDEX_W-1:0] s_index = INDEX_W'({s_timer, s_session});

  wire logic scanning = state_q >= StGroups;
  wire logic in_group = state_q >= StWords;
  wire logic patient  = !scanning || streak_q != STREAK;
  wire logic empty    = !asked_q && !read_back_q && !got_q;
  wire logic go       = s_valid && s_ready;
  wire logic frozen   = read_q || data_q || write_q;

  assign s_ready = state_q != StSweep && empty && !read_q && !data_q && patient;

  wire logic [WORD_W-1:0] scan_word = {scan_group_q, scan_word_q};

  // What was read: due, or a bound of what stays
  wire logic due      = got_q && got_due_q;
  wire logic out_free = !out_valid_q || m_ready;
  wire logic enter    = due && (state_q == StGroups || state_q == StWords);
  wire logic report   = due && state_q == StBits && out_free;
  wire logic again    = due && state_q == StBits && !out_free;
  wire logic [31:0] got_mask = 32'd1 << got_at_q[4:0];

  // What is read next
  logic       more;
  logic [4:0] look;       // first bit to look at
  always_comb begin
    look = 5'd0;
    for (int i = 31; i >= 0; i--) if (to_look_q[i]) look = 5'(i);
    unique case (state_q)
      StGroups: more = next_group_q != (GROUP_W + 1)'(GROUPS);
      StWords:  more = !next_word_q[5];
      StLoad:   more = empty;
      StBits:   more = to_look_q != '0;
      default:  more = 1'b0;
    endcase
  end
  // Read in vain where the level is left: memories need not wait for what is due
  wire logic may_ask = more && !frozen && !(s_valid && patient);
  wire logic ask = may_ask && !enter;
  // A level is done: all of it was read and looked at
  wire logic leave = !more && empty && !frozen;

  wire logic [31:0] index_mask = 32'd1 << index_q[4:0];
  wire logic        same_word  = state_q == StBits && word == scan_word;
  wire logic        same_group = in_group && group == scan_group_q;
  wire logic [31:0] old_armed  = same_word ? armed_q : word_armed_q;
  wire logic [31:0] new_armed  = set_q ? old_armed | index_mask : old_armed & ~index_mask;
  wire logic [BOUND_W-1:0] set_bound = {1'b1, at_q};

  wire logic sweeping   = state_q == StSweep;
  wire logic leave_word = leave && state_q == StBits;
  wire logic leave_group = leave && state_q == StWords;
  wire logic setting    = write_q && set_q;

  // Deadlines of single timers
  wire logic [31:0] deadline;
  ram_sdp #(
      .DATA_W    (32),
      .DEPTH     (TIMERS),
      .READ_FIRST(1'b0)
  ) deadlines (
      .clk    (clk),
      .wr_en  (setting),
      .wr_addr(index_q[SESSIONS_LOG2+1:0]),
      .wr_data(at_q),
      .rd_en  (may_ask && state_q == StBits),
      .rd_addr({scan_word[SESSIONS_LOG2+1-5:0], look}),
      .rd_data(deadline)
  );

  // Which timers are armed
  wire logic [31:0]       armed;
  wire logic              words_write = sweeping || write_q || leave_word;
  wire logic [WORD_W-1:0] words_at    = sweeping ? sweep_q
                                                 : write_q ? word : scan_word;
  wire logic [31:0]       words_armed = sweeping ? '0 : write_q ? new_armed : armed_q;
  ram_sdp #(
      .DATA_W    (32),
      .DEPTH     (1 << WORD_W),
      .READ_FIRST(1'b0)
  ) armeds (
      .clk    (clk),
      .wr_en  (words_write),
      .wr_addr(words_at),
      .wr_data(words_armed),
      .rd_en  (read_q || (may_ask && state_q == StLoad)),
      .rd_addr(read_q ? word : scan_word),
      .rd_data(armed)
  );

  // Bounds of words
  wire logic [BOUND_W-1:0] word_bound;
  wire logic [BOUND_W-1:0] words_bound = sweeping ? NONE
                                         : write_q ? earlier(set_bound, word_bound_q)
                                         : acc_word_q;
  ram_sdp #(
      .DATA_W    (BOUND_W),
      .DEPTH     (1 << WORD_W),
      .READ_FIRST(1'b0)
  ) word_bounds (
      .clk    (clk),
      .wr_en  (sweeping || setting || leave_word),
      .wr_addr(words_at),
      .wr_data(words_bound),
      .rd_en  (read_q || (may_ask && state_q == StWords)),
      .rd_addr(read_q ? word : {scan_group_q, next_word_q[4:0]}),
      .rd_data(word_bound)
  );

  // Bounds of groups
  wire logic [BOUND_W-1:0] group_bound;
  wire logic [GROUP_W-1:0] groups_at    = sweeping ? sweep_q[GROUP_W-1:0]
                                                   : write_q ? group : scan_group_q;
  wire logic [BOUND_W-1:0] groups_bound = sweeping ? NONE
                                          : write_q ? earlier(set_bound, group_bound_q)
                                          : acc_group_q;
  ram_sdp #(
      .DATA_W    (BOUND_W),
      .DEPTH     (1 << GROUP_W),
      .READ_FIRST(1'b0)
  ) group_bounds (
      .clk    (clk),
      .wr_en  (sweeping || setting || leave_group),
      .wr_addr(groups_at),
      .wr_data(groups_bound),
      .rd_en  (read_q || (may_ask && state_q == StGroups)),
      .rd_addr(read_q ? group : next_group_q[GROUP_W-1:0]),
      .rd_data(group_bound)
  );

  always_ff @(posedge clk) begin : command
    read_q  <= go;
    data_q  <= read_q;
    write_q <= data_q;
    if (go) begin
      set_q   <= s_set;
      index_q <= s_index;
      at_q    <= s_at;
    end
    if (data_q) begin
      word_armed_q  <= armed;
      word_bound_q  <= word_bound;
      group_bound_q <= group_bound;
    end
    if (ask) streak_q <= '0;
    else if (go && streak_q != STREAK) streak_q <= streak_q + 3'd1;
    if (rst) begin
      read_q   <= 1'b0;
      data_q   <= 1'b0;
      write_q  <= 1'b0;
      streak_q <= '0;
    end
  end

  always_ff @(posedge clk) begin : scan
    asked_q     <= ask;
    read_back_q <= asked_q && !enter;
    got_q       <= read_back_q && !enter;
    all_due_q   <= state_q == StIdle && is_due(all_bound_q, now);
    if (ask) begin
      asked_at_q <= state_q == StGroups ? AT_W'(next_group_q)
                    : state_q == StWords ? AT_W'(next_word_q) : AT_W'(look);
    end
    if (asked_q) begin
      read_at_q    <= asked_at_q;
      read_armed_q <= armed;
      read_bound_q <= state_q == StGroups ? group_bound
                      : state_q == StWords ? word_bound : {1'b1, deadline};
    end
    if (read_back_q) begin
      got_at_q    <= read_at_q;
      got_armed_q <= read_armed_q;
      got_bound_q <= read_bound_q;
      got_due_q   <= is_due(read_bound_q, now);
    end

    unique case (state_q)
      StSweep: begin
        sweep_q <= sweep_q + 1'b1;
        if (sweep_q == '1) state_q <= StIdle;
      end

      StIdle: if (!frozen && all_due_q) begin
        next_group_q <= '0;
        acc_all_q    <= NONE;
        state_q      <= StGroups;
      end

      StGroups: begin
        if (ask) next_group_q <= next_group_q + 1'b1;
        if (enter) begin
          scan_group_q <= GROUP_W'(got_at_q);
          next_group_q <= (GROUP_W + 1)'(got_at_q) + 1'b1;
          next_word_q  <= '0;
          acc_group_q  <= NONE;
          state_q      <= StWords;
        end else if (got_q) begin
          acc_all_q <= earlier(got_bound_q, acc_all_q);
        end
        if (leave) begin
          all_bound_q <= acc_all_q;
          state_q     <= StIdle;
        end
      end

      StWords: begin
        if (ask) next_word_q <= next_word_q + 1'b1;
        if (enter) begin
          scan_word_q <= got_at_q[4:0];
          next_word_q <= got_at_q[5:0] + 1'b1;
          state_q     <= StLoad;
        end else if (got_q) begin
          acc_group_q <= earlier(got_bound_q, acc_group_q);
        end
        if (leave) begin
          acc_all_q <= earlier(acc_group_q, acc_all_q);
          state_q   <= StGroups;
        end
      end

      StLoad: if (got_q) begin
        armed_q    <= got_armed_q;
        to_look_q  <= got_armed_q;
        acc_word_q <= NONE;
        state_q    <= StBits;
      end

      default: begin  // StBits
        to_look_q <= (to_look_q & ~(ask ? 32'd1 << look : 32'd0)) | (again ? got_mask : 32'd0);
        if (report) armed_q <= armed_q & ~got_mask;
        if (got_q && !due) acc_word_q <= earlier(got_bound_q, acc_word_q);
        if (leave) begin
          acc_group_q <= earlier(acc_word_q, acc_group_q);
          state_q     <= StWords;
        end
      end
    endcase

    // A command; the scan stands still meanwhile. Too early a bound does no harm.
    if (write_q) begin
      if (set_q) begin
        all_bound_q <= earlier(set_bound, all_bound_q);
        acc_all_q   <= earlier(set_bound, acc_all_q);
        if (same_group) acc_group_q <= earlier(set_bound, acc_group_q);
        if (same_word) acc_word_q <= earlier(set_bound, acc_word_q);
      end
      if (same_word) begin
        armed_q   <= new_armed;
        to_look_q <= to_look_q & ~index_mask;
      end
    end

    if (m_ready) out_valid_q <= 1'b0;
    if (report) begin
      out_valid_q <= 1'b1;
      out_index_q <= {scan_word, got_at_q[4:0]};
    end
    if (go && s_index == out_index_q) out_valid_q <= 1'b0;

    if (rst) begin
      asked_q     <= 1'b0;
      read_back_q <= 1'b0;
      got_q       <= 1'b0;
      all_due_q   <= 1'b0;
      sweep_q     <= '0;
      all_bound_q <= NONE;
      out_valid_q <= 1'b0;
      state_q     <= StSweep;
    end
  end

  assign ready      = state_q != StSweep;
  assign m_valid    = out_valid_q;
  assign m_session  = out_index_q[SESSIONS_LOG2-1:0];
  assign m_timer    = out_index_q[SESSIONS_LOG2+:2];
  assign busy       = state_q != StIdle || frozen;
  assign next_valid = all_bound_q[BOUND_W-1];
  assign next_at    = all_bound_q[31:0];
endmodule

`default_nettype wire
