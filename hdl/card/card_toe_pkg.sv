// SPDX-License-Identifier: Apache-2.0
// card_toe_pkg: words between the parts of card_toe.

package card_toe_pkg;
  // What the host is told of a descriptor
  typedef struct packed {
    logic [14:0] index;    // its number in the ring
    logic [2:0]  status;   // card_pkg::STATUS_*
    logic [15:0] session;
    logic [15:0] length;
    logic [31:0] id;
  } answer_t;

  localparam int unsigned ANSWER_W = 82;
endpackage
