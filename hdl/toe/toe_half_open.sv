// SPDX-License-Identifier: Apache-2.0
// toe_half_open: sessions whose handshake waits for its last acknowledgement, the oldest first.
//
// A list in two memories, so that whoever is through leaves from anywhere in it. `oldest` counts
// what entered or left two cycles ago. Reset empties it.
//
// The caller owes: two cycles at least from one pulse to the next, never both at once; nobody
// enters twice, or leaves who is not in it.
`default_nettype none

module toe_half_open #(
    // Bits of a session's number
    parameter int unsigned SESSIONS_LOG2 = 14
) (
    input  wire logic                     clk,
    input  wire logic                     rst,           // synchronous, active high

    input  wire logic [SESSIONS_LOG2-1:0] s_session,
    input  wire logic                     s_enter,       // pulse
    input  wire logic                     s_leave,       // pulse

    output wire logic [SESSIONS_LOG2-1:0] oldest,
    output wire logic                     oldest_valid   // there is one
);
  logic                     any_q, leaving_q;
  logic [SESSIONS_LOG2-1:0] head_q, tail_q, session_q;
  wire logic [SESSIONS_LOG2-1:0] elder, younger;

  wire logic is_first = session_q == head_q;
  wire logic is_last  = session_q == tail_q;

  // Of each session, who entered before it
  ram_sdp #(
      .DATA_W(SESSIONS_LOG2),
      .DEPTH (2 ** SESSIONS_LOG2)
  ) elders (
      .clk    (clk),
      .wr_en  (s_enter || (leaving_q && !is_last)),
      .wr_addr(s_enter ? s_session : younger),
      .wr_data(s_enter ? tail_q : elder),
      .rd_en  (s_leave),
      .rd_addr(s_session),
      .rd_data(elder)
  );

  // Of each session, who entered next
  ram_sdp #(
      .DATA_W(SESSIONS_LOG2),
      .DEPTH (2 ** SESSIONS_LOG2)
  ) youngers (
      .clk    (clk),
      .wr_en  ((s_enter && any_q) || (leaving_q && !is_first)),
      .wr_addr(s_enter ? tail_q : elder),
      .wr_data(s_enter ? s_session : younger),
      .rd_en  (s_leave),
      .rd_addr(s_session),
      .rd_data(younger)
  );

  always_ff @(posedge clk) begin
    leaving_q <= s_leave;
    if (s_leave) session_q <= s_session;
    if (s_enter) begin
      any_q  <= 1'b1;
      tail_q <= s_session;
      if (!any_q) head_q <= s_session;
    end else if (leaving_q) begin
      any_q <= !(is_first && is_last);
      if (is_first) head_q <= younger;
      if (is_last) tail_q <= elder;
    end
    if (rst) begin
      any_q     <= 1'b0;
      leaving_q <= 1'b0;
    end
  end

  assign oldest       = head_q;
  assign oldest_valid = any_q;

`ifndef SYNTHESIS
  always_ff @(posedge clk) begin
    if (!rst) assert (!(s_enter && s_leave));
    if (!rst) assert (!(leaving_q && (s_enter || s_leave)));
    // nobody leaves an empty list
    if (!rst) assert (!s_leave || any_q);
  end
`endif
endmodule

`default_nettype wire
