// SPDX-License-Identifier: Apache-2.0
// bad_stream: a register stage with one bug of choice, which a test of the testbench must notice.
//
// One beat a cycle at most, latency 1.
`default_nettype none

module bad_stream #(
    // 0 none, 1 tvalid drops while stalled, 2 data changes while stalled, 3 loses a beat now and then,
    // 4 takes data without tvalid, 5 keeps a register that no reset reaches, 6 stops for ever
    parameter int unsigned BUG = 0
) (
    input  wire logic       clk,
    input  wire logic       rst,            // synchronous, active high

    input  wire logic [7:0] s_axis_tdata,
    input  wire logic       s_axis_tvalid,
    output wire logic       s_axis_tready,
    input  wire logic       s_axis_tlast,

    output wire logic [7:0] m_axis_tdata,
    output wire logic       m_axis_tvalid,
    input  wire logic       m_axis_tready,
    output wire logic       m_axis_tlast
);
  logic [7:0] data_q;
  logic       last_q;
  logic       valid_q;
  logic [5:0] count_q;

  logic take;
  logic lose;

  assign lose = BUG == 3 && count_q == 6'd63;
  assign s_axis_tready = (!valid_q || m_axis_tready) && !(BUG == 6 && count_q == 6'd20);
  assign take = s_axis_tready && (s_axis_tvalid || (BUG == 4 && count_q[2:0] == 3'd5));
  assign m_axis_tdata = data_q;
  assign m_axis_tlast = last_q;
  assign m_axis_tvalid = valid_q;

  always_ff @(posedge clk) begin
    if (take) begin
      data_q <= s_axis_tdata;
      last_q <= s_axis_tlast;
      valid_q <= !lose;
      count_q <= count_q + 6'd1;
    end else if (m_axis_tready) begin
      valid_q <= 1'b0;
    end else if (valid_q) begin
      if (BUG == 1 && count_q[2]) valid_q <= 1'b0;
      if (BUG == 2 && count_q[2]) data_q <= data_q + 8'd1;
    end
    if (rst) begin
      if (BUG != 5) valid_q <= 1'b0;
      count_q <= '0;
    end
  end
endmodule

`default_nettype wire
