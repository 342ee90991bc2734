// SPDX-License-Identifier: Apache-2.0
// toe_gather: reads pieces of buffers and joins them to frames, aligned from byte 0.
//
// A chunk is 1 to 2,048 bytes of one buffer at any alignment, one burst on the bus; the one marked
// last ends a frame. A chunk is taken when its data have room here, so the bus never waits. A
// chunk marked void gives zeros (it is read all the same). One beat a cycle, across chunks too; one
// cycle more where a frame's last bytes do not fit into the beat at hand; latency five cycles after
// the data. Reset empties it; answers still on the way are the caller's to wait for.
`default_nettype none

module toe_gather #(
    // Bits of a buffer's number
    parameter int unsigned BUFFERS_LOG2 = 13,
    // Bits of a count of bursts
    parameter int unsigned FENCE_W      = 10
) (
    input  wire logic                    clk,
    input  wire logic                    rst,             // synchronous, active high

    // Chunks
    input  wire logic [BUFFERS_LOG2-1:0] s_chunk_buffer,
    input  wire logic [10:0]             s_chunk_offset,
    input  wire logic [11:0]             s_chunk_len,     // bytes, 1 to 2048 - offset
    input  wire logic                    s_chunk_last,
    input  wire logic                    s_chunk_void,
    input  wire logic                    s_chunk_valid,
    output wire logic                    s_chunk_ready,   // there is room for the longest

    // Bursts to read, and their data, which cannot be refused
    output wire logic [BUFFERS_LOG2-1:0] m_burst_buffer,
    output wire logic [7:0]              m_burst_beat,    // of the buffer, the first one
    output wire logic [7:0]              m_burst_len,     // beats less one
    output wire logic                    m_burst_valid,
    input  wire logic                    m_burst_ready,
    input  wire logic [63:0]             rd_data,
    input  wire logic                    rd_error,        // the bus refused this beat
    input  wire logic                    rd_last,
    input  wire logic                    rd_valid,

    // Bursts asked for and answered
    output wire logic [FENCE_W-1:0]      asked,
    output wire logic [FENCE_W-1:0]      done,

    // Frames; tuser on the last beat: something in it is void or was refused
    output wire logic [63:0]             m_axis_tdata,
    output wire logic [7:0]              m_axis_tkeep,
    output wire logic                    m_axis_tuser,
    output wire logic                    m_axis_tvalid,
    input  wire logic                    m_axis_tready,
    output wire logic                    m_axis_tlast,

    output wire logic                    busy             // something is inside, or on its way
);
  localparam int unsigned BEATS = 512;  // two chunks of the longest kind
  localparam int unsigned CHUNKS = 32;

  logic [9:0]         credit_q;  // beats that have room and were not asked for
  logic [FENCE_W-1:0] asked_q, done_q;

  wire logic        chunk_room, burst_room;
  wire logic        chunk = s_chunk_valid && s_chunk_ready;
  wire logic [12:0] end_byte = {10'd0, s_chunk_offset[2:0]} + {1'b0, s_chunk_len} - 13'd1;
  wire logic [7:0]  length = end_byte[10:3];

  wire logic [63:0] beat;
  wire logic        beat_error, beat_valid, beat_take;

  always_ff @(posedge clk) begin
    credit_q <= credit_q + 10'(beat_take) - (chunk ? 10'(length) + 10'd1 : '0);
    if (chunk) asked_q <= asked_q + 1'b1;
    if (rd_valid && rd_last) done_q <= done_q + 1'b1;
    if (rst) begin
      credit_q <= 10'(BEATS);
      asked_q  <= '0;
      done_q   <= '0;
    end
  end

  assign s_chunk_ready = credit_q >= 10'd256 && chunk_room && burst_room;
  assign asked = asked_q;
  assign done  = done_q;

  wire logic                    unused_burst_last, unused_burst_user;
  wire logic [$clog2(CHUNKS):0] unused_burst_level, unused_chunk_level;
  axis_fifo #(
      .DATA_W(BUFFERS_LOG2 + 16),
      .USER_W(1),
      .DEPTH (CHUNKS)
  ) bursts (
      .clk          (clk),
      .rst          (rst),
      .s_axis_tdata ({s_chunk_buffer, s_chunk_offset[10:3], length}),
      .s_axis_tuser (1'b0),
      .s_axis_tvalid(chunk),
      .s_axis_tready(burst_room),
      .s_axis_tlast (1'b0),
      .m_axis_tdata ({m_burst_buffer, m_burst_beat, m_burst_len}),
      .m_axis_tuser (unused_burst_user),
      .m_axis_tvalid(m_burst_valid),
      .m_axis_tready(m_burst_ready),
      .m_axis_tlast (unused_burst_last),
      .level        (unused_burst_level)
  );

  // What is on its way: the chunk at the head of the list, and how far it has come
  wire logic [2:0]  head_lane;
  wire logic [11:0] head_len;
  wire logic        head_void, head_last, head_valid;
  logic             begun_q;
  logic [11:0]      left_q;

  wire logic [2:0]  lane  = begun_q ? '0 : head_lane;
  wire logic [11:0] left  = begun_q ? left_q : head_len;
  wire logic [3:0]  room  = 4'd8 - {1'b0, lane};
  wire logic        final_beat = left <= 12'(room);
  wire logic [3:0]  number = final_beat ? left[3:0] : room;  // bytes of this beat, 1 to 8

  axis_fifo #(
      .DATA_W(16),
      .USER_W(1),
      .DEPTH (CHUNKS)
  ) chunks (
      .clk          (clk),
      .rst          (rst),
      .s_axis_tdata ({s_chunk_offset[2:0], s_chunk_len, s_chunk_void}),
      .s_axis_tuser (1'b0),
      .s_axis_tvalid(chunk),
      .s_axis_tready(chunk_room),
      .s_axis_tlast (s_chunk_last),
      .m_axis_tdata ({head_lane, head_len, head_void}),
      .m_axis_tuser (unused_chunk_user),
      .m_axis_tvalid(head_valid),
      .m_axis_tready(beat_take && final_beat),
      .m_axis_tlast (head_last),
      .level        (unused_chunk_level)
  );
  wire logic unused_chunk_user;

  wire logic                   unused_beat_last, unused_beat_ready;
  wire logic [$clog2(BEATS):0] unused_beat_level;
  axis_fifo #(
      .DATA_W(64),
      .USER_W(1),
      .DEPTH (BEATS)
  ) beats (
      .clk          (clk),
      .rst          (rst),
      .s_axis_tdata (rd_data),
      .s_axis_tuser (rd_error),
      .s_axis_tvalid(rd_valid),
      .s_axis_tready(unused_beat_ready),
      .s_axis_tlast (1'b0),
      .m_axis_tdata (beat),
      .m_axis_tuser (beat_error),
      .m_axis_tvalid(beat_valid),
      .m_axis_tready(beat_take),
      .m_axis_tlast (unused_beat_last),
      .level        (unused_beat_level)
  );

  // First stage: bytes from byte 0
  logic        first_valid_q, first_last_q, first_error_q;
  logic [63:0] first_data_q;
  logic [3:0]  first_number_q;

  wire logic first_move;
  assign beat_take = head_valid && beat_valid && first_move;

  always_ff @(posedge clk) begin
    if (first_move) begin
      first_valid_q  <= head_valid && beat_valid;
      first_last_q   <= head_last && final_beat;
      first_error_q  <= head_void || beat_error;
      first_data_q   <= head_void || beat_error ? '0 : beat >> {lane, 3'd0};
      first_number_q <= number;
    end
    if (beat_take) begin
      begun_q <= !final_beat;
      left_q  <= left - 12'(number);
    end
    if (rst) begin
      first_valid_q <= 1'b0;
      begun_q       <= 1'b0;
    end
  end

  // Second stage: behind the bytes that are left from before
  logic [63:0] rest_q;
  logic [2:0]  rest_number_q;  // bytes left from before
  logic        flush_q;        // they are the last of their frame
  logic        error_q;        // of the frame so far
  logic        valid_q, last_q, user_q;
  logic [63:0] data_q;
  logic [7:0]  keep_q;

  wire logic       move  = !valid_q || m_axis_tready;
  wire logic       merge = first_valid_q && move && !flush_q;
  wire logic [3:0] total = {1'b0, rest_number_q} + first_number_q;
  wire logic       full  = total[3];
  assign first_move = !first_valid_q || merge;

  wire logic [63:0] rotated = toe_pkg::rotate_up(first_data_q, rest_number_q);
  wire logic [63:0] merged  = toe_pkg::join_beats(rest_q, rotated, rest_number_q);
  wire logic [7:0]  low     = ~(8'hff << rest_number_q);

  always_ff @(posedge clk) begin
    if (move) begin
      valid_q <= flush_q || (merge && (full || first_last_q));
      data_q  <= flush_q ? rest_q : merged;
      keep_q  <= flush_q ? low : full ? 8'hff : ~(8'hff << total[2:0]);
      last_q  <= flush_q || (first_last_q && total <= 4'd8);
      user_q  <= error_q || (merge && first_error_q);
    end
    if (move && flush_q) begin
      flush_q       <= 1'b0;
      rest_number_q <= '0;
      error_q       <= 1'b0;
    end else if (merge) begin
      rest_q        <= full ? rotated : merged;
      rest_number_q <= first_last_q && total <= 4'd8 ? '0 : total[2:0];
      flush_q       <= first_last_q && total > 4'd8;
      error_q       <= (error_q || first_error_q) && !(first_last_q && total <= 4'd8);
    end
    if (rst) begin
      valid_q       <= 1'b0;
      flush_q       <= 1'b0;
      rest_number_q <= '0;
      error_q       <= 1'b0;
    end
  end

  assign m_axis_tdata  = data_q;
  assign m_axis_tkeep  = keep_q;
  assign m_axis_tuser  = user_q;
  assign m_axis_tvalid = valid_q;
  assign m_axis_tlast  = last_q;
  assign busy = asked_q != done_q || m_burst_valid || head_valid || first_valid_q || flush_q
                || valid_q;

  wire logic unused = &{1'b0, unused_burst_last, unused_burst_user, unused_burst_level,
                        unused_chunk_user, unused_chunk_level, unused_beat_last,
                        unused_beat_ready, unused_beat_level, end_byte[12:11], end_byte[2:0]};
endmodule

`default_nettype wire
