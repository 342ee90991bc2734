// SPDX-License-Identifier: Apache-2.0
// toe_scatter: turns payloads, aligned from byte 0, into bursts for buffers, aligned as memory is.
//
// A job says where in its first buffer a payload begins; from there on it fills buffer after
// buffer, so one rotation serves all of it. The bursts themselves, one a buffer, come separately
// and in order. A burst is offered when all its data are here, so who writes never waits within
// one. One beat a cycle, two cycles more a payload; latency six cycles and the length of a burst.
// Reset empties it. The caller owes: bursts that match its jobs, never more than BURSTS at once,
// and jobs with s_job_ready only.
`default_nettype none

module toe_scatter #(
    // Bits of a buffer's number
    parameter int unsigned BUFFERS_LOG2 = 13,
    // Bursts that may wait: a power of two, at least 4
    parameter int unsigned BURSTS       = 128
) (
    input  wire logic                    clk,
    input  wire logic                    rst,             // synchronous, active high

    // Jobs, one a payload
    input  wire logic [15:0]             s_job_skip,      // bytes to leave out at the front
    input  wire logic [10:0]             s_job_offset,    // of the first byte in its buffer
    input  wire logic [15:0]             s_job_len,       // bytes; 0: drop the payload
    input  wire logic                    s_job_valid,
    output wire logic                    s_job_ready,

    // Bursts, one a buffer
    input  wire logic [BUFFERS_LOG2-1:0] s_burst_buffer,
    input  wire logic [7:0]              s_burst_beat,    // of the buffer, the first one
    input  wire logic [7:0]              s_burst_len,     // beats less one
    input  wire logic                    s_burst_valid,

    // Payloads; bytes that a payload lacks are written as zeros, those too many dropped
    input  wire logic [63:0]             s_axis_tdata,
    input  wire logic                    s_axis_tuser,    // a beat that is not what it should be
    input  wire logic                    s_axis_tvalid,
    output wire logic                    s_axis_tready,
    input  wire logic                    s_axis_tlast,

    // Payloads that were not dropped have been taken; a pulse
    output wire logic                    m_taken_broken,  // with a beat that was not
    output wire logic                    m_taken_valid,

    // Bursts whose data are here, and their data: tlast ends a burst
    output wire logic [BUFFERS_LOG2-1:0] m_burst_buffer,
    output wire logic [7:0]              m_burst_beat,
    output wire logic [7:0]              m_burst_len,
    output wire logic                    m_burst_valid,
    input  wire logic                    m_burst_ready,
    output wire logic [63:0]             m_axis_tdata,
    output wire logic [7:0]              m_axis_tstrb,
    output wire logic                    m_axis_tvalid,
    input  wire logic                    m_axis_tready,
    output wire logic                    m_axis_tlast,

    output wire logic                    busy             // something is inside
);
  localparam int unsigned BEATS = 512;  // two bursts of the longest kind

  localparam logic [1:0] StIdle = 2'd0;
  localparam logic [1:0] StSkip = 2'd1;
  localparam logic [1:0] StRun  = 2'd2;
  localparam logic [1:0] StDrop = 2'd3;

  wire logic [15:0] job_skip, job_len;
  wire logic [10:0] job_offset;
  wire logic        job_valid;
  wire logic        unused_job_last, unused_burst_last, unused_burst_user, unused_burst_ready;

  logic [1:0]  state_q;
  logic [2:0]  rotation_q;  // bytes up
  logic        prime_q;     // the first beat only fills what its successor needs
  logic        first_q, ended_q;
  logic        drops_q, broken_q;      // of the payload
  logic        taken_q, taken_broken_q;
  logic [2:0]  lane_q, tail_q;
  logic [12:0] skip_q;      // beats to leave out
  logic [13:0] in_q, out_q; // beats to take and to give
  logic [7:0]  beat_q;      // of the buffer
  logic [63:0] before_q;    // the beat before, rotated

  logic        valid_q, last_q;
  logic [63:0] data_q;
  logic [7:0]  strb_q;
  logic [9:0]  whole_q;     // bursts whose data are here

  wire logic room;
  wire logic move  = !valid_q || room;
  wire logic wants = in_q != '0;
  wire logic step  = state_q == StRun && move && (!wants || ended_q || s_axis_tvalid);
  wire logic final_beat = out_q == 14'd1;
  wire logic take  = s_axis_tvalid && s_axis_tready;
  wire logic ends  = take && s_axis_tlast;

  // The beat that arrives, rotated; behind the end of a payload there are zeros
  wire logic [63:0] beat = ended_q || !wants ? '0 : s_axis_tdata;
  wire logic [63:0] rotated = toe_pkg::rotate_up(beat, rotation_q);
  wire logic [63:0] merged  = toe_pkg::join_beats(before_q, rotated, rotation_q);
  logic [7:0] strb;
  always_comb begin
    strb = first_q ? 8'hff << lane_q : 8'hff;
    if (final_beat && tail_q != '0) strb = strb & ~(8'hff << tail_q);
  end

  wire logic [16:0] out_bytes = 17'(job_len) + 17'(job_offset[2:0]) + 17'd7;
  wire logic [16:0] in_bytes  = 17'(job_len) + 17'(job_skip[2:0]) + 17'd7;

  always_ff @(posedge clk) begin
    if (move) valid_q <= step && !prime_q;
    if (step) begin
      data_q   <= merged;
      strb_q   <= strb;
      last_q   <= final_beat || beat_q == '1;
      before_q <= rotated;
      prime_q  <= 1'b0;
      if (wants) in_q <= in_q - 1'b1;
      if (!prime_q) begin
        first_q <= 1'b0;
        out_q   <= out_q - 1'b1;
        beat_q  <= beat_q + 1'b1;
      end
    end
    if (ends) ended_q <= 1'b1;
    if (take) broken_q <= !s_axis_tlast && (broken_q || s_axis_tuser);
    taken_q        <= ends && !drops_q;
    taken_broken_q <= broken_q || s_axis_tuser;
    unique case (state_q)
      StIdle: begin
        rotation_q <= job_offset[2:0] - job_skip[2:0];
        prime_q    <= job_offset[2:0] < job_skip[2:0];
        first_q    <= 1'b1;
        ended_q    <= 1'b0;
        lane_q     <= job_offset[2:0];
        tail_q     <= job_offset[2:0] + job_len[2:0];
        skip_q     <= job_skip[15:3];
        in_q       <= in_bytes[16:3];
        out_q      <= out_bytes[16:3];
        beat_q     <= job_offset[10:3];
        drops_q    <= job_len == '0;
        if (job_valid) begin
          state_q <= job_len == '0 ? StDrop : job_skip[15:3] != '0 ? StSkip : StRun;
        end
      end
      StSkip: begin
        if (take) skip_q <= skip_q - 1'b1;
        if (ends || (take && skip_q == 13'd1)) state_q <= StRun;
      end
      StRun: if (step && !prime_q && final_beat) state_q <= ended_q || ends ? StIdle : StDrop;
      StDrop: if (ends) state_q <= StIdle;
    endcase
    whole_q <= whole_q + 10'(valid_q && room && last_q) - 10'(m_burst_valid && m_burst_ready);
    if (rst) begin
      state_q <= StIdle;
      valid_q <= 1'b0;
      whole_q <= '0;
      taken_q  <= 1'b0;
      broken_q <= 1'b0;
    end
  end

  assign m_taken_valid  = taken_q;
  assign m_taken_broken = taken_broken_q;
  assign s_axis_tready = state_q == StSkip || state_q == StDrop ||
                         (state_q == StRun && move && wants && !ended_q);

  wire logic [4:0] unused_job_level;
  axis_fifo #(
      .DATA_W(32),
      .USER_W(11),
      .DEPTH (16)
  ) jobs (
      .clk          (clk),
      .rst          (rst),
      .s_axis_tdata ({s_job_skip, s_job_len}),
      .s_axis_tuser (s_job_offset),
      .s_axis_tvalid(s_job_valid),
      .s_axis_tready(s_job_ready),
      .s_axis_tlast (1'b0),
      .m_axis_tdata ({job_skip, job_len}),
      .m_axis_tuser (job_offset),
      .m_axis_tvalid(job_valid),
      .m_axis_tready(state_q == StIdle),
      .m_axis_tlast (unused_job_last),
      .level        (unused_job_level)
  );

  wire logic burst_waits;
  wire logic [$clog2(BURSTS):0] unused_burst_level;
  axis_fifo #(
      .DATA_W(BUFFERS_LOG2 + 16),
      .USER_W(1),
      .DEPTH (BURSTS)
  ) bursts (
      .clk          (clk),
      .rst          (rst),
      .s_axis_tdata ({s_burst_buffer, s_burst_beat, s_burst_len}),
      .s_axis_tuser (1'b0),
      .s_axis_tvalid(s_burst_valid),
      .s_axis_tready(unused_burst_ready),
      .s_axis_tlast (1'b0),
      .m_axis_tdata ({m_burst_buffer, m_burst_beat, m_burst_len}),
      .m_axis_tuser (unused_burst_user),
      .m_axis_tvalid(burst_waits),
      .m_axis_tready(m_burst_valid && m_burst_ready),
      .m_axis_tlast (unused_burst_last),
      .level        (unused_burst_level)
  );
  assign m_burst_valid = burst_waits && whole_q != '0;
  assign busy          = state_q != StIdle || job_valid || burst_waits || valid_q || m_axis_tvalid;

  wire logic [$clog2(BEATS):0] unused_level;
  axis_fifo #(
      .DATA_W(64),
      .USER_W(8),
      .DEPTH (BEATS)
  ) beats (
      .clk          (clk),
      .rst          (rst),
      .s_axis_tdata (data_q),
      .s_axis_tuser (strb_q),
      .s_axis_tvalid(valid_q),
      .s_axis_tready(room),
      .s_axis_tlast (last_q),
      .m_axis_tdata (m_axis_tdata),
      .m_axis_tuser (m_axis_tstrb),
      .m_axis_tvalid(m_axis_tvalid),
      .m_axis_tready(m_axis_tready),
      .m_axis_tlast (m_axis_tlast),
      .level        (unused_level)
  );

  wire logic unused = &{1'b0, unused_level, unused_job_level, unused_job_last, unused_burst_last,
                        unused_burst_user, unused_burst_ready, unused_burst_level,
                        out_bytes[2:0], in_bytes[2:0]};
endmodule

`default_nettype wire
