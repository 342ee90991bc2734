// SPDX-License-Identifier: Apache-2.0
// sigv_pkg: numbers of the secp256k1 datapath and the codes of jobs and answers.
//
// A field element is ten limbs of 26 bits, least significant first, weakly reduced: limbs 0 to 8
// are below 2^26, limb 9 is at most 2^22 + 1, and the value is congruent to the element modulo
// p = 2^256 - 2^32 - 977 (SEC 2, secp256k1). Zero is 0 or p.

package sigv_pkg;
  // A package offers more than each of its users takes.
  // verilator lint_off UNUSEDPARAM
  localparam int unsigned LIMBS = 10;
  localparam int unsigned DIGITS = LIMBS / 2;  // pairs of limbs, 52 bits
  localparam int unsigned LIMB_W = 26;
  localparam int unsigned FE_W = LIMBS * LIMB_W;
  localparam logic [259:0] P = {26'h03fffff, {7{26'h3ffffff}}, 26'h3ffffbf, 26'h3fffc2f};
  // Cycle in which a slot of the field leaves, at one product a cycle; it enters in cycle 1
  localparam int unsigned FIELD_CYCLES = 18;
  // 3 p in digits of weight 2^52, unnormalised: none of them less twice an element's is negative
  localparam logic [269:0] P3 = {
    54'h02fffffffffffd, {3{54'h2ffffffffffffd}}, 54'h2ffffcfffff48d
  };
  // Cube root of one: lambda * (x, y) = (beta * x, y)
  localparam logic [259:0] BETA =
      260'h07ae96a2b657c07106e64479eac3434e99cf0497512f58995c1396c28719501ee;
  // Order of the group
  localparam logic [259:0] N =
      260'h0fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;

  // Half of it, rounded down: a larger s is high
  localparam logic [255:0] HALF_N =
      256'h7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;
  // p - n: r + n is a coordinate if r is below
  localparam logic [255:0] P_LESS_N = 256'h14551231950b75fc4402da1722fc9baee;

  localparam logic [7:0] OP_VERIFY = 8'd1;
  localparam logic [7:0] OP_RECOVER = 8'd2;

  localparam logic [3:0] REASON_OK = 4'd0;
  localparam logic [3:0] REASON_MALFORMED = 4'd1;
  localparam logic [3:0] REASON_RECOVERY_ID = 4'd2;
  localparam logic [3:0] REASON_R_RANGE = 4'd3;
  localparam logic [3:0] REASON_S_RANGE = 4'd4;
  localparam logic [3:0] REASON_HIGH_S = 4'd5;
  localparam logic [3:0] REASON_KEY_RANGE = 4'd6;
  localparam logic [3:0] REASON_X_RANGE = 4'd8;
  // verilator lint_on UNUSEDPARAM
endpackage
