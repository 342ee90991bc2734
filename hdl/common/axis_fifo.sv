// SPDX-License-Identifier: Apache-2.0
// axis_fifo: AXI4-Stream FIFO of exactly DEPTH beats in block RAM, first-word fall-through.
//
// One beat per cycle in and out unless full, latency two cycles through an empty FIFO; a full one
// takes a beat in the cycle after it gave one. s_axis_tready depends on registers only;
// m_axis_tready reaches the read enable of the memory, whose own output register is the output
// stage. Reset empties it.
`default_nettype none

module axis_fifo #(
    // Data width in bits, at least 1
    parameter  int unsigned DATA_W  = 64,
    // User sideband width in bits, at least 1
    parameter  int unsigned USER_W  = 1,
    // Capacity in beats: a power of two, at least 4
    parameter  int unsigned DEPTH   = 512,
    localparam int unsigned ADDR_W  = $clog2(DEPTH),
    localparam int unsigned LEVEL_W = ADDR_W + 1
) (
    input  wire logic               clk,
    input  wire logic               rst,            // synchronous, active high

    // Stream in
    input  wire logic [DATA_W-1:0]  s_axis_tdata,
    input  wire logic [USER_W-1:0]  s_axis_tuser,
    input  wire logic               s_axis_tvalid,
    output wire logic               s_axis_tready,  // level is below DEPTH
    input  wire logic               s_axis_tlast,

    // Stream out
    output wire logic [DATA_W-1:0]  m_axis_tdata,
    output wire logic [USER_W-1:0]  m_axis_tuser,
    output wire logic               m_axis_tvalid,
    input  wire logic               m_axis_tready,
    output wire logic               m_axis_tlast,

    output wire logic [LEVEL_W-1:0] level           // beats inside, 0 to DEPTH
);
  if (DATA_W == 0) $error("DATA_W=%0d is below 1", DATA_W);
  if (USER_W == 0) $error("USER_W=%0d is below 1", USER_W);
  if (DEPTH < 4 || DEPTH != 1 << ADDR_W) $error("DEPTH=%0d is no power of two >= 4", DEPTH);

  localparam int unsigned PAYLOAD_W = DATA_W + USER_W + 1;

  logic [ADDR_W-1:0]  wr_addr_q, rd_addr_q;
  logic [LEVEL_W-1:0] level_q;
  logic               out_valid_q;  // the memory's output register holds the oldest beat

  wire logic push = s_axis_tvalid && s_axis_tready;
  wire logic pop  = m_axis_tvalid && m_axis_tready;
  // Beats that are in the memory and not yet in its output register
  wire logic waiting = level_q != LEVEL_W'(out_valid_q);
  wire logic fetch   = waiting && (!out_valid_q || m_axis_tready);

  always_ff @(posedge clk) begin
    if (push) wr_addr_q <= wr_addr_q + 1'b1;
    if (fetch) rd_addr_q <= rd_addr_q + 1'b1;
    if (push != pop) level_q <= push ? level_q + 1'b1 : level_q - 1'b1;
    out_valid_q <= fetch || (out_valid_q && !m_axis_tready);
    if (rst) begin
      wr_addr_q   <= '0;
      rd_addr_q   <= '0;
      level_q     <= '0;
      out_valid_q <= 1'b0;
    end
  end

  wire logic [PAYLOAD_W-1:0] out_payload;

  ram_sdp #(
      .DATA_W    (PAYLOAD_W),
      .DEPTH     (DEPTH),
      .READ_FIRST(1'b0)
  ) ram (
      .clk    (clk),
      .wr_en  (push),
      .wr_addr(wr_addr_q),
      .wr_data({s_axis_tlast, s_axis_tuser, s_axis_tdata}),
      .rd_en  (fetch),
      .rd_addr(rd_addr_q),
      .rd_data(out_payload)
  );

  assign s_axis_tready = !level_q[LEVEL_W-1];
  assign m_axis_tvalid = out_valid_q;
  assign {m_axis_tlast, m_axis_tuser, m_axis_tdata} = out_payload;
  assign level = level_q;
endmodule

`default_nettype wire
