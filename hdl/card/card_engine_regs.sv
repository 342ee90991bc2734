// SPDX-License-Identifier: Apache-2.0
// card_engine_regs: what every engine's register block begins with: control, rings, doorbells.
//
// Answers one cycle after reg_wr or reg_rd; an engine's own registers stand beside, the data of
// both are ORed, an access is wrong where both say so. Doorbells out of range are ignored and
// remembered in STATUS. `rst` here is the engine's reset: it returns every register to its reset
// value.
`default_nettype none

module card_engine_regs #(
    // What this block is and how it was built: registers KIND and PARAMETERS
    parameter logic [31:0] KIND       = 32'd0,
    parameter logic [31:0] PARAMETERS = 32'd0,
    // Largest ring size as a power of two
    parameter int unsigned RING_LOG2_MAX = 14
) (
    input  wire logic        clk,
    input  wire logic        rst,               // synchronous, active high

    // Register bus, this block selected
    input  wire logic        reg_wr,
    input  wire logic        reg_rd,
    input  wire logic [11:0] reg_addr,
    input  wire logic [31:0] reg_wdata,
    output wire logic [31:0] reg_rdata,
    output wire logic        reg_error,

    // Control
    output wire logic        enable,
    output wire logic        reset_request,     // CONTROL.RESET was written; one cycle
    input  wire logic        resetting,
    input  wire logic        busy,
    input  wire logic        completion_lost,   // the bus refused a completion entry; one cycle
    output wire logic        set_error,         // an error bit of STATUS rose; one cycle
    output wire logic [15:0] irq_count,
    output wire logic [23:0] irq_cycles,

    // Rings: base in 4 KiB units, size, and free-running counts
    output wire logic [51:0] sq_base,
    output wire logic [15:0] sq_size,
    output wire logic [15:0] sq_tail,
    input  wire logic [15:0] sq_head,
    output wire logic [51:0] cq_base,
    output wire logic [15:0] cq_size,
    output wire logic [15:0] cq_head,
    input  wire logic [15:0] cq_tail,

    // Events to count, each high for one cycle per event
    input  wire logic        add_completion,
    input  wire logic [1:0]  add_bus_errors,       // this many
    input  wire logic        add_bad_descriptor
);
  localparam logic [3:0] LOG2_MIN = 4'd2;
  localparam logic [3:0] LOG2_MAX = 4'(RING_LOG2_MAX);

  logic        enable_q, reset_request_q;
  logic        bad_doorbell_q, completion_lost_q, set_error_q;
  logic [15:0] irq_count_q;
  logic [23:0] irq_cycles_q;
  logic [51:0] sq_base_q, cq_base_q;
  logic [3:0]  sq_log2_q, cq_log2_q;
  logic [15:0] sq_tail_q, cq_head_q;
  logic [31:0] completions_q, bus_errors_q, bad_descriptors_q;
  logic [31:0] rdata_q;
  logic        error_q;

  // A ring size as a power of two, moved into the accepted range
  function automatic logic [3:0] clamp(input logic [31:0] value);
    if (value < 32'(LOG2_MIN)) clamp = LOG2_MIN;
    else if (value > 32'(LOG2_MAX)) clamp = LOG2_MAX;
    else clamp = value[3:0];
  endfunction

  wire logic [15:0] written = reg_wdata[15:0];

  always_ff @(posedge clk) begin : control
    logic        bad_doorbell;
    logic [15:0] ahead;
    bad_doorbell = 1'b0;
    ahead = '0;
    reset_request_q <= 1'b0;
    set_error_q <= 1'b0;

    if (reg_wr) begin
      case (reg_addr)
        card_pkg::ENGINE_CONTROL: begin
          enable_q        <= reg_wdata[card_pkg::ENGINE_CONTROL_ENABLE_LSB];
          reset_request_q <= reg_wdata[card_pkg::ENGINE_CONTROL_RESET_LSB];
        end
        card_pkg::ENGINE_IRQ_COUNT:  irq_count_q <= written;
        card_pkg::ENGINE_IRQ_CYCLES: irq_cycles_q <= reg_wdata[23:0];
        card_pkg::ENGINE_SQ_TAIL: begin
          // Forward from where it is, and no further than the ring is long
          ahead = written - sq_head;
          bad_doorbell = reg_wdata[31:16] != '0 || ahead > sq_size || ahead < sq_tail_q - sq_head;
          if (!bad_doorbell) sq_tail_q <= written;
        end
        card_pkg::ENGINE_CQ_HEAD: begin
          // Forward from where it is, and no further than the card has written
          ahead = written - cq_head_q;
          bad_doorbell = reg_wdata[31:16] != '0 || ahead > cq_tail - cq_head_q;
          if (!bad_doorbell) cq_head_q <= written;
        end
        default: ;
      endcase
      if (!enable_q) begin
        case (reg_addr)
          card_pkg::ENGINE_SQ_BASE_LO: sq_base_q[19:0] <= reg_wdata[31:12];
          card_pkg::ENGINE_SQ_BASE_HI: sq_base_q[51:20] <= reg_wdata;
          card_pkg::ENGINE_SQ_LOG2:    sq_log2_q <= clamp(reg_wdata);
          card_pkg::ENGINE_CQ_BASE_LO: cq_base_q[19:0] <= reg_wdata[31:12];
          card_pkg::ENGINE_CQ_BASE_HI: cq_base_q[51:20] <= reg_wdata;
          card_pkg::ENGINE_CQ_LOG2:    cq_log2_q <= clamp(reg_wdata);
          default: ;
        endcase
      end
    end

    if (bad_doorbell || completion_lost) begin
      bad_doorbell_q    <= bad_doorbell_q || bad_doorbell;
      completion_lost_q <= completion_lost_q || completion_lost;
      set_error_q       <= (bad_doorbell && !bad_doorbell_q)
                           || (completion_lost && !completion_lost_q);
    end

    if (rst) begin
      enable_q          <= 1'b0;
      reset_request_q   <= 1'b0;
      bad_doorbell_q    <= 1'b0;
      completion_lost_q <= 1'b0;
      set_error_q       <= 1'b0;
      irq_count_q       <= 16'd1;
      irq_cycles_q      <= '0;
      sq_base_q         <= '0;
      cq_base_q         <= '0;
      sq_log2_q         <= LOG2_MIN;
      cq_log2_q         <= LOG2_MIN;
      sq_tail_q         <= '0;
      cq_head_q         <= '0;
    end
  end

  always_ff @(posedge clk) begin : counters
    if (add_completion) completions_q <= completions_q + 32'd1;
    if (add_bus_errors != '0) bus_errors_q <= bus_errors_q + 32'(add_bus_errors);
    if (add_bad_descriptor) bad_descriptors_q <= bad_descriptors_q + 32'd1;
    if (rst) begin
      completions_q     <= '0;
      bus_errors_q      <= '0;
      bad_descriptors_q <= '0;
    end
  end

  always_ff @(posedge clk) begin : answer
    if (reg_wr || reg_rd) begin
      error_q <= 1'b0;
      rdata_q <= '0;
      case (reg_addr)
        card_pkg::ENGINE_KIND:       rdata_q <= KIND;
        card_pkg::ENGINE_PARAMETERS: rdata_q <= PARAMETERS;
        card_pkg::ENGINE_CONTROL:    rdata_q <= {30'd0, resetting, enable_q};
        card_pkg::ENGINE_STATUS:
          rdata_q <= {22'd0, completion_lost_q, bad_doorbell_q, 7'd0, busy};
        card_pkg::ENGINE_IRQ_COUNT:  rdata_q <= 32'(irq_count_q);
        card_pkg::ENGINE_IRQ_CYCLES: rdata_q <= 32'(irq_cycles_q);
        card_pkg::ENGINE_SQ_BASE_LO: rdata_q <= {sq_base_q[19:0], 12'd0};
        card_pkg::ENGINE_SQ_BASE_HI: rdata_q <= sq_base_q[51:20];
        card_pkg::ENGINE_SQ_LOG2:    rdata_q <= 32'(sq_log2_q);
        card_pkg::ENGINE_SQ_TAIL:    rdata_q <= 32'(sq_tail_q);
        card_pkg::ENGINE_SQ_HEAD:    rdata_q <= 32'(sq_head);
        card_pkg::ENGINE_CQ_BASE_LO: rdata_q <= {cq_base_q[19:0], 12'd0};
        card_pkg::ENGINE_CQ_BASE_HI: rdata_q <= cq_base_q[51:20];
        card_pkg::ENGINE_CQ_LOG2:    rdata_q <= 32'(cq_log2_q);
        card_pkg::ENGINE_CQ_HEAD:    rdata_q <= 32'(cq_head_q);
        card_pkg::ENGINE_CQ_TAIL:    rdata_q <= 32'(cq_tail);
        card_pkg::ENGINE_COMPLETIONS:     rdata_q <= completions_q;
        card_pkg::ENGINE_BUS_ERRORS:      rdata_q <= bus_errors_q;
        card_pkg::ENGINE_BAD_DESCRIPTORS: rdata_q <= bad_descriptors_q;
        default:                          error_q <= 1'b1;
      endcase
    end
  end

  assign reg_rdata     = rdata_q;
  assign reg_error     = error_q;
  assign enable        = enable_q;
  assign reset_request = reset_request_q;
  assign set_error     = set_error_q;
  assign irq_count     = irq_count_q;
  assign irq_cycles    = irq_cycles_q;
  assign sq_base       = sq_base_q;
  assign sq_size       = 16'd1 << sq_log2_q;
  assign sq_tail       = sq_tail_q;
  assign cq_base       = cq_base_q;
  assign cq_size       = 16'd1 << cq_log2_q;
  assign cq_head       = cq_head_q;
endmodule

`default_nettype wire
