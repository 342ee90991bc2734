// SPDX-License-Identifier: Apache-2.0
// rv32: a small RV32I processor with one AXI4-Lite port for instructions and data.
//
// At most two bus accesses for an instruction, no pipeline: some eight cycles each on a quick bus.
// It has the integer instructions of RV32I but for bytes and halfwords, FENCE and CSRs; ECALL stops
// it, and so do an illegal instruction, an address that is not aligned, and a refused bus access.
`default_nettype none

module rv32 #(
    // Address of the first instruction
    parameter logic [31:0] START = 32'h0
) (
    input  wire logic        clk,
    input  wire logic        rst,             // synchronous, active high

    // What became of each instruction, for one cycle
    output logic             done_valid,
    output logic      [31:0] done_pc,
    output logic      [4:0]  done_rd,         // 0 when nothing was written
    output logic      [31:0] done_value,

    // Stopped: 0 not, 1 ECALL, 2 illegal instruction, 3 not aligned, 4 bus
    output logic      [2:0]  stopped,

    output wire logic [31:0] m_axil_awaddr,
    output wire logic        m_axil_awvalid,
    input  wire logic        m_axil_awready,
    output wire logic [31:0] m_axil_wdata,
    output wire logic [3:0]  m_axil_wstrb,
    output wire logic        m_axil_wvalid,
    input  wire logic        m_axil_wready,
    input  wire logic [1:0]  m_axil_bresp,
    input  wire logic        m_axil_bvalid,
    output wire logic        m_axil_bready,
    output wire logic [31:0] m_axil_araddr,
    output wire logic        m_axil_arvalid,
    input  wire logic        m_axil_arready,
    input  wire logic [31:0] m_axil_rdata,
    input  wire logic [1:0]  m_axil_rresp,
    input  wire logic        m_axil_rvalid,
    output wire logic        m_axil_rready
);
  typedef enum logic [2:0] {StFetch, StInstruction, StExecute, StLoad, StStore} state_e;

  state_e      state_q;
  logic        offer_q;    // the read address is offered
  logic        aw_q, w_q;  // the write's address and data are offered
  logic [31:0] pc_q;
  logic [31:0] ir_q;
  logic [31:0] x_q[32];
  logic [31:0] addr_q;

  wire logic [6:0] opcode = ir_q[6:0];
  wire logic [2:0] funct3 = ir_q[14:12];
  wire logic [4:0] rd = ir_q[11:7];
  wire logic [31:0] rs1 = ir_q[19:15] == 0 ? 32'd0 : x_q[ir_q[19:15]];
  wire logic [31:0] rs2 = ir_q[24:20] == 0 ? 32'd0 : x_q[ir_q[24:20]];

  wire logic [31:0] imm_i = {{20{ir_q[31]}}, ir_q[31:20]};
  wire logic [31:0] imm_s = {{20{ir_q[31]}}, ir_q[31:25], ir_q[11:7]};
  wire logic [31:0] imm_b = {{20{ir_q[31]}}, ir_q[7], ir_q[30:25], ir_q[11:8], 1'b0};
  wire logic [31:0] imm_u = {ir_q[31:12], 12'd0};
  wire logic [31:0] imm_j = {{12{ir_q[31]}}, ir_q[19:12], ir_q[20], ir_q[30:21], 1'b0};

  localparam logic [6:0] LUI = 7'h37, AUIPC = 7'h17, JAL = 7'h6f, JALR = 7'h67, BRANCH = 7'h63;
  localparam logic [6:0] LOAD = 7'h03, STORE = 7'h23, OP_IMM = 7'h13, OP = 7'h33;
  localparam logic [31:0] ECALL = 32'h0000_0073;

  // Arithmetic
  wire logic [31:0] operand = opcode == OP ? rs2 : imm_i;
  wire logic [4:0] shift = operand[4:0];
  wire logic is_alternate = ir_q[30] && (opcode == OP || funct3 == 3'd5);
  wire logic is_less = $signed(rs1) < $signed(operand);
  wire logic is_below = rs1 < operand;
  logic [31:0] result;

  always_comb begin
    unique case (funct3)
      3'd0: result = is_alternate ? rs1 - operand : rs1 + operand;
      3'd1: result = rs1 << shift;
      3'd2: result = {31'd0, is_less};
      3'd3: result = {31'd0, is_below};
      3'd4: result = rs1 ^ operand;
      3'd5: result = is_alternate ? $unsigned($signed(rs1) >>> shift) : rs1 >> shift;
      3'd6: result = rs1 | operand;
      default: result = rs1 & operand;
    endcase
  end

  // Branches: funct3 is EQ, NE, -, -, LT, GE, LTU, GEU
  wire logic is_equal = rs1 == rs2;
  wire logic compare = funct3[2] ? (funct3[1] ? rs1 < rs2 : $signed(rs1) < $signed(rs2)) : is_equal;
  wire logic is_taken = compare ^ funct3[0];

  // What is no instruction of this processor
  logic is_legal;

  always_comb begin
    unique case (opcode)
      LUI, AUIPC, JAL: is_legal = 1'b1;
      JALR: is_legal = funct3 == 3'd0;
      BRANCH: is_legal = funct3 != 3'd2 && funct3 != 3'd3;
      LOAD, STORE: is_legal = funct3 == 3'd2;
      OP_IMM: begin
        if (funct3 == 3'd1) is_legal = ir_q[31:25] == 7'd0;
        else if (funct3 == 3'd5) is_legal = (ir_q[31:25] & 7'h5f) == 7'd0;
        else is_legal = 1'b1;
      end
      OP: begin
        is_legal = ir_q[31:25] == 7'd0;
        if (funct3 == 3'd0 || funct3 == 3'd5) is_legal = (ir_q[31:25] & 7'h5f) == 7'd0;
      end
      default: is_legal = ir_q == ECALL;
    endcase
  end

  logic [31:0] next_pc;
  logic [31:0] value;  // for rd
  logic        has_rd;

  always_comb begin
    next_pc = pc_q + 32'd4;
    value = result;
    has_rd = opcode != BRANCH && opcode != STORE;
    unique case (opcode)
      LUI: value = imm_u;
      AUIPC: value = pc_q + imm_u;
      JAL: begin
        value = pc_q + 32'd4;
        next_pc = pc_q + imm_j;
      end
      JALR: begin
        value = pc_q + 32'd4;
        next_pc = (rs1 + imm_i) & ~32'd1;
      end
      BRANCH: if (is_taken) next_pc = pc_q + imm_b;
      default: ;
    endcase
  end

  wire logic [31:0] address = rs1 + (opcode == STORE ? imm_s : imm_i);

  assign m_axil_araddr = addr_q;
  assign m_axil_arvalid = offer_q;
  assign m_axil_rready = (state_q == StInstruction || state_q == StLoad) && !offer_q;
  assign m_axil_awaddr = addr_q;
  assign m_axil_awvalid = aw_q;
  assign m_axil_wdata = rs2;
  assign m_axil_wstrb = 4'hf;
  assign m_axil_wvalid = w_q;
  assign m_axil_bready = state_q == StStore;

  always_ff @(posedge clk) begin
    done_valid <= 1'b0;
    if (m_axil_arready) offer_q <= 1'b0;
    if (m_axil_awready) aw_q <= 1'b0;
    if (m_axil_wready) w_q <= 1'b0;
    unique case (state_q)
      StFetch: begin
        if (stopped == 0) begin
          addr_q <= pc_q;
          offer_q <= 1'b1;
          state_q <= StInstruction;
        end
      end
      StInstruction: begin
        if (m_axil_rvalid && m_axil_rready) begin
          ir_q <= m_axil_rdata;
          state_q <= StExecute;
          if (m_axil_rresp != 0) stopped <= 3'd4;
          if (m_axil_rresp != 0) state_q <= StFetch;
        end
      end
      StExecute: begin
        addr_q <= address;
        state_q <= StFetch;
        if (!is_legal) stopped <= 3'd2;
        else if (ir_q == ECALL) stopped <= 3'd1;
        else if (opcode == LOAD || opcode == STORE) begin
          if (address[1:0] != 0) stopped <= 3'd3;
          else if (opcode == LOAD) begin
            offer_q <= 1'b1;
            state_q <= StLoad;
          end else begin
            aw_q <= 1'b1;
            w_q <= 1'b1;
            state_q <= StStore;
          end
        end else if (next_pc[1:0] != 0) stopped <= 3'd3;
        else begin
          pc_q <= next_pc;
          if (has_rd) x_q[rd] <= value;
          done_valid <= 1'b1;
          done_pc <= pc_q;
          done_rd <= has_rd ? rd : 5'd0;
          done_value <= has_rd && rd != 0 ? value : 32'd0;
        end
      end
      StLoad: begin
        if (m_axil_rvalid && m_axil_rready) begin
          state_q <= StFetch;
          if (m_axil_rresp != 0) stopped <= 3'd4;
          else begin
            pc_q <= next_pc;
            x_q[rd] <= m_axil_rdata;
            done_valid <= 1'b1;
            done_pc <= pc_q;
            done_rd <= rd;
            done_value <= rd != 0 ? m_axil_rdata : 32'd0;
          end
        end
      end
      default: begin
        if (m_axil_bvalid) begin
          state_q <= StFetch;
          if (m_axil_bresp != 0) stopped <= 3'd4;
          else begin
            pc_q <= next_pc;
            done_valid <= 1'b1;
            done_pc <= pc_q;
            done_rd <= 5'd0;
            done_value <= 32'd0;
          end
        end
      end
    endcase
    if (rst) begin
      state_q <= StFetch;
      offer_q <= 1'b0;
      aw_q <= 1'b0;
      w_q <= 1'b0;
      pc_q <= START;
      stopped <= 3'd0;
      done_valid <= 1'b0;
    end
  end
endmodule

`default_nettype wire
