// SPDX-License-Identifier: Apache-2.0
// two_clocks: a bundle handed from one clock to another by request and acknowledge, with a bug of choice.
//
// A value is taken while wr_ready is high; rd_valid is high for one rd_clk cycle, about three after.
`default_nettype none

module two_clocks #(
    // 0 none, 1 the request crosses without synchronizer, 2 data changes while the other side reads,
    // 3 the reader's reset is synchronous only
    parameter int unsigned BUG = 0
) (
    input  wire logic       wr_clk,
    input  wire logic       wr_rst_n,   // asynchronous, active low
    input  wire logic [7:0] wr_data,
    input  wire logic       wr_valid,
    output wire logic       wr_ready,

    input  wire logic       rd_clk,
    input  wire logic       rd_rst,     // asynchronous, active high
    output      logic [7:0] rd_data,
    output      logic       rd_valid,
    output      logic [7:0] rd_count
);
  logic request_q, acknowledge_q;
  logic [2:0] request_sync_q;
  logic [1:0] acknowledge_sync_q;
  logic [7:0] data_q;
  logic request;

  assign wr_ready = request_q == acknowledge_sync_q[1];
  assign request = BUG == 1 ? request_q : request_sync_q[1];

  always_ff @(posedge wr_clk or negedge wr_rst_n) begin
    if (!wr_rst_n) begin
      request_q <= 1'b0;
      acknowledge_sync_q <= '0;
      data_q <= '0;
    end else begin
      acknowledge_sync_q <= {acknowledge_sync_q[0], acknowledge_q};
      if (wr_ready && wr_valid) begin
        request_q <= !request_q;
        data_q <= wr_data;
      end else if (BUG == 2) data_q <= wr_data;
    end
  end

  logic rd_rst_async;
  assign rd_rst_async = BUG == 3 ? 1'b0 : rd_rst;

  always_ff @(posedge rd_clk or posedge rd_rst_async) begin
    if (rd_rst_async) begin
      request_sync_q <= '0;
      acknowledge_q <= 1'b0;
      rd_valid <= 1'b0;
      rd_data <= '0;
      rd_count <= '0;
    end else begin
      request_sync_q <= {request_sync_q[1:0], request_q};
      rd_valid <= request != acknowledge_q;
      if (request != acknowledge_q) begin
        rd_data <= data_q;
        acknowledge_q <= request;
        rd_count <= rd_count + 8'd1;
      end
      if (BUG == 3 && rd_rst) begin
        acknowledge_q <= 1'b0;
        rd_valid <= 1'b0;
        rd_count <= '0;
        request_sync_q <= '0;
      end
    end
  end
endmodule

`default_nettype wire
