// SPDX-License-Identifier: Apache-2.0
// toe_tx_segment: builds IPv4 packets of TCP segments: headers, options, payload, checksums.
//
// One beat per cycle and two cycles a packet; a packet leaves when it is whole, since its checksum
// comes before its payload. Options are laid out on words: MSS; window scale behind a NOP;
// timestamps behind SACK permitted or two NOPs; a SACK block behind two NOPs. The caller owes as
// many bytes of payload as the segment says, and packets of at most 1,500 bytes. Reset forgets all.
`default_nettype none

module toe_tx_segment #(
    // Room for packets, in beats of 8 bytes: a power of two, at least 256
    parameter int unsigned BEATS = 512
) (
    input  wire logic         clk,
    input  wire logic         rst,                // synchronous, active high
    input  wire logic [31:0]  ip,                 // this card's
    input  wire logic [7:0]   ttl,

    input  wire logic [336:0] s_seg_data,         // segment_t
    input  wire logic [5:0]   s_seg_dscp,         // Diffserv code point
    input  wire logic [47:0]  s_seg_mac,          // hardware address to send to
    input  wire logic         s_seg_drop,         // take its payload, build nothing
    input  wire logic         s_seg_valid,
    output wire logic         s_seg_ready,

    // Payload of segments with len > 0
    input  wire logic [63:0]  s_payload_axis_tdata,
    input  wire logic [7:0]   s_payload_axis_tkeep,
    input  wire logic         s_payload_axis_tvalid,
    output wire logic         s_payload_axis_tready,
    input  wire logic         s_payload_axis_tlast,

    // Packets; bytes behind the end are zero
    output wire logic [63:0]  m_axis_tdata,
    output wire logic [7:0]   m_axis_tkeep,
    output wire logic [47:0]  m_axis_tuser,       // hardware address to send to
    output wire logic         m_axis_tvalid,
    input  wire logic         m_axis_tready,
    output wire logic         m_axis_tlast,

    output wire logic         moves,              // there is something to do
    output wire logic         count_segment       // pulse: a packet is whole
);
  if (BEATS < 256) $error("BEATS=%0d is below 256", BEATS);

  typedef enum logic [2:0] {
    StIdle,
    StPrepare,  // adds up lengths
    StHeader,   // two words a cycle
    StPayload,
    StFlush,    // the payload's last word
    StEat       // payload of what is dropped
  } state_t;

  // Words of the headers, in order; those of options only where there are any
  typedef enum logic [4:0] {
    IpLength, IpFragment, IpProtocol, IpSource, IpDestination,
    TcpPorts, TcpSeq, TcpAck, TcpFlags, TcpUrgent,
    Mss, WindowScale, SackPermitted, Timestamp, TimestampValue, TimestampEcho,
    Sack, SackLeft, SackRight,
    End
  } word_t;

  localparam logic [7:0] NOP = 8'd1;

  state_t            state_q;
  toe_pkg::segment_t seg_q;
  logic [5:0]        dscp_q;
  logic [47:0]       mac_q;
  logic [4:0]        word_q, word_1_q, word_2_q, word_3_q;  // the next words to send
  logic [3:0]        offset_q;        // TCP header length in words
  logic [15:0]       tcp_len_q;
  logic              in_sum_q;        // past the first beat: counts for the TCP checksum
  logic              second_q;        // the second beat
  logic [31:0]       held_q;          // payload's last second word
  logic [2:0]        held_bytes_q;

  toe_pkg::options_t options;
  assign options = seg_q.options;

  wire logic [159:0] ip_header;

  toe_ipv4_header ipv4_header (
      .clk        (clk),
      .source     (ip),
      .destination(seg_q.tuple.remote_ip),
      .protocol   (toe_ip_pkg::PROTOCOL_TCP),
      .len        (tcp_len_q),
      .dscp       (dscp_q),
      .ttl        (ttl),
      .header     (ip_header)
  );

  // The word behind a word
  logic [4:0] after_header, after_mss, after_ws, after_ts;
  always_comb begin
    after_ts     = options.sack_valid ? Sack : End;
    after_ws     = options.ts_valid ? Timestamp : options.sack_ok ? SackPermitted : after_ts;
    after_mss    = options.ws_valid ? WindowScale : after_ws;
    after_header = options.mss_valid ? Mss : after_mss;
  end

  function automatic logic [4:0] following(
      input logic [4:0] word, input logic [4:0] header, input logic [4:0] mss,
      input logic [4:0] ws, input logic [4:0] ts);
    unique case (word)
      TcpUrgent:                    following = header;
      Mss:                          following = mss;
      WindowScale:                  following = ws;
      SackPermitted, TimestampEcho: following = ts;
      SackRight, End:               following = End;
      default:                      following = word + 5'd1;
    endcase
  endfunction

  wire logic [4:0] word_4 = following(word_3_q, after_header, after_mss, after_ws, after_ts);
  wire logic [4:0] word_5 = following(word_4, after_header, after_mss, after_ws, after_ts);

  // A word in wire order, while headers are sent
  logic [63:0] words;
  for (genvar i = 0; i < 2; i++) begin : g_word
    wire logic [4:0] word = i == 0 ? word_q : word_1_q;
    logic [31:0] bits;  // as numbers, first byte highest
    logic [31:0] ip_bits;
    always_comb begin
      bits    = '0;
      ip_bits = '0;
      if (word_q != End) begin
        unique case (word)
          TcpPorts:       bits = {seg_q.tuple.local_port, seg_q.tuple.remote_port};
          TcpSeq:         bits = seg_q.seq;
          TcpAck:         bits = seg_q.ack;
          TcpFlags:       bits = {offset_q, 4'd0, seg_q.flags, seg_q.window};
          TcpUrgent:      bits = {16'd0, seg_q.urgent};
          Mss:            bits = {8'd2, 8'd4, options.mss};
          WindowScale:    bits = {NOP, 8'd3, 8'd3, 4'd0, options.ws};
          SackPermitted:  bits = {NOP, NOP, 8'd4, 8'd2};
          Timestamp:      bits = {options.sack_ok ? {8'd4, 8'd2} : {NOP, NOP}, 8'd8, 8'd10};
          TimestampValue: bits = options.ts_val;
          TimestampEcho:  bits = options.ts_ecr;
          Sack:           bits = {NOP, NOP, 8'd5, 8'd10};
          SackLeft:       bits = options.sack_left;
          SackRight:      bits = options.sack_right;
          default:        bits = '0;
        endcase
        unique case (word)
          IpLength:       ip_bits = ip_header[31:0];
          IpFragment:     ip_bits = ip_header[63:32];
          IpProtocol:     ip_bits = {16'd0, ip_header[79:64]};  // its checksum comes later
          IpSource:       ip_bits = ip_header[127:96];
          IpDestination:  ip_bits = ip_header[159:128];
          default:        ip_bits = '0;
        endcase
      end
    end
    assign words[32*i+:32] = toe_ip_pkg::swap32(bits) | ip_bits;
  end

  wire logic        has_payload = seg_q.len != '0;
  wire logic        odd         = !offset_q[0];  // words of both headers, five and TCP's
  wire logic [3:0]  in_bytes    = s_payload_axis_tlast
                                  ? toe_ip_pkg::bytes_of(s_payload_axis_tkeep) : 4'd8;
  wire logic [63:0] in_data     = toe_ip_pkg::first_bytes(s_payload_axis_tdata, in_bytes);

  // A beat of the packet
  logic [63:0] beat;
  logic [3:0]  beat_bytes;
  logic        beat_last, beat_valid;
  wire logic   beat_ready;

  always_comb begin
    unique case (state_q)
      StHeader: begin
        beat       = {word_1_q == End ? 32'd0 : words[63:32], words[31:0]};
        beat_bytes = word_1_q == End ? 4'd4 : 4'd8;
        beat_last  = !has_payload && word_2_q == End;
        beat_valid = 1'b1;
      end
      StPayload: begin
        // With an odd number of words the header's last one comes before the payload
        beat       = odd ? {in_data[31:0], word_q == End ? held_q : words[31:0]} : in_data;
        beat_bytes = !odd ? in_bytes : in_bytes > 4'd4 ? 4'd8 : in_bytes + 4'd4;
        beat_last  = s_payload_axis_tlast && (!odd || in_bytes <= 4'd4);
        beat_valid = s_payload_axis_tvalid;
      end
      default: begin
        beat       = {32'd0, held_q};
        beat_bytes = {1'b0, held_bytes_q};
        beat_last  = 1'b1;
        beat_valid = state_q == StFlush;
      end
    endcase
  end

  wire logic push = beat_valid && beat_ready;
  wire logic done = push && beat_last;
  wire logic desc_room;

  always_ff @(posedge clk) begin
    unique case (state_q)
      StIdle:
        if (s_seg_valid && s_seg_ready) begin
          state_q <= s_seg_drop ? StEat : StPrepare;
          seg_q   <= s_seg_data;
          dscp_q  <= s_seg_dscp;
          mac_q   <= s_seg_mac;
        end
      StPrepare: begin
        state_q   <= StHeader;
        word_q    <= IpLength;
        word_1_q  <= IpFragment;
        word_2_q  <= IpProtocol;
        word_3_q  <= IpSource;
        offset_q  <= offset;
        tcp_len_q <= {10'd0, offset, 2'd0} + seg_q.len;
      end
      StHeader:
        if (push) begin
          word_q   <= word_2_q;
          word_1_q <= word_3_q;
          word_2_q <= word_4;
          word_3_q <= word_5;
          if (beat_last) state_q <= StIdle;
          else if (has_payload && (word_2_q == End || word_3_q == End)) state_q <= StPayload;
        end
      StPayload:
        if (push) begin
          word_q       <= End;
          held_q       <= in_data[63:32];
          held_bytes_q <= 3'(in_bytes - 4'd4);
          if (s_payload_axis_tlast) state_q <= beat_last ? StIdle : StFlush;
        end
      StFlush: if (push) state_q <= StIdle;
      StEat: if (s_payload_axis_tvalid && s_payload_axis_tlast) state_q <= StIdle;
      default: state_q <= StIdle;
    endcase
    if (state_q == StIdle) begin
      in_sum_q <= 1'b0;
      second_q <= 1'b0;
    end else if (push) begin
      in_sum_q <= 1'b1;
      second_q <= !in_sum_q;
    end
    if (rst) state_q <= StIdle;
  end

  // Header length: five words, and the options'
  wire logic [3:0] offset = 4'd5 + {3'd0, options.mss_valid} + {3'd0, options.ws_valid}
                            + (options.ts_valid ? 4'd3 : {3'd0, options.sack_ok})
                            + (options.sack_valid ? 4'd3 : 4'd0);

  assign s_seg_ready = state_q == StIdle && desc_room;
  assign s_payload_axis_tready = state_q == StEat || (state_q == StPayload && beat_ready);

  wire logic        out_last;
  wire logic [2:0]  out_bytes;  // less one
  wire logic [63:0] out_data;
  wire logic        out_valid, out_ready;
  wire logic [67:0] queued;
  wire logic        queued_valid, queued_ready;
  wire logic        unused_lost, unused_out_user;

  toe_commit_fifo #(
      .DATA_W(68),
      .DEPTH (BEATS)
  ) packets (
      .clk      (clk),
      .rst      (rst),
      .s_data   ({beat_last, 3'(beat_bytes - 4'd1), beat}),
      .s_valid  (push),
      .s_ready  (beat_ready),
      .s_commit (done),
      .s_discard(1'b0),
      .s_lost   (unused_lost),
      .m_data   (queued),
      .m_valid  (queued_valid),
      .m_ready  (queued_ready)
  );

  axis_register #(
      .DATA_W(67),
      .USER_W(1)
  ) out_register (
      .clk          (clk),
      .rst          (rst),
      .s_axis_tdata (queued[66:0]),
      .s_axis_tuser (1'b0),
      .s_axis_tvalid(queued_valid),
      .s_axis_tready(queued_ready),
      .s_axis_tlast (queued[67]),
      .m_axis_tdata ({out_bytes, out_data}),
      .m_axis_tuser (unused_out_user),
      .m_axis_tvalid(out_valid),
      .m_axis_tready(out_ready),
      .m_axis_tlast (out_last)
  );

  // The sum is of both addresses, which the IPv4 header ends with, the segment, and the seed; a beat counts
  // when it has been put together, a cycle later
  logic             sums_q, sum_first_q;
  logic [18:0]      sum_seed_q;
  logic [63:0]      sum_beat_q;
  wire logic [15:0] sum;

  always_ff @(posedge clk) begin
    sums_q      <= push && in_sum_q;
    sum_first_q <= second_q;
    sum_seed_q  <= {3'd0, toe_ip_pkg::PROTOCOL_TCP, 8'd0} + {3'd0, toe_ip_pkg::swap16(tcp_len_q)};
    sum_beat_q  <= {beat[63:32], second_q ? 32'd0 : beat[31:0]};
  end

  toe_checksum checksum (
      .clk    (clk),
      .s_valid(sums_q),
      .s_first(sum_first_q),
      .s_seed (sum_seed_q),
      .s_data (sum_beat_q),
      .sum    (sum)
  );

  // Checksums of whole packets, and where they go
  logic [4:1]  done_q;
  logic [47:0] desc_mac_q;
  logic [15:0] desc_ip_sum_q, desc_tcp_sum_q;

  always_ff @(posedge clk) begin
    done_q <= {done_q[3:1], done};
    if (done_q[1]) begin
      desc_mac_q    <= mac_q;
      desc_ip_sum_q <= ip_header[95:80];
    end
    if (done_q[3]) desc_tcp_sum_q <= ~sum;
    if (rst) done_q <= '0;
  end

  wire logic [47:0] out_mac;
  wire logic [15:0] out_ip_sum, out_tcp_sum;
  wire logic        desc_valid, desc_ready;
  wire logic [4:0]  desc_level;
  wire logic        unused_user, unused_last, unused_desc_ready;

  // One may be on its way
  assign desc_room = !desc_level[4] && desc_level[3:0] < 4'd15;

  axis_fifo #(
      .DATA_W(80),
      .USER_W(1),
      .DEPTH (16)
  ) descriptors (
      .clk          (clk),
      .rst          (rst),
      .s_axis_tdata ({desc_mac_q, desc_ip_sum_q, desc_tcp_sum_q}),
      .s_axis_tuser (1'b0),
      .s_axis_tvalid(done_q[4]),
      .s_axis_tready(unused_desc_ready),
      .s_axis_tlast (1'b1),
      .m_axis_tdata ({out_mac, out_ip_sum, out_tcp_sum}),
      .m_axis_tuser (unused_user),
      .m_axis_tvalid(desc_valid),
      .m_axis_tready(desc_ready),
      .m_axis_tlast (unused_last),
      .level        (desc_level)
  );

  // Out: the checksums take their places, in beats 1 and 4
  logic [2:0] index_q;  // beat, 5 and above are one

  always_ff @(posedge clk) begin
    if (out_valid && out_ready) begin
      index_q <= out_last ? 3'd0 : index_q == 3'd5 ? 3'd5 : index_q + 3'd1;
    end
    if (rst) index_q <= '0;
  end

  assign m_axis_tdata  = {out_data[63:48],
                          index_q == 3'd4 ? out_tcp_sum : out_data[47:32],
                          index_q == 3'd1 ? out_ip_sum : out_data[31:16],
                          out_data[15:0]};
  assign m_axis_tkeep  = toe_ip_pkg::keep_of({1'b0, out_bytes} + 4'd1);
  assign m_axis_tuser  = out_mac;
  assign m_axis_tvalid = out_valid && desc_valid;
  assign m_axis_tlast  = out_last;
  assign out_ready     = m_axis_tready && desc_valid;
  assign desc_ready    = m_axis_tready && out_valid && out_last;
  assign moves         = state_q != StIdle || desc_level != '0;
  assign count_segment = done_q[1];

  wire logic unused = &{1'b0, unused_lost, unused_out_user, unused_user, unused_last,
                        unused_desc_ready, ip_header[15:0]};
endmodule

`default_nettype wire
