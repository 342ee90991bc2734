// SPDX-License-Identifier: Apache-2.0
// card_sigverify_regs: SIGVERIFY's own registers: what it counts.
//
// Answers one cycle after reg_wr or reg_rd, beside card_engine_regs. Reading the low half of a
// 64-bit counter latches the high half.
`default_nettype none

module card_sigverify_regs (
    input  wire logic        clk,
    input  wire logic        rst,              // synchronous, active high

    // Register bus, this block selected
    input  wire logic        reg_wr,
    input  wire logic        reg_rd,
    input  wire logic [11:0] reg_addr,
    output wire logic [31:0] reg_rdata,
    output wire logic        reg_error,

    // Counters of card_engine_load
    input  wire logic [63:0] multiplications,
    input  wire logic [63:0] busy_cycles,

    // Events to count, each high for one cycle per event
    input  wire logic        add_job,
    input  wire logic        add_result,
    input  wire logic        add_valid
);
  logic [31:0] jobs_q, results_q, valid_q;
  logic [31:0] latch_q;  // high half of the 64-bit counter read last
  logic [31:0] rdata_q;
  logic        error_q;

  always_ff @(posedge clk) begin : counters
    if (add_job) jobs_q <= jobs_q + 32'd1;
    if (add_result) results_q <= results_q + 32'd1;
    if (add_valid) valid_q <= valid_q + 32'd1;
    if (rst) begin
      jobs_q    <= '0;
      results_q <= '0;
      valid_q   <= '0;
    end
  end

  always_ff @(posedge clk) begin : answer
    if (reg_wr || reg_rd) begin
      error_q <= 1'b0;
      rdata_q <= '0;
      case (reg_addr)
        card_pkg::SIGVERIFY_MULTIPLICATIONS_LO: begin
          rdata_q <= multiplications[31:0];
          if (reg_rd) latch_q <= multiplications[63:32];
        end
        card_pkg::SIGVERIFY_BUSY_CYCLES_LO: begin
          rdata_q <= busy_cycles[31:0];
          if (reg_rd) latch_q <= busy_cycles[63:32];
        end
        card_pkg::SIGVERIFY_MULTIPLICATIONS_HI,
        card_pkg::SIGVERIFY_BUSY_CYCLES_HI: rdata_q <= latch_q;
        card_pkg::SIGVERIFY_JOBS:           rdata_q <= jobs_q;
        card_pkg::SIGVERIFY_RESULTS:        rdata_q <= results_q;
        card_pkg::SIGVERIFY_VALID:          rdata_q <= valid_q;
        default:                            error_q <= 1'b1;
      endcase
    end
    if (rst) latch_q <= '0;
  end

  assign reg_rdata = rdata_q;
  assign reg_error = error_q;
endmodule

`default_nettype wire
