// SPDX-License-Identifier: Apache-2.0
// toe_tcp_text: which bytes of a segment are kept, and what is received then.
//
// RFC 9293 3.10.7.4, seventh and eighth. All numbers are distances from RCV.NXT unless they are
// sequence numbers. One block ahead of what is missing is kept for each session; what neither
// follows nor touches it is not. In the cycle of `look` it is found out what to ask room for, in
// that of `sum`, later, what is received if there is room. Where there is none nothing is, and an
// acknowledgement is due.
`default_nettype none

module toe_tcp_text #(
    localparam int unsigned W = toe_tcp_pkg::SEQ_W
) (
    input  wire logic               clk,
    input  wire logic               look,
    input  wire logic               sum,

    input  wire logic signed [31:0] d_seq,
    input  wire logic signed [31:0] d_end,       // behind the last byte
    input  wire logic [15:0]        len,
    input  wire logic               fin,
    input  wire logic [W-1:0]       window,
    input  wire logic               takes,       // the state takes text at all
    input  wire logic [W-1:0]       rcv_nxt,     // sequence number
    input  wire logic               ooo_valid,
    input  wire logic               ooo_fin,
    input  wire logic [W-1:0]       ooo_left,
    input  wire logic [W-1:0]       ooo_right,

    // After `look`
    output wire logic               store,
    output wire logic [W-1:0]       from,        // first byte kept
    output wire logic [15:0]        skip,        // bytes of the segment before it
    output wire logic [15:0]        count,
    // After `sum`
    output wire logic [W-1:0]       received,    // RCV.NXT moves by; FIN included
    output wire logic               is_received, // bytes, that is
    output wire logic               fin_taken,
    output wire logic               in_order,    // something new, and nothing is missing before it
    // Out of order, cut off, or a gap filled (RFC 5681 4.2)
    output wire logic               ack_now,
    output wire logic               ooo_clear,   // the block is no more
    output wire logic               ooo_set_left,  // to SEG.SEQ
    output wire logic               ooo_set_right, // to `right`
    output wire logic               ooo_set_fin,   // to `block_fin`
    output wire logic [W-1:0]       right,       // sequence number
    output wire logic               block_fin
);
  function logic signed [31:0] unsigned_w(input logic [W-1:0] value);
    unsigned_w = $signed({{(32 - W) {1'b0}}, value});
  endfunction

  // ---- What is kept: from `from` to before `stop`, the earlier of window and end ----

  wire logic is_ahead = d_seq > 0;
  wire logic is_cut = d_end > unsigned_w(window);
  wire logic reaches_left = window >= ooo_left && d_end >= unsigned_w(ooo_left);
  wire logic reaches_right = window >= ooo_right && d_end >= unsigned_w(ooo_right);
  wire logic passes_right = window > ooo_right && d_end > unsigned_w(ooo_right);
  wire logic has_text = takes && len != 16'd0 && d_end > 0
                        && window != '0 && d_seq < unsigned_w(window);
  wire logic touches = d_seq <= unsigned_w(ooo_right) && reaches_left;

  logic         store_q, ahead_q, cut_q, reaches_left_q, reaches_right_q, passes_right_q, lower_q;
  logic         fin_q, fin_here_q, no_text_q, text_q;
  logic [W-1:0] from_q, stop_q;
  logic [15:0]  skip_q;

  always_ff @(posedge clk) begin
    if (look) begin
      store_q         <= has_text && (!is_ahead || !ooo_valid || touches);
      ahead_q         <= is_ahead;
      cut_q           <= is_cut;
      reaches_left_q  <= reaches_left;
      reaches_right_q <= reaches_right;
      passes_right_q  <= passes_right;
      lower_q         <= d_seq < unsigned_w(ooo_left);
      from_q          <= is_ahead ? d_seq[W-1:0] : '0;
      skip_q          <= is_ahead ? 16'd0 : 16'(-d_seq);
      stop_q          <= is_cut ? window : d_end[W-1:0];
      fin_q           <= fin && !is_cut;
      fin_here_q      <= takes && fin && !is_ahead && !is_cut && d_end >= 0;
      no_text_q       <= d_end == 0;
      text_q          <= takes && len != 16'd0;
    end
  end

  assign store = store_q;
  assign from  = from_q;
  assign skip  = skip_q;
  assign count = 16'(stop_q - from_q);

  // ---- What that makes ----

  wire logic here = store_q && !ahead_q;
  wire logic joins = here && ooo_valid && reaches_left_q;
  wire logic is_beyond = joins && !reaches_right_q;
  // A FIN counts where its segment was kept to the end
  wire logic fin_here = fin_here_q && (store_q || no_text_q);
  wire logic fin_of_block = joins && ooo_fin && !passes_right_q;
  wire logic fin_now = (fin_here && !is_beyond) || fin_of_block;
  wire logic [W-1:0] moved = is_beyond ? ooo_right : here ? stop_q : '0;
  wire logic waits = store_q && ahead_q;

  logic         received_some_q, fin_taken_q, in_order_q, ack_now_q;
  logic         clear_q, set_left_q, set_right_q, set_fin_q, block_fin_q;
  logic [W-1:0] received_q, right_q;

  always_ff @(posedge clk) begin
    if (sum) begin
      received_q      <= moved + W'(fin_now);
      received_some_q <= here;
      fin_taken_q     <= fin_now;
      in_order_q      <= here || fin_now;
      ack_now_q       <= fin_now || joins || (here && (ooo_valid || cut_q)) || (text_q && !here);
      clear_q         <= joins || fin_now;  // nothing comes behind a FIN
      set_left_q      <= waits && (!ooo_valid || lower_q);
      set_right_q     <= waits && (!ooo_valid || passes_right_q);
      set_fin_q       <= waits && (!ooo_valid || reaches_right_q);
      right_q         <= rcv_nxt + stop_q;
      block_fin_q     <= fin_q || (ooo_valid && ooo_fin);
    end
  end

  assign received      = received_q;
  assign is_received   = received_some_q;
  assign fin_taken     = fin_taken_q;
  assign in_order      = in_order_q;
  assign ack_now       = ack_now_q;
  assign ooo_clear     = clear_q;
  assign ooo_set_left  = set_left_q;
  assign ooo_set_right = set_right_q;
  assign ooo_set_fin   = set_fin_q;
  assign right         = right_q;
  assign block_fin     = block_fin_q;
endmodule

`default_nettype wire
