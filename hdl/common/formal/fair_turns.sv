// SPDX-License-Identifier: Apache-2.0
// fair_turns: a request that is held is passed over by at most PORTS - 1 turns of others.
//
// For formal proofs only. Watches one port of the solver's choice.
`default_nettype none

module fair_turns #(
    parameter  int unsigned PORTS   = 2,
    localparam int unsigned PORT_W  = PORTS > 1 ? $clog2(PORTS) : 1,
    localparam int unsigned COUNT_W = $clog2(PORTS + 1) + 1
) (
    input wire logic             clk,
    input wire logic             rst,
    input wire logic [PORTS-1:0] request,
    input wire logic [PORTS-1:0] used,     // one-hot: whose turn is used up in this cycle
    input wire logic [PORTS-1:0] first     // state of the arbiter: ports before the wrap
);
  (* anyconst *) logic [PORT_W-1:0] port;
  logic                             past_exists = 1'b0;
  logic [COUNT_W-1:0]               passed_q;  // turns of others since the watched port has asked

  always @(posedge clk) begin
    past_exists <= 1'b1;
    if (!request[port] || used[port]) passed_q <= '0;
    else if (used != '0) passed_q <= passed_q + 1'b1;
    if (rst) passed_q <= '0;
  end

  // Ports that come before the watched one if all ask
  logic [COUNT_W-1:0] start, before;
  always @* begin
    start = '0;
    for (int i = 0; i < PORTS; i++) start = start + COUNT_W'(!first[i]);
    before = (port >= start ? '0 : COUNT_W'(PORTS)) + port - start;
  end

  always @* begin
    if (!past_exists) assume (rst);
    assume (port < PORTS);
  end

  always @* if (past_exists && !rst) begin
    // Rule 1: the bound itself.
    assert (passed_q < PORTS);
    // Rule 2: each turn of another brings the watched port nearer (makes rule 1 inductive).
    assert (passed_q + before < PORTS);
    // Rule 3: the ports before the wrap are those from one number up.
    assert ((~first & (~first + 1'b1)) == '0);
    // Rule 4: one turn at a time, and only for who asks.
    assert ((used & (used - 1'b1)) == '0);
    assert ((used & ~request) == '0);
    // The bound is met: the watched port is the last of all that ask
    cover (passed_q == PORTS - 1 && used[port]);
  end
endmodule

`default_nettype wire
