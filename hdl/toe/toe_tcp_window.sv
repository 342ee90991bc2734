// SPDX-License-Identifier: Apache-2.0
// toe_tcp_window: the window that is offered.
//
// RFC 9293 3.8.6.2.2: its right edge moves by a segment or half of the buffer at least, and never
// back. The answer follows the session's state five cycles later, `rcv_nxt` two.
`default_nettype none

module toe_tcp_window #(
    localparam int unsigned W = toe_tcp_pkg::SEQ_W
) (
    input  wire logic         clk,

    input  wire logic [19:0]  rx_limit,
    input  wire logic [13:0]  mss,        // the largest segment that is received

    // The session; sequence numbers
    input  wire logic         ws_on,
    input  wire logic [W-1:0] rcv_nxt,
    input  wire logic [W-1:0] rcv_adv,
    input  wire logic [W-1:0] rcv_read,

    output wire logic [15:0]  window,     // of a segment without SYN
    output wire logic [15:0]  syn_window,
    output wire logic [W-1:0] offer,      // the same in bytes
    output wire logic         grows,      // it says more than what was offered before
    output wire logic         opens       // no more than half was open, and there is a new edge
);
  localparam logic [3:0] SHIFT = toe_tcp_pkg::RCV_WS;

  wire logic        is_small = rx_limit < 20'h0ffff;
  logic [15:0]      syn_window_q;
  logic [W-1:0]     limit_q, least_q, edge_q, growth_q;
  logic             moves_q, differs_q, is_low_q;
  logic [W-1:0]     edge_off_q, adv_off_q;
  logic [15:0]      field_q;
  logic [W-1:0]     offer_q, before_q;
  logic             opens_q;

  wire logic        moves = moves_q && !edge_off_q[W-1];
  wire logic [W-1:0] off = moves ? edge_off_q : adv_off_q;
  wire logic [W-1:0] field = ws_on ? off >> SHIFT : off;

  always_ff @(posedge clk) begin
    syn_window_q <= is_small ? rx_limit[15:0] : 16'hffff;
    limit_q      <= ws_on || is_small ? W'(rx_limit) : W'(16'hffff);
    least_q      <= W'(mss) < limit_q >> 1 ? W'(mss) : limit_q >> 1;

    edge_q       <= rcv_read + limit_q;
    growth_q     <= edge_q - rcv_adv;
    moves_q      <= !growth_q[W-1] && growth_q >= least_q;
    differs_q    <= growth_q != '0;

    edge_off_q   <= edge_q - rcv_nxt;
    adv_off_q    <= rcv_adv - rcv_nxt;

    field_q      <= field[W-1:16] != '0 ? 16'hffff : field[15:0];
    offer_q      <= {off[W-1:5], ws_on ? 5'd0 : off[4:0]};
    before_q     <= adv_off_q;
    is_low_q     <= rcv_adv - rcv_nxt <= limit_q >> 1;
    opens_q      <= moves && differs_q && is_low_q;
  end

  assign window     = field_q;
  assign syn_window = syn_window_q;
  assign offer      = offer_q;
  assign grows      = offer_q > before_q;
  assign opens      = opens_q;
endmodule

`default_nettype wire
