// SPDX-License-Identifier: Apache-2.0
// sigv_field: operand memories, multiplier and reduction: a slot of the microprogram goes through.
//
// A slot enters in cycle 1 and may follow another by MUL_II cycles. Operands are read from cycle 1 on,
// and the slot leaves in cycle LAST with its flags and its result, which is written then. Slots of one
// context must be LAST + 1 cycles apart or more. A slot with `go` low goes through without effect. `go`
// is cleared by reset; data is not.
`default_nettype none

module sigv_field #(
    // Contexts, up to 64
    parameter int unsigned CONTEXTS = 32,
    // Cycles that a product occupies the multiplier: 1, 2, 5 or 10
    parameter int unsigned MUL_II = 1,
    // Window of the signed digits of G
    parameter int unsigned G_WINDOW = 10,
    localparam int unsigned EXTRA = MUL_II > 1 ? MUL_II : 0,
    localparam int unsigned SLOT_W = 1 + 6 + sigv_microcode_pkg::INSTR_W
) (
    input  wire logic                clk,
    input  wire logic                rst,
    // Cycle 1: the slot, and the point of the digit list that it may name
    input  wire logic [  SLOT_W-1:0] s_slot,      // {go, context, microinstruction}
    input  wire logic [         1:0] s_kind,      // 0 Q, 1 lambda Q, 2 G, 3 2^128 G
    input  wire logic [G_WINDOW-3:0] s_idx,
    // Cycle 2: the word that source LOAD names
    input  wire logic [       255:0] load_word,
    output wire logic [       259:0] limbs        /*verilator split_var*/,
    // Cycle LAST - 1: the capture field of the slot
    output wire logic [         1:0] capture,
    // Cycle LAST - 1
    output wire logic [         5:0] coming_ctx,
    // Cycle LAST
    output wire logic [  SLOT_W-1:0] m_slot,
    output wire logic                zero,
    output wire logic                above,
    output wire logic                odd
);
  localparam int unsigned LIMBS = sigv_pkg::LIMBS;
  localparam int unsigned DIGITS = sigv_pkg::DIGITS;
  localparam int unsigned LAST = sigv_pkg::FIELD_CYCLES + EXTRA;
  localparam int unsigned CTX_W = CONTEXTS > 1 ? $clog2(CONTEXTS) : 1;
  localparam int unsigned REG_ADDR_W = CTX_W + sigv_microcode_pkg::REG_W;
  localparam int unsigned TABLE_ADDR_W = CTX_W + sigv_microcode_pkg::TABLE_W;

  // Fields
  localparam int unsigned CTX = sigv_microcode_pkg::INSTR_W;
  localparam int unsigned GO = CTX + 6;
  localparam int unsigned A = sigv_microcode_pkg::A_LSB;
  localparam int unsigned B1 = sigv_microcode_pkg::B1_LSB;
  localparam int unsigned SOURCE = sigv_microcode_pkg::SOURCE_LSB;
  localparam int unsigned B2 = sigv_microcode_pkg::B2_LSB;
  localparam int unsigned MB = sigv_microcode_pkg::MB_LSB;
  localparam int unsigned K = sigv_microcode_pkg::K_LSB;
  localparam int unsigned C = sigv_microcode_pkg::C_LSB;
  localparam int unsigned MC = sigv_microcode_pkg::MC_LSB;
  localparam int unsigned RD = sigv_microcode_pkg::RD_LSB;
  localparam int unsigned RD_WE = sigv_microcode_pkg::RD_WE_LSB;
  localparam int unsigned TD = sigv_microcode_pkg::TD_LSB;
  localparam int unsigned TD_WE = sigv_microcode_pkg::TD_WE_LSB;
  localparam int unsigned CAPTURE = sigv_microcode_pkg::CAPTURE_LSB;

  // Each stage looks at its own fields only.
  // verilator lint_off UNUSEDSIGNAL

  // The slot's way; `go` has a register of its own for the reset.
  logic [LAST:2] go;
  always_ff @(posedge clk) begin
    go <= {go[LAST-1:2], s_slot[GO]};
    if (rst) go <= '0;
  end
  for (genvar t = 1; t <= LAST; t++) begin : g_at
    wire [GO-1:0] slot;
    if (t == 1) begin : g_in
      assign slot = s_slot[GO-1:0];
    end else begin : g_next
      logic [GO-1:0] q;
      always_ff @(posedge clk) q <= g_at[t-1].slot;
      assign slot = q;
    end
  end
  assign capture = go[LAST-1] ? g_at[LAST-1].slot[CAPTURE+:2] : sigv_microcode_pkg::CAP_NONE;
  assign coming_ctx = g_at[LAST-1].slot[CTX+:6];
  assign m_slot = {go[LAST], g_at[LAST].slot};

  // Cycle 1: addresses
  wire [GO-1:0] slot_1 = g_at[1].slot;
  wire [CTX_W-1:0] ctx_1 = slot_1[CTX+:CTX_W];
  wire [2:0] source_1 = slot_1[SOURCE+:3];
  wire entry_x_1 = source_1 == sigv_microcode_pkg::SRC_ENTRY_X;
  wire entry_y_1 = source_1 == sigv_microcode_pkg::SRC_ENTRY_Y;
  wire from_entry_1 = entry_x_1 || entry_y_1;
  wire from_g_1 = from_entry_1 && s_kind[1];
  wire from_table_1 =
      source_1 == sigv_microcode_pkg::SRC_TABLE || (from_entry_1 && !s_kind[1]);
  wire [4:0] entry_word = 5'(s_idx[2:0]) | (entry_y_1 ? sigv_microcode_pkg::TABLE_Y :
      s_kind[0] ? sigv_microcode_pkg::TABLE_BETA_X : 5'd0);
  wire [4:0] word_1 = from_entry_1 ? entry_word : slot_1[B1+:5];

  // Cycle 2: which source
  logic from_reg_2, from_table_2, from_g_2, from_load_2;
  always_ff @(posedge clk) begin
    from_reg_2 <= source_1 == sigv_microcode_pkg::SRC_REG;
    from_load_2 <= source_1 == sigv_microcode_pkg::SRC_LOAD;
    from_table_2 <= from_table_1;
    from_g_2 <= from_g_1;
  end
  wire [GO-1:0] slot_2 = g_at[2].slot;
  wire [259:0] g_point  /*verilator split_var*/;
  sigv_gtable #(
      .G_WINDOW(G_WINDOW)
  ) u_gtable (
      .clk,
      .en(1'b1),
      .addr({s_kind[0], s_idx, entry_y_1}),
      .point(g_point)
  );

  // Later cycles
  wire [GO-1:0] slot_3 = g_at[3].slot;
  wire [GO-1:0] slot_a = g_at[5].slot;
  wire [GO-1:0] slot_c = g_at[7+EXTRA].slot;
  wire [GO-1:0] slot_mc = g_at[8+EXTRA].slot;

  // verilator lint_on UNUSEDSIGNAL
  wire [5*52-1:0] a_digits  /*verilator split_var*/;
  wire [5*52-1:0] b1  /*verilator split_var*/;
  wire [5*52-1:0] b2  /*verilator split_var*/;
  wire [5*52-1:0] c_digits  /*verilator split_var*/;
  wire [5*52-1:0] word  /*verilator split_var*/;
  // Not in reset: whatever the flip-flops wake up with must not reach the constant 1.
  wire [GO-1:0] slot_w = g_at[LAST].slot;
  wire go_w = go[LAST] && !rst;
  wire reg_we = go_w && slot_w[RD_WE];
  wire table_we = go_w && slot_w[TD_WE];
  for (genvar i = 0; i < DIGITS; i++) begin : g_lane
    sigv_lane #(
        .DIGIT(i),
        .REG_ADDR_W(REG_ADDR_W),
        .TABLE_ADDR_W(TABLE_ADDR_W)
    ) u_lane (
        .clk,
        .a_addr({slot_a[CTX+:CTX_W], slot_a[A+:4]}),
        .a(a_digits[52*i+:52]),
        .b1_addr({ctx_1, slot_1[B1+:4]}),
        .b1(b1[52*i+:52]),
        .b2_addr({ctx_1, slot_1[B2+:4]}),
        .b2(b2[52*i+:52]),
        .c_addr({slot_c[CTX+:CTX_W], slot_c[C+:4]}),
        .c(c_digits[52*i+:52]),
        .table_addr({ctx_1, word_1}),
        .word(word[52*i+:52]),
        .reg_we,
        .reg_addr({slot_w[CTX+:CTX_W], slot_w[RD+:4]}),
        .table_we,
        .table_waddr({slot_w[CTX+:CTX_W], slot_w[TD+:5]}),
        .w_digit(limbs[52*i+:52])
    );
  end

  // Factor A: limbs
  wire [10*26-1:0] a  /*verilator split_var*/;
  for (genvar k = 0; k < LIMBS; k++) begin : g_a
    logic [25:0] q;
    always_ff @(posedge clk) if (go[6]) q <= a_digits[26*k+:26];
    assign a[26*k+:26] = q;
  end

  // Factor B
  wire [5*55-1:0] b_digits  /*verilator split_var*/;
  wire [10*26-1:0] b  /*verilator split_var*/;
  sigv_factor u_factor (
      .clk,
      .start(go[2]),
      .from_reg(from_reg_2),
      .b1,
      .from_table(from_table_2),
      .word,
      .from_g(from_g_2),
      .g_point,
      .from_load(from_load_2),
      .load_word,
      .from_n(slot_2[B1]),
      .b2,
      .mb(slot_2[MB+:2]),
      .k(slot_3[K+:3]),
      .b(b_digits)
  );

  // Summand C: 0, C, 2C or 3p less them, as 3p + 1 + ~C
  wire [5*54-1:0] c  /*verilator split_var*/;
  wire [2:0] mc = slot_mc[MC+:3];  // [0] in use, [1] -, [2] twice
  wire [53:0] adds = {54{mc[0]}};
  wire [53:0] subtracts = {54{mc[1]}};
  for (genvar i = 0; i < DIGITS; i++) begin : g_c
    localparam logic [53:0] P3_1 = sigv_pkg::P3[54*i+:54] + 54'd1;
    logic [53:0] q;
    wire [53:0] scaled = 54'(c_digits[52*i+:52]) << mc[2];
    always_ff @(posedge clk) begin
      if (go[8+EXTRA]) q <= ((P3_1 & subtracts) + (scaled ^ subtracts)) & adds;
    end
    assign c[54*i+:54] = q;
  end

  wire [5*52-1:0] b_coming  /*verilator split_var*/;
  sigv_carry #(
      .PART_W(sigv_pkg::LIMB_W)
  ) u_carry (
      .clk,
      .start(go[4]),
      .s_digits(b_digits),
      .m_coming(b_coming),
      .m_digits(b)
  );
  wire unused_coming = &{1'b0, b_coming};
  wire [19*56-1:0] cols  /*verilator split_var*/;
  sigv_mul #(
      .II(MUL_II)
  ) u_mul (
      .clk,
      .start(go[7]),
      .a,
      .b,
      .c,
      .cols
  );
  sigv_fold u_fold (
      .clk,
      .start(go[LAST-8]),
      .cols,
      .limbs,
      .zero,
      .above,
      .odd
  );
endmodule

`default_nettype wire
