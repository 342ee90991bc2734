// SPDX-License-Identifier: Apache-2.0
// toe_rx_tcp: takes TCP segments apart: header, options, payload from byte 0; checks the checksum.
//
// One beat per cycle, never stalls. Payload beats go out as they come, then payload_commit or
// payload_discard three cycles behind s_end for each segment that had an s_end, then, if it was
// commit, m_valid: in the next cycle, or at most thirteen cycles behind the third beat, where there
// are options to read. The caller owes what toe_rx_ipv4 gives: beats, s_end in a cycle of its own,
// segments that are s_ok at least seven cycles apart.
`default_nettype none

module toe_rx_tcp #(
    // 1: stop the clocks of what has nothing to do (clock_rest)
    parameter bit          CLOCK_GATING = 1'b0
) (
    input  wire logic         clk,
    input  wire logic         rst,              // synchronous, active high
    input  wire logic [31:0]  ip,               // this card's

    // Segments from byte 0; bytes behind the end are zero
    input  wire logic [63:0]  s_data,
    input  wire logic         s_valid,
    input  wire logic         s_end,            // in a cycle of its own behind the last beat
    input  wire logic         s_ok,             // with s_end: else count nothing, let nothing pass
    input  wire logic [31:0]  s_source,         // IPv4 address, from the first beat to s_end
    input  wire logic [15:0]  s_len,            // bytes, from the first beat to s_end

    // Payload, cannot wait
    output wire logic [63:0]  payload_data,
    output wire logic [3:0]   payload_bytes,    // 1 to 8; below 8 on the last beat only
    output wire logic         payload_last,
    output wire logic         payload_valid,
    output wire logic         payload_commit,   // the beats since the last of these two are wanted
    output wire logic         payload_discard,
    input  wire logic         payload_lost,     // a beat of the segment found no room

    // Segments, cannot wait
    output wire logic [336:0] m_segment,        // segment_t
    output wire logic         m_valid,
    input  wire logic         m_room,           // for one more

    // Pulses, one a segment that is dropped
    output wire logic         drop_header,
    output wire logic         drop_checksum,
    output wire logic         drop_full
);
  if (toe_pkg::SEGMENT_W != 337) $error("SEGMENT_W=%0d is not 337", toe_pkg::SEGMENT_W);

  // The segment coming in
  logic [3:0]  index_q;       // its beat, 15 and above are one
  toe_pkg::tuple_t tuple_q;   // its fields, but for options
  logic [31:0] seq_q, ack_q;
  logic [7:0]  flags_q;
  logic [15:0] window_q, urgent_q, len_q;
  logic [3:0]  offset_q;      // header length in words
  logic        header_bad_q;
  logic [15:0] left_q;        // bytes of payload not given yet
  logic [31:0] held_q;        // the last beat's second word
  logic [17:0] ip_sum_q;

  wire logic        is_first = index_q == 4'd0;
  wire logic [3:0]  offset   = s_data[39:36];
  wire logic [15:0] payload_len = s_len - {10'd0, offset, 2'd0};

  // Payload: with an odd number of words in the header each beat out is of two beats in
  wire logic odd    = offset_q[0];
  wire logic behind = index_q[3] || (odd ? index_q[2:0] > offset_q[3:1]
                                         : index_q[2:0] >= offset_q[3:1]);
  wire logic whole  = index_q > 4'd2 && !header_bad_q;  // the header's fixed part has come
  wire logic emit   = whole && left_q != 16'd0 && ((s_valid && behind) || (s_end && odd));
  wire logic last   = left_q <= 16'd8;

  logic [63:0] data_q;
  logic [3:0]  bytes_q;
  logic        last_q, valid_q;

  always_ff @(posedge clk) begin
    ip_sum_q <= {2'd0, toe_ip_pkg::swap16(ip[31:16])} + {2'd0, toe_ip_pkg::swap16(ip[15:0])}
                + {2'd0, toe_ip_pkg::PROTOCOL_TCP, 8'd0};
    tuple_q.remote_ip <= s_source;
    if (s_valid) begin
      held_q <= s_data[63:32];
      if (index_q != 4'd15) index_q <= index_q + 4'd1;
      if (is_first) begin
        tuple_q.remote_port <= toe_ip_pkg::swap16(s_data[15:0]);
        tuple_q.local_port  <= toe_ip_pkg::swap16(s_data[31:16]);
        seq_q               <= toe_ip_pkg::swap32(s_data[63:32]);
      end
      if (index_q == 4'd1) begin
        ack_q        <= toe_ip_pkg::swap32(s_data[31:0]);
        flags_q      <= s_data[47:40];
        window_q     <= toe_ip_pkg::swap16(s_data[63:48]);
        len_q        <= payload_len;
        offset_q     <= offset;
        header_bad_q <= offset < 4'd5 || {10'd0, offset, 2'd0} > s_len;
        left_q       <= payload_len;
      end
      if (index_q == 4'd2) urgent_q <= toe_ip_pkg::swap16(s_data[31:16]);
    end
    if (emit) left_q <= last ? 16'd0 : left_q - 16'd8;
    if (s_end) index_q <= '0;

    data_q  <= odd ? {s_valid ? s_data[31:0] : 32'd0, held_q} : s_data;
    bytes_q <= last ? left_q[3:0] : 4'd8;
    last_q  <= last;
    valid_q <= emit;
    if (rst) begin
      index_q <= '0;
      valid_q <= 1'b0;
    end
  end

  wire logic [18:0] pseudo_sum = {1'b0, ip_sum_q} + {3'd0, toe_ip_pkg::swap16(s_len)}
                                 + {3'd0, toe_ip_pkg::swap16(s_source[31:16])}
                                 + {3'd0, toe_ip_pkg::swap16(s_source[15:0])};
  wire logic [15:0] sum;

  toe_checksum checksum (
      .clk    (clk),
      .s_valid(s_valid),
      .s_first(is_first),
      .s_seed (pseudo_sum),
      .s_data (s_data),
      .sum    (sum)
  );

  wire logic         has_options = !header_bad_q && offset_q > 4'd5;
  wire logic         options_done;
  wire logic [152:0] options;

  wire logic options_busy, options_clk;
  wire logic options_start = s_valid && has_options && index_q == 4'd2;
  clock_rest #(
      .GATING(CLOCK_GATING)
  ) options_rest (
      .clk      (clk),
      .rst      (rst),
      .active   (options_start || options_busy),
      .gated_clk(options_clk)
  );

  toe_rx_options options_reader (
      .clk    (options_clk),
      .rst    (rst),
      .s_start(options_start),
      .s_valid(s_valid && has_options && index_q >= 4'd2),
      .s_data (s_data),
      .s_words(offset_q - 4'd5),
      .busy   (options_busy),
      .done   (options_done),
      .options(options)
  );

  // Behind s_end: one cycle for the sum, one for the last beat's room, then the options
  toe_pkg::segment_t held_segment_q;
  logic [2:1] end_q, end_ok_q, end_header_bad_q;
  logic       sum_bad_q;
  logic       with_options_q;
  logic       waiting_q;
  logic       commit_q, discard_q;
  logic       drop_header_q, drop_checksum_q, drop_full_q;

  wire logic full = payload_lost || !m_room;
  wire logic good = end_ok_q[2] && !end_header_bad_q[2] && !sum_bad_q && !full;

  always_ff @(posedge clk) begin
    end_q            <= {end_q[1], s_end};
    end_ok_q         <= {end_ok_q[1], s_end && s_ok};
    end_header_bad_q <= {end_header_bad_q[1], !whole};
    sum_bad_q        <= sum != 16'hffff;
    if (s_end && s_ok) begin
      held_segment_q <= {tuple_q, seq_q, ack_q, flags_q, window_q, urgent_q,
                         {toe_pkg::OPTIONS_W{1'b0}}, len_q};
      with_options_q <= has_options;
    end
    commit_q  <= end_q[2] && good;
    discard_q <= end_q[2] && !good;
    if (m_valid) waiting_q <= 1'b0;
    if (end_q[2] && good) waiting_q <= 1'b1;

    drop_header_q   <= 1'b0;
    drop_checksum_q <= 1'b0;
    drop_full_q     <= 1'b0;
    if (end_ok_q[2]) begin
      if (end_header_bad_q[2]) drop_header_q   <= 1'b1;
      else if (sum_bad_q)      drop_checksum_q <= 1'b1;
      else                     drop_full_q     <= full;
    end
    if (rst) begin
      end_q           <= '0;
      end_ok_q        <= '0;
      waiting_q       <= 1'b0;
      commit_q        <= 1'b0;
      discard_q       <= 1'b0;
      drop_header_q   <= 1'b0;
      drop_checksum_q <= 1'b0;
      drop_full_q     <= 1'b0;
    end
  end

  toe_pkg::segment_t segment;
  always_comb begin
    segment = held_segment_q;
    if (with_options_q) segment.options = options;
  end

  assign payload_data    = data_q;
  assign payload_bytes   = bytes_q;
  assign payload_last    = last_q;
  assign payload_valid   = valid_q;
  assign payload_commit  = commit_q;
  assign payload_discard = discard_q;

  assign m_segment = segment;
  assign m_valid   = waiting_q && (!with_options_q || options_done);

  assign drop_header   = drop_header_q;
  assign drop_checksum = drop_checksum_q;
  assign drop_full     = drop_full_q;
endmodule

`default_nettype wire
