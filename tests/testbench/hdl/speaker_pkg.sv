// SPDX-License-Identifier: Apache-2.0
// speaker_pkg: a constant for speaker_part.
package speaker_pkg;
  parameter logic [7:0] ANSWER = 8'd42;
endpackage
