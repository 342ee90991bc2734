// SPDX-License-Identifier: Apache-2.0
// sigv_scalar_mac: from z, y and w to u1 = z w mod n and the two halves k1 + k2 lambda = y w mod n.
//
// A machine with one 32 x 32 multiplier that scans products column by column: an operation is
//   result[k] = addend[k] +- sum over i + j = k of A[i] B[j],  k = 0, 1, ..., with carries,
// and the program is sixteen operations that run back to back. The program interleaves the
// reductions of u1 and u2, which hides the pipeline: an operation reads no word in the six slots
// after it is issued.
//   n = 2^256 - c folds: T = A B; T = lo + hi c, twice, leaves q 2^256 + lo with q < 8; then the
//   quotient by n is q or q + 1, and lo + (q + 1) c carries into 2^256 just where it is q + 1.
//   The split is that of Gallant, Lambert and Vanstone with libsecp256k1's constants and rounding:
//   c1 = round(u2 g1 / 2^384), c2 = round(u2 g2 / 2^384), k1 = u2 - c1 a1 - c2 a2,
//   k2 = -c1 b1 - c2 b2, |k1|, |k2| < 2^128, written in two's complement.
//
// Throughput and latency: one job in 484 cycles. Reset: control only.
// The caller writes z and y through job_*, w through inv_*, into one of two banks; then start with
// that bank, while busy is low. The bank is the caller's again when done has been high.
`default_nettype none

module sigv_scalar_mac (
    input  wire logic        clk,
    input  wire logic        rst,         // synchronous, active high
    output wire logic        moves,       // the next edge of clk changes something here

    // Operands in, little-endian words; bit 3 of an index is the bank
    input  wire logic        job_valid,
    input  wire logic [3:0]  job_index,
    input  wire logic [31:0] job_z,       // any value
    input  wire logic [31:0] job_y,       // below n
    input  wire logic        inv_valid,
    input  wire logic [3:0]  inv_index,
    input  wire logic [31:0] inv_w,       // below n

    input  wire logic        start,
    input  wire logic        start_bank,
    output wire logic        busy,
    output wire logic        done,        // one cycle, with or after the last word

    // Words out: 0 to 3 are k1, 4 to 7 are k2, 8 to 15 are u1
    output wire logic        m_valid,
    output wire logic [3:0]  m_index,
    output wire logic [31:0] m_word,
    output wire logic        m_negative1, // sign of k1; good when done
    output wire logic        m_negative2  // sign of k2
);
  // ---- constants, by word ----

  localparam logic [5:0] ROM_W = 6'h00;   // w of the bank, 8 words
  localparam logic [5:0] ROM_C = 6'h10;   // c = 2^256 - n, 5 words
  localparam logic [5:0] ROM_G1 = 6'h18;  // round(2^384 b2 / n), 8 words
  localparam logic [5:0] ROM_G2 = 6'h20;  // round(-2^384 b1 / n), 8 words
  localparam logic [5:0] ROM_A1 = 6'h28;  // a1 = b2, 4 words
  localparam logic [5:0] ROM_B1 = 6'h2c;  // -b1, 4 words
  localparam logic [5:0] ROM_A2 = 6'h30;  // a2 = a1 - b1, 5 words

  function automatic logic [31:0] rom(input logic [5:0] index);
    unique case (index)
      ROM_C + 6'd0: rom = 32'h2fc9bebf;
      ROM_C + 6'd1: rom = 32'h402da173;
      ROM_C + 6'd2: rom = 32'h50b75fc4;
      ROM_C + 6'd3: rom = 32'h45512319;
      ROM_C + 6'd4: rom = 32'h00000001;
      ROM_G1 + 6'd0: rom = 32'h45dbb031;
      ROM_G1 + 6'd1: rom = 32'he893209a;
      ROM_G1 + 6'd2: rom = 32'h71e8ca7f;
      ROM_G1 + 6'd3: rom = 32'h3daa8a14;
      ROM_G1 + 6'd4, ROM_A1 + 6'd0: rom = 32'h9284eb15;
      ROM_G1 + 6'd5, ROM_A1 + 6'd1: rom = 32'he86c90e4;
      ROM_G1 + 6'd6, ROM_A1 + 6'd2: rom = 32'ha7d46bcd;
      ROM_G1 + 6'd7, ROM_A1 + 6'd3: rom = 32'h3086d221;
      ROM_G2 + 6'd0: rom = 32'h8ac47f71;
      ROM_G2 + 6'd1: rom = 32'h1571b4ae;
      ROM_G2 + 6'd2: rom = 32'h9df506c6;
      ROM_G2 + 6'd3: rom = 32'h221208ac;
      ROM_G2 + 6'd4: rom = 32'h0abfe4c4;
      ROM_B1 + 6'd0: rom = 32'h0abfe4c3;
      ROM_G2 + 6'd5, ROM_B1 + 6'd1: rom = 32'h6f547fa9;
      ROM_G2 + 6'd6, ROM_B1 + 6'd2: rom = 32'h010e8828;
      ROM_G2 + 6'd7, ROM_B1 + 6'd3: rom = 32'he4437ed6;
      ROM_A2 + 6'd0: rom = 32'h9d44cfd8;
      ROM_A2 + 6'd1: rom = 32'h57c1108d;
      ROM_A2 + 6'd2: rom = 32'ha8e2f3f6;
      ROM_A2 + 6'd3: rom = 32'h14ca50f7;
      ROM_A2 + 6'd4: rom = 32'h00000001;
      default: rom = '0;
    endcase
  endfunction

  // ---- program ----

  // Work memory: two products of 16 words, and the split
  localparam logic [5:0] T1 = 6'd0;
  localparam logic [5:0] T2 = 6'd16;
  localparam logic [5:0] C1 = 6'd32;
  localparam logic [5:0] C2 = 6'd36;
  localparam logic [5:0] X = 6'd40;
  localparam logic [5:0] Y = 6'd48;

  typedef enum logic [1:0] {
    FromZ,
    FromY,
    FromWork,
    FromQuotient  // one word: the quotient by n
  } source_t;
  typedef enum logic [1:0] {
    AddNothing,
    AddWork,      // words 0 to 7 from add_base on
    AddHalf       // 2^383, to round
  } addend_t;
  typedef enum logic [2:0] {
    PutNothing,
    PutWork,      // words from column 0 on
    PutHigh,      // words from column 12 on
    PutOut,       // words of the result
    PutSplit      // four words of the result and the sign
  } put_t;
  typedef enum logic [1:0] {
    QuotientKeep,
    QuotientSet,  // the topmost word, plus one
    QuotientFix   // one less where the topmost word is zero
  } quotient_t;

  typedef struct packed {
    source_t    a_source;
    logic [5:0] a_base;    // in work memory
    logic [2:0] a_last;    // index of the last word
    logic [5:0] b_base;    // ROM_*
    logic [2:0] b_last;
    logic       subtract;
    addend_t    addend;
    logic [5:0] add_base;
    logic [3:0] k_last;    // last column
    put_t       put;
    logic [5:0] put_base;
    quotient_t  quotient;
    logic       which;     // quotient of T1 or T2; of PutSplit: k1 or k2
  } op_t;
  localparam int unsigned OP_W = 45;  // bits of op_t

  // The words of a fold, lo + hi c: 16 become 13, 13 become 9
  function automatic logic [OP_W-1:0] program_at(input logic [3:0] pc);
    unique case (pc)
      4'd0: program_at = {FromZ, 6'd0, 3'd7, ROM_W, 3'd7, 1'b0, AddNothing, 6'd0,
                          4'd15, PutWork, T1, QuotientKeep, 1'b0};
      4'd1: program_at = {FromY, 6'd0, 3'd7, ROM_W, 3'd7, 1'b0, AddNothing, 6'd0,
                          4'd15, PutWork, T2, QuotientKeep, 1'b1};
      4'd2: program_at = {FromWork, T1 + 6'd8, 3'd7, ROM_C, 3'd4, 1'b0, AddWork, T1,
                          4'd12, PutWork, T1, QuotientKeep, 1'b0};
      4'd3: program_at = {FromWork, T2 + 6'd8, 3'd7, ROM_C, 3'd4, 1'b0, AddWork, T2,
                          4'd12, PutWork, T2, QuotientKeep, 1'b1};
      4'd4: program_at = {FromWork, T1 + 6'd8, 3'd4, ROM_C, 3'd4, 1'b0, AddWork, T1,
                          4'd8, PutWork, T1, QuotientSet, 1'b0};
      4'd5: program_at = {FromWork, T2 + 6'd8, 3'd4, ROM_C, 3'd4, 1'b0, AddWork, T2,
                          4'd8, PutWork, T2, QuotientSet, 1'b1};
      4'd6: program_at = {FromQuotient, 6'd0, 3'd0, ROM_C, 3'd4, 1'b0, AddWork, T1,
                          4'd8, PutNothing, 6'd0, QuotientFix, 1'b0};
      4'd7: program_at = {FromQuotient, 6'd0, 3'd0, ROM_C, 3'd4, 1'b0, AddWork, T2,
                          4'd8, PutNothing, 6'd0, QuotientFix, 1'b1};
      4'd8: program_at = {FromQuotient, 6'd0, 3'd0, ROM_C, 3'd4, 1'b0, AddWork, T1,
                          4'd7, PutOut, 6'd8, QuotientKeep, 1'b0};
      4'd9: program_at = {FromQuotient, 6'd0, 3'd0, ROM_C, 3'd4, 1'b0, AddWork, T2,
                          4'd7, PutWork, T2, QuotientKeep, 1'b1};
      4'd10: program_at = {FromWork, T2, 3'd7, ROM_G1, 3'd7, 1'b0, AddHalf, 6'd0,
                           4'd15, PutHigh, C1, QuotientKeep, 1'b0};
      4'd11: program_at = {FromWork, T2, 3'd7, ROM_G2, 3'd7, 1'b0, AddHalf, 6'd0,
                           4'd15, PutHigh, C2, QuotientKeep, 1'b0};
      4'd12: program_at = {FromWork, C1, 3'd3, ROM_B1, 3'd3, 1'b0, AddNothing, 6'd0,
                           4'd4, PutWork, X, QuotientKeep, 1'b0};
      4'd13: program_at = {FromWork, C1, 3'd3, ROM_A1, 3'd3, 1'b1, AddWork, T2,
                           4'd4, PutWork, Y, QuotientKeep, 1'b0};
      4'd14: program_at = {FromWork, C2, 3'd3, ROM_A1, 3'd3, 1'b1, AddWork, X,
                           4'd4, PutSplit, 6'd4, QuotientKeep, 1'b1};
      default: program_at = {FromWork, C2, 3'd3, ROM_A2, 3'd4, 1'b1, AddWork, Y,
                             4'd4, PutSplit, 6'd0, QuotientKeep, 1'b0};
    endcase
  endfunction

  // ---- memories ----

  logic [31:0] z_mem[16];
  logic [31:0] y_mem[16];
  logic [31:0] w_mem[16];
  logic [31:0] work_mem[64];
  logic [3:0]  quotient1_q, quotient2_q;

  // ---- slots: one product each ----

  logic       run_q, bank_q;
  logic [3:0] pc_q, column_q;
  logic [2:0] i_q;        // word of A
  logic [2:0] j_q;        // word of B
  logic       empty_q;    // a column without products
  logic       first_q;    // first slot of its column
  op_t        op_q;

  // ---- stage 1: operands; 2 and 3: product; 4: column ----

  typedef struct packed {
    logic       first;     // first slot of its column
    logic       last;      // last slot of its column
    logic       subtract;
  } step_t;
  typedef struct packed {
    logic       begins;    // the first column
    logic       top;       // the last column
    logic       ends;      // of the last operation
    logic [3:0] column;
    put_t       put;
    logic [5:0] put_base;
    quotient_t  quotient;
    logic       which;
  } tag_t;

  logic               valid1_q, valid2_q, valid3_q, valid4_q;
  tag_t               tag1_q, tag2_q, tag3_q, tag4_q;
  step_t              step1_q, step2_q, step3_q;
  logic [31:0]        a_q, b_q, add1_q, add2_q, add3_q;
  logic [63:0]        product_q, retimed_q;
  logic signed [39:0] low_q, high_q, carry_q;  // sums of low and of high halves

  always_ff @(posedge clk) begin : slots
    logic       last_slot, last_column, last_op;
    logic [3:0] column;

    valid1_q <= run_q;
    if (run_q) begin
      last_slot   = empty_q || i_q == op_q.a_last || j_q == '0;
      last_column = column_q == op_q.k_last;
      last_op     = pc_q == 4'd15;

      step1_q <= {first_q, last_slot, op_q.subtract};
      tag1_q  <= {column_q == '0, last_column, last_op, column_q,
                  op_q.put, op_q.put_base, op_q.quotient, op_q.which};
      if (empty_q) begin
        a_q <= '0;
      end else begin
        unique case (op_q.a_source)
          FromZ: a_q <= z_mem[{bank_q, i_q}];
          FromY: a_q <= y_mem[{bank_q, i_q}];
          FromWork: a_q <= work_mem[op_q.a_base + {3'd0, i_q}];
          default: a_q <= {28'd0, op_q.which ? quotient2_q : quotient1_q};
        endcase
      end
      b_q    <= op_q.b_base == ROM_W ? w_mem[{bank_q, j_q}] : rom(op_q.b_base + {3'd0, j_q});
      add1_q <= '0;
      if (op_q.addend == AddWork && !column_q[3]) begin
        add1_q <= work_mem[op_q.add_base + {3'd0, column_q[2:0]}];
      end
      if (op_q.addend == AddHalf && column_q == 4'd11) add1_q <= 32'h80000000;

      first_q <= last_slot;
      if (!last_slot) begin
        i_q <= i_q + 3'd1;
        j_q <= j_q - 3'd1;
      end else if (!last_column) begin
        column = column_q + 4'd1;
        column_q <= column;
        j_q      <= column > {1'b0, op_q.b_last} ? op_q.b_last : column[2:0];
        i_q      <= column > {1'b0, op_q.b_last} ? 3'(column - {1'b0, op_q.b_last}) : '0;
        empty_q  <= column > {1'b0, op_q.b_last} + {1'b0, op_q.a_last};
      end else begin
        pc_q     <= pc_q + 4'd1;
        op_q     <= program_at(pc_q + 4'd1);
        column_q <= '0;
        i_q      <= '0;
        j_q      <= '0;
        empty_q  <= 1'b0;
        if (last_op) run_q <= 1'b0;
      end
    end else if (start) begin
      run_q    <= 1'b1;
      bank_q   <= start_bank;
      pc_q     <= '0;
      op_q     <= program_at('0);
      column_q <= '0;
      i_q      <= '0;
      j_q      <= '0;
      empty_q  <= 1'b0;
      first_q  <= 1'b1;
    end
    if (rst) {run_q, valid1_q} <= '0;
  end

  always_ff @(posedge clk) begin : products
    logic signed [39:0] low, high;

    valid4_q <= valid3_q && step3_q.last;
    valid3_q <= valid2_q;
    valid2_q <= valid1_q;
    if (valid3_q) begin
      tag4_q <= tag3_q;
      low    = step3_q.first ? $signed({8'd0, add3_q}) : low_q;
      high   = step3_q.first ? 40'sd0 : high_q;
      low_q  <= step3_q.subtract ? low - $signed({8'd0, retimed_q[31:0]})
                                 : low + $signed({8'd0, retimed_q[31:0]});
      high_q <= step3_q.subtract ? high - $signed({8'd0, retimed_q[63:32]})
                                 : high + $signed({8'd0, retimed_q[63:32]});
    end
    if (valid2_q) begin
      step3_q   <= step2_q;
      tag3_q    <= tag2_q;
      add3_q    <= add2_q;
      retimed_q <= product_q;
    end
    if (valid1_q) begin
      step2_q   <= step1_q;
      tag2_q    <= tag1_q;
      add2_q    <= add1_q;
      product_q <= a_q * b_q;
    end
    if (rst) {valid2_q, valid3_q, valid4_q} <= '0;
  end

  // ---- words out of columns ----

  logic        m_valid_q, done_q, negative1_q, negative2_q;
  logic [3:0]  m_index_q;
  logic [31:0] m_word_q;

  always_ff @(posedge clk) begin : words
    logic signed [39:0] total;

    m_valid_q <= 1'b0;
    done_q    <= 1'b0;
    if (valid4_q) begin
      total = tag4_q.begins ? low_q : low_q + carry_q;
      carry_q <= high_q + (total >>> 32);
      if (tag4_q.put == PutWork || (tag4_q.put == PutHigh && tag4_q.column >= 4'd12)) begin
        work_mem[tag4_q.put_base
            + {2'd0, tag4_q.put == PutHigh ? tag4_q.column - 4'd12 : tag4_q.column}] <= total[31:0];
      end
      if (tag4_q.put == PutOut || (tag4_q.put == PutSplit && !tag4_q.top)) m_valid_q <= 1'b1;
      m_index_q <= tag4_q.put_base[3:0] + tag4_q.column;
      m_word_q  <= total[31:0];
      if (tag4_q.put == PutSplit && tag4_q.top) begin
        if (tag4_q.which) negative2_q <= total[31];
        else negative1_q <= total[31];
      end
      if (tag4_q.top && tag4_q.quotient == QuotientSet) begin
        if (tag4_q.which) quotient2_q <= total[3:0] + 4'd1;
        else quotient1_q <= total[3:0] + 4'd1;
      end
      if (tag4_q.top && tag4_q.quotient == QuotientFix && total[31:0] == '0) begin
        if (tag4_q.which) quotient2_q <= quotient2_q - 4'd1;
        else quotient1_q <= quotient1_q - 4'd1;
      end
      done_q <= tag4_q.top && tag4_q.ends;
    end
    if (rst) {m_valid_q, done_q} <= '0;
  end

  always_ff @(posedge clk) begin : operand_memories
    if (job_valid) begin
      z_mem[job_index] <= job_z;
      y_mem[job_index] <= job_y;
    end
    if (inv_valid) w_mem[inv_index] <= inv_w;
  end

  assign busy = run_q || valid1_q || valid2_q || valid3_q || valid4_q;
  assign moves = busy || start || job_valid || inv_valid || m_valid_q || done_q;
  assign done = done_q;
  assign m_valid = m_valid_q;
  assign m_index = m_index_q;
  assign m_word = m_word_q;
  assign m_negative1 = negative1_q;
  assign m_negative2 = negative2_q;
endmodule

`default_nettype wire
