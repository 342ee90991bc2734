// SPDX-License-Identifier: Apache-2.0
// card_sigverify: the signature engine behind its rings.
//
//   ring_fetch -> descriptor -> record_reader -> job_sender -> sigv_top -> result_writer
//                     |                               (dropped) |               |
//                     +----------> batches <--------------------+---------------+
//                                     |
//                               ring_complete -> interrupt
//
// Requester 0 of the DMA serves the records, requester 1 the rings.
`default_nettype none

module card_sigverify #(
    // Cores, signatures interleaved on each, cycles per product, window of G's table in bits
    parameter int unsigned ENGINES  = 1,
    parameter int unsigned CONTEXTS = 32,
    parameter int unsigned MUL_II   = 1,
    parameter int unsigned G_WINDOW = 10,
    // Batches in flight: a power of two, 2 to 32
    parameter int unsigned BATCHES  = 16,
    // As in card_top
    parameter bit          CLOCK_GATING = 1'b0,
    // 1: stop the engine's clock while it has no job; worth it where others keep clk running
    parameter bit          ENGINE_RESTS = 1'b0
) (
    input  wire logic         clk,           // always runs
    input  wire logic         gated_clk,     // clk while awake
    input  wire logic         rst,           // synchronous, active high
    input  wire logic         awake,
    output wire logic         active,        // keep awake, or wake up

    // Register bus, this block selected
    input  wire logic         reg_wr,
    input  wire logic         reg_rd,
    input  wire logic [11:0]  reg_addr,
    input  wire logic [31:0]  reg_wdata,
    output wire logic [31:0]  reg_rdata,
    output wire logic         reg_error,

    input  wire logic         reset_start,   // the whole card resets; one cycle
    output wire logic         resetting,
    output wire logic         idle,
    input  wire logic [31:0]  cycles,
    output wire logic         set_done,      // raise the completion interrupt; one cycle
    output wire logic         set_error,     // raise the error interrupt; one cycle

    // Read requests and their data
    output wire logic [127:0] m_req_addr,
    output wire logic [15:0]  m_req_len,
    output wire logic [1:0]   m_req_valid,
    input  wire logic [1:0]   m_req_ready,
    input  wire logic [63:0]  rd_data,
    input  wire logic         rd_error,
    input  wire logic         rd_last,
    input  wire logic [1:0]   rd_valid,
    input  wire logic [1:0]   rd_pending,

    // Write frames and the bus's answers
    output wire logic [127:0] m_wr_tdata,
    output wire logic [25:0]  m_wr_tuser,
    output wire logic [1:0]   m_wr_tvalid,
    input  wire logic [1:0]   m_wr_tready,
    output wire logic [1:0]   m_wr_tlast,
    input  wire logic [4:0]   wr_tag,
    input  wire logic         wr_error,
    input  wire logic [1:0]   wr_valid,
    input  wire logic [1:0]   wr_pending
);
  if (ENGINES < 1 || ENGINES > 255) $error("ENGINES=%0d is not 1 to 255", ENGINES);
  if (CONTEXTS < 1 || CONTEXTS > 255) $error("CONTEXTS=%0d is not 1 to 255", CONTEXTS);

  localparam int unsigned PREFETCH = 8;
  localparam int unsigned RECORDS = 8;
  localparam int unsigned RING_LOG2_MAX = 14;

  // Control and state
  wire logic        enable, reset_request, quiesce, engine_rst;
  wire logic        fetch_busy, descriptor_busy, batches_busy, batches_active, complete_busy;
  wire logic        irq_waiting, engine_idle;
  wire logic [15:0] irq_count, sq_size, sq_head, sq_tail, cq_size, cq_head, cq_tail;
  wire logic [23:0] irq_cycles;
  wire logic [51:0] sq_base, cq_base;

  // Bus answers to writes
  wire logic completion_written = wr_valid[1] && !wr_error && !quiesce;
  wire logic completion_lost    = wr_valid[1] && wr_error && !quiesce;
  wire logic result_lost        = wr_valid[0] && wr_error && !quiesce;

  wire logic add_job, add_bad_descriptor, descriptor_lost;
  wire logic drop_valid, drop_ready, result_valid, result_ready, result_good, result_split;
  wire logic [4:0] drop_slot, result_slot;

  // Streams: descriptors, jobs, results before and behind their register
  wire logic [63:0] beat_tdata;
  wire logic        beat_tuser, beat_tvalid, beat_tready;
  wire logic [63:0] sent_tdata, result_tdata, taken_tdata;
  wire logic        sent_tvalid, sent_tready, sent_tlast;
  wire logic        result_tvalid, result_tready, result_tlast;
  wire logic        taken_tvalid, taken_tready, taken_tlast, unused_result_tuser;

  wire logic work_waits = enable && sq_tail != sq_head;
  wire logic busy = work_waits || fetch_busy || descriptor_busy || batches_busy || complete_busy
                    || !engine_idle || rd_pending != '0 || wr_pending != '0;

  // An interrupt on its way counts: a card that says idle has raised all it will raise
  assign active = set_error || irq_waiting || resetting || reset_start || batches_active
                  || (beat_tvalid && beat_tready) || (sent_tvalid && sent_tready) || result_tvalid
                  || m_req_valid != '0 || m_wr_tvalid != '0 || rd_valid != '0 || wr_valid != '0;

  assign idle = !busy && !irq_waiting && !set_error && !resetting;

  wire logic [31:0] engine_rdata, own_rdata;
  wire logic        engine_error, own_error;
  assign reg_rdata = engine_rdata | own_rdata;
  assign reg_error = engine_error && own_error;

  wire logic [ENGINES-1:0] stat_mul;
  wire logic [63:0]        multiplications, busy_cycles;

  card_engine_load #(
      .ENGINES(ENGINES)
  ) engine_load (
      .clk            (clk),
      .rst            (engine_rst),
      .stat_mul       (stat_mul),
      .idle           (engine_idle),
      .multiplications(multiplications),
      .busy_cycles    (busy_cycles)
  );

  card_engine_regs #(
      .KIND({8'(PREFETCH), 8'(RING_LOG2_MAX), 8'(BATCHES), card_pkg::ENGINE_KIND_SIGVERIFY}),
      .PARAMETERS({8'(G_WINDOW), 8'(MUL_II), 8'(CONTEXTS), 8'(ENGINES)}),
      .RING_LOG2_MAX(RING_LOG2_MAX)
  ) regs (
      .clk                (gated_clk),
      .rst                (engine_rst),
      .reg_wr             (reg_wr),
      .reg_rd             (reg_rd),
      .reg_addr           (reg_addr),
      .reg_wdata          (reg_wdata),
      .reg_rdata          (engine_rdata),
      .reg_error          (engine_error),
      .enable             (enable),
      .reset_request      (reset_request),
      .resetting          (resetting),
      .busy               (busy),
      .completion_lost    (completion_lost),
      .set_error          (set_error),
      .irq_count          (irq_count),
      .irq_cycles         (irq_cycles),
      .sq_base            (sq_base),
      .sq_size            (sq_size),
      .sq_tail            (sq_tail),
      .sq_head            (sq_head),
      .cq_base            (cq_base),
      .cq_size            (cq_size),
      .cq_head            (cq_head),
      .cq_tail            (cq_tail),
      .add_completion     (completion_written),
      .add_bus_errors     (2'(completion_lost || result_lost) + 2'(descriptor_lost)
                           + 2'(drop_valid && drop_ready)),
      .add_bad_descriptor (add_bad_descriptor)
  );

  card_sigverify_regs own_regs (
      .clk            (gated_clk),
      .rst            (engine_rst),
      .reg_wr         (reg_wr),
      .reg_rd         (reg_rd),
      .reg_addr       (reg_addr),
      .reg_rdata      (own_rdata),
      .reg_error      (own_error),
      .multiplications(multiplications),
      .busy_cycles    (busy_cycles),
      .add_job        (add_job),
      .add_result     (result_valid && result_ready),
      .add_valid      (result_valid && result_ready && result_good)
  );

  card_engine_reset engine_reset (
      .clk       (gated_clk),
      .rst       (rst),
      .request   (reset_request || reset_start),
      .transfers (rd_pending != '0 || wr_pending != '0),
      .quiesce   (quiesce),
      .engine_rst(engine_rst),
      .resetting (resetting)
  );

  card_irq_coalesce irq_coalesce (
      .clk     (gated_clk),
      .rst     (engine_rst),
      .count   (irq_count),
      .cycles  (irq_cycles),
      .event_in(completion_written),
      .fire    (set_done),
      .waiting (irq_waiting)
  );

  // Submission: ring, descriptor, batch

  card_ring_fetch #(
      .PREFETCH(PREFETCH)
  ) ring_fetch (
      .clk          (gated_clk),
      .rst          (engine_rst),
      .enable       (enable && !quiesce),
      .base         (sq_base),
      .size         (sq_size),
      .tail         (sq_tail),
      .head         (sq_head),
      .m_req_addr   (m_req_addr[127:64]),
      .m_req_len    (m_req_len[15:8]),
      .m_req_valid  (m_req_valid[1]),
      .m_req_ready  (m_req_ready[1]),
      .rd_data      (rd_data),
      .rd_error     (rd_error),
      .rd_last      (rd_last),
      .rd_valid     (rd_valid[1]),
      .m_axis_tdata (beat_tdata),
      .m_axis_tuser (beat_tuser),
      .m_axis_tvalid(beat_tvalid),
      .m_axis_tready(beat_tready),
      .busy         (fetch_busy)
  );

  wire logic        open_valid, open_ready, open_recover;
  wire logic [4:0]  open_slot;
  wire logic [31:0] open_id;
  wire logic [63:0] open_result;
  wire logic [15:0] open_count;
  wire logic [2:0]  open_status;
  wire logic [14:0] open_index;
  wire logic        batch_valid, batch_ready, batch_recover, batch_allow_high_s;
  wire logic [4:0]  batch_slot;
  wire logic [63:0] batch_input;
  wire logic [15:0] batch_count;

  card_descriptor descriptor (
      .clk                 (gated_clk),
      .rst                 (engine_rst),
      .quiesce             (quiesce),
      .s_axis_tdata        (beat_tdata),
      .s_axis_tuser        (beat_tuser),
      .s_axis_tvalid       (beat_tvalid),
      .s_axis_tready       (beat_tready),
      .open_valid          (open_valid),
      .open_ready          (open_ready),
      .open_slot           (open_slot),
      .open_id             (open_id),
      .open_recover        (open_recover),
      .open_result         (open_result),
      .open_count          (open_count),
      .open_status         (open_status),
      .open_index          (open_index),
      .m_batch_valid       (batch_valid),
      .m_batch_ready       (batch_ready),
      .m_batch_slot        (batch_slot),
      .m_batch_recover     (batch_recover),
      .m_batch_allow_high_s(batch_allow_high_s),
      .m_batch_input       (batch_input),
      .m_batch_count       (batch_count),
      .busy                (descriptor_busy),
      .add_bad_descriptor  (add_bad_descriptor),
      .add_bus_error       (descriptor_lost)
  );

  wire logic [4:0]  lookup_slot;
  wire logic        lookup_recover;
  wire logic [63:0] lookup_result;
  wire logic        done_valid, done_ready;
  wire logic [31:0] done_id;
  wire logic [15:0] done_good;
  wire logic [2:0]  done_status;
  wire logic [14:0] done_index;

  card_batches #(
      .BATCHES(BATCHES)
  ) batches (
      .clk           (gated_clk),
      .rst           (engine_rst),
      .open_valid    (open_valid),
      .open_ready    (open_ready),
      .open_slot     (open_slot),
      .open_id       (open_id),
      .open_recover  (open_recover),
      .open_result   (open_result),
      .open_count    (open_count),
      .open_status   (open_status),
      .open_index    (open_index),
      .result_valid  (result_valid),
      .result_ready  (result_ready),
      .result_slot   (result_slot),
      .result_good   (result_good),
      .result_split  (result_split),
      .drop_valid    (drop_valid),
      .drop_ready    (drop_ready),
      .drop_slot     (drop_slot),
      .written_valid (wr_valid[0]),
      .written_slot  (wr_tag),
      .written_error (wr_error),
      .lookup_slot   (lookup_slot),
      .lookup_recover(lookup_recover),
      .lookup_result (lookup_result),
      .done_valid    (done_valid),
      .done_ready    (done_ready),
      .done_id       (done_id),
      .done_good     (done_good),
      .done_status   (done_status),
      .done_index    (done_index),
      .busy          (batches_busy),
      .active        (batches_active)
  );

  // Records to jobs
  wire logic        record_valid, record_done, record_recover, record_allow_high_s;
  wire logic        record_malformed, record_error, beat_en;
  wire logic [4:0]  record_slot, beat;
  wire logic [15:0] record_index;
  wire logic [7:0]  record_recovery_id;
  wire logic [63:0] beat_data;

  card_record_reader #(
      .RECORDS(RECORDS)
  ) record_reader (
      .clk                 (gated_clk),
      .rst                 (engine_rst),
      .quiesce             (quiesce),
      .s_batch_valid       (batch_valid),
      .s_batch_ready       (batch_ready),
      .s_batch_slot        (batch_slot),
      .s_batch_recover     (batch_recover),
      .s_batch_allow_high_s(batch_allow_high_s),
      .s_batch_input       (batch_input),
      .s_batch_count       (batch_count),
      .m_req_addr          (m_req_addr[63:0]),
      .m_req_len           (m_req_len[7:0]),
      .m_req_valid         (m_req_valid[0]),
      .m_req_ready         (m_req_ready[0]),
      .rd_data             (rd_data),
      .rd_error            (rd_error),
      .rd_valid            (rd_valid[0]),
      .record_valid        (record_valid),
      .record_done         (record_done),
      .record_slot         (record_slot),
      .record_index        (record_index),
      .record_recover      (record_recover),
      .record_allow_high_s (record_allow_high_s),
      .record_recovery_id  (record_recovery_id),
      .record_malformed    (record_malformed),
      .record_error        (record_error),
      .beat_en             (beat_en),
      .beat                (beat),
      .beat_data           (beat_data)
  );

  card_job_sender job_sender (
      .clk                (gated_clk),
      .rst                (engine_rst),
      .record_valid       (record_valid),
      .record_done        (record_done),
      .record_slot        (record_slot),
      .record_index       (record_index),
      .record_recover     (record_recover),
      .record_allow_high_s(record_allow_high_s),
      .record_recovery_id (record_recovery_id),
      .record_malformed   (record_malformed),
      .record_error       (record_error),
      .beat_en            (beat_en),
      .beat               (beat),
      .beat_data          (beat_data),
      .drop_valid         (drop_valid),
      .drop_ready         (drop_ready),
      .drop_slot          (drop_slot),
      .m_job_tdata        (sent_tdata),
      .m_job_tvalid       (sent_tvalid),
      .m_job_tready       (sent_tready),
      .m_job_tlast        (sent_tlast),
      .add_job            (add_job)
  );

  // The engine's clock: while there is a job, and until what follows the last one is over
  wire logic engine_clk;
  clock_rest #(
      .GATING(CLOCK_GATING && ENGINE_RESTS),
      .LINGER(255)
  ) engine_rest (
      .clk      (clk),
      .rst      (engine_rst),
      .active   (!engine_idle),
      .gated_clk(engine_clk)
  );

  // Nothing is taken from a sleeping sender; an engine that would take something wakes it up.
  sigv_top #(
      .ENGINES (ENGINES),
      .CONTEXTS(CONTEXTS),
      .MUL_II  (MUL_II),
      .G_WINDOW(G_WINDOW),
      .SOURCES (1),
      .CLOCK_GATING(CLOCK_GATING)
  ) engine (
      .clk            (engine_clk),
      .rst            (engine_rst),
      .s_job_tdata    (sent_tdata),
      .s_job_tvalid   (sent_tvalid && awake),
      .s_job_tready   (sent_tready),
      .s_job_tlast    (sent_tlast),
      .m_result_tdata (result_tdata),
      .m_result_tvalid(result_tvalid),
      .m_result_tready(result_tready && awake),
      .m_result_tlast (result_tlast),
      .stat_mul       (stat_mul),
      .idle           (engine_idle)
  );

  // Results and completions
  axis_register #(
      .DATA_W(64),
      .USER_W(1)
  ) result_register (
      .clk          (gated_clk),
      .rst          (engine_rst),
      .s_axis_tdata (result_tdata),
      .s_axis_tuser (1'b0),
      .s_axis_tvalid(result_tvalid),
      .s_axis_tready(result_tready),
      .s_axis_tlast (result_tlast),
      .m_axis_tdata (taken_tdata),
      .m_axis_tuser (unused_result_tuser),
      .m_axis_tvalid(taken_tvalid),
      .m_axis_tready(taken_tready),
      .m_axis_tlast (taken_tlast)
  );

  card_result_writer result_writer (
      .clk            (gated_clk),
      .rst            (engine_rst),
      .quiesce        (quiesce),
      .s_result_tdata (taken_tdata),
      .s_result_tvalid(taken_tvalid),
      .s_result_tready(taken_tready),
      .s_result_tlast (taken_tlast),
      .lookup_slot    (lookup_slot),
      .lookup_recover (lookup_recover),
      .lookup_result  (lookup_result),
      .result_valid   (result_valid),
      .result_ready   (result_ready),
      .result_slot    (result_slot),
      .result_good    (result_good),
      .result_split   (result_split),
      .m_axis_tdata   (m_wr_tdata[63:0]),
      .m_axis_tuser   (m_wr_tuser[12:0]),
      .m_axis_tvalid  (m_wr_tvalid[0]),
      .m_axis_tready  (m_wr_tready[0]),
      .m_axis_tlast   (m_wr_tlast[0])
  );

  card_ring_complete ring_complete (
      .clk          (gated_clk),
      .rst          (engine_rst),
      .quiesce      (quiesce),
      .base         (cq_base),
      .size         (cq_size),
      .head         (cq_head),
      .tail         (cq_tail),
      .done_valid   (done_valid),
      .done_ready   (done_ready),
      .done_entry   ({done_index, 13'd0, done_status, cycles, 16'd0, done_good, done_id}),
      .m_axis_tdata (m_wr_tdata[127:64]),
      .m_axis_tuser (m_wr_tuser[25:13]),
      .m_axis_tvalid(m_wr_tvalid[1]),
      .m_axis_tready(m_wr_tready[1]),
      .m_axis_tlast (m_wr_tlast[1]),
      .busy         (complete_busy)
  );

  wire logic unused = &{1'b0, unused_result_tuser};
endmodule

`default_nettype wire
