// SPDX-License-Identifier: Apache-2.0
// toe_checksum: ones' complement sum (RFC 1071) of the beats of a frame.
//
// One beat per cycle; `sum` contains a beat two cycles after it came. It is a sum of 16-bit words
// in wire order, first wire byte lowest, as in the beats: but for the order of its bytes it is the
// same sum. A frame of up to 8,192 beats; no reset, since each frame starts anew.
`default_nettype none

module toe_checksum (
    input  wire logic        clk,

    input  wire logic        s_valid,
    input  wire logic        s_first,  // of a frame: forget the last one
    input  wire logic [18:0] s_seed,   // added to a frame's first beat
    input  wire logic [63:0] s_data,   // bytes that do not count are zero

    output wire logic [15:0] sum
);
  logic        valid_q, first_q;
  logic [18:0] seed_q;
  logic [17:0] beat_q;
  logic [31:0] sum_q;

  always_ff @(posedge clk) begin
    valid_q <= s_valid;
    first_q <= s_first;
    seed_q  <= s_seed;
    beat_q  <= {2'd0, s_data[15:0]} + {2'd0, s_data[31:16]}
               + {2'd0, s_data[47:32]} + {2'd0, s_data[63:48]};
    if (valid_q) sum_q <= (first_q ? {13'd0, seed_q} : sum_q) + {14'd0, beat_q};
  end

  assign sum = toe_ip_pkg::fold(sum_q);
endmodule

`default_nettype wire
