// SPDX-License-Identifier: Apache-2.0
// toe_pkg: the words that travel between the parts of the TCP offload engine.
//
// All fields are numbers; network byte order exists only on the wire. Stream positions count bytes
// of a direction's data, from 0 for the byte after the SYN, modulo 2^32: position = sequence number
// less initial sequence number less one.

package toe_pkg;
  // A package offers more than each of its users takes.
  // verilator lint_off UNUSEDPARAM

  // Control bits of a segment (RFC 9293 3.1), as on the wire
  localparam int unsigned FIN = 0;
  localparam int unsigned SYN = 1;
  localparam int unsigned RST = 2;
  localparam int unsigned PSH = 3;
  localparam int unsigned ACK = 4;
  localparam int unsigned URG = 5;

  // Who a session is between; the card has one address
  typedef struct packed {
    logic [31:0] remote_ip;
    logic [15:0] remote_port;
    logic [15:0] local_port;
  } tuple_t;

  // Options of a segment; an absent one is zero
  typedef struct packed {
    logic        mss_valid;
    logic [15:0] mss;
    logic        ws_valid;
    logic [3:0]  ws;          // shift, at most 14 (RFC 7323 2.3: receivers cap it)
    logic        sack_ok;     // SACK permitted
    logic        ts_valid;
    logic [31:0] ts_val;
    logic [31:0] ts_ecr;
    logic        sack_valid;  // one block, sent only; received ones are not looked at
    logic [31:0] sack_left;
    logic [31:0] sack_right;
  } options_t;

  // A segment without its payload. Received: checksums are right, the card is its destination.
  typedef struct packed {
    tuple_t      tuple;
    logic [31:0] seq;
    logic [31:0] ack;
    logic [7:0]  flags;
    logic [15:0] window;      // as on the wire, not scaled
    logic [15:0] urgent;
    options_t    options;
    logic [15:0] len;         // bytes of payload
  } segment_t;

  localparam int unsigned TUPLE_W = 64;
  localparam int unsigned OPTIONS_W = 153;
  localparam int unsigned SEGMENT_W = 337;

  // Timers of a session
  localparam logic [1:0] TIMER_RTX = 2'd0;    // retransmission, or window probe
  localparam logic [1:0] TIMER_ACK = 2'd1;    // delayed acknowledgement
  localparam logic [1:0] TIMER_LONG = 2'd2;   // TIME-WAIT, keep-alive, FIN-WAIT-2

  // Commands to the queues of a session
  localparam logic [1:0] QUEUE_OPEN = 2'd0;
  localparam logic [1:0] QUEUE_RELEASE = 2'd1;
  localparam logic [1:0] QUEUE_STORE = 2'd2;  // receive queue
  localparam logic [1:0] QUEUE_FETCH = 2'd2;  // send queue
  localparam logic [1:0] QUEUE_FREE = 2'd3;   // send queue

  // Bits of the bytes that a queue holds, and so of its limit
  localparam int unsigned HELD_W = 20;

  // Low bits of a stream position that tell apart all positions less than 2^20 away from one
  localparam int unsigned POS_W = 21;

  // Bits of a count of bursts on the bus; it wraps
  localparam int unsigned FENCE_W = 10;
  // verilator lint_on UNUSEDPARAM

  // A beat's bytes moved up by `bytes`, those above the eighth come in below
  function automatic logic [63:0] rotate_up(input logic [63:0] beat, input logic [2:0] bytes);
    logic [63:0] by_1, by_3;
    by_1      = bytes[0] ? {beat[55:0], beat[63:56]} : beat;
    by_3      = bytes[1] ? {by_1[47:0], by_1[63:48]} : by_1;
    rotate_up = bytes[2] ? {by_3[31:0], by_3[63:32]} : by_3;
  endfunction

  // The lowest `bytes` bytes of a beat from one, the others from another
  function automatic logic [63:0] join_beats(input logic [63:0] low, input logic [63:0] high,
                                             input logic [2:0] bytes);
    logic [63:0] mask;
    mask       = 64'hffff_ffff_ffff_ffff << {bytes, 3'd0};
    join_beats = (high & mask) | (low & ~mask);
  endfunction
endpackage
