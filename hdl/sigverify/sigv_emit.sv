// SPDX-License-Identifier: Apache-2.0
// sigv_emit: result frames out, from the core's results and the ingest's rejections.
//
// One beat a frame, nine for a recovered key. Results of the core wait in a queue with a place for
// every context, so the core never waits; rejections come when the queue is empty or in turn with it.
`default_nettype none

module sigv_emit #(
    // Contexts of the core
    parameter int unsigned CONTEXTS = 32,
    // Width of the source number that goes with a frame
    parameter int unsigned TID_W = 1,
    localparam int unsigned CTX_W = CONTEXTS > 1 ? $clog2(CONTEXTS) : 1
) (
    input  wire logic             clk,
    input  wire logic             rst,
    output wire logic             busy,
    output wire logic             moves,            // the next edge of clk changes something here

    // A job gets its context
    input  wire logic             s_start,
    input  wire logic [CTX_W-1:0] s_start_ctx,
    input  wire logic [     31:0] s_start_tag,
    input  wire logic [TID_W-1:0] s_start_tid,
    input  wire logic             s_start_recovery,

    // The core's result for it, and the key of a recovery that succeeded
    input  wire logic             s_result_valid,
    input  wire logic [CTX_W-1:0] s_result_ctx,
    input  wire logic [      3:0] s_result_reason,
    input  wire logic [    255:0] s_key_x,
    input  wire logic [    255:0] s_key_y,
    output wire logic             s_key_taken,

    // A frame that was rejected
    input  wire logic             s_reject_valid,
    output wire logic             s_reject_ready,
    input  wire logic [     31:0] s_reject_tag,
    input  wire logic [TID_W-1:0] s_reject_tid,
    input  wire logic [      3:0] s_reject_reason,

    // A context is idle again
    output wire logic             m_free_valid,
    output wire logic [CTX_W-1:0] m_free_ctx,

    // Result frame: header {tag 32, 0, reason, valid}, then x and y big-endian
    output wire logic [     63:0] m_result_tdata,
    output wire logic [TID_W-1:0] m_result_tid,
    output wire logic             m_result_tvalid,
    input  wire logic             m_result_tready,
    output wire logic             m_result_tlast
);
  // Who asked
  logic [33+TID_W-1:0] owner[2**CTX_W];  // {source, recovery, tag}
  logic [CTX_W+3:0] queue[2**CTX_W];     // {reason, context}
  logic [CTX_W:0] head, tail;
  wire some = head != tail;
  always_ff @(posedge clk) begin
    if (s_start) owner[s_start_ctx] <= {s_start_tid, s_start_recovery, s_start_tag};
    if (s_result_valid) begin
      queue[tail[CTX_W-1:0]] <= {s_result_reason, s_result_ctx};
      tail <= tail + 1'b1;
    end
    if (rst) tail <= '0;
  end

  wire [CTX_W+3:0] first = queue[head[CTX_W-1:0]];
  wire [CTX_W-1:0] first_ctx = first[CTX_W-1:0];
  wire [3:0] first_reason = first[CTX_W+:4];
  wire [33+TID_W-1:0] first_owner = owner[first_ctx];

  // Beats of the frame under way: 0 the header, 1 to 8 the key
  logic sending, with_key, reject_next;
  logic [3:0] beat;
  logic [63:0] data;
  logic [TID_W-1:0] tid;
  wire take_reject = !sending && s_reject_valid && (reject_next || !some);
  wire take_result = !sending && some && !take_reject;
  wire moved = sending && m_result_tready;
  wire ended = moved && (!with_key || beat == 4'd8);

  function automatic logic [63:0] swapped(input logic [63:0] word);
    swapped = {
      word[7:0], word[15:8], word[23:16], word[31:24],
      word[39:32], word[47:40], word[55:48], word[63:56]
    };
  endfunction

  always_ff @(posedge clk) begin
    if (take_result || take_reject) begin
      sending <= 1'b1;
      beat <= '0;
      reject_next <= take_result;
      with_key <= take_result && first_owner[32] && first_reason == sigv_pkg::REASON_OK;
    end
    if (take_result) begin
      head <= head + 1'b1;
      tid <= first_owner[33+:TID_W];
      data <= {first_owner[31:0], 20'd0, first_reason, 7'd0, first_reason == sigv_pkg::REASON_OK};
    end
    if (take_reject) begin
      tid <= s_reject_tid;
      data <= {s_reject_tag, 20'd0, s_reject_reason, 8'd0};
    end
    if (moved) begin
      beat <= beat + 4'd1;
      unique case (beat[2:0])
        3'd0: data <= swapped(s_key_x[255:192]);
        3'd1: data <= swapped(s_key_x[191:128]);
        3'd2: data <= swapped(s_key_x[127:64]);
        3'd3: data <= swapped(s_key_x[63:0]);
        3'd4: data <= swapped(s_key_y[255:192]);
        3'd5: data <= swapped(s_key_y[191:128]);
        3'd6: data <= swapped(s_key_y[127:64]);
        default: data <= swapped(s_key_y[63:0]);
      endcase
      if (ended) sending <= 1'b0;
    end
    if (rst) begin
      head <= '0;
      {sending, reject_next} <= '0;
    end
  end

  assign busy = sending || some;
  assign moves = s_start || s_result_valid || take_reject || take_result || moved;
  assign s_reject_ready = take_reject;
  assign s_key_taken = ended && with_key;
  assign m_free_valid = take_result;
  assign m_free_ctx = first_ctx;
  assign m_result_tdata = data;
  assign m_result_tid = tid;
  assign m_result_tvalid = sending;
  assign m_result_tlast = !with_key || beat == 4'd8;
endmodule

`default_nettype wire
