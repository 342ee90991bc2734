// SPDX-License-Identifier: Apache-2.0
// sigv_gtable: stands in for the table of G; its points are what the test writes (core_group).
//
// Ports and timing as hdl/sigverify/sigv_gtable.sv.
`default_nettype none

module sigv_gtable #(
    parameter int unsigned G_WINDOW = 10
) (
    input  wire logic                clk,
    input  wire logic                en,
    input  wire logic [G_WINDOW-1:0] addr,
    output wire logic [259:0]        point
);
  logic [259:0] ram[2**G_WINDOW];
  logic [259:0] point_q;
  always_ff @(posedge clk) if (en) point_q <= ram[addr];
  assign point = point_q;
endmodule

`default_nettype wire
