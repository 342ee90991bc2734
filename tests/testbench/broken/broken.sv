// SPDX-License-Identifier: Apache-2.0
// broken: does not compile; the error must be shown at file and line.
`default_nettype none

module broken (
    input  wire logic clk,
    output logic      out
);
  always_ff @(posedge clk) out <= missing_signal;
endmodule

`default_nettype wire
