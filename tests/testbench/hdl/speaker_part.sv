// SPDX-License-Identifier: Apache-2.0
// speaker_part: the package's constant.
`default_nettype none

module speaker_part (
    output wire logic [7:0] answer
);
  assign answer = speaker_pkg::ANSWER;
endmodule

`default_nettype wire
