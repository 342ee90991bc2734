// SPDX-License-Identifier: Apache-2.0
// toe_txq: the send queues: for each session the pieces of buffers that hold what is to be sent.
//
// A session's bytes are a chain of nodes {buffer, offset, len}, from the first byte that is not
// acknowledged to the last one added. Bytes of a write fill the buffer of the last node where that
// one came from a write, and new buffers behind it; a reference is a node on a buffer of somebody
// else. A cursor remembers the node of the last fetch. Chains that are done with go onto one
// garbage chain, in one step, and from there back to the pool in the background, when no burst that
// was asked for before can touch them.
//
// One operation at a time: a fetch takes 5 cycles and 4 a piece, 3 more for each node that is
// passed on the way from the cursor (or from the head, if the bytes lie before the cursor); a free
// 6 and 4 for each node it passes; a write 8 to 10 and 1 or 2 a buffer; a reference 8; open and
// release 4; a node back 3. Commands, fetches, writes, references and garbage take turns. After
// reset the sessions are cleared, one a cycle: nothing is ready until then. The caller owes:
// - fetches of bytes that were reported as added; a fetch that reaches outside what is held, or of
//   a closed session, gives zeros. A free of what is not held is ignored and told by `fault`.
// - a session is opened again only when the writes and references asked of it are reported.
`default_nettype none

module toe_txq #(
    // Bits of a session's number, at least 1
    parameter  int unsigned SESSIONS_LOG2 = 14,
    // Bits of a buffer's number, at least 5
    parameter  int unsigned BUFFERS_LOG2  = 13,
    // Bits of a node's number, at least 2
    parameter  int unsigned NODES_LOG2    = 14,
    localparam int unsigned NUMBER_W      = BUFFERS_LOG2 + 1,
    localparam int unsigned HELD_W        = toe_pkg::HELD_W
) (
    input  wire logic                     clk,
    input  wire logic                     rst,             // synchronous, active high
    input  wire logic [HELD_W-1:0]        limit,           // bytes held for a session

    // Commands, in order; toe_pkg::QUEUE_OPEN, _RELEASE, _FETCH, _FREE
    input  wire logic [1:0]               s_cmd_op,
    input  wire logic [SESSIONS_LOG2-1:0] s_cmd_session,
    // Open, fetch: first byte; free: end. Less than 2^20 from what is held; more is not seen
    input  wire logic [31:0]              s_cmd_pos,
    input  wire logic [15:0]              s_cmd_len,       // fetch: bytes, at least 1
    input  wire logic                     s_cmd_valid,
    output wire logic                     s_cmd_ready,
    output wire logic                     fetch_room,      // a fetch keeps no command waiting

    // One frame for each fetch; tuser on its last beat: something in it is not of the stream
    output wire logic [63:0]              m_axis_tdata,
    output wire logic [7:0]               m_axis_tkeep,
    output wire logic                     m_axis_tuser,
    output wire logic                     m_axis_tvalid,
    input  wire logic                     m_axis_tready,
    output wire logic                     m_axis_tlast,

    // Writes, and one payload for each; the answers in order, a pulse
    input  wire logic [SESSIONS_LOG2-1:0] s_write_session,
    input  wire logic [15:0]              s_write_len,     // bytes; 0 is refused
    input  wire logic                     s_write_valid,
    output wire logic                     s_write_ready,
    input  wire logic [63:0]              s_axis_tdata,
    input  wire logic                     s_axis_tuser,    // this beat could not be had
    input  wire logic                     s_axis_tvalid,
    output wire logic                     s_axis_tready,
    input  wire logic                     s_axis_tlast,
    output wire logic                     m_write_granted,
    output wire logic                     m_write_valid,

    // References to bytes of a buffer; the answers in order, a pulse
    input  wire logic [SESSIONS_LOG2-1:0] s_refer_session,
    input  wire logic [BUFFERS_LOG2-1:0]  s_refer_buffer,
    input  wire logic [10:0]              s_refer_offset,
    input  wire logic [11:0]              s_refer_len,     // bytes, 1 to 2048 - offset
    input  wire logic                     s_refer_valid,
    output wire logic                     s_refer_ready,
    output wire logic                     m_refer_granted,
    output wire logic                     m_refer_valid,

    // Bytes granted that are in memory now, in the order of the stream
    output wire logic [SESSIONS_LOG2-1:0] m_added_session,
    output wire logic [15:0]              m_added_len,
    output wire logic                     m_added_broken,  // not all of them could be had
    output wire logic                     m_added_valid,
    input  wire logic                     m_added_ready,

    output wire logic                     fault,           // pulse: free of what is not held
    output wire logic [NODES_LOG2:0]      free_nodes,

    // The pool
    output wire logic [NUMBER_W-1:0]      reserve_number,
    output wire logic                     reserve_valid,
    input  wire logic                     reserve_ready,
    input  wire logic                     reserve_granted,
    output wire logic                     take_valid,
    input  wire logic                     take_ready,
    input  wire logic [BUFFERS_LOG2-1:0]  take_buffer,
    output wire logic [BUFFERS_LOG2-1:0]  refer_buffer,
    output wire logic                     refer_valid,
    input  wire logic                     refer_ready,
    input  wire logic                     refer_granted,
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
  if (BUFFERS_LOG2 < 5) $error("BUFFERS_LOG2=%0d is below 5", BUFFERS_LOG2);
  if (NODES_LOG2 < 2) $error("NODES_LOG2=%0d is below 2", NODES_LOG2);

  localparam int unsigned FENCE_W = toe_pkg::FENCE_W;
  localparam int unsigned POS_W   = toe_pkg::POS_W;
  localparam int unsigned ENTRY_W = 1 + POS_W + HELD_W + 2 * NODES_LOG2;
  localparam int unsigned NODE_W  = BUFFERS_LOG2 + 11 + 12 + 1;

  // Bursts on their way, above which no write begins; one write has at most 33
  localparam int unsigned MOST_WRITES = 64;

  localparam logic [4:0] StInit     = 5'd0;
  localparam logic [4:0] StIdle     = 5'd1;
  localparam logic [4:0] StLoad     = 5'd2;
  localparam logic [4:0] StMeasure  = 5'd3;
  localparam logic [4:0] StControl  = 5'd4;
  localparam logic [4:0] StFind     = 5'd5; // fetch: where to begin
  localparam logic [4:0] StPiece    = 5'd6; // fetch: a node is here
  localparam logic [4:0] StSize     = 5'd7;
  localparam logic [4:0] StPush     = 5'd8;
  localparam logic [4:0] StAgain    = 5'd9; // fetch: the next node
  localparam logic [4:0] StFree     = 5'd10; // free: how much
  localparam logic [4:0] StFreeLoad = 5'd11;
  localparam logic [4:0] StFreeNode = 5'd12; // free: a node is here
  localparam logic [4:0] StFreeAt   = 5'd13; // free: the first node that stays
  localparam logic [4:0] StAdmit    = 5'd14; // write, reference: the limit
  localparam logic [4:0] StTail     = 5'd15; // write: the last node is here
  localparam logic [4:0] StSpace    = 5'd16;
  localparam logic [4:0] StPlan     = 5'd17;
  localparam logic [4:0] StNeed     = 5'd18;
  localparam logic [4:0] StReserve  = 5'd19;
  localparam logic [4:0] StGrant    = 5'd20;
  localparam logic [4:0] StTake     = 5'd21;
  localparam logic [4:0] StRefer    = 5'd22;
  localparam logic [4:0] StReferred = 5'd23;
  localparam logic [4:0] StSave     = 5'd24;
  localparam logic [4:0] StReap     = 5'd25;
  localparam logic [4:0] StFreeSize = 5'd26; // free: does the node go

  logic [4:0]               state_q;
  logic [SESSIONS_LOG2-1:0] session_q;
  logic                     is_cmd_q, is_refer_q;
  logic [1:0]               op_q;
  logic [POS_W-1:0]         pos_q;
  logic [15:0]              len_q;
  logic [BUFFERS_LOG2-1:0]  buffer_q;       // of a reference
  logic [10:0]              offset_q;

  // The session's entry
  logic                     open_q;
  logic [POS_W-1:0]         free_pos_q;     // of the first byte that is held
  logic [HELD_W-1:0]        have_q;         // bytes held
  logic [NODES_LOG2-1:0]    head_q, tail_q;
  logic [NODES_LOG2-1:0]    cursor_q;       // node of the last fetch, and its position
  logic [POS_W-1:0]         cursor_pos_q;

  // A node
  logic [BUFFERS_LOG2-1:0]  node_buffer_q;
  logic [10:0]              node_offset_q;
  logic [11:0]              node_len_q;
  logic                     node_own_q;     // the rest of its buffer is the session's
  logic [NODES_LOG2-1:0]    node_next_q;

  // What was found out about the operation
  logic                     empty_q;
  logic [POS_W-1:0]         ahead_q;        // from the first byte held to pos
  logic [POS_W-1:0]         cursor_ahead_q;
  logic [POS_W-1:0]         left_q;         // free: bytes to go
  logic                     passed_q;       // free: nodes are behind it
  logic [NODES_LOG2-1:0]    at_q, before_q; // free: the walk
  logic                     fits_q;
  logic [11:0]              fill_q, space_q; // write: of the last node's buffer, used and not
  logic [11:0]              part_q;         // bytes that go there
  logic [15:0]              rest_q;         // bytes that go to new buffers
  logic [5:0]               need_q;         // new buffers

  // A fetch under way
  logic                     fetching_q, void_q;
  logic [SESSIONS_LOG2-1:0] fetch_session_q;
  logic [NODES_LOG2-1:0]    fetch_node_q;
  logic [POS_W-1:0]         fetch_pos_q;    // of the node
  logic [POS_W-1:0]         fetch_in_q;     // from there to the next byte
  logic [15:0]              fetch_left_q;
  logic                     past_q;         // the next byte is behind the node
  logic [11:0]              chunk_q;
  logic [10:0]              chunk_offset_q; // in its buffer

  // Garbage: a chain of nodes, from its first to its last
  logic                     garbage_q;
  logic [NODES_LOG2-1:0]    garbage_head_q, garbage_tail_q;

  logic [FENCE_W-1:0]       wr_asked_q, wr_done_q;
  wire logic [FENCE_W-1:0]  rd_asked, rd_done;

  logic                     write_valid_q, refer_valid_q, granted_q, fault_q;

  wire logic [ENTRY_W-1:0]       entry;
  wire logic [NODES_LOG2+POS_W-1:0]    cursor;
  wire logic [NODE_W-1:0]        node;
  wire logic [NODES_LOG2-1:0]    next;
  wire logic [NODES_LOG2-1:0]    new_node;
  wire logic                     new_node_valid;

  // Whose turn it is
  wire logic               job_ready, chunk_ready, retire_ready, added_ready;
  wire logic               retire_busy, added_busy, scatter_busy, gather_busy;
  wire logic [FENCE_W-1:0] writes = wr_asked_q - wr_done_q;
  logic                    may_write_q;
  wire logic [4:0]         turn;
  wire logic [4:0]         asking = {
      garbage_q && retire_ready,
      s_refer_valid && added_ready,
      s_write_valid && added_ready && job_ready && may_write_q,
      fetching_q && chunk_ready,
      s_cmd_valid && !fetching_q
  };
  wire logic idle = state_q == StIdle;

  rr_arbiter #(
      .PORTS(5)
  ) arbiter (
      .clk    (clk),
      .rst    (rst),
      .request(asking),
      .grant  (turn),
      .advance(idle)
  );

  wire logic [SESSIONS_LOG2-1:0] session = turn[3] ? s_refer_session :
                                           turn[2] ? s_write_session : s_cmd_session;

  // Outcomes
  wire logic        fetch_ends  = fetch_left_q == 16'(chunk_q);
  wire logic        pushes      = state_q == StPush && (void_q || !past_q);
  wire logic        free_all    = ahead_q == POS_W'(have_q);
  wire logic        free_odd    = !open_q || ahead_q > POS_W'(have_q);  // what is not held
  wire logic        frees_all   = state_q == StFree && !free_odd && free_all && !empty_q;
  wire logic        frees_some  = state_q == StFreeAt;
  wire logic        clears      = state_q == StControl;
  wire logic        dropping    = frees_all || (frees_some && passed_q) || (clears && !empty_q);
  wire logic        reaps       = state_q == StReap;

  wire logic        may_grant   = fits_q && 32'(need_q) <= 32'(free_nodes);
  wire logic        asks        = state_q == StReserve && may_grant && need_q != '0;
  wire logic        refuses     = state_q == StReserve &&
                                  (!may_grant || (asks && reserve_ready && !reserve_granted));
  wire logic        grants      = state_q == StGrant;
  wire logic        fills       = grants && part_q != '0;       // the last node's buffer
  wire logic        adds_buffer = state_q == StTake && take_ready && new_node_valid;
  wire logic        may_refer   = fits_q && free_nodes != '0;
  wire logic        adds_refer  = state_q == StReferred && refer_granted;
  wire logic        adds_node   = adds_buffer || adds_refer;
  wire logic [11:0] take_len    = rest_q[15:11] != '0 ? 12'd2048 : rest_q[11:0];

  // Sums
  wire logic [POS_W:0] fetch_end = {1'b0, ahead_q} + (POS_W + 1)'(len_q);
  wire logic [HELD_W:0] full    = {1'b0, have_q} + (HELD_W + 1)'(len_q);
  wire logic [16:0] rest_up     = 17'(rest_q) + 17'd2047;
  wire logic [12:0] refer_end   = {2'b00, offset_q} + len_q[12:0];
  wire logic [11:0] fill_last   = fill_q + part_q - 12'd1;
  wire logic [11:0] take_last   = take_len - 12'd1;
  wire logic [FENCE_W-1:0] wr_asked = wr_asked_q + FENCE_W'(need_q) + FENCE_W'(part_q != '0);

  always_ff @(posedge clk) begin
    may_write_q   <= writes <= FENCE_W'(MOST_WRITES);
    write_valid_q <= refuses || grants;
    refer_valid_q <= 1'b0;
    fault_q       <= 1'b0;
    if (refuses || grants) granted_q <= grants;
    if (wr_answered) wr_done_q <= wr_done_q + 1'b1;

    unique case (state_q)
      StInit: begin
        session_q <= session_q + 1'b1;
        if (session_q == '1) state_q <= StIdle;
      end

      StIdle: begin
        is_cmd_q   <= turn[0];
        is_refer_q <= turn[3];
        session_q  <= session;
        op_q       <= s_cmd_op;
        pos_q      <= s_cmd_pos[POS_W-1:0];
        len_q      <= turn[3] ? 16'(s_refer_len) : turn[2] ? s_write_len : s_cmd_len;
        buffer_q   <= s_refer_buffer;
        offset_q   <= s_refer_offset;
        if (turn[4]) state_q <= StReap;
        else if (turn[1]) state_q <= StPiece;
        else if (turn != '0) state_q <= StLoad;
      end

      StLoad: begin
        {open_q, free_pos_q, have_q, head_q, tail_q} <= entry;
        {cursor_q, cursor_pos_q} <= cursor;
        state_q <= StMeasure;
      end

      StMeasure: begin
        empty_q        <= have_q == '0;
        ahead_q        <= pos_q - free_pos_q;
        cursor_ahead_q <= cursor_pos_q - free_pos_q;
        if (!is_cmd_q) state_q <= StAdmit;
        else if (op_q == toe_pkg::QUEUE_FETCH) state_q <= StFind;
        else if (op_q == toe_pkg::QUEUE_FREE) state_q <= StFree;
        else state_q <= StControl;
      end

      StControl: state_q <= StIdle;

      // Fetch: from the cursor, unless the bytes lie before it
      StFind: begin
        fetching_q      <= len_q != '0;
        void_q          <= !open_q || fetch_end > (POS_W + 1)'(have_q);
        fetch_session_q <= session_q;
        fetch_left_q    <= len_q;
        if (cursor_ahead_q <= ahead_q && cursor_ahead_q < POS_W'(have_q)) begin
          fetch_node_q <= cursor_q;
          fetch_pos_q  <= cursor_pos_q;
          fetch_in_q   <= ahead_q - cursor_ahead_q;
        end else begin
          fetch_node_q <= head_q;
          fetch_pos_q  <= free_pos_q;
          fetch_in_q   <= ahead_q;
        end
        state_q <= StIdle;
      end

      StPiece: begin
        {node_buffer_q, node_offset_q, node_len_q, node_own_q} <= node;
        node_next_q <= next;
        state_q     <= StSize;
      end

      StSize: begin : size
        logic [11:0] there;
        there   = void_q ? 12'd2048 : node_len_q - fetch_in_q[11:0];
        chunk_offset_q <= void_q ? '0 : node_offset_q + fetch_in_q[10:0];
        past_q  <= fetch_in_q >= POS_W'(node_len_q);
        chunk_q <= fetch_left_q < 16'(there) ? fetch_left_q[11:0] : there;
        state_q <= StPush;
      end

      StPush:
        if (pushes) begin
          fetch_in_q   <= fetch_in_q + POS_W'(chunk_q);
          fetch_left_q <= fetch_left_q - 16'(chunk_q);
          if (fetch_ends) fetching_q <= 1'b0;
          state_q <= StIdle;
        end else begin
          fetch_in_q   <= fetch_in_q - POS_W'(node_len_q);
          fetch_pos_q  <= fetch_pos_q + POS_W'(node_len_q);
          fetch_node_q <= node_next_q;
          state_q      <= StAgain;
        end

      StAgain: state_q <= StPiece;

      // Free: whole nodes go, the first that stays may lose its front
      StFree: begin
        left_q   <= ahead_q;
        passed_q <= 1'b0;
        at_q     <= head_q;
        fault_q  <= free_odd;
        state_q  <= free_odd || free_all || ahead_q == '0 ? StIdle : StFreeLoad;
      end

      StFreeLoad: state_q <= StFreeNode;

      StFreeNode: begin
        {node_buffer_q, node_offset_q, node_len_q, node_own_q} <= node;
        state_q <= StFreeSize;
      end

      StFreeSize: begin
        if (left_q >= POS_W'(node_len_q)) begin
          left_q   <= left_q - POS_W'(node_len_q);
          passed_q <= 1'b1;
          before_q <= at_q;
          at_q     <= next;
          state_q  <= StFreeLoad;
        end else state_q <= StFreeAt;
      end

      StFreeAt: state_q <= StIdle;

      // Write: what fits behind the last node goes there, the rest into new buffers
      StAdmit: begin
        fits_q  <= open_q && len_q != '0 && full <= {1'b0, limit} &&
                   (!is_refer_q || refer_end <= 13'd2048);
        space_q <= '0;
        state_q <= is_refer_q ? StRefer : empty_q ? StPlan : StTail;
      end

      StTail: begin
        {node_buffer_q, node_offset_q, node_len_q, node_own_q} <= node;
        state_q <= StSpace;
      end

      StSpace: begin
        fill_q  <= {1'b0, node_offset_q} + node_len_q;
        space_q <= node_own_q ? 12'd2048 - {1'b0, node_offset_q} - node_len_q : '0;
        state_q <= StPlan;
      end

      StPlan: begin
        part_q  <= len_q < 16'(space_q) ? len_q[11:0] : space_q;
        rest_q  <= len_q < 16'(space_q) ? '0 : len_q - 16'(space_q);
        state_q <= StNeed;
      end

      StNeed: begin
        need_q  <= rest_up[16:11];
        state_q <= StReserve;
      end

      StReserve: begin
        if (refuses) state_q <= StIdle;
        else if (!asks || reserve_ready) state_q <= StGrant;
      end

      StGrant: begin
        wr_asked_q <= wr_asked;
        have_q     <= full[HELD_W-1:0];
        state_q    <= need_q == '0 ? StSave : StTake;
      end

      StTake:
        if (adds_buffer) begin
          need_q <= need_q - 1'b1;
          rest_q <= rest_q - 16'(take_len);
          if (need_q == 6'd1) state_q <= StSave;
        end

      StRefer: begin
        if (!may_refer) begin
          refer_valid_q <= 1'b1;
          granted_q     <= 1'b0;
          state_q       <= StIdle;
        end else if (refer_valid && refer_ready) state_q <= StReferred;
      end

      StReferred: begin
        refer_valid_q <= 1'b1;
        granted_q     <= refer_granted;
        have_q        <= full[HELD_W-1:0];
        state_q       <= refer_granted ? StSave : StIdle;
      end

      StSave: state_q <= StIdle;

      StReap: begin
        garbage_head_q <= next;
        if (garbage_head_q == garbage_tail_q) garbage_q <= 1'b0;
        state_q <= StIdle;
      end

      default: state_q <= StIdle;
    endcase

    if (adds_node) begin
      if (empty_q) head_q <= new_node;
      tail_q  <= new_node;
      empty_q <= 1'b0;
    end
    if (dropping) begin
      garbage_q      <= 1'b1;
      garbage_tail_q <= frees_some ? before_q : tail_q;
      if (!garbage_q) garbage_head_q <= head_q;
    end

    if (rst) begin
      state_q       <= StInit;
      session_q     <= '0;
      fetching_q    <= 1'b0;
      garbage_q     <= 1'b0;
      wr_asked_q    <= '0;
      wr_done_q     <= '0;
      write_valid_q <= 1'b0;
      refer_valid_q <= 1'b0;
      fault_q       <= 1'b0;
    end
  end

  // The table of sessions
  logic [ENTRY_W-1:0] saved;
  always_comb begin
    saved = {open_q, free_pos_q, have_q, head_q, tail_q};
    unique case (state_q)
      StFree: saved = {open_q, pos_q, {HELD_W{1'b0}}, head_q, tail_q};
      StFreeAt: saved = {open_q, pos_q, have_q - ahead_q[HELD_W-1:0], at_q, tail_q};
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
      .wr_en  (frees_all || frees_some || clears || state_q == StSave || state_q == StInit),
      .wr_addr(session_q),
      .wr_data(saved),
      .rd_en  (idle),
      .rd_addr(session),
      .rd_data(entry)
  );

  // Where a session's last fetch ended; a position before the first byte held says nowhere
  wire logic remembers = pushes && fetch_ends && !void_q;
  ram_sdp #(
      .DATA_W    (NODES_LOG2 + POS_W),
      .DEPTH     (1 << SESSIONS_LOG2),
      .READ_FIRST(1'b0)
  ) cursors (
      .clk    (clk),
      .wr_en  (remembers || clears || state_q == StInit),
      .wr_addr(remembers ? fetch_session_q : session_q),
      .wr_data(remembers ? {fetch_node_q, fetch_pos_q} :
                            {{NODES_LOG2{1'b0}}, pos_q - 1'b1}),
      .rd_en  (idle),
      .rd_addr(session),
      .rd_data(cursor)
  );

  // Nodes
  logic [NODES_LOG2-1:0] node_at;
  logic [NODE_W-1:0]     node_now;
  always_comb begin
    node_at  = new_node;
    node_now = {take_buffer, 11'd0, take_len, 1'b1};
    unique case (state_q)
      StGrant: begin
        node_at  = tail_q;
        node_now = {node_buffer_q, node_offset_q, node_len_q + part_q, 1'b1};
      end
      StFreeAt: begin
        node_at  = at_q;
        node_now = {node_buffer_q, node_offset_q + left_q[10:0], node_len_q - left_q[11:0],
                    node_own_q};
      end
      StReferred: node_now = {buffer_q, offset_q, len_q[11:0], 1'b0};
      default: ;
    endcase
  end

  wire logic [NODES_LOG2-1:0] node_read = idle ? (turn[1] ? fetch_node_q : garbage_head_q) :
                                          state_q == StAgain ? fetch_node_q :
                                          state_q == StAdmit ? tail_q : at_q;
  ram_sdp #(
      .DATA_W    (NODE_W),
      .DEPTH     (1 << NODES_LOG2),
      .READ_FIRST(1'b0)
  ) nodes (
      .clk    (clk),
      .wr_en  (fills || frees_some || adds_node),
      .wr_addr(node_at),
      .wr_data(node_now),
      .rd_en  (1'b1),
      .rd_addr(node_read),
      .rd_data(node)
  );

  // The node behind each, in chains and in the garbage
  wire logic link = adds_node && !empty_q;
  ram_sdp #(
      .DATA_W    (NODES_LOG2),
      .DEPTH     (1 << NODES_LOG2),
      .READ_FIRST(1'b0)
  ) chains (
      .clk    (clk),
      .wr_en  (link || (dropping && garbage_q)),
      .wr_addr(link ? tail_q : garbage_tail_q),
      .wr_data(link ? new_node : head_q),
      .rd_en  (1'b1),
      .rd_addr(node_read),
      .rd_data(next)
  );

  toe_freelist #(
      .LOG2(NODES_LOG2)
  ) freelist (
      .clk         (clk),
      .rst         (rst),
      .number      (new_node),
      .number_valid(new_node_valid),
      .take        (adds_node),
      .give        (reaps),
      .give_number (garbage_head_q),
      .free        (free_nodes)
  );

  toe_retire #(
      .BUFFERS_LOG2(BUFFERS_LOG2),
      .FENCE_W     (FENCE_W)
  ) retire (
      .clk     (clk),
      .rst     (rst),
      .s_buffer(node[NODE_W-1:24]),
      .s_valid (reaps),
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

  // Whether the payload of each write was whole, in the order of the writes
  wire logic       taken_broken, taken_valid, fate_broken, fate_valid;
  wire logic       added_refer, added_valid, unused_fate_ready, unused_fate_user, unused_fate_last;
  wire logic [6:0] unused_fate_level;
  axis_fifo #(
      .DATA_W(1),
      .DEPTH (64)
  ) fates (
      .clk          (clk),
      .rst          (rst),
      .s_axis_tdata (taken_broken),
      .s_axis_tuser (1'b0),
      .s_axis_tvalid(taken_valid),
      .s_axis_tready(unused_fate_ready),
      .s_axis_tlast (1'b1),
      .m_axis_tdata (fate_broken),
      .m_axis_tuser (unused_fate_user),
      .m_axis_tvalid(fate_valid),
      .m_axis_tready(m_added_valid && m_added_ready && !added_refer),
      .m_axis_tlast (unused_fate_last),
      .level        (unused_fate_level)
  );
  assign m_added_valid  = added_valid && (added_refer || fate_valid);
  assign m_added_broken = !added_refer && fate_broken;

  toe_fence #(
      .DATA_W (SESSIONS_LOG2 + 17),
      .DEPTH  (32),
      .FENCE_W(FENCE_W)
  ) added (
      .clk    (clk),
      .rst    (rst),
      .s_data ({adds_refer, session_q, len_q}),
      .s_asked(grants ? wr_asked : wr_asked_q),
      .s_valid(grants || adds_refer),
      .s_ready(added_ready),
      .done   (wr_done_q),
      .m_data ({added_refer, m_added_session, m_added_len}),
      .m_valid(added_valid),
      .m_ready(m_added_valid && m_added_ready),
      .busy   (added_busy)
  );

  toe_scatter #(
      .BUFFERS_LOG2(BUFFERS_LOG2)
  ) scatter (
      .clk           (clk),
      .rst           (rst),
      .s_job_skip    ('0),
      .s_job_offset  (part_q != '0 ? fill_q[10:0] : '0),
      .s_job_len     (grants ? len_q : '0),
      .s_job_valid   (grants || refuses),
      .s_job_ready   (job_ready),
      .s_burst_buffer(fills ? node_buffer_q : take_buffer),
      .s_burst_beat  (fills ? fill_q[10:3] : '0),
      .s_burst_len   (fills ? fill_last[10:3] - fill_q[10:3] : take_last[10:3]),
      .s_burst_valid (fills || adds_buffer),
      .s_axis_tdata  (s_axis_tdata),
      .s_axis_tuser  (s_axis_tuser),
      .s_axis_tvalid (s_axis_tvalid),
      .s_axis_tready (s_axis_tready),
      .s_axis_tlast  (s_axis_tlast),
      .m_taken_broken(taken_broken),
      .m_taken_valid (taken_valid),
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
      .s_chunk_buffer(void_q ? '0 : node_buffer_q),
      .s_chunk_offset(chunk_offset_q),
      .s_chunk_len   (chunk_q),
      .s_chunk_last  (fetch_ends),
      .s_chunk_void  (void_q),
      .s_chunk_valid (pushes),
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

  assign busy            = !idle || fetching_q || garbage_q;
  assign moves           = busy || s_cmd_valid || s_write_valid || s_axis_tvalid || s_refer_valid
                           || writes != '0 || retire_busy || added_busy || scatter_busy
                           || gather_busy;
  assign s_cmd_ready     = idle && turn[0];
  assign fetch_room      = chunk_ready && !fetching_q && (idle || !is_cmd_q);
  assign s_write_ready   = idle && turn[2];
  assign s_refer_ready   = idle && turn[3];
  assign m_write_granted = granted_q;
  assign m_write_valid   = write_valid_q;
  assign m_refer_granted = granted_q;
  assign m_refer_valid   = refer_valid_q;
  assign fault           = fault_q;
  assign reserve_number  = NUMBER_W'(need_q);
  assign reserve_valid   = asks;
  assign take_valid      = state_q == StTake && new_node_valid;
  assign refer_buffer    = buffer_q;
  assign refer_valid     = state_q == StRefer && may_refer && new_node_valid;

  wire logic unused = &{1'b0, s_cmd_pos[31:POS_W], unused_fate_ready, unused_fate_user, unused_fate_last,
                        unused_fate_level, rest_up[10:0], fill_last[11], fill_last[2:0], take_last[11],
                        take_last[2:0]};
endmodule

`default_nettype wire
