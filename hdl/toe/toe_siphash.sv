// SPDX-License-Identifier: Apache-2.0
// toe_siphash: SipHash-C-D of messages of two 64-bit words, half a round a cycle.
//
// Two messages take turns in a loop of two stages, one for each half of a round, so each keeps both
// stages busy every other cycle. The hash comes 4 C + 2 D + 1 cycles after its message, and cannot
// be refused; hashes come in the order of their messages. s_ready: this cycle's turn is free. A
// source that waits for it is taken within 4 C + 2 D cycles, and two messages that come an odd
// number of cycles apart never wait for one another. Reset forgets what is under way.
`default_nettype none

module toe_siphash #(
    // Rounds for each of the two words
    parameter int unsigned C_ROUNDS = 2,
    // Rounds at the end
    parameter int unsigned D_ROUNDS = 4,
    // Width of what travels with a message, at least 1
    parameter int unsigned USER_W   = 1
) (
    input  wire logic                clk,
    input  wire logic                rst,      // synchronous, active high

    input  wire logic [127:0]        key,      // first byte in bits 7:0; taken with each message

    // Message of 8 to 15 bytes; first byte in s_words[7:0], the length in s_words[127:120]
    input  wire logic [127:0]        s_words,
    input  wire logic [USER_W-1:0]   s_user,
    input  wire logic                s_valid,
    output wire logic                s_ready,

    output wire logic [63:0]         m_hash,
    output wire logic [63:0]         m_word,   // the first of its message
    output wire logic [USER_W-1:0]   m_user,   // as it came with the message
    output wire logic                m_valid   // for one cycle
);
  if (C_ROUNDS == 0 || C_ROUNDS > 4) $error("C_ROUNDS=%0d is not from 1 to 4", C_ROUNDS);
  if (D_ROUNDS == 0 || D_ROUNDS > 8) $error("D_ROUNDS=%0d is not from 1 to 8", D_ROUNDS);
  if (USER_W == 0) $error("USER_W=%0d is below 1", USER_W);

  localparam int unsigned ROUNDS = 2 * C_ROUNDS + D_ROUNDS;
  localparam int unsigned ROUND_W = 5;

  // Between rounds: about to enter the first half
  logic               round_busy_q;
  logic [ROUND_W-1:0] round_q;  // rounds done
  logic [USER_W-1:0]  round_user_q;
  logic [63:0]        round_word0_q, round_word1_q;
  logic [63:0]        round_v0_q, round_v1_q, round_v2_q, round_v3_q;
  // Between halves: about to enter the second
  logic               half_busy_q;
  logic [ROUND_W-1:0] half_round_q;
  logic [USER_W-1:0]  half_user_q;
  logic [63:0]        half_word0_q, half_word1_q;
  logic [63:0]        half_v0_q, half_v1_q, half_v2_q, half_v3_q;

  logic [63:0]        hash_q, hash_word_q;
  logic [USER_W-1:0]  hash_user_q;
  logic               valid_q;

  // First half, after what comes between rounds
  wire logic after_word0 = round_q == ROUND_W'(C_ROUNDS);
  wire logic after_word1 = round_q == ROUND_W'(2 * C_ROUNDS);

  wire logic [63:0] mixed_v0 = round_v0_q ^ (after_word0 ? round_word0_q : '0)
                                          ^ (after_word1 ? round_word1_q : '0);
  wire logic [63:0] mixed_v2 = round_v2_q ^ (after_word1 ? 64'hff : '0);
  wire logic [63:0] mixed_v3 = round_v3_q ^ (after_word0 ? round_word1_q : '0);

  wire logic [63:0] half_v0 = mixed_v0 + round_v1_q;
  wire logic [63:0] half_v2 = mixed_v2 + mixed_v3;

  // Second half
  wire logic        last   = half_round_q == ROUND_W'(ROUNDS - 1);
  wire logic [63:0] sum_v0 = half_v0_q + half_v3_q;
  wire logic [63:0] sum_v2 = half_v2_q + half_v1_q;
  wire logic [63:0] rot_v1 = {half_v1_q[46:0], half_v1_q[63:47]};  // by 17
  wire logic [63:0] rot_v3 = {half_v3_q[42:0], half_v3_q[63:43]};  // by 21

  wire logic load  = s_valid && s_ready;
  wire logic again = half_busy_q && !last;

  assign s_ready = !again;

  always_ff @(posedge clk) begin
    half_busy_q <= round_busy_q;
    if (round_busy_q) begin
      half_round_q <= round_q;
      half_user_q  <= round_user_q;
      half_word0_q <= round_word0_q;
      half_word1_q <= round_word1_q;
      half_v0_q    <= {half_v0[31:0], half_v0[63:32]};
      half_v1_q    <= {round_v1_q[50:0], round_v1_q[63:51]} ^ half_v0;
      half_v2_q    <= half_v2;
      half_v3_q    <= {mixed_v3[47:0], mixed_v3[63:48]} ^ half_v2;
    end

    round_busy_q <= load || again;
    if (load) begin
      round_q       <= '0;
      round_user_q  <= s_user;
      round_word0_q <= s_words[63:0];
      round_word1_q <= s_words[127:64];
      round_v0_q    <= key[63:0]   ^ 64'h736f6d6570736575;
      round_v1_q    <= key[127:64] ^ 64'h646f72616e646f6d;
      round_v2_q    <= key[63:0]   ^ 64'h6c7967656e657261;
      round_v3_q    <= key[127:64] ^ 64'h7465646279746573 ^ s_words[63:0];
    end else if (again) begin
      round_q       <= half_round_q + 1'b1;
      round_user_q  <= half_user_q;
      round_word0_q <= half_word0_q;
      round_word1_q <= half_word1_q;
      round_v0_q    <= sum_v0;
      round_v1_q    <= rot_v1 ^ sum_v2;
      round_v2_q    <= {sum_v2[31:0], sum_v2[63:32]};
      round_v3_q    <= rot_v3 ^ sum_v0;
    end

    valid_q <= half_busy_q && last;
    if (half_busy_q && last) begin
      // v0 ^ v1 ^ v2 ^ v3, in which the new v0 cancels out
      hash_q      <= rot_v1 ^ rot_v3 ^ sum_v2 ^ {sum_v2[31:0], sum_v2[63:32]};
      hash_word_q <= half_word0_q;
      hash_user_q <= half_user_q;
    end

    if (rst) begin
      round_busy_q <= 1'b0;
      half_busy_q  <= 1'b0;
      valid_q      <= 1'b0;
    end
  end

  assign m_hash  = hash_q;
  assign m_word  = hash_word_q;
  assign m_user  = hash_user_q;
  assign m_valid = valid_q;
endmodule

`default_nettype wire
