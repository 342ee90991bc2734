// SPDX-License-Identifier: Apache-2.0
// toe_arp: address resolution (RFC 826): answers requests, asks for neighbours, keeps what it
// learns.
//
// ARP packets come a beat a cycle and cannot wait; up to 16 of them are kept while they are worked
// on. An entry is made by a request to this card, and for who is looked for; any other packet only
// changes an entry that is there. Senders that cannot be neighbours teach nothing; a probe (RFC
// 5227) is answered. Reset forgets all.
`default_nettype none

module toe_arp #(
    // How long an entry is good without being confirmed, at most 65,000
    parameter int unsigned REACHABLE_MS = 60_000
) (
    input  wire logic        clk,
    input  wire logic        rst,             // synchronous, active high
    input  wire logic        tick_ms,         // a pulse each millisecond

    input  wire logic [47:0] mac,
    input  wire logic [31:0] ip,
    input  wire logic [31:0] mask,            // ones where neighbours have the same address
    input  wire logic [31:0] gateway,

    // ARP packets
    input  wire logic [63:0] s_data,
    input  wire logic [3:0]  s_bytes,
    input  wire logic        s_valid,
    input  wire logic        s_end,           // in a cycle of its own behind the last beat
    input  wire logic        s_ok,            // with s_end: else it is not looked at

    // Who has this address? see toe_arp_cache
    input  wire logic [31:0] s_find_ip,
    input  wire logic        s_find_create,
    input  wire logic        s_find_valid,
    output wire logic        s_find_ready,
    output wire logic        m_found_valid,
    output wire logic        m_found_known,
    output wire logic        m_found_waiting,
    output wire logic [47:0] m_found_mac,
    output wire logic        resolved,
    output wire logic        changed,

    // ARP packets to send
    output wire logic [63:0] m_axis_tdata,
    output wire logic [7:0]  m_axis_tkeep,
    output wire logic [47:0] m_axis_tuser,    // hardware address to send to
    output wire logic        m_axis_tvalid,
    input  wire logic        m_axis_tready,
    output wire logic        m_axis_tlast,

    // Pulses
    output wire logic        count_request,   // for this card's address
    output wire logic        count_ask,
    output wire logic        drop_malformed,
    output wire logic        drop_full,

    // As of toe_arp_cache
    output wire logic        busy,
    output wire logic        moves,           // that, or a packet or a question is here
    output wire logic        next_valid,
    output wire logic [16:0] next_in          // ms
);
  localparam logic [15:0] REQUEST = 16'd1;
  localparam logic [15:0] REPLY = 16'd2;
  localparam logic [15:0] HARDWARE_ETHERNET = 16'd1;
  // First six bytes of every packet: Ethernet, IPv4, lengths of 6 and 4
  localparam logic [47:0] KIND = {8'd4, 8'd6, toe_ip_pkg::swap16(toe_ip_pkg::ETHERTYPE_IPV4),
                                  toe_ip_pkg::swap16(HARDWARE_ETHERNET)};

  // The packet coming in
  logic [2:0]  index_q;       // its beat, 4 and above are one
  logic        kind_ok_q, request_q, reply_q, whole_q;
  logic [47:0] sender_mac_q;
  logic [31:0] sender_q, target_q;

  always_ff @(posedge clk) begin
    if (s_valid) begin
      if (!index_q[2]) index_q <= index_q + 3'd1;
      unique case (index_q)
        3'd0: begin
          kind_ok_q <= s_data[47:0] == KIND;
          request_q <= s_data[63:48] == toe_ip_pkg::swap16(REQUEST);
          reply_q   <= s_data[63:48] == toe_ip_pkg::swap16(REPLY);
          whole_q   <= 1'b0;
        end
        3'd1: begin
          sender_mac_q    <= toe_ip_pkg::swap48(s_data[47:0]);
          sender_q[31:16] <= toe_ip_pkg::swap16(s_data[63:48]);
        end
        3'd2: sender_q[15:0] <= toe_ip_pkg::swap16(s_data[15:0]);
        3'd3: begin
          target_q <= toe_ip_pkg::swap32(s_data[31:0]);
          whole_q  <= s_bytes >= 4'd4;
        end
        default: ;
      endcase
    end
    if (s_end) index_q <= '0;
    if (rst) index_q <= '0;
  end

  // What it means
  wire logic to_us      = target_q == ip;
  wire logic unicast    = !sender_mac_q[40] && sender_mac_q != '0 && sender_mac_q != mac;
  wire logic host       = sender_q[31:24] != 8'd0 && sender_q[31:24] != 8'd127
                          && sender_q[31:29] != 3'b111 && sender_q != ip;
  wire logic neighbour  = ((sender_q ^ ip) & mask) == '0 || sender_q == gateway;

  logic        heard_q;       // a packet is whole and well-formed
  logic        answer_q, learn_q, create_q;
  logic [31:0] heard_ip_q;
  logic [47:0] heard_mac_q;
  logic        malformed_q, full_q, count_request_q;

  wire logic        event_room;
  wire logic        event_valid, event_answer, event_learn, event_create;
  wire logic [31:0] event_ip;
  wire logic [47:0] event_mac;
  logic             event_ready;
  wire logic        unused_user, unused_last;
  wire logic [4:0]  unused_level;

  always_ff @(posedge clk) begin
    heard_q     <= s_end && s_ok && whole_q && kind_ok_q && (request_q || reply_q);
    malformed_q <= s_end && s_ok && !(whole_q && kind_ok_q && (request_q || reply_q));
    answer_q    <= request_q && to_us && unicast && sender_q != ip;
    learn_q     <= unicast && host && neighbour;
    create_q    <= request_q && to_us;
    heard_ip_q  <= sender_q;
    heard_mac_q <= sender_mac_q;
    full_q          <= heard_q && (answer_q || learn_q) && !event_room;
    count_request_q <= heard_q && create_q;
    if (rst) begin
      heard_q         <= 1'b0;
      malformed_q     <= 1'b0;
      full_q          <= 1'b0;
      count_request_q <= 1'b0;
    end
  end

  axis_fifo #(
      .DATA_W(83),
      .USER_W(1),
      .DEPTH (16)
  ) events (
      .clk          (clk),
      .rst          (rst),
      .s_axis_tdata ({answer_q, learn_q, create_q, heard_ip_q, heard_mac_q}),
      .s_axis_tuser (1'b0),
      .s_axis_tvalid(heard_q && (answer_q || learn_q)),
      .s_axis_tready(event_room),
      .s_axis_tlast (1'b1),
      .m_axis_tdata ({event_answer, event_learn, event_create, event_ip, event_mac}),
      .m_axis_tuser (unused_user),
      .m_axis_tvalid(event_valid),
      .m_axis_tready(event_ready),
      .m_axis_tlast (unused_last),
      .level        (unused_level)
  );

  // First it is learnt from, then answered
  logic      learnt_q;
  wire logic learn_ready;
  wire logic learning = event_valid && event_learn && !learnt_q;

  wire logic [31:0] ask_ip, next_ask;
  wire logic        ask, ask_room, asking;
  wire logic        ask_taken;
  wire logic        unused_ask_user, unused_ask_last;
  wire logic [4:0]  unused_ask_level;

  toe_arp_cache #(
      .REACHABLE_MS(REACHABLE_MS)
  ) cache (
      .clk            (clk),
      .rst            (rst),
      .tick_ms        (tick_ms),
      .s_find_ip      (s_find_ip),
      .s_find_create  (s_find_create),
      .s_find_valid   (s_find_valid),
      .s_find_ready   (s_find_ready),
      .m_found_valid  (m_found_valid),
      .m_found_known  (m_found_known),
      .m_found_waiting(m_found_waiting),
      .m_found_mac    (m_found_mac),
      .s_learn_ip     (event_ip),
      .s_learn_mac    (event_mac),
      .s_learn_create (event_create),
      .s_learn_valid  (learning),
      .s_learn_ready  (learn_ready),
      .m_ask_ip       (ask_ip),
      .m_ask_valid    (ask),
      .m_ask_ready    (ask_room),
      .resolved       (resolved),
      .changed        (changed),
      .busy           (busy),
      .next_valid     (next_valid),
      .next_in        (next_in)
  );

  axis_fifo #(
      .DATA_W(32),
      .USER_W(1),
      .DEPTH (16)
  ) asks (
      .clk          (clk),
      .rst          (rst),
      .s_axis_tdata (ask_ip),
      .s_axis_tuser (1'b0),
      .s_axis_tvalid(ask),
      .s_axis_tready(ask_room),
      .s_axis_tlast (1'b1),
      .m_axis_tdata (next_ask),
      .m_axis_tuser (unused_ask_user),
      .m_axis_tvalid(asking),
      .m_axis_tready(ask_taken),
      .m_axis_tlast (unused_ask_last),
      .level        (unused_ask_level)
  );

  // The packet going out: an answer, else a question
  logic        sending_q;
  logic [1:0]  beat_q;
  logic        is_reply_q;
  logic [47:0] to_mac_q;
  logic [31:0] to_ip_q;

  wire logic answering = event_valid && event_answer && !learning;
  wire logic answer    = answering && !sending_q;

  assign ask_taken   = asking && !sending_q && !answering;
  assign event_ready = event_answer ? answer : learning ? learn_ready : event_valid;

  always_ff @(posedge clk) begin
    if (learning && learn_ready) learnt_q <= 1'b1;
    if (event_valid && event_ready) learnt_q <= 1'b0;
    if (!sending_q) begin
      sending_q  <= answering || asking;
      beat_q     <= '0;
      is_reply_q <= answering;
      to_mac_q   <= answering ? event_mac : '0;
      to_ip_q    <= answering ? event_ip : next_ask;
    end else if (m_axis_tready) begin
      beat_q <= beat_q + 2'd1;
      if (beat_q == 2'd3) sending_q <= 1'b0;
    end
    if (rst) begin
      sending_q <= 1'b0;
      learnt_q  <= 1'b0;
    end
  end

  wire logic [31:0] wire_ip = toe_ip_pkg::swap32(ip);
  logic [63:0] data;
  always_comb begin
    unique case (beat_q)
      2'd0:    data = {toe_ip_pkg::swap16(is_reply_q ? REPLY : REQUEST), KIND};
      2'd1:    data = {wire_ip[15:0], toe_ip_pkg::swap48(mac)};
      2'd2:    data = {toe_ip_pkg::swap48(to_mac_q), wire_ip[31:16]};
      default: data = {32'd0, toe_ip_pkg::swap32(to_ip_q)};
    endcase
  end

  assign m_axis_tdata  = data;
  assign m_axis_tkeep  = beat_q == 2'd3 ? 8'h0f : 8'hff;
  assign m_axis_tuser  = is_reply_q ? to_mac_q : toe_ip_pkg::MAC_BROADCAST;
  assign m_axis_tvalid = sending_q;
  assign m_axis_tlast  = beat_q == 2'd3;

  assign moves          = busy || event_valid || asking || sending_q || s_find_valid || s_valid
                          || s_end;
  assign count_request  = count_request_q;
  assign count_ask      = ask_taken;
  assign drop_malformed = malformed_q;
  assign drop_full      = full_q;

  wire logic unused = &{1'b0, unused_user, unused_last, unused_level, unused_ask_user,
                        unused_ask_last, unused_ask_level};
endmodule

`default_nettype wire
