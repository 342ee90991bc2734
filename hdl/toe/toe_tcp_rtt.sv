// SPDX-License-Identifier: Apache-2.0
// toe_tcp_rtt: round-trip estimate and retransmission timeout of RFC 6298, section 2; combinational.
//
// srtt is in units of 1/8 ms, rttvar of 1/4 ms, so that the gains of 1/8 and 1/4 are exact; both zero
// stand for no sample yet. A sample of 0 ms counts as one.
`default_nettype none

module toe_tcp_rtt (
    // Estimate, and a sample
    input  wire logic [18:0] srtt,
    input  wire logic [17:0] rttvar,
    input  wire logic [15:0] sample_ms,
    output wire logic [18:0] srtt_next,
    output wire logic [17:0] rttvar_next,

    // Timeout of the estimate
    input  wire logic [16:0] rto_min_ms,
    input  wire logic [16:0] rto_max_ms,
    input  wire logic [16:0] rto_first_ms,
    input  wire logic [3:0]  backoff,       // doublings
    output wire logic [16:0] rto_ms
);
  wire logic is_first = srtt == '0;
  wire logic [15:0] sample = sample_ms == '0 ? 16'd1 : sample_ms;

  // (2.2), (2.3); |srtt - sample| in ms, against the estimate of before
  wire logic signed [17:0] error = $signed({2'b00, sample}) - $signed({2'b00, srtt[18:3]});
  wire logic [17:0] magnitude = error[17] ? 18'(-error) : 18'(error);
  wire logic [18:0] srtt_moved = srtt + {error[17], error};
  wire logic [18:0] var_moved = {1'b0, rttvar} - {3'b000, rttvar[17:2]} + {1'b0, magnitude};

  assign srtt_next = is_first ? {sample, 3'b000} : srtt_moved == '0 ? 19'd1 : srtt_moved;
  assign rttvar_next = is_first ? {1'b0, sample, 1'b0} : var_moved[18] ? '1 : var_moved[17:0];

  // SRTT + max(G, 4 RTTVAR), with a granularity of 1 ms
  wire logic [17:0] base =
      {2'b00, srtt[18:3]} + (rttvar == '0 ? 18'd1 : rttvar);
  wire logic [17:0] floored = base < {1'b0, rto_min_ms} ? {1'b0, rto_min_ms} : base;
  wire logic [17:0] start = is_first ? {1'b0, rto_first_ms} : floored;
  wire logic [32:0] backed_off = {15'd0, start} << backoff;

  assign rto_ms = backed_off > {16'd0, rto_max_ms} ? rto_max_ms : backed_off[16:0];
endmodule

`default_nettype wire
