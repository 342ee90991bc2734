// SPDX-License-Identifier: Apache-2.0
// axis_arb: merges PORTS AXI4-Streams frame by frame, in fair round robin.
//
// One beat per cycle, no gap between frames, latency one cycle. A port once granted keeps the
// output until its tlast has passed; a source that pauses within a frame makes all others wait. A
// port that offers a frame waits for at most PORTS - 1 frames of others. The output is registered;
// s_axis_tready follows m_axis_tready and s_axis_tvalid within the cycle. Reset forgets a frame
// that has begun.
`default_nettype none

module axis_arb #(
    // Number of streams in, at least 1
    parameter  int unsigned PORTS  = 2,
    // Data width in bits, at least 1
    parameter  int unsigned DATA_W = 64,
    // User sideband width in bits, at least 1
    parameter  int unsigned USER_W = 1,
    localparam int unsigned ID_W   = PORTS > 1 ? $clog2(PORTS) : 1
) (
    input  wire logic                    clk,
    input  wire logic                    rst,            // synchronous, active high

    // Streams in; port i has bits [i*W +: W]
    input  wire logic [PORTS*DATA_W-1:0] s_axis_tdata,
    input  wire logic [PORTS*USER_W-1:0] s_axis_tuser,
    input  wire logic [PORTS-1:0]        s_axis_tvalid,
    output wire logic [PORTS-1:0]        s_axis_tready,
    input  wire logic [PORTS-1:0]        s_axis_tlast,

    // Stream out
    output wire logic [DATA_W-1:0]       m_axis_tdata,
    output wire logic [USER_W-1:0]       m_axis_tuser,
    output wire logic [ID_W-1:0]         m_axis_tid,     // the port the beat came from
    output wire logic                    m_axis_tvalid,
    input  wire logic                    m_axis_tready,
    output wire logic                    m_axis_tlast
);
  if (PORTS == 0) $error("PORTS=%0d is below 1", PORTS);
  if (DATA_W == 0) $error("DATA_W=%0d is below 1", DATA_W);
  if (USER_W == 0) $error("USER_W=%0d is below 1", USER_W);

  logic              in_frame_q;  // between a frame's first beat and its last
  logic [PORTS-1:0]  owner_q;     // one-hot: whose frame it is
  logic              valid_q, last_q;
  logic [DATA_W-1:0] data_q;
  logic [USER_W-1:0] user_q;
  logic [ID_W-1:0]   id_q;

  wire logic [PORTS-1:0] turn;
  wire logic [PORTS-1:0] grant = in_frame_q ? owner_q : turn;
  wire logic             move  = !valid_q || m_axis_tready;  // the output register may change
  wire logic             offer = (s_axis_tvalid & grant) != '0;
  wire logic             last  = (s_axis_tlast & grant) != '0;

  rr_arbiter #(
      .PORTS(PORTS)
  ) arbiter (
      .clk    (clk),
      .rst    (rst),
      .request(s_axis_tvalid),
      .grant  (turn),
      .advance(move && !in_frame_q)
  );

  logic [ID_W-1:0] index;
  always_comb begin
    index = '0;
    for (int unsigned i = 0; i < PORTS; i++) if (grant[i]) index = index | ID_W'(i);
  end

  always_ff @(posedge clk) begin
    if (move) begin
      valid_q <= offer;
      last_q  <= last;
      data_q  <= s_axis_tdata[32'(index)*DATA_W+:DATA_W];
      user_q  <= s_axis_tuser[32'(index)*USER_W+:USER_W];
      id_q    <= index;
    end
    if (move && offer) begin
      in_frame_q <= !last;
      owner_q    <= grant;
    end
    if (rst) begin
      valid_q    <= 1'b0;
      in_frame_q <= 1'b0;
    end
  end

  assign s_axis_tready = move ? grant : '0;
  assign m_axis_tdata  = data_q;
  assign m_axis_tuser  = user_q;
  assign m_axis_tid    = id_q;
  assign m_axis_tvalid = valid_q;
  assign m_axis_tlast  = last_q;
endmodule

`default_nettype wire
