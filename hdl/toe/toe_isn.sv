// SPDX-License-Identifier: Apache-2.0
// toe_isn: initial sequence numbers (RFC 6528): a clock of 4 us plus a keyed hash of the connection.
//
// The hash is the low half of SipHash-2-4 over local and remote address, local and remote port, in
// this order, each in network byte order. The clock steps by 250 each millisecond, and by one for
// each number within it, up to 249: a pair that opens twice in a millisecond has two numbers. It
// starts from 0 at reset, and is read in the cycle before the number is offered first. A number
// comes 18 cycles after its request and waits until it is taken; one request at a time. The host
// owes a key that nobody else knows, fresh for each reset, since the clock starts anew.
`default_nettype none

module toe_isn (
    input  wire logic                           clk,
    input  wire logic                           rst,       // synchronous, active high

    input  wire logic                           tick_ms,   // for one cycle
    input  wire logic [127:0]                   key,       // first byte in bits 7:0
    input  wire logic [31:0]                    local_ip,

    input  wire logic [toe_pkg::TUPLE_W-1:0]    s_tuple,   // tuple_t
    input  wire logic                           s_valid,
    output wire logic                           s_ready,

    output wire logic [31:0]                    m_isn,
    output wire logic                           m_valid,
    input  wire logic                           m_ready
);
  logic        busy_q;   // a request is under way, or its number waits
  logic        valid_q;
  logic [31:0] clock_q;
  logic [7:0]  given_q;  // numbers in this millisecond
  logic [31:0] isn_q;

  toe_pkg::tuple_t tuple;
  assign tuple = s_tuple;

  // The message of 12 bytes, its length last; the first byte is in bits 7:0
  wire logic [127:0] words = {
    8'd12, 24'd0,
    tuple.remote_port[7:0], tuple.remote_port[15:8],
    tuple.local_port[7:0], tuple.local_port[15:8],
    tuple.remote_ip[7:0], tuple.remote_ip[15:8], tuple.remote_ip[23:16], tuple.remote_ip[31:24],
    local_ip[7:0], local_ip[15:8], local_ip[23:16], local_ip[31:24]
  };

  wire logic        hash_ready, hash_valid;
  wire logic [63:0] hash, unused_word;
  wire logic        unused_user;

  toe_siphash #(
      .C_ROUNDS(2),
      .D_ROUNDS(4)
  ) siphash (
      .clk    (clk),
      .rst    (rst),
      .key    (key),
      .s_words(words),
      .s_user (1'b0),
      .s_valid(s_valid && !busy_q),
      .s_ready(hash_ready),
      .m_hash (hash),
      .m_word (unused_word),
      .m_user (unused_user),
      .m_valid(hash_valid)
  );

  always_ff @(posedge clk) begin
    if (tick_ms) clock_q <= clock_q + 32'd250;
    if (s_valid && s_ready) busy_q <= 1'b1;
    if (hash_valid) begin
      isn_q   <= hash[31:0] + clock_q + {24'd0, given_q};
      valid_q <= 1'b1;
      if (given_q != 8'd249) given_q <= given_q + 8'd1;
    end
    if (tick_ms) given_q <= '0;
    if (m_valid && m_ready) begin
      valid_q <= 1'b0;
      busy_q  <= 1'b0;
    end
    if (rst) begin
      clock_q <= '0;
      given_q <= '0;
      busy_q  <= 1'b0;
      valid_q <= 1'b0;
    end
  end

  assign s_ready = !busy_q && hash_ready;
  assign m_isn   = isn_q;
  assign m_valid = valid_q;

  wire logic unused = &{1'b0, hash[63:32], unused_word, unused_user};
endmodule

`default_nettype wire
