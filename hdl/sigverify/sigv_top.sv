// SPDX-License-Identifier: Apache-2.0
// sigv_top: signature engines shared by several sources of jobs, frame by frame and fairly.
//
// Job and result frames are 64 bits wide, the first wire byte is tdata[7:0]; README.md describes them.
// Results go back to the source that sent the job, in any order, matched by tag. A source owes that
// it does not pause within a frame for longer than it wants the others to wait, and that it takes its
// results; with CLOCK_GATING, that rst, s_job_tvalid and m_result_tready depend on flip-flops of clk
// alone, for clocks depend on them. Throughput: ENGINES times that of sigv_engine. Reset drops all jobs.
`default_nettype none

module sigv_top #(
    // Engines, each with a multiplier of its own
    parameter int unsigned ENGINES = 1,
    // Jobs in flight per engine, 1 to 64
    parameter int unsigned CONTEXTS = 32,
    // Cycles that a product occupies a multiplier: 1, 2, 5 or 10
    parameter int unsigned MUL_II = 1,
    // Window of the signed digits of G, 5 to 10
    parameter int unsigned G_WINDOW = 10,
    // Streams that jobs come from
    parameter int unsigned SOURCES = 1,
    // 1: stop the clocks of what has nothing to do (clock_gate)
    parameter bit CLOCK_GATING = 1'b0
) (
    input  wire logic                  clk,
    input  wire logic                  rst,

    input  wire logic [SOURCES*64-1:0] s_job_tdata,
    input  wire logic [   SOURCES-1:0] s_job_tvalid,
    output wire logic [   SOURCES-1:0] s_job_tready,
    input  wire logic [   SOURCES-1:0] s_job_tlast,

    output wire logic [SOURCES*64-1:0] m_result_tdata,
    output wire logic [   SOURCES-1:0] m_result_tvalid,
    input  wire logic [   SOURCES-1:0] m_result_tready,
    output wire logic [   SOURCES-1:0] m_result_tlast,

    output wire logic [   ENGINES-1:0] stat_mul,  // high for each slot that uses a multiplier
    output wire logic                  idle       // no job in here
);
  localparam int unsigned TID_W = SOURCES > 1 ? $clog2(SOURCES) : 1;
  localparam int unsigned DEST_W = ENGINES > 1 ? $clog2(ENGINES) : 1;

  // Sources to one stream
  wire [63:0] job_tdata;
  wire [TID_W-1:0] job_tid;
  wire job_tvalid, job_tready, job_tlast;
  if (SOURCES == 1) begin : g_source
    assign job_tdata = s_job_tdata;
    assign job_tid = '0;
    assign job_tvalid = s_job_tvalid;
    assign job_tlast = s_job_tlast;
    assign s_job_tready = job_tready;
  end else begin : g_sources
    wire unused_user;
    axis_arb #(
        .PORTS(SOURCES)
    ) u_sources (
        .clk,
        .rst,
        .s_axis_tdata(s_job_tdata),
        .s_axis_tuser({SOURCES{1'b0}}),
        .s_axis_tvalid(s_job_tvalid),
        .s_axis_tready(s_job_tready),
        .s_axis_tlast(s_job_tlast),
        .m_axis_tdata(job_tdata),
        .m_axis_tuser(unused_user),
        .m_axis_tid(job_tid),
        .m_axis_tvalid(job_tvalid),
        .m_axis_tready(job_tready),
        .m_axis_tlast(job_tlast)
    );
    wire unused = &{1'b0, unused_user};
  end

  // To the next engine, in turn, that takes a frame now
  wire [ENGINES*64-1:0] e_job_tdata, e_result_tdata;
  wire [ENGINES*TID_W-1:0] e_job_tid, e_result_tid;
  wire [ENGINES-1:0] e_job_tvalid, e_job_tready, e_job_tlast;
  wire [ENGINES-1:0] e_result_tvalid, e_result_tready, e_result_tlast, e_idle;
  if (ENGINES == 1) begin : g_direct
    assign e_job_tdata = job_tdata;
    assign e_job_tid = job_tid;
    assign e_job_tvalid = job_tvalid;
    assign e_job_tlast = job_tlast;
    assign job_tready = e_job_tready;
  end else begin : g_pick
    wire [ENGINES-1:0] pick;
    logic [DEST_W-1:0] dest;
    logic in_frame;
    wire first = job_tvalid && !in_frame;
    always_ff @(posedge clk) begin
      if (job_tvalid && job_tready) in_frame <= !job_tlast;
      if (rst) in_frame <= 1'b0;
    end
    rr_arbiter #(
        .PORTS(ENGINES)
    ) u_pick (
        .clk,
        .rst,
        .request(e_job_tready),
        .grant(pick),
        .advance(first && job_tready)
    );
    always_comb begin
      dest = '0;
      for (int i = 0; i < ENGINES; i++) if (pick[i]) dest = DEST_W'(i);
    end
    axis_demux #(
        .PORTS(ENGINES),
        .USER_W(TID_W)
    ) u_engines (
        .clk,
        .rst,
        .s_axis_tdata(job_tdata),
        .s_axis_tuser(job_tid),
        .s_axis_tdest(dest),
        .s_axis_tvalid(job_tvalid),
        .s_axis_tready(job_tready),
        .s_axis_tlast(job_tlast),
        .m_axis_tdata(e_job_tdata),
        .m_axis_tuser(e_job_tid),
        .m_axis_tvalid(e_job_tvalid),
        .m_axis_tready(e_job_tready),
        .m_axis_tlast(e_job_tlast)
    );
  end

  for (genvar i = 0; i < ENGINES; i++) begin : g_engine
    sigv_engine #(
        .CONTEXTS(CONTEXTS),
        .MUL_II(MUL_II),
        .G_WINDOW(G_WINDOW),
        .TID_W(TID_W),
        .CLOCK_GATING(CLOCK_GATING)
    ) u_engine (
        .clk,
        .rst,
        .s_job_tdata(e_job_tdata[64*i+:64]),
        .s_job_tid(e_job_tid[TID_W*i+:TID_W]),
        .s_job_tvalid(e_job_tvalid[i]),
        .s_job_tready(e_job_tready[i]),
        .s_job_tlast(e_job_tlast[i]),
        .m_result_tdata(e_result_tdata[64*i+:64]),
        .m_result_tid(e_result_tid[TID_W*i+:TID_W]),
        .m_result_tvalid(e_result_tvalid[i]),
        .m_result_tready(e_result_tready[i]),
        .m_result_tlast(e_result_tlast[i]),
        .stat_mul(stat_mul[i]),
        .idle(e_idle[i])
    );
  end

  // Results back to their sources
  wire [63:0] result_tdata;
  wire [TID_W-1:0] result_tid;
  wire result_tvalid, result_tready, result_tlast;
  if (ENGINES == 1) begin : g_result
    assign result_tdata = e_result_tdata;
    assign result_tid = e_result_tid;
    assign result_tvalid = e_result_tvalid;
    assign result_tlast = e_result_tlast;
    assign e_result_tready = result_tready;
  end else begin : g_results
    wire [DEST_W-1:0] unused_engine;
    axis_arb #(
        .PORTS(ENGINES),
        .USER_W(TID_W)
    ) u_results (
        .clk,
        .rst,
        .s_axis_tdata(e_result_tdata),
        .s_axis_tuser(e_result_tid),
        .s_axis_tvalid(e_result_tvalid),
        .s_axis_tready(e_result_tready),
        .s_axis_tlast(e_result_tlast),
        .m_axis_tdata(result_tdata),
        .m_axis_tuser(result_tid),
        .m_axis_tid(unused_engine),
        .m_axis_tvalid(result_tvalid),
        .m_axis_tready(result_tready),
        .m_axis_tlast(result_tlast)
    );
    wire unused = &{1'b0, unused_engine};
  end
  if (SOURCES == 1) begin : g_back
    assign m_result_tdata = result_tdata;
    assign m_result_tvalid = result_tvalid;
    assign m_result_tlast = result_tlast;
    assign result_tready = m_result_tready;
    wire unused = &{1'b0, result_tid};
  end else begin : g_backs
    wire [SOURCES-1:0] unused_users;
    axis_demux #(
        .PORTS(SOURCES)
    ) u_back (
        .clk,
        .rst,
        .s_axis_tdata(result_tdata),
        .s_axis_tuser(1'b0),
        .s_axis_tdest(result_tid),
        .s_axis_tvalid(result_tvalid),
        .s_axis_tready(result_tready),
        .s_axis_tlast(result_tlast),
        .m_axis_tdata(m_result_tdata),
        .m_axis_tuser(unused_users),
        .m_axis_tvalid(m_result_tvalid),
        .m_axis_tready(m_result_tready),
        .m_axis_tlast(m_result_tlast)
    );
    wire unused = &{1'b0, unused_users};
  end

  assign idle = &e_idle && s_job_tvalid == '0 && !job_tvalid && !result_tvalid;
endmodule

`default_nettype wire
