// SPDX-License-Identifier: Apache-2.0
// sigv_top, a stand-in that answers each job at once with "valid": shows what the card itself
// costs.
//
// One beat per cycle; the answer to a job follows its last beat.
`default_nettype none

module sigv_top #(
    parameter int unsigned ENGINES  = 1,
    parameter int unsigned CONTEXTS = 32,
    parameter int unsigned MUL_II   = 1,
    parameter int unsigned G_WINDOW = 10,
    parameter int unsigned SOURCES  = 1,
    parameter bit CLOCK_GATING      = 1'b0
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
  if (SOURCES != 1) $error("the stand-in serves one source, not %0d", SOURCES);
  if (CONTEXTS == 0 || MUL_II == 0 || G_WINDOW == 0) $error("a parameter is 0");

  logic        in_frame_q, valid_q;
  logic [31:0] job_tag_q, tag_q;

  assign s_job_tready = !(s_job_tlast[0] && valid_q && !m_result_tready[0]);

  always_ff @(posedge clk) begin
    if (m_result_tready[0]) valid_q <= 1'b0;
    if (s_job_tvalid[0] && s_job_tready[0]) begin
      in_frame_q <= !s_job_tlast[0];
      if (!in_frame_q) job_tag_q <= s_job_tdata[63:32];
      if (s_job_tlast[0]) begin
        valid_q <= 1'b1;
        tag_q   <= job_tag_q;
      end
    end
    if (rst) begin
      in_frame_q <= 1'b0;
      valid_q    <= 1'b0;
    end
  end

  assign m_result_tdata  = {tag_q, 32'd1};
  assign m_result_tvalid = valid_q;
  assign m_result_tlast  = 1'b1;
  assign stat_mul        = '0;
  assign idle            = !in_frame_q && !valid_q;
endmodule

`default_nettype wire
