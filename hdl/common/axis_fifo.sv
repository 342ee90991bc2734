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
`ifdef FORMAL
  wire logic [ADDR_W-1:0]    f_peek_addr;
  wire logic [PAYLOAD_W-1:0] f_peek_data;
`endif

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
`ifdef FORMAL
      ,
      .f_peek_addr,
      .f_peek_data
`endif
  );

  assign s_axis_tready = !level_q[LEVEL_W-1];
  assign m_axis_tvalid = out_valid_q;
  assign {m_axis_tlast, m_axis_tuser, m_axis_tdata} = out_payload;
  assign level = level_q;

`ifdef FORMAL
  wire logic                 f_in_frame_s, f_in_frame_m, f_route_s, f_route_m;
  wire logic [LEVEL_W-1:0]   f_level, f_ahead;
  wire logic                 f_marked;
  wire logic [PAYLOAD_W-1:0] f_payload;
  wire logic [PAYLOAD_W-1:0] f_in = {s_axis_tlast, s_axis_tuser, s_axis_tdata};

  axis_contract #(
      .ASSUME   (1'b1),
      .PAYLOAD_W(PAYLOAD_W)
  ) f_source (
      .clk, .rst, .payload(f_in), .tkeep(1'b1), .route(1'b0),
      .tvalid(s_axis_tvalid), .tready(s_axis_tready), .tlast(s_axis_tlast),
      .in_frame(f_in_frame_s), .frame_route(f_route_s)
  );

  axis_contract #(
      .PAYLOAD_W(PAYLOAD_W)
  ) f_sink (
      .clk, .rst, .payload(out_payload), .tkeep(1'b1), .route(1'b0),
      .tvalid(m_axis_tvalid), .tready(m_axis_tready), .tlast(m_axis_tlast),
      .in_frame(f_in_frame_m), .frame_route(f_route_m)
  );

  beat_scoreboard #(
      .PAYLOAD_W(PAYLOAD_W),
      .CAPACITY (DEPTH)
  ) f_scoreboard (
      .clk, .rst, .push, .push_payload(f_in), .pop, .pop_payload(out_payload),
      .level(f_level), .marked(f_marked), .ahead(f_ahead), .payload(f_payload)
  );

  logic f_past_exists = 1'b0;
  logic f_past_rst, f_past_waiting;
  always @(posedge clk) begin
    f_past_exists  <= 1'b1;
    f_past_rst     <= rst;
    f_past_waiting <= waiting;
  end

  // Where the marked beat is: in the output register, or so many words behind the read address
  wire logic               f_out_marked = out_valid_q && f_ahead == '0;
  wire logic [LEVEL_W-1:0] f_behind     = f_ahead - LEVEL_W'(out_valid_q);
  assign f_peek_addr = rd_addr_q + f_behind[ADDR_W-1:0];
  wire logic [LEVEL_W-1:0] f_waiting    = level_q - LEVEL_W'(out_valid_q);

  always @* if (f_past_exists && !rst) begin
    // Rule 1: level tells the truth, and the source is stalled only by a full FIFO.
    assert (level == f_level);
    assert (s_axis_tready == (f_level != LEVEL_W'(DEPTH)));
    // Rule 2: a beat is offered two cycles after it entered, or as soon as those in front are gone.
    assert (m_axis_tvalid || f_past_rst || !f_past_waiting);
    // Rule 3: what the memory leaves undefined never happens.
    assert (!(push && fetch && wr_addr_q == rd_addr_q));
    // Where the beats are
    assert (!out_valid_q || level_q != '0);
    assert (ADDR_W'(rd_addr_q + f_waiting[ADDR_W-1:0]) == wr_addr_q);
    assert (!f_marked || f_payload == (f_out_marked ? out_payload : f_peek_data));
  end
`endif
endmodule

`default_nettype wire
