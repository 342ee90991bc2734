// SPDX-License-Identifier: Apache-2.0
// toe_tcp_check: what to make of a segment in a synchronized state or SYN-RECEIVED; combinational.
//
// RFC 9293 3.10.7.4, first to fifth, with RFC 5961 (challenge acknowledgements) and RFC 7323 (PAWS).
// Distances are differences of sequence numbers, two's complement. At most one of the outputs.
`default_nettype none

module toe_tcp_check #(
    localparam int unsigned W = toe_tcp_pkg::SEQ_W
) (
    input  wire logic [7:0]         flags,
    input  wire logic               empty,       // neither text nor SYN or FIN
    input  wire logic signed [31:0] d_seq,       // SEG.SEQ - RCV.NXT
    input  wire logic signed [31:0] d_last,      // the same of what the segment ends with
    input  wire logic [W-1:0]       window,      // offered
    input  wire logic signed [31:0] d_ack,       // SEG.ACK - SND.UNA
    input  wire logic [W-1:0]       flight,      // SND.MAX - SND.UNA
    input  wire logic [W-1:0]       max_window,  // the peer's largest
    input  wire logic               ts_missing,  // agreed on, and not there
    input  wire logic               ts_old,      // PAWS: a timestamp of the past
    input  wire logic               syn_received,
    input  wire logic               passive,
    input  wire logic               time_wait,

    output logic                    take,        // go on with acknowledgement and text
    output logic                    drop,
    output logic                    answer,      // acknowledge and drop
    output logic                    challenge,   // the same, against forgery: not without limit
    output logic                    repeat_syn,  // the SYN was sent again: so is its answer
    output logic                    reset,       // the session is reset
    output logic                    refuse,      // answer with a reset of SEG.ACK
    output logic                    reopen       // a new SYN in TIME-WAIT
);
  wire logic syn = flags[toe_pkg::SYN];
  wire logic rst = flags[toe_pkg::RST];
  wire logic ack = flags[toe_pkg::ACK];
  wire logic signed [31:0] window_s = $signed({{(32 - W) {1'b0}}, window});

  // Table 6 of RFC 9293; at a closed window what comes next is looked at without its text
  wire logic begins_inside = d_seq >= 0 && d_seq < window_s;
  wire logic ends_inside = d_last >= 0 && d_last < window_s;
  wire logic acceptable = d_seq == 0 || begins_inside || (!empty && ends_inside);

  wire logic signed [31:0] d_oldest = d_ack + $signed({{(32 - W) {1'b0}}, max_window});
  wire logic too_old = d_ack[31] && d_oldest[31];
  wire logic unused  = &{1'b0, d_oldest[30:0]};
  wire logic too_new = d_ack > $signed({{(32 - W) {1'b0}}, flight});

  always_comb begin
    take       = 1'b0;
    drop       = 1'b0;
    answer     = 1'b0;
    challenge  = 1'b0;
    repeat_syn = 1'b0;
    reset      = 1'b0;
    refuse     = 1'b0;
    reopen     = 1'b0;
    if (rst) begin
      if (d_seq == 0) reset = 1'b1;
      else if (begins_inside) challenge = 1'b1;
      else drop = 1'b1;
    end else if (time_wait && syn && !ack && d_seq > 0 && !ts_old) begin
      reopen = 1'b1;
    end else if (syn_received && passive && syn && !ack && d_seq == -32'sd1) begin
      repeat_syn = 1'b1;
    end else if (ts_missing) begin
      drop = 1'b1;
    end else if (syn) begin
      challenge = 1'b1;
    end else if (ts_old || !acceptable) begin
      answer = 1'b1;
    end else if (!ack) begin
      drop = 1'b1;
    end else if (syn_received && (d_ack <= 0 || too_new)) begin
      refuse = 1'b1;
    end else if (too_old || too_new) begin
      challenge = 1'b1;
    end else begin
      take = 1'b1;
    end
  end
endmodule

`default_nettype wire
