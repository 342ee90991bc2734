// SPDX-License-Identifier: Apache-2.0
// speaker: prints, fails or finishes on request; a package and a submodule of its own.
//
// Each command acts on the edge that sees it.
`default_nettype none

module speaker #(
    // Shown in what is printed; even numbers only
    parameter int unsigned NUMBER = 2
) (
    input  wire logic       clk,
    input  wire logic       hello,
    input  wire logic       fail,
    input  wire logic       finish,
    output wire logic [7:0] answer   // combinational, from speaker_pkg through speaker_part
);
  if (NUMBER % 2 != 0) $error("NUMBER=%0d is odd", NUMBER);

  speaker_part u_part (.answer);

  always_ff @(posedge clk) begin
    if (hello) $display("hello %0d", NUMBER);
    if (fail) $error("told to fail");
    if (finish) $finish;
  end
endmodule

`default_nettype wire
