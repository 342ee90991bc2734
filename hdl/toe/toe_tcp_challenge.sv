// SPDX-License-Identifier: Apache-2.0
// toe_tcp_challenge: how many more challenge acknowledgements may go out (RFC 5961 7).
//
// All sessions of a card share one allowance, new with each 1,024 ms. How large it is, from half of
// `per_second` to all of it, nobody outside can tell: one who counts what is left learns nothing of what
// others' segments met (CVE-2016-5696). A spent one counts from the next cycle on. Reset begins anew.
`default_nettype none

module toe_tcp_challenge (
    input  wire logic        clk,
    input  wire logic        rst,         // synchronous, active high
    input  wire logic [21:0] second,      // of the clock, 1,024 ms each
    input  wire logic [9:0]  per_second,  // 0: none at all
    input  wire logic        spend,       // pulse
    output wire logic        allowed
);
  logic [9:0]  left_q;
  logic [21:0] second_q;
  logic        begun_q;
  // Runs with the clock, and so depends on all that came before: x^16 + x^15 + x^13 + x^4 + 1
  logic [15:0] noise_q;

  wire logic is_new = !begun_q || second_q != second;

  always_ff @(posedge clk) begin
    noise_q <= {noise_q[14:0], noise_q[15] ^ noise_q[14] ^ noise_q[12] ^ noise_q[3]};
    if (is_new) begin
      begun_q  <= 1'b1;
      second_q <= second;
      left_q   <= per_second - (noise_q[9:0] & {1'b0, per_second[9:1]});
    end else if (spend && left_q != '0) begin
      left_q <= left_q - 10'd1;
    end
    if (rst) begin
      begun_q <= 1'b0;
      left_q  <= '0;
      noise_q <= 16'd1;
    end
  end

  assign allowed = left_q != '0;
endmodule

`default_nettype wire
