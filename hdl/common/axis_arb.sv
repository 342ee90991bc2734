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
`ifdef FORMAL
      ,
      .f_first
`endif
  );

  // One-hot select
  logic [ID_W-1:0]   id;
  logic [DATA_W-1:0] data;
  logic [USER_W-1:0] user;
  always_comb begin
    id   = '0;
    data = '0;
    user = '0;
    for (int unsigned i = 0; i < PORTS; i++) begin
      id   = id | (grant[i] ? ID_W'(i) : '0);
      data = data | (grant[i] ? s_axis_tdata[i*DATA_W+:DATA_W] : '0);
      user = user | (grant[i] ? s_axis_tuser[i*USER_W+:USER_W] : '0);
    end
  end

  always_ff @(posedge clk) begin
    if (move) begin
      valid_q <= offer;
      last_q  <= last;
      data_q  <= data;
      user_q  <= user;
      id_q    <= id;
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

`ifdef FORMAL
  localparam int unsigned F_PAYLOAD_W = DATA_W + USER_W + 1;

  // One port of the solver's choice
  (* anyconst *) logic [ID_W-1:0] f_port;
  always @* assume (32'(f_port) < PORTS);

  wire logic [PORTS-1:0]       f_in_frame_s, f_route_s;
  wire logic                   f_in_frame_m;
  wire logic [ID_W-1:0]        f_route_m;
  wire logic [1:0]             f_level, f_ahead;
  wire logic                   f_marked;
  wire logic [F_PAYLOAD_W-1:0] f_payload;
  logic [F_PAYLOAD_W-1:0]      f_in;
  wire logic [F_PAYLOAD_W-1:0] f_out = {last_q, user_q, data_q};
  wire logic [PORTS-1:0]       f_take = s_axis_tvalid & s_axis_tready;

  always @* begin
    f_in = '0;
    for (int i = 0; i < PORTS; i++) begin
      if (f_port == ID_W'(i)) begin
        f_in = {s_axis_tlast[i], s_axis_tuser[i*USER_W+:USER_W], s_axis_tdata[i*DATA_W+:DATA_W]};
      end
    end
  end

  for (genvar i = 0; i < PORTS; i++) begin : gen_f_source
    axis_contract #(
        .ASSUME   (1'b1),
        .PAYLOAD_W(DATA_W + USER_W)
    ) f_source (
        .clk, .rst, .tkeep(1'b1), .route(1'b0),
        .payload({s_axis_tuser[i*USER_W+:USER_W], s_axis_tdata[i*DATA_W+:DATA_W]}),
        .tvalid(s_axis_tvalid[i]), .tready(s_axis_tready[i]), .tlast(s_axis_tlast[i]),
        .in_frame(f_in_frame_s[i]), .frame_route(f_route_s[i])
    );
  end

  axis_contract #(
      .PAYLOAD_W(F_PAYLOAD_W),
      .ROUTE_W  (ID_W)
  ) f_sink (
      .clk, .rst, .payload(f_out), .tkeep(1'b1), .route(m_axis_tid),
      .tvalid(m_axis_tvalid), .tready(m_axis_tready), .tlast(m_axis_tlast),
      .in_frame(f_in_frame_m), .frame_route(f_route_m)
  );

  beat_scoreboard #(
      .PAYLOAD_W(F_PAYLOAD_W),
      .CAPACITY (1)
  ) f_scoreboard (
      .clk, .rst,
      .push(f_take[f_port]), .push_payload(f_in),
      .pop(m_axis_tvalid && m_axis_tready && m_axis_tid == f_port), .pop_payload(f_out),
      .level(f_level), .marked(f_marked), .ahead(f_ahead), .payload(f_payload)
  );

  // A turn is a frame: used up by its first beat
  wire logic [PORTS-1:0] f_first;
  fair_turns #(
      .PORTS(PORTS)
  ) f_turns (
      .clk, .rst,
      .request(s_axis_tvalid & ~f_in_frame_s), .used(f_take & ~f_in_frame_s), .first(f_first)
  );

  logic f_past_exists = 1'b0;
  logic f_past_rst, f_past_stuck;
  always @(posedge clk) begin
    f_past_exists <= 1'b1;
    f_past_rst    <= rst;
    // An offer nobody may refuse: the output is free, and no frame of another is under way
    f_past_stuck  <= move && s_axis_tvalid != '0 && f_in_frame_s == '0;
  end

  always @* if (f_past_exists && !rst) begin
    // Rule 1: beats are taken from one port at a time.
    assert ((f_take & (f_take - 1'b1)) == '0);
    // Rule 2: tid names a port.
    assert (!m_axis_tvalid || 32'(m_axis_tid) < PORTS);
    // Rule 3: with the output free and no frame under way, an offer is taken at once.
    assert (!f_past_stuck || f_past_rst || m_axis_tvalid);
    // Where the beats are
    assert (f_level == 2'(valid_q && id_q == f_port));
    assert (!f_marked || f_payload == f_out);
    // Whose frame it is: the inputs, the state and the output agree
    assert (f_in_frame_s == (in_frame_q ? owner_q : '0));
    assert (!in_frame_q || (owner_q != '0 && (owner_q & (owner_q - 1'b1)) == '0));
    assert (in_frame_q == (valid_q ? !last_q : f_in_frame_m));
    assert (!in_frame_q || owner_q[valid_q ? id_q : f_route_m]);
  end
`endif
endmodule

`default_nettype wire
