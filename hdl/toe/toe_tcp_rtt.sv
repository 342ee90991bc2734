// SPDX-License-Identifier: Apache-2.0
// toe_tcp_rtt: round-trip estimate and retransmission timeout of RFC 6298, section 2.
//
// srtt is in units of 1/8 ms, rttvar of 1/4 ms, so that the gains of 1/8 and 1/4 are exact; both zero
// stand for no sample yet. A sample of 0 ms counts as one. The next estimate follows estimate and
// sample two cycles later, the timeout its inputs four cycles later.
`default_nettype none

module toe_tcp_rtt (
    input  wire logic        clk,

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
  logic signed [17:0] error_q, reverse_q;
  logic [15:0]        sample_q;
  logic               first_q;
  logic [18:0]        srtt_moved_q, var_moved_q;
  wire logic [17:0]   magnitude = error_q[17] ? 18'(reverse_q) : 18'(error_q);

  // SRTT + max(G, 4 RTTVAR), with a granularity of 1 ms
  logic [17:0]        base_q, start_q;
  logic [32:0]        backed_off_q;
  logic [16:0]        rto_q;

  always_ff @(posedge clk) begin
    first_q      <= is_first;
    sample_q     <= sample;
    error_q      <= $signed({2'b00, sample}) - $signed({2'b00, srtt[18:3]});
    reverse_q    <= $signed({2'b00, srtt[18:3]}) - $signed({2'b00, sample});
    srtt_moved_q <= srtt + {error_q[17], error_q};
    var_moved_q  <= {1'b0, rttvar} - {3'b000, rttvar[17:2]} + {1'b0, magnitude};

    base_q       <= {2'b00, srtt[18:3]} + (rttvar == '0 ? 18'd1 : rttvar);
    start_q      <= first_q ? {1'b0, rto_first_ms}
                    : base_q < {1'b0, rto_min_ms} ? {1'b0, rto_min_ms} : base_q;
    backed_off_q <= {15'd0, start_q} << backoff;
    rto_q        <= backed_off_q > {16'd0, rto_max_ms} ? rto_max_ms : backed_off_q[16:0];
  end

  assign srtt_next = first_q ? {sample_q, 3'b000} : srtt_moved_q == '0 ? 19'd1 : srtt_moved_q;
  assign rttvar_next = first_q ? {1'b0, sample_q, 1'b0} : var_moved_q[18] ? '1 : var_moved_q[17:0];
  assign rto_ms = rto_q;
endmodule

`default_nettype wire
