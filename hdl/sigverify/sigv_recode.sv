// SPDX-License-Identifier: Apache-2.0
// sigv_recode: four scalars into one list of signed digits, for the interleaved (Strauss) evaluation.
//
// The scalars k1, k2 (times Q and lambda Q) and lo, hi (times G and 2^128 G) are taken to non-adjacent
// form with windows of Q_WINDOW and G_WINDOW bits, all positions in step. Entries go out from the
// lowest position up: {dbl[7:0], kind[1:0], negative, index[IDX_W-1:0]}; the digit is 2 index + 1 or
// its negative, dbl the distance to the entry before, or to position 0.
//
// Bound: a window has at most one digit in w positions, positions are 0 to 128: at most ceil(129 / w)
// digits, 26 at w = 5, so that a list has at most 4 x 26 = 104 entries.
// Throughput and latency: 129 positions, 20 words, and one cycle more for every further digit at one
// position: at most 228 cycles. Reset: control only.
// The caller writes 16 words, then raises start while busy is low; from then on it may write those of
// the next four scalars.
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

  // ---- windows ----

  logic [2:0]  word_index;
  logic [31:0] word;
  logic [3:0]  due, take;
  logic        next;

  // Beyond the four words there is the sign
  assign word_index = {1'b0, position_q[6:5]} + {2'b00, fill_q[2]};
  assign word = !word_index[2] ? mem[{!bank_q, fill_q[1:0], word_index[1:0]}]
      : {32{!fill_q[1] && negative_q[fill_q[0]]}};

  // Of the digits due at a position, the one of the lowest kind
  assign take = state_q == StWalk ? due & (~due + 4'd1) : '0;
  assign next = state_q == StWalk && due == take;

  logic [3:0]       negative;
  logic [IDX_W-1:0] index0, index1, index2, index3;

  sigv_recode_window #(
      .WINDOW(Q_WINDOW),
      .IDX_W (IDX_W)
  ) window_k1 (
      .clk         (clk),
      .begin_scalar(start),
      .load_low    (state_q == StFill && fill_q == 3'd0),
      .load_high   (state_q == StFill && fill_q == 3'd4),
      .word        (word),
      .take        (take[0]),
      .next        (next),
      .due         (due[0]),
      .negative    (negative[0]),
      .index       (index0)
  );

  sigv_recode_window #(
      .WINDOW(Q_WINDOW),
      .IDX_W (IDX_W)
  ) window_k2 (
      .clk         (clk),
      .begin_scalar(start),
      .load_low    (state_q == StFill && fill_q == 3'd1),
      .load_high   (state_q == StFill && fill_q == 3'd5),
      .word        (word),
      .take        (take[1]),
      .next        (next),
      .due         (due[1]),
      .negative    (negative[1]),
      .index       (index1)
  );

  sigv_recode_window #(
      .WINDOW(G_WINDOW),
      .IDX_W (IDX_W)
  ) window_lo (
      .clk         (clk),
      .begin_scalar(start),
      .load_low    (state_q == StFill && fill_q == 3'd2),
      .load_high   (state_q == StFill && fill_q == 3'd6),
      .word        (word),
      .take        (take[2]),
      .next        (next),
      .due         (due[2]),
      .negative    (negative[2]),
      .index       (index2)
  );

  sigv_recode_window #(
      .WINDOW(G_WINDOW),
      .IDX_W (IDX_W)
  ) window_hi (
      .clk         (clk),
      .begin_scalar(start),
      .load_low    (state_q == StFill && fill_q == 3'd3),
      .load_high   (state_q == StFill && fill_q == 3'd7),
      .word        (word),
      .take        (take[3]),
      .next        (next),
      .due         (due[3]),
      .negative    (negative[3]),
      .index       (index3)
  );

  // ---- sequence ----

  always_ff @(posedge clk) begin : sequencer
    unique case (state_q)
      StIdle: begin
        if (start) begin
          state_q    <= StFill;
          bank_q     <= !bank_q;
          fill_q     <= '0;
          position_q <= '0;
          ctx_q      <= start_ctx;
          negate_g_q <= start_negate_g;
          negative_q <= {start_negative2, start_negative1};
        end
      end
      StFill: begin
        fill_q <= fill_q + 3'd1;
        if (fill_q == 3'd7) state_q <= StWalk;
      end
      StWalk: begin
        if (next) begin
          position_q <= position_q + 8'd1;
          fill_q     <= 3'd4;
          if (position_q[4:0] == 5'd31 && position_q[6:5] != 2'd3) state_q <= StFill;
          if (position_q == LAST_POSITION) state_q <= StDone;
        end
      end
      default: state_q <= StIdle;
    endcase
    if (rst) begin
      state_q <= StIdle;
      bank_q  <= 1'b0;
    end
  end

  assign busy = state_q != StIdle;

  always_ff @(posedge clk) begin : words
    if (s_valid) mem[{bank_q, s_index}] <= s_word;
  end

  // ---- list ----

  logic               list_we_q, done_valid_q;
  logic [6:0]         list_addr_q;
  logic [ENTRY_W-1:0] list_data_q;

  always_ff @(posedge clk) begin : list
    list_we_q    <= 1'b0;
    done_valid_q <= state_q == StDone;
    if (start) begin
      last_q  <= '0;
      count_q <= '0;
    end
    if (take != '0) begin
      list_we_q   <= 1'b1;
      list_addr_q <= count_q[6:0];
      last_q      <= position_q;
      count_q     <= count_q + 8'd1;
      unique case (1'b1)
        take[0]: list_data_q <= {position_q - last_q, 2'd0, negative[0], index0};
        take[1]: list_data_q <= {position_q - last_q, 2'd1, negative[1], index1};
        take[2]: list_data_q <= {position_q - last_q, 2'd2, negative[2] ^ negate_g_q, index2};
        default: list_data_q <= {position_q - last_q, 2'd3, negative[3] ^ negate_g_q, index3};
      endcase
    end
    if (rst) {list_we_q, done_valid_q} <= '0;
  end

  assign m_list_we = list_we_q;
  assign m_list_ctx = ctx_q;
  assign m_list_addr = list_addr_q;
  assign m_list_data = list_data_q;
  assign m_done_valid = done_valid_q;
  assign m_done_ctx = ctx_q;
  assign m_done_count = count_q;
endmodule

`default_nettype wire
