// SPDX-License-Identifier: Apache-2.0
// card_ring_complete: writes entries into the completion ring.
//
// An entry every WORDS + 2 cycles; several may be on the bus, in order. Holds back while the ring is
// full. The phase bit is the last bit of an entry.
`default_nettype none

module card_ring_complete #(
    // Length of an entry in words of 8 bytes, 2 or 4
    parameter  int unsigned WORDS   = 2,
    localparam int unsigned ENTRY_W = 64 * WORDS - 1
) (
    input  wire logic        clk,
    input  wire logic        rst,            // synchronous, active high
    input  wire logic        quiesce,        // begin no entry

    input  wire logic [51:0] base,           // ring address in 4 KiB units
    input  wire logic [15:0] size,           // entries: a power of two
    input  wire logic [15:0] head,           // count of entries the host has taken
    output wire logic [15:0] tail,           // count of entries begun

    // Entries, first byte lowest, without their phase
    input  wire logic        done_valid,
    output wire logic        done_ready,
    input  wire logic [ENTRY_W-1:0] done_entry,

    // Write frames
    output wire logic [63:0] m_axis_tdata,
    output wire logic [12:0] m_axis_tuser,
    output wire logic        m_axis_tvalid,
    input  wire logic        m_axis_tready,
    output wire logic        m_axis_tlast,

    output wire logic        busy
);
  if (WORDS != 2 && WORDS != 4) $error("WORDS=%0d is not 2 or 4", WORDS);

  localparam int unsigned WORD_W = $clog2(WORDS);

  typedef enum logic [1:0] {
    StIdle,
    StAddress,
    StWords
  } state_t;

  state_t            state_q;
  logic [15:0]       tail_q;
  logic [63:0]       addr_q;
  logic [ENTRY_W:0]  entry_q;  // the word to write is lowest
  logic [WORD_W-1:0] left_q;   // words behind it

  wire logic phase = (tail_q & size) == '0;
  wire logic full  = tail_q - head == size;
  wire logic [15:0] place = tail_q & (size - 16'd1);

  assign done_ready = state_q == StIdle && !full && !quiesce;

  always_ff @(posedge clk) begin
    unique case (state_q)
      StIdle:
        if (done_valid && done_ready) begin
          state_q  <= StAddress;
          addr_q   <= {base, 12'd0} + ({48'd0, place} << (3 + WORD_W));
          entry_q  <= {phase, done_entry};
          left_q   <= '1;
          tail_q   <= tail_q + 16'd1;
        end
      StAddress: if (m_axis_tready) state_q <= StWords;
      StWords:
        if (m_axis_tready) begin
          entry_q <= entry_q >> 64;
          left_q  <= left_q - 1'b1;
          if (left_q == '0) state_q <= StIdle;
        end
      default: state_q <= StIdle;
    endcase
    if (rst) begin
      state_q <= StIdle;
      tail_q  <= '0;
    end
  end

  assign tail          = tail_q;
  assign m_axis_tdata  = state_q == StAddress ? addr_q : entry_q[63:0];
  assign m_axis_tuser  = {5'd0, 8'(WORDS - 1)};
  assign m_axis_tvalid = state_q != StIdle;
  assign m_axis_tlast  = state_q == StWords && left_q == '0;
  assign busy          = state_q != StIdle;

`ifdef FORMAL
  logic f_past = 1'b0;
  always_ff @(posedge clk) begin
    f_past <= 1'b1;
    if (!f_past) assume (rst);
    // The registers promise: a power of two, at least 4; heads that move forward, up to the tail
    assume ($stable(size) || rst);
    assume (size >= 16'd4 && size <= 16'd16384 && (size & (size - 16'd1)) == '0);
    if (rst || $past(rst)) assume (head == '0);
    else if (f_past) assume (head - $past(head) <= $past(tail_q) - $past(head));
    if (f_past && !rst) begin
      // 1: no entry is written before the host has taken the one it replaces
      assert (tail_q - head <= size);
      // 2: an offered beat stands until it is taken
      if ($past(!rst && m_axis_tvalid && !m_axis_tready)) begin
        assert (m_axis_tvalid && $stable(m_axis_tdata) && $stable(m_axis_tlast));
      end
      // 3: an entry lies inside the ring: its address is aligned and below the end
      if ($past(!rst && done_valid && done_ready)) begin
        assert (addr_q[WORD_W+2:0] == '0);
        assert (addr_q - {$past(base), 12'd0} < 64'(size) << (3 + WORD_W));
      end
      // 4: the phase of neighbouring passes differs
      if ($past(!rst && done_valid && done_ready)) begin
        assert (entry_q[ENTRY_W] == (($past(tail_q) & size) == '0));
      end
    end
    cover (f_past && m_axis_tlast && tail_q == 16'd5);
  end
`endif
endmodule

`default_nettype wire
