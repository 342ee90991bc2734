// SPDX-License-Identifier: Apache-2.0
// toe_icmp: checks ICMP messages and answers echo requests (RFC 792, RFC 1122 3.2.2.6) to the
// sender's hardware address.
//
// Requests come a beat a cycle and cannot wait; one that finds no room is dropped whole. Answers
// are IPv4 packets from byte 0, a beat a cycle, three cycles between them. Reset forgets all.
`default_nettype none

module toe_icmp #(
    // Room for requests, in beats of 8 bytes: a power of two, at least 256
    parameter int unsigned BEATS = 512
) (
    input  wire logic        clk,
    input  wire logic        rst,             // synchronous, active high
    input  wire logic [31:0] ip,              // this card's

    // ICMP messages; bytes behind the end are zero
    input  wire logic [63:0] s_data,
    input  wire logic        s_valid,
    input  wire logic        s_end,           // in a cycle of its own behind the last beat
    input  wire logic        s_ok,            // with s_end: else count nothing and answer nothing
    input  wire logic [31:0] s_source,        // IPv4 address, from the first beat to s_end
    input  wire logic [47:0] s_source_mac,    // as long
    input  wire logic [15:0] s_len,           // bytes, as long

    // Answers; bytes behind the end are zero
    output wire logic [63:0] m_axis_tdata,
    output wire logic [7:0]  m_axis_tkeep,
    output wire logic [47:0] m_axis_tuser,    // hardware address to send to
    output wire logic        m_axis_tvalid,
    input  wire logic        m_axis_tready,
    output wire logic        m_axis_tlast,

    output wire logic        moves,           // a message is here, or a request is not answered

    // Pulses
    output wire logic        other,           // a cycle behind s_end: good, and no echo request
    output wire logic        count_echo,      // a request that will be answered
    output wire logic        drop_checksum,
    output wire logic        drop_full
);
  localparam logic [7:0] ECHO_REQUEST = 8'd8;
  if (BEATS < 256) $error("BEATS=%0d is below 256", BEATS);

  // Requests in: the message, and who sent it
  logic        begun_q;       // the first beat has passed
  logic        echo_q;
  logic        end_q, end_ok_q, short_q;
  logic [31:0] source_q;
  logic [47:0] source_mac_q;
  logic [15:0] len_q;
  logic [2:0]  drops_q;

  wire logic        is_echo = s_data[15:0] == {8'd0, ECHO_REQUEST};
  wire logic [15:0] sum;

  toe_checksum checksum (
      .clk    (clk),
      .s_valid(s_valid),
      .s_first(!begun_q),
      .s_seed (19'd0),
      .s_data (s_data),
      .sum    (sum)
  );

  wire logic lost, request_room;
  wire logic sum_bad = sum != 16'hffff || short_q;
  wire logic full    = lost || !request_room;
  wire logic good    = end_ok_q && echo_q && !sum_bad && !full;

  always_ff @(posedge clk) begin
    if (s_valid) begin
      begun_q <= 1'b1;
      if (!begun_q) echo_q <= is_echo;
    end
    if (s_end) begun_q <= 1'b0;
    end_q        <= s_end;
    end_ok_q     <= s_end && s_ok;
    short_q      <= s_len < 16'd8;
    source_q     <= s_source;
    source_mac_q <= s_source_mac;
    len_q        <= s_len;

    drops_q <= '0;
    if (end_ok_q) begin
      // Of a message without a beat nothing is known
      if (sum_bad)     drops_q[1] <= 1'b1;
      else if (echo_q) drops_q    <= {full, 1'b0, !full};
    end
    if (rst) begin
      begun_q  <= 1'b0;
      end_q    <= 1'b0;
      end_ok_q <= 1'b0;
      drops_q  <= '0;
    end
  end

  assign {drop_full, drop_checksum, count_echo} = drops_q;
  assign other = end_ok_q && !sum_bad && !echo_q;

  wire logic [63:0] beat;
  wire logic        beat_valid, beat_ready;
  wire logic [63:0] queued;
  wire logic        queued_valid, queued_ready;
  wire logic        unused_room, unused_beat_user, unused_beat_last;

  toe_commit_fifo #(
      .DATA_W(64),
      .DEPTH (BEATS)
  ) messages (
      .clk      (clk),
      .rst      (rst),
      .s_data   (s_data),
      .s_valid  (s_valid),
      .s_ready  (unused_room),
      .s_commit (good),
      .s_discard(end_q && !good),
      .s_lost   (lost),
      .m_data   (queued),
      .m_valid  (queued_valid),
      .m_ready  (queued_ready)
  );

  axis_register #(
      .DATA_W(64),
      .USER_W(1)
  ) beat_register (
      .clk          (clk),
      .rst          (rst),
      .s_axis_tdata (queued),
      .s_axis_tuser (1'b0),
      .s_axis_tvalid(queued_valid),
      .s_axis_tready(queued_ready),
      .s_axis_tlast (1'b0),
      .m_axis_tdata (beat),
      .m_axis_tuser (unused_beat_user),
      .m_axis_tvalid(beat_valid),
      .m_axis_tready(beat_ready),
      .m_axis_tlast (unused_beat_last)
  );

  wire logic [31:0] to_ip;
  wire logic [47:0] to_mac;
  wire logic [15:0] to_len;
  wire logic        to_valid, to_ready;
  wire logic        unused_user, unused_last;
  wire logic [3:0]  unused_level;

  axis_fifo #(
      .DATA_W(96),
      .USER_W(1),
      .DEPTH (8)
  ) senders (
      .clk          (clk),
      .rst          (rst),
      .s_axis_tdata ({len_q, source_q, source_mac_q}),
      .s_axis_tuser (1'b0),
      .s_axis_tvalid(good),
      .s_axis_tready(request_room),
      .s_axis_tlast (1'b1),
      .m_axis_tdata ({to_len, to_ip, to_mac}),
      .m_axis_tuser (unused_user),
      .m_axis_tvalid(to_valid),
      .m_axis_tready(to_ready),
      .m_axis_tlast (unused_last),
      .level        (unused_level)
  );

  // Answers out: the header's five words, then the message, shifted by one word
  typedef enum logic [2:0] {
    StIdle,     // waits for a request
    StPrepare,  // the header's checksum
    StHeader0,
    StHeader1,
    StFirst,    // the header's last word and the message's first
    StMessage
  } state_t;

  state_t      state_q;
  logic        prepared_q;
  logic [15:0] left_q;     // bytes of the packet not given yet
  logic [31:0] held_q;     // the last beat's second word

  wire logic [159:0] header;

  toe_ipv4_header ipv4_header (
      .clk        (clk),
      .source     (ip),
      .destination(to_ip),
      .protocol   (toe_ip_pkg::PROTOCOL_ICMP),
      .len        (to_len),
      .dscp       (6'd0),
      .ttl        (8'd64),
      .header     (header)
  );

  wire logic last = left_q <= 16'd8;
  // The last word may be held already
  wire logic needs = state_q == StFirst || (state_q == StMessage && left_q > 16'd4);
  wire logic sends = m_axis_tvalid && m_axis_tready;

  // A type of 8 less gives a checksum of 8 more, in the first byte. Of the two zeros of RFC 1624 this gives
  // 16'hffff, which is right for an answer of zeros, too.
  wire logic [16:0] checksum_up = {1'b0, toe_ip_pkg::swap16(beat[31:16])}
                                  + {1'b0, ECHO_REQUEST, 8'd0};
  wire logic [15:0] reply_checksum = checksum_up[15:0] + {15'd0, checksum_up[16]};
  wire logic [31:0] reply_first    = {toe_ip_pkg::swap16(reply_checksum), 16'd0};

  always_ff @(posedge clk) begin
    prepared_q <= state_q == StPrepare;
    if (sends) begin
      left_q <= left_q - 16'd8;
      if (needs) held_q <= beat[63:32];
    end
    unique case (state_q)
      StIdle: if (to_valid && beat_valid) state_q <= StPrepare;
      StPrepare: begin
        left_q <= to_len + 16'd20;
        if (prepared_q) state_q <= StHeader0;
      end
      StHeader0: if (sends) state_q <= StHeader1;
      StHeader1: if (sends) state_q <= StFirst;
      StFirst:   if (sends) state_q <= StMessage;
      StMessage: if (sends && last) state_q <= StIdle;
      default: state_q <= StIdle;
    endcase
    if (rst) state_q <= StIdle;
  end

  assign beat_ready = needs && m_axis_tready;
  assign to_ready   = state_q == StMessage && sends && last;

  logic [63:0] data;
  always_comb begin
    unique case (state_q)
      StHeader0: data = header[63:0];
      StHeader1: data = header[127:64];
      StFirst:   data = {reply_first, header[159:128]};
      default:   data = {needs ? beat[31:0] : 32'd0, held_q};
    endcase
  end

  assign m_axis_tdata  = data;
  assign m_axis_tkeep  = last ? toe_ip_pkg::keep_of(left_q[3:0]) : 8'hff;
  assign m_axis_tuser  = to_mac;
  assign m_axis_tvalid = state_q == StHeader0 || state_q == StHeader1
                         || state_q == StFirst || (state_q == StMessage && (!needs || beat_valid));
  assign m_axis_tlast  = last;
  assign moves         = s_valid || s_end || to_valid || state_q != StIdle;

  wire logic unused = &{1'b0, unused_room, unused_beat_user, unused_beat_last, unused_user,
                        unused_last, unused_level};
endmodule

`default_nettype wire
