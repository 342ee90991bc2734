// SPDX-License-Identifier: Apache-2.0
// core_group: sigv_core with any points in the place of G's multiples, for tests on small groups.
//
// activity is high in every cycle in which the test has something to answer or to take.
`default_nettype none

module core_group #(
    parameter  int unsigned CONTEXTS = 32,
    parameter  int unsigned MUL_II   = 1,
    parameter  int unsigned G_WINDOW = 8,
    localparam int unsigned CTX_W    = CONTEXTS > 1 ? $clog2(CONTEXTS) : 1,
    localparam int unsigned ENTRY_W  = 11 + G_WINDOW - 2
) (
    input  wire logic                clk,
    input  wire logic                rst,

    // Table of points: {hi, idx, y}
    input  wire logic                table_we,
    input  wire logic [G_WINDOW-1:0] table_addr,
    input  wire logic [255:0]        table_data,

    input  wire logic                s_job_valid,
    output wire logic                s_job_taken,
    input  wire logic [CTX_W-1:0]    s_job_ctx,
    input  wire logic                s_job_recovery,
    input  wire logic [1:0]          s_job_id,
    input  wire logic                s_job_wraps,
    input  wire logic [255:0]        s_job_x,
    input  wire logic [255:0]        s_job_y,
    input  wire logic [255:0]        s_job_r,

    input  wire logic                s_list_we,
    input  wire logic [CTX_W-1:0]    s_list_ctx,
    input  wire logic [6:0]          s_list_addr,
    input  wire logic [ENTRY_W-1:0]  s_list_data,
    input  wire logic                s_done_valid,
    input  wire logic [CTX_W-1:0]    s_done_ctx,
    input  wire logic [7:0]          s_done_count,

    output wire logic                m_inv_valid,
    input  wire logic                m_inv_ready,
    output wire logic [CTX_W-1:0]    m_inv_ctx,
    output wire logic [255:0]        m_inv_value,
    input  wire logic                s_inv_valid,
    input  wire logic [CTX_W-1:0]    s_inv_ctx,
    input  wire logic [255:0]        s_inv_value,

    output wire logic                m_result_valid,
    output wire logic [CTX_W-1:0]    m_result_ctx,
    output wire logic [3:0]          m_result_reason,
    output wire logic [255:0]        m_key_x,
    output wire logic [255:0]        m_key_y,
    input  wire logic                m_key_taken,

    output wire logic                activity
);
  wire stat_mul;
  sigv_core #(
      .CONTEXTS(CONTEXTS),
      .MUL_II(MUL_II),
      .G_WINDOW(G_WINDOW)
  ) u_core (
      .*
  );

  always_ff @(posedge clk) begin
    if (table_we) u_core.u_field.u_gtable.ram[table_addr] <= {4'd0, table_data};
  end
  assign activity = s_job_taken || m_inv_valid || m_result_valid;
  wire unused = &{1'b0, stat_mul};
endmodule

`default_nettype wire
