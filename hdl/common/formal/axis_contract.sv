// SPDX-License-Identifier: Apache-2.0
// axis_contract: what both ends of an AXI4-Stream of this project promise each other.
//
// For formal proofs only. Instantiated beside a stream, it asserts the rules where the module under
// proof is the source, and assumes them (ASSUME) where its environment is. State that other
// invariants may lean on is given out: whether a frame is under way, and its route.
`default_nettype none

module axis_contract #(
    // Assume the rules instead of asserting them
    parameter  bit          ASSUME    = 1'b0,
    // Bits that must not change while a beat is stalled: data and sidebands
    parameter  int unsigned PAYLOAD_W = 1,
    // tkeep bits; tie tkeep to all ones where a stream has none
    parameter  int unsigned KEEP_W    = 1,
    // tid or tdest bits, 0 for none; tie route to zero then
    parameter  int unsigned ROUTE_W   = 0,
    localparam int unsigned ROUTE_TOP = ROUTE_W == 0 ? 0 : ROUTE_W - 1
) (
    input  wire logic                 clk,
    input  wire logic                 rst,
    input  wire logic [PAYLOAD_W-1:0] payload,
    input  wire logic [KEEP_W-1:0]    tkeep,
    input  wire logic [ROUTE_TOP:0]   route,
    input  wire logic                 tvalid,
    input  wire logic                 tready,
    input  wire logic                 tlast,

    output wire logic                 in_frame,    // a frame's first beat has passed, its last not
    output wire logic [ROUTE_TOP:0]   frame_route  // of the frame under way
);
  logic                 past_exists = 1'b0;
  logic                 past_rst, past_stalled, past_last;
  logic [PAYLOAD_W-1:0] past_payload;
  logic [KEEP_W-1:0]    past_keep;
  logic [ROUTE_TOP:0]   past_route;
  logic                 in_frame_q;
  logic [ROUTE_TOP:0]   frame_route_q;

  always @(posedge clk) begin
    past_exists  <= 1'b1;
    past_rst     <= rst;
    past_stalled <= tvalid && !tready && !rst;
    past_payload <= payload;
    past_keep    <= tkeep;
    past_last    <= tlast;
    past_route   <= route;
    if (tvalid && tready) begin
      in_frame_q    <= !tlast;
      frame_route_q <= route;
    end
    if (rst) in_frame_q <= 1'b0;
  end

  assign in_frame    = in_frame_q;
  assign frame_route = frame_route_q;

  // Rule 1: time begins with a reset, and a reset leaves nothing offered.
  wire logic rule_1 = !past_rst || !tvalid;

  // Rule 2: an offer once made stands until it is taken.
  wire logic rule_2 = !past_stalled || tvalid;

  // Rule 3: and stands unchanged.
  wire logic rule_3 = !past_stalled ||
      (payload == past_payload && tkeep == past_keep && tlast == past_last && route == past_route);

  // Rule 4: every beat carries bytes, from the lowest up, without a gap.
  wire logic rule_4 = !tvalid || (tkeep[0] && (tkeep & (tkeep + 1'b1)) == '0);

  // Rule 5: only the last beat of a frame may be short.
  wire logic rule_5 = !tvalid || tlast || tkeep == '1;

  // Rule 6: all beats of a frame take one route.
  wire logic rule_6 = ROUTE_W == 0 || !tvalid || !in_frame_q || route == frame_route_q;

  always @* if (!past_exists) assume (rst);

  if (ASSUME) begin : gen_assume
    always @* if (past_exists) assume (rule_1);
    always @* if (past_exists) assume (rule_2);
    always @* if (past_exists) assume (rule_3);
    always @* if (past_exists) assume (rule_4);
    always @* if (past_exists) assume (rule_5);
    always @* if (past_exists) assume (rule_6);
  end else begin : gen_assert
    always @* if (past_exists) assert (rule_1);
    always @* if (past_exists) assert (rule_2);
    always @* if (past_exists) assert (rule_3);
    always @* if (past_exists) assert (rule_4);
    always @* if (past_exists) assert (rule_5);
    always @* if (past_exists) assert (rule_6);
  end
endmodule

`default_nettype wire
