// SPDX-License-Identifier: Apache-2.0
// toe_rxq: the receive queues: for each session the buffers of what has come and was not read.
//
// Buffer k of a stream holds its positions k*2048 to k*2048 + 2047, so a byte's place follows from
// its position, in order or ahead of what is missing. A chain reaches from the buffer of the next
// byte to read to that of the last byte stored, with those between; it is empty when all stored
// bytes are read. Chains that are done with go onto one garbage chain, in one step, and from there
// back to the pool in the background, when no burst that was asked for before can touch them.
//
// One operation at a time: a store of bytes in order takes 7 cycles, 4 to 7 more for a buffer, 2
// for each buffer that is passed on the way to one in the middle; a read takes 6 cycles a buffer;
// open and release 4; a buffer back to the pool 2. Commands, reads and garbage take turns. After
// reset the sessions are cleared, one a cycle: nothing is ready until then. The caller owes:
// - reads of bytes that are stored without a gap before them (other bytes inside the chain are
//   undefined); a read that reaches behind what is stored, or of a closed session, gives zeros.
// - a session is opened again only when the reads asked of it before are answered.
`default_nettype none

module toe_rxq #(
    // Bits of a session's number, at least 1
    parameter  int unsigned SESSIONS_LOG2 = 14,
    // Bits of a buffer's number, 5 to 19
    parameter  int unsigned BUFFERS_LOG2  = 13,
    localparam int unsigned NUMBER_W      = BUFFERS_LOG2 + 1,
    localparam int unsigned HELD_W        = toe_pkg::HELD_W
) (
    input  wire logic                     clk,
    input  wire logic                     rst,             // synchronous, active high
    input  wire logic [HELD_W-1:0]        limit,           // bytes ahead of what was read

    // Commands, in order; toe_pkg::QUEUE_OPEN, _RELEASE, _STORE
    input  wire logic [1:0]               s_cmd_op,
    input  wire logic [SESSIONS_LOG2-1:0] s_cmd_session,
    // First byte of the stream, or to store: less than 2^20 from what is stored; more is not seen
    input  wire logic [31:0]              s_cmd_pos,
    input  wire logic [15:0]              s_cmd_skip,      // bytes of the payload before it
    input  wire logic [15:0]              s_cmd_len,       // bytes to store; 0: drop the payload
    input  wire logic                     s_cmd_valid,
    output wire logic                     s_cmd_ready,

    // One payload for each store
    input  wire logic [63:0]              s_axis_tdata,
    input  wire logic                     s_axis_tvalid,
    output wire logic                     s_axis_tready,
    input  wire logic                     s_axis_tlast,

    // Answers to stores, in order; a pulse
    output wire logic [SESSIONS_LOG2-1:0] m_stored_session,
    output wire logic                     m_stored_granted,
    output wire logic                     m_stored_valid,

    // Reads: the next bytes of a session; they see all stores granted before
    input  wire logic [SESSIONS_LOG2-1:0] s_read_session,
    input  wire logic [15:0]              s_read_len,      // bytes, at least 1
    input  wire logic                     s_read_valid,
    output wire logic                     s_read_ready,

    // One frame for each read; tuser on its last beat: something in it is not of the stream
    output wire logic [63:0]              m_axis_tdata,
    output wire logic [7:0]               m_axis_tkeep,
    output wire logic                     m_axis_tuser,
    output wire logic                     m_axis_tvalid,
    input  wire logic                     m_axis_tready,
    output wire logic                     m_axis_tlast,

    // Bytes that no longer count for the limit; a pulse for each buffer of a read
    output wire logic [SESSIONS_LOG2-1:0] m_read_session,
    output wire logic [11:0]              m_read_len,
    output wire logic                     m_read_valid,

    // The pool
    output wire logic [NUMBER_W-1:0]      reserve_number,
    output wire logic                     reserve_valid,
    input  wire logic                     reserve_ready,
    input  wire logic                     reserve_granted,
    output wire logic                     take_valid,
    input  wire logic                     take_ready,
    input  wire logic [BUFFERS_LOG2-1:0]  take_buffer,
    output wire logic [BUFFERS_LOG2-1:0]  drop_buffer,
    output wire logic                     drop_valid,
    input  wire logic                     drop_ready,

    // Bursts to write, their data, and a pulse for each that is in memory
    output wire logic [BUFFERS_LOG2-1:0]  wr_burst_buffer,
    output wire logic [7:0]               wr_burst_beat,
    output wire logic [7:0]               wr_burst_len,
    output wire logic                     wr_burst_valid,
    input  wire logic                     wr_burst_ready,
    output wire logic [63:0]              wr_axis_tdata,
    output wire logic [7:0]               wr_axis_tstrb,
    output wire logic                     wr_axis_tvalid,
    input  wire logic                     wr_axis_tready,
    output wire logic                     wr_axis_tlast,
    input  wire logic                     wr_answered,

    // Bursts to read, and their data
    output wire logic [BUFFERS_LOG2-1:0]  rd_burst_buffer,
    output wire logic [7:0]               rd_burst_beat,
    output wire logic [7:0]               rd_burst_len,
    output wire logic                     rd_burst_valid,
    input  wire logic                     rd_burst_ready,
    input  wire logic [63:0]              rd_data,
    input  wire logic                     rd_error,
    input  wire logic                     rd_last,
    input  wire logic                     rd_valid,

    output wire logic                     busy,            // something moves, or is to be moved
    output wire logic                     moves            // the same, answers and data included
);
  if (SESSIONS_LOG2 == 0) $error("SESSIONS_LOG2=%0d is below 1", SESSIONS_LOG2);
  if (BUFFERS_LOG2 < 5 || BUFFERS_LOG2 > 19)
    $error("BUFFERS_LOG2=%0d is not 5 to 19", BUFFERS_LOG2);

  localparam int unsigned FENCE_W = toe_pkg::FENCE_W;
  localparam int unsigned POS_W   = toe_pkg::POS_W;
  localparam int unsigned BLOCK_W = POS_W - 11;  // a position without its place in the buffer
  localparam int unsigned ENTRY_W = 1 + POS_W + HELD_W + 3 * BUFFERS_LOG2 + BLOCK_W;

  // Bursts on their way, above which no store begins; one store has at most 33
  localparam int unsigned MOST_WRITES = 64;

  localparam logic [3:0] StInit    = 4'd0;
  localparam logic [3:0] StIdle    = 4'd1;
  localparam logic [3:0] StLoad    = 4'd2;
  localparam logic [3:0] StMeasure = 4'd3;
  localparam logic [3:0] StCheck   = 4'd4;
  localparam logic [3:0] StReserve = 4'd5;
  localparam logic [3:0] StTake    = 4'd6;
  localparam logic [3:0] StGrant   = 4'd7;
  localparam logic [3:0] StWalk    = 4'd8;
  localparam logic [3:0] StStep    = 4'd9;
  localparam logic [3:0] StPush    = 4'd10;
  localparam logic [3:0] StNext    = 4'd11;
  localparam logic [3:0] StRead    = 4'd12;
  localparam logic [3:0] StFree    = 4'd13;
  localparam logic [3:0] StControl = 4'd14;
  localparam logic [3:0] StReap    = 4'd15;

  logic [3:0]               state_q;
  logic [SESSIONS_LOG2-1:0] session_q;
  logic                     is_read_q;
  logic [1:0]               op_q;
  logic [POS_W-1:0]         pos_q;
  logic [15:0]              skip_q, len_q;

  // The session's entry
  logic                     open_q;
  logic [POS_W-1:0]         read_pos_q;   // of the next byte to read
  logic [HELD_W-1:0]        have_q;       // bytes from there to behind the last one stored
  logic [BUFFERS_LOG2-1:0]  head_q, tail_q, cursor_q;
  logic [BLOCK_W-1:0]       cursor_block_q;

  // What was found out about the operation
  logic                     empty_q;
  logic [POS_W-1:0]         end_last_q;   // position of the last byte stored
  logic [POS_W-1:0]         ahead_q;      // bytes from read_pos to pos
  logic [POS_W-1:0]         last_pos_q;   // of the last byte to store
  logic                     fits_q;
  logic                     grows_q;      // the store ends behind end_pos
  logic [BLOCK_W-1:0]       need_q;       // buffers to take
  logic [5:0]               bursts_q;
  logic [BUFFERS_LOG2-1:0]  at_q;         // the walk's buffer, and its block
  logic [BLOCK_W-1:0]       at_block_q;
  logic [11:0]              to_edge_q;    // bytes to the end of the buffer to read
  logic [11:0]              chunk_q;      // bytes to read from it
  logic                     readable_q;   // the bytes are there, and were in buffers before
  logic                     drained_q;    // the read takes all there is

  // Reads under way
  logic                     begun_q;
  logic [15:0]              left_q;
  logic                     readable_before_q;

  // Garbage: a chain through `next`, from its first to its last buffer
  logic                     garbage_q;
  logic [BUFFERS_LOG2-1:0]  garbage_head_q, garbage_tail_q;

  logic [FENCE_W-1:0]       wr_asked_q, wr_done_q;
  wire logic [FENCE_W-1:0]  rd_asked, rd_done;

  logic                     stored_valid_q, stored_granted_q, read_valid_q;

  wire logic [ENTRY_W-1:0]      entry;
  wire logic [BUFFERS_LOG2-1:0] next;

  // Reads that see all that was granted before them
  wire logic [SESSIONS_LOG2-1:0] read_session;
  wire logic [15:0]              read_len;
  wire logic                     read_waits, reads_busy, retire_busy, scatter_busy, gather_busy;
  wire logic                     read_ends;
  wire logic [15:0]              left = begun_q ? left_q : read_len;

  toe_fence #(
      .DATA_W (SESSIONS_LOG2 + 16),
      .DEPTH  (16),
      .FENCE_W(FENCE_W)
  ) reads (
      .clk    (clk),
      .rst    (rst),
      .s_data ({s_read_session, s_read_len}),
      .s_asked(wr_asked_q),
      .s_valid(s_read_valid),
      .s_ready(s_read_ready),
      .done   (wr_done_q),
      .m_data ({read_session, read_len}),
      .m_valid(read_waits),
      .m_ready(read_ends),
      .busy   (reads_busy)
  );

  // Whose turn it is
  wire logic               job_ready, chunk_ready, retire_ready;
  wire logic [FENCE_W-1:0] writes = wr_asked_q - wr_done_q;
  wire logic [2:0]         turn;
  logic                    may_write_q;
  wire logic               may_store = job_ready && may_write_q;
  wire logic [2:0]         asking = {
      garbage_q && retire_ready,
      read_waits && chunk_ready,
      s_cmd_valid && (s_cmd_op != toe_pkg::QUEUE_STORE || may_store)
  };
  wire logic idle     = state_q == StIdle;
  wire logic take_cmd = idle && turn[0];

  rr_arbiter #(
      .PORTS(3)
  ) arbiter (
      .clk    (clk),
      .rst    (rst),
      .request(asking),
      .grant  (turn),
      .advance(idle)
  );

  // Positions in buffers
  wire logic [BLOCK_W-1:0] first_block = pos_q[POS_W-1:11];
  wire logic [BLOCK_W-1:0] last_block  = last_pos_q[POS_W-1:11];
  wire logic [BLOCK_W-1:0] read_block  = read_pos_q[POS_W-1:11];
  wire logic [BLOCK_W-1:0] tail_block  = grows_q ? last_block : end_last_q[POS_W-1:11];
  wire logic [BLOCK_W-1:0] cursor_rel  = cursor_block_q - read_block;
  wire logic [BLOCK_W-1:0] first_rel   = first_block - read_block;
  wire logic [POS_W:0]     store_end   = {1'b0, ahead_q} + (POS_W + 1)'(len_q);
  wire logic               at_last     = at_block_q == last_block;
  wire logic               at_first    = at_block_q == first_block;
  wire logic [10:0]        at_from     = at_first ? pos_q[10:0] : 11'd0;
  wire logic [10:0]        at_to       = at_last ? last_pos_q[10:0] : 11'd2047;

  // Outcomes
  wire logic too_many = need_q >> NUMBER_W != '0;
  wire logic asks    = state_q == StReserve && fits_q && !too_many && need_q != '0;
  wire logic refuse  = state_q == StReserve &&
                       (!fits_q || too_many || (asks && reserve_ready && !reserve_granted));
  wire logic granted = state_q == StGrant;
  wire logic pushes  = state_q == StPush;
  wire logic links   = state_q == StTake && take_ready;
  wire logic reads_chunk = state_q == StRead;
  wire logic chunk_last  = 16'(chunk_q) == left;
  wire logic at_edge     = chunk_q == to_edge_q;
  wire logic dropping    = (state_q == StFree) || (state_q == StControl && !empty_q);
  wire logic drop_all    = state_q == StControl || drained_q;
  assign read_ends = reads_chunk && chunk_last;
  assign busy = !idle || read_waits || garbage_q;
  assign moves = busy || s_cmd_valid || s_axis_tvalid || s_read_valid || writes != '0 || reads_busy
                 || retire_busy || scatter_busy || gather_busy;

  always_ff @(posedge clk) begin
    may_write_q    <= writes <= FENCE_W'(MOST_WRITES);
    stored_valid_q <= 1'b0;
    read_valid_q   <= 1'b0;
    if (wr_answered) wr_done_q <= wr_done_q + 1'b1;

    unique case (state_q)
      StInit: begin
        session_q <= session_q + 1'b1;
        if (session_q == '1) state_q <= StIdle;
      end

      StIdle: begin
        is_read_q <= turn[1];
        session_q <= turn[1] ? read_session : s_cmd_session;
        op_q      <= s_cmd_op;
        pos_q     <= s_cmd_pos[POS_W-1:0];
        skip_q    <= s_cmd_skip;
        len_q     <= s_cmd_len;
        if (turn[2]) state_q <= StReap;
        else if (turn != '0) state_q <= StLoad;
      end

      StLoad: begin
        {open_q, read_pos_q, have_q, head_q, tail_q, cursor_q, cursor_block_q} <= entry;
        state_q <= StMeasure;
      end

      StMeasure: begin
        empty_q    <= have_q == '0;
        end_last_q <= read_pos_q + POS_W'(have_q) - 1'b1;
        ahead_q    <= pos_q - read_pos_q;
        last_pos_q <= pos_q + POS_W'(len_q) - 1'b1;
        to_edge_q  <= 12'd2048 - {1'b0, read_pos_q[10:0]};
        state_q    <= is_read_q || op_q == toe_pkg::QUEUE_STORE ? StCheck : StControl;
      end

      StCheck: begin
        fits_q     <= open_q && len_q != '0 && store_end <= (POS_W + 1)'(limit);
        grows_q    <= store_end > (POS_W + 1)'(have_q);
        need_q     <= empty_q ? last_block - read_block + 1'b1 :
                      store_end > (POS_W + 1)'(have_q) ? last_block - end_last_q[POS_W-1:11] : '0;
        bursts_q   <= 6'(last_block - first_block) + 6'd1;
        chunk_q    <= left < 16'(to_edge_q) ? left[11:0] : to_edge_q;
        readable_q <= open_q && HELD_W'(left) <= have_q && !(begun_q && !readable_before_q);
        drained_q  <= HELD_W'(left) == have_q && left <= 16'(to_edge_q);
        state_q    <= is_read_q ? StRead : StReserve;
      end

      // Store: all buffers it needs, or none
      StReserve: begin
        if (refuse) begin
          stored_valid_q   <= 1'b1;
          stored_granted_q <= 1'b0;
          state_q          <= StIdle;
        end else if (need_q == '0) state_q <= StGrant;
        else if (reserve_ready) state_q <= StTake;
      end

      StTake:
        if (take_ready) begin
          if (empty_q) begin
            head_q         <= take_buffer;
            cursor_q       <= take_buffer;
            cursor_block_q <= read_block;
          end
          empty_q <= 1'b0;
          tail_q  <= take_buffer;
          need_q  <= need_q - 1'b1;
          if (need_q == BLOCK_W'(1)) state_q <= StGrant;
        end

      StGrant: begin
        stored_valid_q   <= 1'b1;
        stored_granted_q <= 1'b1;
        wr_asked_q       <= wr_asked_q + FENCE_W'(bursts_q);
        if (grows_q) have_q <= store_end[HELD_W-1:0];
        if (first_block == tail_block) begin
          at_q       <= tail_q;
          at_block_q <= tail_block;
        end else if (cursor_rel <= first_rel) begin
          at_q       <= cursor_q;
          at_block_q <= cursor_block_q;
        end else begin
          at_q       <= head_q;
          at_block_q <= read_block;
        end
        state_q <= first_block == tail_block ? StPush : StWalk;
      end

      StWalk: state_q <= at_first ? StPush : StStep;

      StStep: begin
        at_q       <= next;
        at_block_q <= at_block_q + 1'b1;
        state_q    <= StWalk;
      end

      StPush: state_q <= at_last ? StIdle : StNext;

      StNext: begin
        at_q       <= next;
        at_block_q <= at_block_q + 1'b1;
        state_q    <= StPush;
      end

      // Read: what one buffer has
      StRead: begin
        begun_q           <= !chunk_last;
        readable_before_q <= readable_q;
        left_q            <= left - 16'(chunk_q);
        if (readable_q) begin
          read_pos_q   <= read_pos_q + POS_W'(chunk_q);
          have_q       <= have_q - HELD_W'(chunk_q);
          read_valid_q <= 1'b1;
        end
        state_q <= readable_q && (drained_q || at_edge) ? StFree : StIdle;
      end

      StFree: state_q <= StIdle;

      StControl: state_q <= StIdle;

      StReap: begin
        garbage_head_q <= next;
        if (garbage_head_q == garbage_tail_q) garbage_q <= 1'b0;
        state_q <= StIdle;
      end
    endcase

    if (dropping) begin
      garbage_q      <= 1'b1;
      garbage_tail_q <= drop_all ? tail_q : head_q;
      if (!garbage_q) garbage_head_q <= head_q;
    end

    if (rst) begin
      state_q        <= StInit;
      session_q      <= '0;
      begun_q        <= 1'b0;
      garbage_q      <= 1'b0;
      wr_asked_q     <= '0;
      wr_done_q      <= '0;
      stored_valid_q <= 1'b0;
      read_valid_q   <= 1'b0;
    end
  end

  // The table of sessions
  logic               save;
  logic [ENTRY_W-1:0] saved;
  wire logic          moves_on = state_q == StFree && !drained_q;  // to the next buffer
  always_comb begin
    save  = (pushes && at_last) || (reads_chunk && readable_q && !drained_q && !at_edge) ||
            state_q == StFree || state_q == StControl || state_q == StInit;
    saved = {open_q, read_pos_q, have_q, head_q, tail_q, at_q, at_block_q};
    unique case (state_q)
      StRead:
        saved = {open_q, read_pos_q + POS_W'(chunk_q), have_q - HELD_W'(chunk_q), head_q, tail_q,
                 cursor_q, cursor_block_q};
      StFree:
        saved = {open_q, read_pos_q, have_q, moves_on ? next : head_q, tail_q,
                 cursor_rel == '1 ? {next, read_block}
                                  : {cursor_q, cursor_block_q}};
      StControl:
        saved = {op_q == toe_pkg::QUEUE_OPEN, pos_q, {ENTRY_W - POS_W - 1{1'b0}}};
      StInit: saved = '0;
      default: ;
    endcase
  end

  ram_sdp #(
      .DATA_W    (ENTRY_W),
      .DEPTH     (1 << SESSIONS_LOG2),
      .READ_FIRST(1'b0)
  ) sessions (
      .clk    (clk),
      .wr_en  (save),
      .wr_addr(session_q),
      .wr_data(saved),
      .rd_en  (idle),
      .rd_addr(turn[1] ? read_session : s_cmd_session),
      .rd_data(entry)
  );

  // The buffer behind each, in chains and in the garbage
  wire logic link = links && !empty_q;
  ram_sdp #(
      .DATA_W    (BUFFERS_LOG2),
      .DEPTH     (1 << BUFFERS_LOG2),
      .READ_FIRST(1'b0)
  ) chains (
      .clk    (clk),
      .wr_en  (link || (dropping && garbage_q)),
      .wr_addr(link ? tail_q : garbage_tail_q),
      .wr_data(link ? take_buffer : head_q),
      .rd_en  (1'b1),
      .rd_addr(idle ? garbage_head_q : reads_chunk ? head_q : at_q),
      .rd_data(next)
  );

  toe_retire #(
      .BUFFERS_LOG2(BUFFERS_LOG2),
      .FENCE_W     (FENCE_W)
  ) retire (
      .clk     (clk),
      .rst     (rst),
      .s_buffer(garbage_head_q),
      .s_valid (state_q == StReap),
      .s_ready (retire_ready),
      .wr_asked(wr_asked_q),
      .wr_done (wr_done_q),
      .rd_asked(rd_asked),
      .rd_done (rd_done),
      .m_buffer(drop_buffer),
      .m_valid (drop_valid),
      .m_ready (drop_ready),
      .busy    (retire_busy)
  );

  wire logic unused_taken_broken, unused_taken_valid;
  toe_scatter #(
      .BUFFERS_LOG2(BUFFERS_LOG2)
  ) scatter (
      .clk           (clk),
      .rst           (rst),
      .s_job_skip    (skip_q),
      .s_job_offset  (pos_q[10:0]),
      .s_job_len     (granted ? len_q : '0),
      .s_job_valid   (granted || refuse),
      .s_job_ready   (job_ready),
      .s_burst_buffer(at_q),
      .s_burst_beat  (at_from[10:3]),
      .s_burst_len   (at_to[10:3] - at_from[10:3]),
      .s_burst_valid (pushes),
      .s_axis_tdata  (s_axis_tdata),
      .s_axis_tuser  (1'b0),
      .s_axis_tvalid (s_axis_tvalid),
      .s_axis_tready (s_axis_tready),
      .s_axis_tlast  (s_axis_tlast),
      .m_taken_broken(unused_taken_broken),
      .m_taken_valid (unused_taken_valid),
      .m_burst_buffer(wr_burst_buffer),
      .m_burst_beat  (wr_burst_beat),
      .m_burst_len   (wr_burst_len),
      .m_burst_valid (wr_burst_valid),
      .m_burst_ready (wr_burst_ready),
      .m_axis_tdata  (wr_axis_tdata),
      .m_axis_tstrb  (wr_axis_tstrb),
      .m_axis_tvalid (wr_axis_tvalid),
      .m_axis_tready (wr_axis_tready),
      .m_axis_tlast  (wr_axis_tlast),
      .busy          (scatter_busy)
  );

  toe_gather #(
      .BUFFERS_LOG2(BUFFERS_LOG2),
      .FENCE_W     (FENCE_W)
  ) gather (
      .clk           (clk),
      .rst           (rst),
      .s_chunk_buffer(head_q),
      .s_chunk_offset(read_pos_q[10:0]),
      .s_chunk_len   (chunk_q),
      .s_chunk_last  (chunk_last),
      .s_chunk_void  (!readable_q),
      .s_chunk_valid (reads_chunk),
      .s_chunk_ready (chunk_ready),
      .m_burst_buffer(rd_burst_buffer),
      .m_burst_beat  (rd_burst_beat),
      .m_burst_len   (rd_burst_len),
      .m_burst_valid (rd_burst_valid),
      .m_burst_ready (rd_burst_ready),
      .rd_data       (rd_data),
      .rd_error      (rd_error),
      .rd_last       (rd_last),
      .rd_valid      (rd_valid),
      .asked         (rd_asked),
      .done          (rd_done),
      .m_axis_tdata  (m_axis_tdata),
      .m_axis_tkeep  (m_axis_tkeep),
      .m_axis_tuser  (m_axis_tuser),
      .m_axis_tvalid (m_axis_tvalid),
      .m_axis_tready (m_axis_tready),
      .m_axis_tlast  (m_axis_tlast),
      .busy          (gather_busy)
  );

  logic [11:0] read_len_q;
  always_ff @(posedge clk) read_len_q <= chunk_q;

  assign s_cmd_ready      = take_cmd;
  assign m_stored_session = session_q;
  assign m_stored_granted = stored_granted_q;
  assign m_stored_valid   = stored_valid_q;
  assign m_read_session   = session_q;
  assign m_read_len       = read_len_q;
  assign m_read_valid     = read_valid_q;
  assign reserve_number   = NUMBER_W'(need_q);
  assign reserve_valid    = asks;
  assign take_valid       = state_q == StTake;

  wire logic unused = &{1'b0, unused_taken_broken, unused_taken_valid, s_cmd_pos[31:POS_W],
                        end_last_q[10:0], at_from[2:0], at_to[2:0]};
endmodule

`default_nettype wire
