// SPDX-License-Identifier: Apache-2.0
// beat_scoreboard: no beat lost, duplicated, invented, changed or reordered on its way through.
//
// For formal proofs only. The solver marks any one beat as it enters; the scoreboard counts the
// beats in front of it and, when those have left, the next to leave must be the marked one. Since
// any beat may be the marked one, all keep their places. Outputs let the module under proof state
// where inside it the marked beat is, which makes the proof inductive.
`default_nettype none

module beat_scoreboard #(
    parameter  int unsigned PAYLOAD_W = 1,
    // Beats the module under proof can hold; 0 for one that passes them on within the cycle
    parameter  int unsigned CAPACITY  = 1,
    localparam int unsigned COUNT_W   = $clog2(CAPACITY + 2)
) (
    input  wire logic                 clk,
    input  wire logic                 rst,
    input  wire logic                 push,
    input  wire logic [PAYLOAD_W-1:0] push_payload,
    input  wire logic                 pop,
    input  wire logic [PAYLOAD_W-1:0] pop_payload,

    output wire logic [COUNT_W-1:0]   level,    // beats inside
    output wire logic                 marked,   // the marked beat is inside
    output wire logic [COUNT_W-1:0]   ahead,    // beats in front of it
    output wire logic [PAYLOAD_W-1:0] payload   // of the marked beat
);
  (* anyseq *) logic    mark;
  logic                 past_exists = 1'b0;
  logic                 marked_q;
  logic [COUNT_W-1:0]   level_q, ahead_q;
  logic [PAYLOAD_W-1:0] payload_q;

  always @(posedge clk) begin
    past_exists <= 1'b1;
    level_q <= level_q + COUNT_W'(push) - COUNT_W'(pop);
    if (marked_q) begin
      marked_q <= !(pop && ahead_q == '0);
      ahead_q  <= ahead_q - COUNT_W'(pop);
    end else if (push && mark && !(pop && level_q == '0)) begin
      marked_q  <= 1'b1;
      ahead_q   <= level_q - COUNT_W'(pop);
      payload_q <= push_payload;
    end
    if (rst) begin
      level_q  <= '0;
      marked_q <= 1'b0;
    end
  end

  assign level   = level_q;
  assign marked  = marked_q;
  assign ahead   = ahead_q;
  assign payload = payload_q;

  always @* if (!past_exists) assume (rst);

  always @* if (past_exists && !rst) begin
    // Rule 1: no more beats leave than have entered (none is invented or given twice).
    assert (!pop || push || level_q != '0);
    // Rule 2: no more beats stay inside than there is room for.
    assert (level_q <= CAPACITY);
    // Rule 3: the marked beat leaves in its turn, and unchanged.
    assert (!marked_q || !pop || ahead_q != '0 || pop_payload == payload_q);
    assert (!marked_q || ahead_q < level_q);
    // Rule 4: a beat that passes within the cycle is the one that entered.
    assert (!push || !pop || level_q != '0 || pop_payload == push_payload);
  end

  always @* if (past_exists && !rst) begin
    // The module fills up, and a marked beat with all of the others in front comes out
    cover (level_q == CAPACITY);
    if (CAPACITY != 0) cover (marked_q && pop && ahead_q == '0);
    cover (push && pop);
  end
endmodule

`default_nettype wire
