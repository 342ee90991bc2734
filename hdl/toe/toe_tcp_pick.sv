// SPDX-License-Identifier: Apache-2.0
// toe_tcp_pick: whose event is next, and the reading of its session's state ahead of its turn.
//
// Sources take turns. While one event goes on, the next is picked, and its session is read in the
// cycle after; `valid` says that it can begin. What the event before writes to the same session in
// its last cycle is not what was read: `same` says that it is still in its hands. A source that
// takes back what it offered, as toe_timer does, is forgotten a cycle later. Reset: nothing is
// picked.
`default_nettype none

module toe_tcp_pick #(
    // Sources, at least 1
    parameter int unsigned SOURCES = 4
) (
    input  wire logic                  clk,
    input  wire logic                  rst,             // synchronous, active high
    input  wire logic                  enable,          // the table is clear

    input  wire logic [SOURCES-1:0]    request,
    input  wire logic [SOURCES*16-1:0] request_session,

    // What comes next, one-hot; begun in a cycle with `start`
    output wire logic [SOURCES-1:0]    next,
    output wire logic [15:0]           next_session,
    output wire logic                  valid,
    output wire logic                  same,
    input  wire logic                  start,

    // The table: reads of this module, where nobody else reads, and what is written
    output wire logic                  rd_en,
    input  wire logic                  rd_taken,        // the port is somebody else's
    input  wire logic [15:0]           session,         // of the event that goes on
    input  wire logic                  wr_en            // its state, now
);
  logic [SOURCES-1:0] next_q;
  logic [15:0]        next_session_q;
  logic               fetched_q;  // the table's output has the session's state
  logic               same_q;

  wire logic [SOURCES-1:0] grant;
  wire logic               is_free = next_q == '0;

  rr_arbiter #(
      .PORTS(SOURCES)
  ) arbiter (
      .clk    (clk),
      .rst    (rst),
      .request(request),
      .grant  (grant),
      .advance(is_free && enable)
  );

  logic [15:0] chosen;
  always_comb begin
    chosen = '0;
    for (int i = 0; i < SOURCES; i++) begin
      if (grant[i]) chosen = chosen | request_session[i*16+:16];
    end
  end

  assign rd_en = !is_free && !fetched_q && !rd_taken;

  always_ff @(posedge clk) begin
    same_q <= next_session_q == session;
    if (is_free && enable) begin
      next_q         <= grant;
      next_session_q <= chosen;
    end
    if (rd_en) fetched_q <= 1'b1;
    if (rd_taken || (wr_en && next_session_q == session)) fetched_q <= 1'b0;
    if (start || (next_q & request) == '0) begin
      if (!is_free) next_q <= '0;
      fetched_q <= 1'b0;
    end
    if (rst) begin
      next_q    <= '0;
      fetched_q <= 1'b0;
    end
  end

  assign next         = next_q;
  assign next_session = next_session_q;
  assign valid        = fetched_q;
  assign same         = same_q;
endmodule

`default_nettype wire
