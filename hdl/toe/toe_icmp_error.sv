// SPDX-License-Identifier: Apache-2.0
// toe_icmp_error: finds out which TCP segment of the card an ICMP error is about (RFC 792, RFC 9293
// 3.9.2.2).
//
// Destination unreachable, time exceeded and parameter problem count as errors; a source quench
// does not (MUST-55). An error is passed on if the packet in it is a TCP segment from this card, no
// later fragment, and has ports and sequence number. What it means, and whether to believe it, is
// the TCP engine's. Messages come a beat a cycle and cannot wait. Reset forgets all.
`default_nettype none

module toe_icmp_error (
    input  wire logic         clk,
    input  wire logic         rst,           // synchronous, active high
    input  wire logic [31:0]  ip,            // this card's

    // ICMP messages
    input  wire logic [63:0]  s_data,
    input  wire logic         s_valid,
    input  wire logic         s_end,         // in a cycle of its own behind the last beat
    input  wire logic [15:0]  s_len,         // bytes, from the first beat to s_end
    input  wire logic         s_good,        // a cycle behind s_end: it may be looked at

    // Errors: {type 8, code 8, next-hop MTU 16, tuple_t, sequence number 32}
    output wire logic [127:0] m_error_data,
    output wire logic         m_error_valid,
    input  wire logic         m_error_ready,

    // Pulses, one a message that was good
    output wire logic         count_error,
    output wire logic         drop_type,     // no error about a segment of this card
    output wire logic         drop_full
);
  localparam logic [7:0] UNREACHABLE = 8'd3;
  localparam logic [7:0] TIME_EXCEEDED = 8'd11;
  localparam logic [7:0] PARAMETER_PROBLEM = 8'd12;
  if (toe_pkg::TUPLE_W != 64) $error("TUPLE_W=%0d is not 64", toe_pkg::TUPLE_W);

  // The message coming in; the packet in it begins with the second beat
  logic [3:0]      index_q;     // its beat, 15 and above are one
  logic [7:0]      type_q, code_q;
  logic [15:0]     mtu_q;
  logic [3:0]      ihl_q;       // of the packet in it, in words
  logic            version_ok_q, whole_q, tcp_q, own_q;
  toe_pkg::tuple_t tuple_q;
  logic [31:0]     seq_q;
  logic            is_ours_q;

  // The words that the segment's ports and sequence number are in
  wire logic [4:0] ports_at = {1'b0, ihl_q} + 5'd2;
  wire logic [4:0] seq_at   = {1'b0, ihl_q} + 5'd3;
  wire logic       is_error = type_q == UNREACHABLE || type_q == TIME_EXCEEDED
                              || type_q == PARAMETER_PROBLEM;
  wire logic       is_ours  = is_error && version_ok_q && whole_q && tcp_q && own_q
                              && s_len >= {9'd0, ihl_q, 2'd0} + 16'd16;

  always_ff @(posedge clk) begin
    if (s_valid) begin
      if (index_q != 4'd15) index_q <= index_q + 4'd1;
      unique case (index_q)
        4'd0: begin
          type_q <= s_data[7:0];
          code_q <= s_data[15:8];
          mtu_q  <= toe_ip_pkg::swap16(s_data[63:48]);
        end
        4'd1: begin
          version_ok_q <= s_data[7:4] == 4'd4 && s_data[3:0] >= 4'd5;
          ihl_q        <= s_data[3:0];
          whole_q      <= s_data[52:48] == '0 && s_data[63:56] == '0;
        end
        4'd2: begin
          tcp_q <= s_data[15:8] == toe_ip_pkg::PROTOCOL_TCP;
          own_q <= s_data[63:32] == toe_ip_pkg::swap32(ip);
        end
        4'd3: tuple_q.remote_ip <= toe_ip_pkg::swap32(s_data[31:0]);
        default: ;
      endcase
      for (int unsigned i = 0; i < 2; i++) begin
        if ({index_q, 1'(i)} == ports_at) begin
          tuple_q.local_port  <= toe_ip_pkg::swap16(s_data[32*i+:16]);
          tuple_q.remote_port <= toe_ip_pkg::swap16(s_data[32*i+16+:16]);
        end
        if ({index_q, 1'(i)} == seq_at) seq_q <= toe_ip_pkg::swap32(s_data[32*i+:32]);
      end
    end
    if (s_end) index_q <= '0;
    is_ours_q <= is_ours && s_len >= 16'd36;
    if (rst) index_q <= '0;
  end

  wire logic       room;
  wire logic       unused_user, unused_last;
  wire logic [3:0] unused_level;
  wire logic       found = s_good && is_ours_q;

  axis_fifo #(
      .DATA_W(128),
      .USER_W(1),
      .DEPTH (8)
  ) errors (
      .clk          (clk),
      .rst          (rst),
      .s_axis_tdata ({type_q, code_q, mtu_q, tuple_q, seq_q}),
      .s_axis_tuser (1'b0),
      .s_axis_tvalid(found),
      .s_axis_tready(room),
      .s_axis_tlast (1'b1),
      .m_axis_tdata (m_error_data),
      .m_axis_tuser (unused_user),
      .m_axis_tvalid(m_error_valid),
      .m_axis_tready(m_error_ready),
      .m_axis_tlast (unused_last),
      .level        (unused_level)
  );

  assign count_error = found && room;
  assign drop_type   = s_good && !is_ours_q;
  assign drop_full   = found && !room;

  wire logic unused = &{1'b0, unused_user, unused_last, unused_level};
endmodule

`default_nettype wire
