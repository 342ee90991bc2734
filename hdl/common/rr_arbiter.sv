// SPDX-License-Identifier: Apache-2.0
// rr_arbiter: fair round-robin choice of one request.
//
// grant follows request within the cycle: one-hot, or zero without a request. In a cycle with
// advance the granted port becomes the last in turn; without it the turn stays. A request that is
// held is passed over by at most PORTS - 1 advances. Reset puts port 0 first.
`default_nettype none

module rr_arbiter #(
    // Number of ports, at least 1
    parameter int unsigned PORTS = 4
) (
    input  wire logic             clk,
    input  wire logic             rst,      // synchronous, active high

    input  wire logic [PORTS-1:0] request,
    output wire logic [PORTS-1:0] grant,    // combinational from request
    input  wire logic             advance   // the grant of this cycle was used
`ifdef FORMAL
    ,
    output wire logic [PORTS-1:0] f_first   // a look inside for proofs of who uses the arbiter
`endif
);
  if (PORTS == 0) $error("PORTS=%0d is below 1", PORTS);

  logic [PORTS-1:0] ahead_q;  // ports whose turn comes before a wrap: all from the next one up

  wire logic [PORTS-1:0] early  = request & ahead_q;
  wire logic [PORTS-1:0] chosen = early != '0 ? early : request;

  // Ports above the lowest that is chosen
  wire logic [PORTS-1:0] above;
  assign above[0] = 1'b0;
  for (genvar i = 1; i < PORTS; i++) begin : gen_above
    assign above[i] = chosen[i-1:0] != '0;
  end

  assign grant = chosen & ~above;

  always_ff @(posedge clk) begin
    if (advance && request != '0) ahead_q <= above;
    if (rst) ahead_q <= '1;
  end

`ifdef FORMAL
  assign f_first = ahead_q;
  wire logic [PORTS-1:0] f_used = advance ? grant : '0;

  fair_turns #(
      .PORTS(PORTS)
  ) f_turns (
      .clk, .rst, .request, .used(f_used), .first(ahead_q)
  );

  always @* begin
    // Rule 1: somebody is granted exactly when somebody asks, and only one who asks.
    assert ((grant != '0) == (request != '0));
    assert ((grant & ~request) == '0);
    // Rule 2: one at a time.
    assert ((grant & (grant - 1'b1)) == '0);
  end
`endif
endmodule

`default_nettype wire
