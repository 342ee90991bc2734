// SPDX-License-Identifier: Apache-2.0
// toe_listeners: which local TCP ports are open.
//
// One question and one change a cycle; the answer comes one cycle after its question, and is that of before a change
// in the same cycle. After reset all ports are closed, and nothing is ready for 65,536 cycles.
`default_nettype none

module toe_listeners (
    input  wire logic        clk,
    input  wire logic        rst,     // synchronous, active high
    output wire logic        ready,

    // Of the host
    input  wire logic [15:0] s_port,
    input  wire logic        s_open,  // else closed
    input  wire logic        s_valid,
    output wire logic        s_ready,

    // Of segments
    input  wire logic [15:0] port,
    input  wire logic        ask,
    output wire logic        is_open  // one cycle after ask
);
  logic [15:0] clear_q;
  logic        clearing_q;

  always_ff @(posedge clk) begin
    clear_q <= clear_q + 16'd1;
    if (clear_q == '1) clearing_q <= 1'b0;
    if (rst) begin
      clear_q    <= '0;
      clearing_q <= 1'b1;
    end
  end

  assign ready   = !clearing_q;
  assign s_ready = !clearing_q;

  ram_sdp #(
      .DATA_W(1),
      .DEPTH (65536)
  ) ports (
      .clk    (clk),
      .wr_en  (clearing_q || s_valid),
      .wr_addr(clearing_q ? clear_q : s_port),
      .wr_data(!clearing_q && s_open),
      .rd_en  (ask),
      .rd_addr(port),
      .rd_data(is_open)
  );
endmodule

`default_nettype wire
