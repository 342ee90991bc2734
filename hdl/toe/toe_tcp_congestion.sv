// SPDX-License-Identifier: Apache-2.0
// toe_tcp_congestion: congestion window of RFC 5681 with the recovery of RFC 6582.
//
// `ack` and `dup` are the two kinds of acknowledgement, `timeout` the first or a later expiry of the
// retransmission timer; at most one of them. Windows are in bytes and at most 2^20 - 1. The outputs
// follow the state and the distances two cycles later, the three kinds at once.
`default_nettype none

module toe_tcp_congestion #(
    localparam int unsigned W  = toe_tcp_pkg::SEQ_W,
    localparam int unsigned WW = toe_tcp_pkg::WINDOW_W
) (
    input  wire logic          clk,

    input  wire logic          ack,            // of `bytes` that were not acknowledged before
    input  wire logic          dup,            // a duplicate (RFC 5681, 2)
    input  wire logic          timeout,
    input  wire logic          first_timeout,  // of this segment
    input  wire logic [W-1:0]  bytes,
    input  wire logic [W-1:0]  flight,         // sent and not acknowledged, before this
    input  wire logic [W-1:0]  to_recover,     // `recover` less what was acknowledged before
    input  wire logic [13:0]   mss,

    input  wire logic [WW-1:0] cwnd,
    input  wire logic [WW-1:0] ssthresh,
    input  wire logic [W-1:0]  acked,          // towards the next increase of cwnd; or `recover`
    input  wire logic          recover_valid,
    input  wire logic          recovering,
    input  wire logic [1:0]    dup_acks,

    output logic      [WW-1:0] cwnd_next,
    output logic      [WW-1:0] ssthresh_next,
    output logic      [W-1:0]  acked_next,     // unless set_recover
    output logic               recover_valid_next,
    output logic               set_recover,    // to the highest sequence number sent
    output logic               recovering_next,
    output logic      [1:0]    dup_acks_next,
    output logic               retransmit      // the first segment, now
);
  wire logic [W-1:0] mss_w = {{(W - 14) {1'b0}}, mss};
  wire logic [W-1:0] cwnd_w = {{(W - WW) {1'b0}}, cwnd};
  wire logic [W-1:0] half_flight = flight >> 1;
  wire logic         is_part = bytes < mss_w;  // of a segment

  function logic [WW-1:0] capped(input logic [W-1:0] value);
    capped = value[W-1] ? '1 : value[WW-1:0];
  endfunction

  logic [W-1:0]  left_q, step_q, counted_q, plus_q, rest_q;
  logic [WW-1:0] halved_q;
  logic          whole_q, slow_start_q, part_q;
  logic [W-1:0]  slow_q, after_q, deflated_q, over_q, inflated_q;
  logic          full_q;

  always_ff @(posedge clk) begin
    // (4) of RFC 5681
    halved_q     <= half_flight > mss_w << 1 ? half_flight[WW-1:0] : {mss_w[WW-2:0], 1'b0};
    left_q       <= flight - bytes;
    whole_q      <= bytes >= to_recover;       // of what was in flight when recovery began
    step_q       <= is_part ? bytes : mss_w;
    part_q       <= is_part;
    counted_q    <= (recover_valid ? '0 : acked) + bytes;
    plus_q       <= cwnd_w + mss_w;
    rest_q       <= cwnd_w > bytes ? cwnd_w - bytes : '0;
    slow_start_q <= cwnd < ssthresh;

    slow_q       <= cwnd_w + step_q;
    // RFC 6582 3.2: full acknowledgement, (1)
    after_q      <= (left_q > mss_w ? left_q : mss_w) + mss_w;
    deflated_q   <= rest_q + (part_q ? '0 : mss_w);
    full_q       <= counted_q >= cwnd_w;
    over_q       <= counted_q - cwnd_w;
    inflated_q   <= {1'b0, halved_q} + mss_w + (mss_w << 1);
  end

  always_comb begin
    cwnd_next          = cwnd;
    ssthresh_next      = ssthresh;
    acked_next         = acked;
    recover_valid_next = recover_valid;
    set_recover        = 1'b0;
    recovering_next    = recovering;
    dup_acks_next      = dup_acks;
    retransmit         = 1'b0;
    if (timeout) begin
      if (first_timeout) ssthresh_next = halved_q;
      cwnd_next          = mss_w[WW-1:0];
      recovering_next    = 1'b0;
      recover_valid_next = 1'b1;
      set_recover        = 1'b1;
      dup_acks_next      = '0;
    end else if (ack) begin
      dup_acks_next = '0;
      if (recover_valid && whole_q) begin
        recover_valid_next = 1'b0;
        acked_next         = '0;
      end
      if (recovering && whole_q) begin
        recovering_next = 1'b0;
        cwnd_next       = after_q < W'(ssthresh) ? after_q[WW-1:0] : ssthresh;
      end else if (recovering) begin
        retransmit = 1'b1;
        cwnd_next  = deflated_q < mss_w ? mss_w[WW-1:0] : deflated_q[WW-1:0];
      end else if (slow_start_q) begin
        cwnd_next = capped(slow_q);
      end else if (recover_valid && !whole_q) begin
        // The loss is not mended yet
      end else if (full_q) begin
        acked_next = over_q;
        cwnd_next  = capped(plus_q);
      end else begin
        acked_next = counted_q;
      end
    end else if (dup) begin
      if (recovering) begin
        cwnd_next = capped(plus_q);
      end else if (dup_acks == 2'd2 && !recover_valid) begin
        dup_acks_next      = 2'd3;
        recovering_next    = 1'b1;
        recover_valid_next = 1'b1;
        set_recover        = 1'b1;
        ssthresh_next      = halved_q;
        cwnd_next          = capped(inflated_q);
        retransmit         = 1'b1;
      end else if (dup_acks != 2'd3) begin
        dup_acks_next = dup_acks + 2'd1;
      end
    end
  end
endmodule

`default_nettype wire
