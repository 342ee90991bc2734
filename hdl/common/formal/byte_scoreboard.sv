// SPDX-License-Identifier: Apache-2.0
// byte_scoreboard: as beat_scoreboard, for cells that cut bytes into beats of another width.
//
// For formal proofs only. The solver marks any one byte of any beat that enters. It must come out
// with as many bytes in front as there were, and be a frame's last byte exactly if it was one.
`default_nettype none

module byte_scoreboard #(
    parameter  int unsigned IN_KEEP  = 1,
    parameter  int unsigned OUT_KEEP = 1,
    // Bytes the module under proof can hold
    parameter  int unsigned CAPACITY = 1,
    localparam int unsigned COUNT_W  = $clog2(CAPACITY + IN_KEEP + OUT_KEEP + 1)
) (
    input  wire logic                  clk,
    input  wire logic                  rst,
    input  wire logic                  push,
    input  wire logic [IN_KEEP*8-1:0]  push_data,
    input  wire logic [IN_KEEP-1:0]    push_keep,
    input  wire logic                  push_last,
    input  wire logic                  pop,
    input  wire logic [OUT_KEEP*8-1:0] pop_data,
    input  wire logic [OUT_KEEP-1:0]   pop_keep,
    input  wire logic                  pop_last,

    output wire logic [COUNT_W-1:0]    level,      // bytes inside
    output wire logic                  marked,     // the marked byte is inside
    output wire logic [COUNT_W-1:0]    ahead,      // bytes in front of it
    output wire logic [7:0]            data,       // the marked byte
    output wire logic                  frame_last  // it is its frame's last
);
  (* anyseq *) logic               mark;
  (* anyseq *) logic [COUNT_W-1:0] mark_index;
  logic                            past_exists = 1'b0;
  logic                            marked_q, frame_last_q;
  logic [COUNT_W-1:0]              level_q, ahead_q;
  logic [7:0]                      data_q;

  logic [COUNT_W-1:0] push_count, pop_count;
  always @* begin
    push_count = '0;
    pop_count  = '0;
    for (int i = 0; i < IN_KEEP; i++) push_count = push_count + COUNT_W'(push && push_keep[i]);
    for (int i = 0; i < OUT_KEEP; i++) pop_count = pop_count + COUNT_W'(pop && pop_keep[i]);
  end

  always @(posedge clk) begin
    past_exists <= 1'b1;
    level_q <= level_q + push_count - pop_count;
    if (marked_q) begin
      marked_q <= ahead_q >= pop_count;
      ahead_q  <= ahead_q - pop_count;
    end else if (mark && mark_index < push_count) begin
      marked_q     <= 1'b1;
      ahead_q      <= level_q + mark_index - pop_count;
      data_q       <= push_data[mark_index*8+:8];
      frame_last_q <= push_last && mark_index == push_count - 1'b1;
    end
    if (rst) begin
      level_q  <= '0;
      marked_q <= 1'b0;
    end
  end

  assign level      = level_q;
  assign marked     = marked_q;
  assign ahead      = ahead_q;
  assign data       = data_q;
  assign frame_last = frame_last_q;

  always @* if (!past_exists) assume (rst);

  wire logic [7:0] leaving = pop_data[ahead_q*8+:8];

  always @* if (past_exists && !rst) begin
    // Rule 1: no more bytes leave than have entered.
    assert (pop_count <= level_q);
    // Rule 2: no more bytes stay inside than there is room for.
    assert (level_q <= CAPACITY);
    // Rule 3: the marked byte leaves in its turn, and unchanged.
    assert (!marked_q || ahead_q >= pop_count || leaving == data_q);
    assert (!marked_q || ahead_q < level_q);
    // Rule 4: a frame ends where it ended.
    assert (!marked_q || ahead_q >= pop_count ||
        frame_last_q == (pop_last && ahead_q == pop_count - 1'b1));
  end

  always @* if (past_exists && !rst) begin
    cover (level_q == CAPACITY);
    cover (marked_q && frame_last_q && ahead_q < pop_count && (OUT_KEEP == 1 || ahead_q != 0));
    cover (push && pop && pop_last);
  end
endmodule

`default_nettype wire
