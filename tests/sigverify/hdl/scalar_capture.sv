// SPDX-License-Identifier: Apache-2.0
// scalar_capture: sigv_scalar with a memory for its digit list, for tests that run at full speed.
//
// activity is high in every cycle in which a handshake or a pulse is to be seen. The list of a job
// stays until the first entry of the next one, long after the job's m_done_valid.
`default_nettype none

module scalar_capture #(
    parameter  int unsigned CONTEXTS = 32,
    parameter  int unsigned G_WINDOW = 10,
    parameter  int unsigned Q_WINDOW = 5,
    localparam int unsigned CTX_W    = CONTEXTS > 1 ? $clog2(CONTEXTS) : 1,
    localparam int unsigned ENTRY_W  = (Q_WINDOW > G_WINDOW ? Q_WINDOW : G_WINDOW) + 9
) (
    input  wire logic              clk,
    input  wire logic              rst,

    input  wire logic              s_job_valid,
    output wire logic              s_job_ready,
    input  wire logic              s_job_recover,
    input  wire logic [CTX_W-1:0]  s_job_ctx,
    input  wire logic [255:0]      s_job_z,
    input  wire logic [255:0]      s_job_r,
    input  wire logic [255:0]      s_job_s,

    input  wire logic              s_inv_valid,
    output wire logic              s_inv_ready,
    input  wire logic [CTX_W-1:0]  s_inv_ctx,
    input  wire logic [255:0]      s_inv_value,
    output wire logic              m_inv_valid,
    output wire logic [CTX_W-1:0]  m_inv_ctx,
    output wire logic [255:0]      m_inv_value,

    output wire logic              m_done_valid,
    output wire logic [CTX_W-1:0]  m_done_ctx,
    output wire logic [7:0]        m_done_count,

    output wire logic              activity,
    output wire logic [128*32-1:0] entries,        // one word an entry
    output wire logic [7:0]        writes,         // entries written since the last done
    output wire logic              list_misplaced  // an entry out of order or of another context
);
  logic               list_we;
  logic [CTX_W-1:0]   list_ctx, ctx_q;
  logic [6:0]         list_addr;
  logic [ENTRY_W-1:0] list_data;
  logic [128*32-1:0]  entries_q;
  logic [7:0]         writes_q;
  logic               misplaced_q;

  sigv_scalar #(
      .CONTEXTS(CONTEXTS),
      .G_WINDOW(G_WINDOW),
      .Q_WINDOW(Q_WINDOW),
      .CLOCK_GATING(1'b1)
  ) scalar (
      .clk          (clk),
      .rst          (rst),
      .s_job_valid  (s_job_valid),
      .s_job_ready  (s_job_ready),
      .s_job_recover(s_job_recover),
      .s_job_ctx    (s_job_ctx),
      .s_job_z      (s_job_z),
      .s_job_r      (s_job_r),
      .s_job_s      (s_job_s),
      .s_inv_valid  (s_inv_valid),
      .s_inv_ready  (s_inv_ready),
      .s_inv_ctx    (s_inv_ctx),
      .s_inv_value  (s_inv_value),
      .m_inv_valid  (m_inv_valid),
      .m_inv_ctx    (m_inv_ctx),
      .m_inv_value  (m_inv_value),
      .m_list_we    (list_we),
      .m_list_ctx   (list_ctx),
      .m_list_addr  (list_addr),
      .m_list_data  (list_data),
      .m_done_valid (m_done_valid),
      .m_done_ctx   (m_done_ctx),
      .m_done_count (m_done_count)
  );

  always_ff @(posedge clk) begin
    if (list_we) begin
      entries_q[{list_addr, 5'd0} +: 32] <= 32'(list_data);
      ctx_q                           <= list_ctx;
      writes_q                        <= writes_q + 8'd1;
      if ({1'b0, list_addr} != writes_q || (writes_q != '0 && list_ctx != ctx_q)) begin
        misplaced_q <= 1'b1;
      end
    end
    if (m_done_valid) begin
      writes_q <= '0;
      if (writes_q != m_done_count || (writes_q != '0 && ctx_q != m_done_ctx)) misplaced_q <= 1'b1;
    end
    if (rst) begin
      writes_q    <= '0;
      misplaced_q <= 1'b0;
    end
  end

  assign activity = s_job_ready || s_inv_ready || m_inv_valid || m_done_valid;
  assign entries = entries_q;
  assign writes = writes_q;
  assign list_misplaced = misplaced_q;
endmodule

`default_nettype wire
