// SPDX-License-Identifier: Apache-2.0
// toe_tcp_text: which bytes of a segment are kept, and what is received then; combinational.
//
// RFC 9293 3.10.7.4, seventh and eighth. All numbers are distances from RCV.NXT. One block ahead of
// what is missing is kept for each session; what neither follows nor touches it is not.
`default_nettype none

module toe_tcp_text #(
    localparam int unsigned W = toe_tcp_pkg::SEQ_W
) (
    input  wire logic signed [31:0] d_seq,
    input  wire logic [15:0]        len,
    input  wire logic               fin,
    input  wire logic [W-1:0]       window,
    input  wire logic               takes,       // the state takes text at all
    input  wire logic               granted,     // there was room for it
    input  wire logic               ooo_valid,
    input  wire logic               ooo_fin,
    input  wire logic [W-1:0]       ooo_left,
    input  wire logic [W-1:0]       ooo_right,

    // Before it is known whether there is room
    output wire logic               store,
    output wire logic [W-1:0]       from,        // first byte kept
    output wire logic [15:0]        skip,        // bytes of the segment before it
    output wire logic [15:0]        count,
    // After
    output wire logic [W-1:0]       received,    // RCV.NXT moves by; FIN included
    output wire logic               fin_taken,
    output wire logic               in_order,    // something new, and nothing is missing before it
    output wire logic               ack_now,     // out of order, cut off, or a gap filled (RFC 5681 4.2)
    output logic                    ooo_valid_next,
    output logic                    ooo_fin_next,
    output logic      [W-1:0]       ooo_left_next,
    output logic      [W-1:0]       ooo_right_next
);
  wire logic signed [31:0] d_end = d_seq + $signed({16'd0, len});
  wire logic signed [31:0] window_s = $signed({{(32 - W) {1'b0}}, window});

  wire logic is_ahead = d_seq > 0;
  wire logic is_cut = d_end > window_s;
  wire logic [W-1:0] stop = is_cut ? window : d_end[W-1:0];
  assign from = is_ahead ? d_seq[W-1:0] : '0;
  assign skip = is_ahead ? 16'd0 : 16'(-d_seq);

  wire logic has_text = takes && len != 16'd0 && d_end > 0 && stop > from;
  wire logic touches = from <= ooo_right && stop >= ooo_left;
  assign store = has_text && (!is_ahead || !ooo_valid || touches);
  assign count = store ? 16'(stop - from) : 16'd0;

  wire logic kept = store && granted;
  wire logic here = kept && !is_ahead;
  wire logic joins = here && ooo_valid && stop >= ooo_left;
  wire logic is_beyond = joins && ooo_right > stop;
  // A FIN counts where its segment was kept to the end
  wire logic fin_here = takes && fin && !is_ahead && !is_cut && d_end >= 0 && (kept || d_end == 0);
  wire logic fin_of_block = joins && ooo_fin && ooo_right >= stop;
  assign fin_taken = (fin_here && !is_beyond) || fin_of_block;

  wire logic [W-1:0] moved = is_beyond ? ooo_right : here ? stop : '0;
  assign received = moved + W'(fin_taken);
  assign in_order = here || fin_taken;
  assign ack_now = fin_taken || joins || (here && (ooo_valid || is_cut)) || (takes && len != 16'd0 && !here);

  wire logic lower = !ooo_valid || from < ooo_left;
  wire logic higher = !ooo_valid || stop > ooo_right;

  always_comb begin
    ooo_valid_next = ooo_valid;
    ooo_fin_next   = ooo_fin;
    ooo_left_next  = ooo_left;
    ooo_right_next = ooo_right;
    if (joins) begin
      ooo_valid_next = 1'b0;
      ooo_fin_next   = 1'b0;
    end else if (kept && is_ahead) begin
      ooo_valid_next = 1'b1;
      if (lower) ooo_left_next = from;
      if (higher) ooo_right_next = stop;
      if (!ooo_valid || stop >= ooo_right) ooo_fin_next = (fin && !is_cut) || (ooo_valid && ooo_fin);
    end
  end
endmodule

`default_nettype wire
