// SPDX-License-Identifier: Apache-2.0
// lanes: AXI4-Streams side by side in shared vectors, each through a register stage.
//
// Half throughput: a beat is taken when the stage is empty. Latency 1.
`default_nettype none

module lanes #(
    // Data width of a lane in bits; a multiple of 8
    parameter int unsigned WIDTH = 32,
    // Number of streams
    parameter int unsigned LANES = 2
) (
    input  wire logic                     clk,
    input  wire logic                     rst,           // synchronous, active high

    input  wire logic [LANES*WIDTH-1:0]   s_axis_tdata,
    input  wire logic [LANES*WIDTH/8-1:0] s_axis_tkeep,
    input  wire logic [LANES-1:0]         s_axis_tvalid,
    output wire logic [LANES-1:0]         s_axis_tready,
    input  wire logic [LANES-1:0]         s_axis_tlast,
    input  wire logic [LANES*3-1:0]       s_axis_tuser,
    input  wire logic [LANES*2-1:0]       s_axis_tid,
    input  wire logic [LANES*5-1:0]       s_axis_tdest,

    output      logic [LANES*WIDTH-1:0]   m_axis_tdata,
    output      logic [LANES*WIDTH/8-1:0] m_axis_tkeep,
    output      logic [LANES-1:0]         m_axis_tvalid,
    input  wire logic [LANES-1:0]         m_axis_tready,
    output      logic [LANES-1:0]         m_axis_tlast,
    output      logic [LANES*3-1:0]       m_axis_tuser,
    output      logic [LANES*2-1:0]       m_axis_tid,
    output      logic [LANES*5-1:0]       m_axis_tdest
);
  assign s_axis_tready = ~m_axis_tvalid;

  for (genvar i = 0; i < LANES; i++) begin : g_lane
    always_ff @(posedge clk) begin
      if (s_axis_tready[i] && s_axis_tvalid[i]) begin
        m_axis_tdata[i*WIDTH+:WIDTH] <= s_axis_tdata[i*WIDTH+:WIDTH];
        m_axis_tkeep[i*WIDTH/8+:WIDTH/8] <= s_axis_tkeep[i*WIDTH/8+:WIDTH/8];
        m_axis_tlast[i] <= s_axis_tlast[i];
        m_axis_tuser[i*3+:3] <= s_axis_tuser[i*3+:3];
        m_axis_tid[i*2+:2] <= s_axis_tid[i*2+:2];
        m_axis_tdest[i*5+:5] <= s_axis_tdest[i*5+:5];
        m_axis_tvalid[i] <= 1'b1;
      end else if (m_axis_tready[i]) begin
        m_axis_tvalid[i] <= 1'b0;
      end
      if (rst) m_axis_tvalid[i] <= 1'b0;
    end
  end
endmodule

`default_nettype wire
