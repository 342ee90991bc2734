// SPDX-License-Identifier: Apache-2.0
// uart: 8 data bits, no parity, one stop bit, each way.
//
// A received byte is shown for one cycle, half a bit before its stop bit ends: nothing holds it.
`default_nettype none

module uart #(
    // Clock cycles of a bit, at least 4
    parameter int unsigned CYCLES = 16
) (
    input  wire logic       clk,
    input  wire logic       rst,       // synchronous, active high

    // Byte to send
    input  wire logic [7:0] tx_data,
    input  wire logic       tx_valid,
    output wire logic       tx_ready,

    // Byte received, or a stop bit that was low
    output wire logic [7:0] rx_data,
    output wire logic       rx_valid,
    output wire logic       rx_broken,

    // The line, high when idle; bit 0 first
    output wire logic       txd,
    input  wire logic       rxd        // asynchronous
);
  localparam int unsigned COUNT_W = $clog2(CYCLES);
  localparam logic [COUNT_W-1:0] WHOLE = COUNT_W'(CYCLES - 1);
  localparam logic [COUNT_W-1:0] HALF = COUNT_W'(CYCLES / 2 - 1);

  if (CYCLES < 4) $error("CYCLES=%0d is below 4", CYCLES);

  // Sending: stop bit, data, start bit, shifted out from the right
  logic [9:0]         tx_shift_q;
  logic [3:0]         tx_left_q;
  logic [COUNT_W-1:0] tx_count_q;

  assign tx_ready = tx_left_q == 0;
  assign txd = tx_left_q == 0 || tx_shift_q[0];

  always_ff @(posedge clk) begin
    if (tx_ready) begin
      tx_shift_q <= {1'b1, tx_data, 1'b0};
      tx_count_q <= WHOLE;
      if (tx_valid) tx_left_q <= 4'd10;
    end else if (tx_count_q == 0) begin
      tx_shift_q <= {1'b1, tx_shift_q[9:1]};
      tx_count_q <= WHOLE;
      tx_left_q <= tx_left_q - 4'd1;
    end else begin
      tx_count_q <= tx_count_q - 1'b1;
    end
    if (rst) tx_left_q <= 4'd0;
  end

  // Receiving: two stages against metastability, then each bit is looked at in its middle
  logic [1:0]         line_q;
  logic [7:0]         rx_shift_q;
  logic [3:0]         rx_left_q;
  logic [COUNT_W-1:0] rx_count_q;
  logic               rx_valid_q;
  logic               rx_broken_q;

  wire logic line = line_q[1];
  wire logic sample = rx_count_q == 0;

  assign rx_data = rx_shift_q;
  assign rx_valid = rx_valid_q;
  assign rx_broken = rx_broken_q;

  always_ff @(posedge clk) begin
    line_q <= {line_q[0], rxd};
    rx_valid_q <= 1'b0;
    rx_broken_q <= 1'b0;
    if (rx_left_q == 0) begin
      rx_count_q <= HALF;
      if (!line) rx_left_q <= 4'd10;
    end else if (!sample) begin
      rx_count_q <= rx_count_q - 1'b1;
    end else begin
      rx_count_q <= WHOLE;
      rx_left_q <= rx_left_q - 4'd1;
      // A start bit that has gone by its middle was noise
      if (rx_left_q == 4'd10 && line) rx_left_q <= 4'd0;
      if (rx_left_q > 4'd1) begin
        rx_shift_q <= {line, rx_shift_q[7:1]};
      end else begin
        rx_valid_q <= line;
        rx_broken_q <= !line;
      end
    end
    if (rst) begin
      line_q <= '1;
      rx_left_q <= 4'd0;
    end
  end
endmodule

`default_nettype wire
