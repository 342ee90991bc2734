// SPDX-License-Identifier: Apache-2.0
// sigv_top: test double of the signature engine: same ports, answers from libsecp256k1.
//
// For tests of the driver and the card, which need right answers and no arithmetic in RTL. A job
// takes a few dozen cycles instead of thousands. One source. Results keep the order of their jobs.
`default_nettype none

module sigv_top #(
    parameter int unsigned ENGINES  = 1,
    // Jobs held at a time
    parameter int unsigned CONTEXTS = 32,
    /* verilator lint_off UNUSEDPARAM */  // of the real engine only
    parameter int unsigned MUL_II   = 1,
    parameter int unsigned G_WINDOW = 10,
    parameter bit CLOCK_GATING      = 1'b0,
    /* verilator lint_on UNUSEDPARAM */
    parameter int unsigned SOURCES  = 1
) (
    input  wire logic                  clk,
    input  wire logic                  rst,
    input  wire logic [SOURCES*64-1:0] s_job_tdata,
    input  wire logic [SOURCES-1:0]    s_job_tvalid,
    output wire logic [SOURCES-1:0]    s_job_tready,
    input  wire logic [SOURCES-1:0]    s_job_tlast,
    output wire logic [SOURCES*64-1:0] m_result_tdata,
    output wire logic [SOURCES-1:0]    m_result_tvalid,
    input  wire logic [SOURCES-1:0]    m_result_tready,
    output wire logic [SOURCES-1:0]    m_result_tlast,
    output wire logic [ENGINES-1:0]    stat_mul,
    output wire logic                  idle
);
  if (SOURCES != 1) $error("SOURCES=%0d: the double has one source", SOURCES);

  import "DPI-C" function chandle sigv_double_new(input int jobs);
  import "DPI-C" function void sigv_double_free(input chandle engine);
  // One clock edge: what was transferred on both sides, then what is offered next.
  import "DPI-C" function void sigv_double_clock(
      input chandle engine, input bit reset,
      input bit job_taken, input longint unsigned job_data, input bit job_last,
      input bit result_taken,
      output bit job_ready, output bit result_valid,
      output longint unsigned result_data, output bit result_last, output bit empty
  );

  chandle double_q;
  initial double_q = sigv_double_new(int'(CONTEXTS));
  final sigv_double_free(double_q);

  bit ready_q, valid_q, last_q, empty_q;
  longint unsigned data_q;

  always_ff @(posedge clk) begin : edge_of_clk
    bit ready, valid, last, empty;
    longint unsigned data;
    sigv_double_clock(double_q, rst, s_job_tvalid[0] && ready_q, s_job_tdata, s_job_tlast[0],
                      valid_q && m_result_tready[0], ready, valid, data, last, empty);
    ready_q <= ready;
    valid_q <= valid;
    data_q  <= data;
    last_q  <= last;
    empty_q <= empty;
  end

  assign s_job_tready = ready_q;
  assign m_result_tvalid = valid_q;
  assign m_result_tdata = data_q;
  assign m_result_tlast = last_q;
  assign stat_mul = {ENGINES{!empty_q}};
  assign idle = empty_q;
endmodule

`default_nettype wire
