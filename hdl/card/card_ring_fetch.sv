// SPDX-License-Identifier: Apache-2.0
// card_ring_fetch: fetches descriptors from the submission ring, ahead of their use.
//
// Reads up to four descriptors (128 bytes, aligned) per bus request and keeps up to PREFETCH of
// them. `sq_head` moves when a request's data has arrived: from then on the host may reuse those
// entries. Each beat carries whether the bus refused it.
`default_nettype none

module card_ring_fetch #(
    // Descriptors kept ready: a power of two, at least 8
    parameter int unsigned PREFETCH = 8
) (
    input  wire logic        clk,
    input  wire logic        rst,          // synchronous, active high

    input  wire logic        enable,       // may begin to fetch
    input  wire logic [51:0] base,         // ring address in 4 KiB units
    input  wire logic [15:0] size,         // entries: a power of two, at least 4
    input  wire logic [15:0] tail,         // count of descriptors the host has written
    output wire logic [15:0] head,         // count of descriptors fetched

    // Read requests, and their data; the data cannot be refused
    output wire logic [63:0] m_req_addr,
    output wire logic [7:0]  m_req_len,
    output wire logic        m_req_valid,
    input  wire logic        m_req_ready,
    input  wire logic [63:0] rd_data,
    input  wire logic        rd_error,
    input  wire logic        rd_last,
    input  wire logic        rd_valid,

    // Descriptors, four beats each
    output wire logic [63:0] m_axis_tdata,
    output wire logic        m_axis_tuser,  // the bus refused this beat
    output wire logic        m_axis_tvalid,
    input  wire logic        m_axis_tready,

    output wire logic        busy           // fetching, or descriptors are waiting
);
  localparam int unsigned BEATS = PREFETCH * 4;
  localparam int unsigned LEVEL_W = $clog2(BEATS) + 1;

  logic [15:0] head_q;
  logic        asking_q;    // the request is not taken yet
  logic        fetching_q;  // a request is not answered yet
  logic [2:0]  number_q;    // descriptors in it, 1 to 4
  logic [63:0] addr_q;

  wire logic [LEVEL_W-1:0] level;
  wire logic               unused_ready, unused_last;

  always_ff @(posedge clk) begin : fetch
    logic [15:0] waiting;
    logic [2:0]  to_group;  // descriptors up to the end of the aligned group of four
    waiting  = '0;
    to_group = '0;
    if (fetching_q) begin
      if (m_req_ready) asking_q <= 1'b0;
      if (rd_valid && rd_last) begin
        fetching_q <= 1'b0;
        head_q     <= head_q + 16'(number_q);
      end
    end else if (enable && tail != head_q && level <= LEVEL_W'(BEATS - 16)) begin
      waiting    = tail - head_q;
      to_group   = 3'd4 - {1'b0, head_q[1:0]};
      number_q   <= waiting < 16'(to_group) ? waiting[2:0] : to_group;
      addr_q     <= {base, 12'd0} + {43'd0, head_q & (size - 16'd1), 5'd0};
      asking_q   <= 1'b1;
      fetching_q <= 1'b1;
    end
    if (rst) begin
      head_q     <= '0;
      asking_q   <= 1'b0;
      fetching_q <= 1'b0;
    end
  end

  axis_fifo #(
      .DATA_W(64),
      .USER_W(1),
      .DEPTH (BEATS)
  ) fifo (
      .clk          (clk),
      .rst          (rst),
      .s_axis_tdata (rd_data),
      .s_axis_tuser (rd_error),
      .s_axis_tvalid(rd_valid),
      .s_axis_tready(unused_ready),  // room was made sure of before asking
      .s_axis_tlast (1'b0),
      .m_axis_tdata (m_axis_tdata),
      .m_axis_tuser (m_axis_tuser),
      .m_axis_tvalid(m_axis_tvalid),
      .m_axis_tready(m_axis_tready),
      .m_axis_tlast (unused_last),
      .level        (level)
  );

  assign head        = head_q;
  assign m_req_addr  = addr_q;
  assign m_req_len   = {3'd0, number_q, 2'd0} - 8'd1;
  assign m_req_valid = asking_q;
  assign busy        = fetching_q || level != '0;

  wire logic unused = &{1'b0, unused_ready, unused_last};

`ifdef FORMAL
  // The bus in proofs: answers what was asked, beat by beat, and nothing else
  logic       f_past = 1'b0;
  logic [4:0] f_owed;  // beats asked for and not delivered
  always_ff @(posedge clk) begin
    f_past <= 1'b1;
    if (m_req_valid && m_req_ready) f_owed <= m_req_len[4:0] + 5'd1;
    else if (rd_valid) f_owed <= f_owed - 5'd1;
    if (rst) f_owed <= '0;

    if (!f_past) assume (rst);
    assume (!rd_valid || f_owed != '0);
    assume (rd_last == (f_owed == 5'd1));
    // The registers promise
    assume ($stable(size) || rst);
    assume (size >= 16'd4 && size <= 16'd16384 && (size & (size - 16'd1)) == '0);
    if (rst || $past(rst)) assume (tail == '0);
    else if (f_past) begin
      assume (tail - $past(head_q) <= size);
      assume (tail - $past(head_q) >= $past(tail) - $past(head_q));
    end

    if (f_past && !rst) begin
      // 1: nothing is fetched that the host has not written
      if (fetching_q) assert (tail - head_q >= 16'(number_q));
      // 2: one to four descriptors, within an aligned group: no burst leaves its 128 bytes
      if (fetching_q) begin
        assert (number_q >= 3'd1 && 3'(head_q[1:0]) + number_q <= 3'd4);
        assert (addr_q[6:0] == {head_q[1:0], 5'd0});
      end
      // 3: whatever arrives finds room
      if (rd_valid) assert (unused_ready);
      assert (!fetching_q || 9'(level) + 9'(asking_q ? {number_q, 2'd0} : f_owed) <= 9'(BEATS));
      assert (9'(level) <= 9'(BEATS) && (!m_axis_tvalid || level != '0));
      // 4: one request at a time
      assert (!asking_q || (fetching_q && f_owed == '0));
      assert (fetching_q || f_owed == '0);
      assert (!(fetching_q && !asking_q) || (f_owed != '0 && f_owed <= {number_q, 2'd0}));
      // 5: a request stands until it is taken
      if ($past(!rst && m_req_valid && !m_req_ready)) begin
        assert (m_req_valid && $stable(m_req_addr) && $stable(m_req_len));
      end
    end
    cover (f_past && head_q == 16'd2);
  end
`endif
endmodule

`default_nettype wire
