// SPDX-License-Identifier: Apache-2.0
// sigv_recode: four scalars into one list of signed digits, for the interleaved (Strauss)
// evaluation.
//
// The scalars k1, k2 (times Q and lambda Q) and lo, hi (times G and 2^128 G) are taken to
// non-adjacent form with windows of Q_WINDOW and G_WINDOW bits, all positions in step. Entries go
// out from the lowest position up: {dbl[7:0], kind[1:0], negative, index[IDX_W-1:0]}; the digit is
// 2 index + 1 or its negative, dbl the distance to the entry before, or to position 0.
//
// Bound: a window has at most one digit in w positions, positions are 0 to 128: at most ceil(129 /
// w) digits, 26 at w = 5, so that a list has at most 4 x 26 = 104 entries.
// Throughput and latency: 129 positions, 20 words, and one cycle more for every further digit at
// one position: at most 228 cycles. Reset: control only.
// The caller writes 16 words, then raises start while busy is low; from then on it may write those
// of the next four scalars.
`default_nettype none

module sigv_recode #(
    // Width of the context number
    parameter  int unsigned CTX_W    = 5,
    // Window of k1 and k2, 5 or more for the bound on the list
    parameter  int unsigned Q_WINDOW = 5,
    // Window of lo and hi
    parameter  int unsigned G_WINDOW = 10,
    localparam int unsigned IDX_W    = (Q_WINDOW > G_WINDOW ? Q_WINDOW : G_WINDOW) - 2,
    localparam int unsigned ENTRY_W  = IDX_W + 11
) (
    input  wire logic               clk,
    input  wire logic               rst,            // synchronous, active high
    output wire logic               moves,          // the next edge of clk changes something here

    // Words in: 0 to 3 are k1, 4 to 7 k2, 8 to 11 lo, 12 to 15 hi; each without its sign
    input  wire logic               s_valid,
    input  wire logic [3:0]         s_index,
    input  wire logic [31:0]        s_word,

    input  wire logic               start,
    input  wire logic [CTX_W-1:0]   start_ctx,
    input  wire logic               start_negative1, // k1 < 0: its words are k1 + 2^128
    input  wire logic               start_negative2, // k2 < 0
    input  wire logic               start_negate_g,  // lo and hi are to be taken times -1
    output wire logic               busy,

    // List out
    output wire logic               m_list_we,
    output wire logic [CTX_W-1:0]   m_list_ctx,
    output wire logic [6:0]         m_list_addr,
    output wire logic [ENTRY_W-1:0] m_list_data,
    output wire logic               m_done_valid,
    output wire logic [CTX_W-1:0]   m_done_ctx,
    output wire logic [7:0]         m_done_count
);
  if (Q_WINDOW > 15 || G_WINDOW > 15) $error("a window above 15 bits is not supported");
  if (Q_WINDOW < 5 || G_WINDOW < 5) $error("a window below 5 may need more than 128 entries");

  localparam logic [7:0] LAST_POSITION = 8'd128;

  typedef enum logic [1:0] {
    StIdle,
    StFill,  // words into the windows
    StWalk,  // positions
    StDone
  } state_t;

  state_t           state_q;
  logic             bank_q;         // bank that is written; the other one is read
  logic [2:0]       fill_q;         // upper half, scalar
  logic [7:0]       position_q;
  logic [7:0]       last_q;         // position of the entry before
  logic [7:0]       count_q;
  logic [CTX_W-1:0] ctx_q;
  logic             negate_g_q;
  logic [1:0]       negative_q;

  logic [31:0]      mem[32];

  // What is left of each scalar, from this position up, of which at least 32 bits are loaded; the
  // carry of the digits so far, and the number of positions that can have none
  logic [63:0]      k1_q, k2_q, lo_q, hi_q;
  logic [3:0]       carry_q;
  logic [3:0]       k1_skip_q, k2_skip_q, lo_skip_q, hi_skip_q;

  // A digit is due where the lowest bit differs from the carry. Its value is {window[w-1:1], 1},
  // less 2^w where that is above half, and then there is a carry
  function automatic logic [IDX_W:0] q_digit(input logic [Q_WINDOW-1:1] window);
    q_digit = {window[Q_WINDOW-1],
               IDX_W'({IDX_W{window[Q_WINDOW-1]}} >> (IDX_W + 2 - Q_WINDOW))
                   ^ IDX_W'(window[Q_WINDOW-2:1])};
  endfunction
  function automatic logic [IDX_W:0] g_digit(input logic [G_WINDOW-1:1] window);
    g_digit = {window[G_WINDOW-1],
               IDX_W'({IDX_W{window[G_WINDOW-1]}} >> (IDX_W + 2 - G_WINDOW))
                   ^ IDX_W'(window[G_WINDOW-2:1])};
  endfunction

  // The topmost bit of a window is the carry, so that no digit is due there: w - 1 positions will do,
  // whether this one is among them or is left in the same cycle
  function automatic logic [3:0] skip_after(
      input logic [3:0] skip, input logic take, input logic next, input logic [3:0] window
  );
    skip_after = take ? window - 4'd1 : next && skip != '0 ? skip - 4'd1 : skip;
  endfunction

  logic               list_we_q, done_valid_q;
  logic [6:0]         list_addr_q;
  logic [ENTRY_W-1:0] list_data_q;

  always_ff @(posedge clk) begin : recoder
    logic [2:0]     word_index;
    logic [31:0]    word;
    logic [3:0]     due, take;
    logic           next;
    logic [1:0]     kind;
    logic [IDX_W:0] digit;

    list_we_q    <= 1'b0;
    done_valid_q <= 1'b0;
    unique case (state_q)
      // Of the digits due at a position, the one of the lowest kind; on when it is the only one
      StWalk: begin
        due  = {hi_q[0], lo_q[0], k2_q[0], k1_q[0]} ^ carry_q;
        due  = due & {hi_skip_q == '0, lo_skip_q == '0, k2_skip_q == '0, k1_skip_q == '0};
        take = due & (~due + 4'd1);
        next = due == take;
        if (take != '0) begin
          kind = {take[3] | take[2], take[3] | take[1]};
          unique case (kind)
            2'd0: digit = q_digit(k1_q[Q_WINDOW-1:1]);
            2'd1: digit = q_digit(k2_q[Q_WINDOW-1:1]);
            2'd2: digit = g_digit(lo_q[G_WINDOW-1:1]);
            default: digit = g_digit(hi_q[G_WINDOW-1:1]);
          endcase
          carry_q     <= (carry_q & ~take) | (take & {4{digit[IDX_W]}});
          list_we_q   <= 1'b1;
          list_addr_q <= count_q[6:0];
          list_data_q <= {position_q - last_q, kind, digit[IDX_W] ^ (kind[1] & negate_g_q),
                          digit[IDX_W-1:0]};
          last_q      <= position_q;
          count_q     <= count_q + 8'd1;
        end
        k1_skip_q <= skip_after(k1_skip_q, take[0], next, 4'(Q_WINDOW));
        k2_skip_q <= skip_after(k2_skip_q, take[1], next, 4'(Q_WINDOW));
        lo_skip_q <= skip_after(lo_skip_q, take[2], next, 4'(G_WINDOW));
        hi_skip_q <= skip_after(hi_skip_q, take[3], next, 4'(G_WINDOW));
        if (next) begin
          k1_q       <= k1_q >> 1;
          k2_q       <= k2_q >> 1;
          lo_q       <= lo_q >> 1;
          hi_q       <= hi_q >> 1;
          position_q <= position_q + 8'd1;
          fill_q     <= 3'd4;
          if (position_q[4:0] == 5'd31 && position_q[6:5] != 2'd3) state_q <= StFill;
          if (position_q == LAST_POSITION) state_q <= StDone;
        end
      end

      // Words 0 and 1 at first, then word i + 1 above what is left of word i; the sign above word 3
      StFill: begin
        word_index = {1'b0, position_q[6:5]} + {2'b00, fill_q[2]};
        word = !word_index[2] ? mem[{!bank_q, fill_q[1:0], word_index[1:0]}]
            : {32{!fill_q[1] && negative_q[fill_q[0]]}};
        unique case (fill_q)
          3'd0: k1_q[31:0] <= word;
          3'd1: k2_q[31:0] <= word;
          3'd2: lo_q[31:0] <= word;
          3'd3: hi_q[31:0] <= word;
          3'd4: k1_q[63:32] <= word;
          3'd5: k2_q[63:32] <= word;
          3'd6: lo_q[63:32] <= word;
          default: hi_q[63:32] <= word;
        endcase
        fill_q <= fill_q + 3'd1;
        if (fill_q == 3'd7) state_q <= StWalk;
      end

      StDone: begin
        state_q      <= StIdle;
        done_valid_q <= 1'b1;
      end

      default: begin
        if (start) begin
          state_q    <= StFill;
          bank_q     <= !bank_q;
          fill_q     <= '0;
          position_q <= '0;
          last_q     <= '0;
          count_q    <= '0;
          ctx_q      <= start_ctx;
          negate_g_q <= start_negate_g;
          negative_q <= {start_negative2, start_negative1};
          carry_q    <= '0;
          k1_skip_q  <= '0;
          k2_skip_q  <= '0;
          lo_skip_q  <= '0;
          hi_skip_q  <= '0;
        end
      end
    endcase
    if (rst) begin
      state_q      <= StIdle;
      bank_q       <= 1'b0;
      list_we_q    <= 1'b0;
      done_valid_q <= 1'b0;
    end
  end

  always_ff @(posedge clk) begin : words
    if (s_valid) mem[{bank_q, s_index}] <= s_word;
  end

  assign busy = state_q != StIdle;
  assign moves = busy || start || s_valid || list_we_q || done_valid_q;
  assign m_list_we = list_we_q;
  assign m_list_ctx = ctx_q;
  assign m_list_addr = list_addr_q;
  assign m_list_data = list_data_q;
  assign m_done_valid = done_valid_q;
  assign m_done_ctx = ctx_q;
  assign m_done_count = count_q;
endmodule

`default_nettype wire
