// SPDX-License-Identifier: Apache-2.0
// card_regs: the CARD register block: identity, interrupts, time, whole-card reset.
//
// Answers one cycle after reg_wr or reg_rd. irq is a level and changes only with the cause and mask
// registers.
`default_nettype none

module card_regs #(
    // Which engines were built; bit i is engine i
    parameter logic [2:0] PRESENT = 3'b001
) (
    input  wire logic        clk,
    input  wire logic        rst,          // synchronous, active high

    // Register bus, this block selected
    input  wire logic        reg_wr,
    input  wire logic        reg_rd,
    input  wire logic [11:0] reg_addr,
    input  wire logic [31:0] reg_wdata,
    output wire logic [31:0] reg_rdata,
    output wire logic        reg_error,

    input  wire logic [63:0] cycles,       // of card_time
    input  wire logic [31:0] ticks,
    input  wire logic        idle,         // all engines, for STATUS
    input  wire logic [2:0]  set_done,     // raise an engine's completion cause, one cycle
    input  wire logic [2:0]  set_error,    // raise an engine's error cause, one cycle
    output wire logic        reset_start,  // reset all engines; one cycle
    input  wire logic        resetting,    // an engine is still resetting
    output wire logic        irq
);
  localparam logic [31:0] CAUSE_BITS = 32'h0000_0707;
  localparam logic [31:0] CAPABILITIES = 32'h0000_0300 | 32'(PRESENT);

  logic [31:0] cycles_hi_q, scratch_q;
  logic [31:0] cause_q, mask_q;
  logic        reset_start_q, reset_q;
  logic [31:0] rdata_q;
  logic        error_q;

  wire logic [31:0] raised = {21'd0, set_error, 5'd0, set_done};

  always_ff @(posedge clk) begin
    reset_start_q <= 1'b0;
    if (raised != '0) cause_q <= cause_q | raised;

    if (reg_wr) begin
      case (reg_addr)
        card_pkg::CARD_CONTROL: begin
          reset_start_q <= reg_wdata[card_pkg::CARD_CONTROL_RESET_LSB];
          reset_q       <= reset_q || reg_wdata[card_pkg::CARD_CONTROL_RESET_LSB];
        end
        card_pkg::CARD_SCRATCH:   scratch_q <= reg_wdata;
        card_pkg::CARD_IRQ_CAUSE: cause_q <= (cause_q & ~reg_wdata) | raised;
        card_pkg::CARD_IRQ_SET:   cause_q <= cause_q | (reg_wdata & CAUSE_BITS) | raised;
        card_pkg::CARD_IRQ_MASK:  mask_q <= reg_wdata & CAUSE_BITS;
        default: ;
      endcase
    end

    if (reset_q) begin
      cause_q <= '0;
      mask_q  <= '0;
      if (!reset_start_q && !resetting) reset_q <= 1'b0;
    end

    if (reg_wr || reg_rd) begin
      error_q <= 1'b0;
      rdata_q <= '0;
      case (reg_addr)
        card_pkg::CARD_MAGIC:        rdata_q <= card_pkg::CARD_MAGIC_RESET_VALUE;
        card_pkg::CARD_VERSION:      rdata_q <= card_pkg::CARD_VERSION_RESET_VALUE;
        card_pkg::CARD_MAP_HASH_LO:  rdata_q <= card_pkg::MAP_HASH_LO;
        card_pkg::CARD_MAP_HASH_HI:  rdata_q <= card_pkg::MAP_HASH_HI;
        card_pkg::CARD_CAPABILITIES: rdata_q <= CAPABILITIES;
        card_pkg::CARD_CONTROL:      rdata_q <= 32'(reset_q);
        card_pkg::CARD_STATUS:       rdata_q <= 32'(idle);
        card_pkg::CARD_SCRATCH:      rdata_q <= scratch_q;
        card_pkg::CARD_IRQ_CAUSE:    rdata_q <= cause_q;
        card_pkg::CARD_IRQ_MASK:     rdata_q <= mask_q;
        card_pkg::CARD_IRQ_SET:      rdata_q <= '0;
        card_pkg::CARD_TICKS_MS:     rdata_q <= ticks;
        card_pkg::CARD_CYCLES_LO: begin
          rdata_q <= cycles[31:0];
          if (reg_rd) cycles_hi_q <= cycles[63:32];
        end
        card_pkg::CARD_CYCLES_HI:    rdata_q <= cycles_hi_q;
        default:           error_q <= 1'b1;
      endcase
    end

    if (rst) begin
      cycles_hi_q   <= '0;
      scratch_q     <= '0;
      cause_q       <= '0;
      mask_q        <= '0;
      reset_start_q <= 1'b0;
      reset_q       <= 1'b0;
    end
  end

  assign reg_rdata   = rdata_q;
  assign reg_error   = error_q;
  assign reset_start = reset_start_q;
  assign irq         = (cause_q & mask_q) != '0;
endmodule

`default_nettype wire
