// SPDX-License-Identifier: Apache-2.0
// card_result_writer: turns result frames of the signature engine into result records in host
// memory.
//
// A VERIFY result is one beat, a RECOVER result nine: x and y are zero where the engine sent no
// key. A record that crosses a 4 KiB boundary is written in two bursts, and its batch is told so
// before the first of them begins. Five cycles per VERIFY result, 13 per RECOVER result, one more
// for a second burst.
`default_nettype none

module card_result_writer (
    input  wire logic        clk,
    input  wire logic        rst,             // synchronous, active high
    input  wire logic        quiesce,         // take nothing new, end with zeros

    // Result frames
    input  wire logic [63:0] s_result_tdata,
    input  wire logic        s_result_tvalid,
    output wire logic        s_result_tready,
    input  wire logic        s_result_tlast,

    // The batch of a result, within the cycle
    output wire logic [4:0]  lookup_slot,
    input  wire logic        lookup_recover,
    input  wire logic [63:0] lookup_result,

    // Tells the batch
    output wire logic        result_valid,
    input  wire logic        result_ready,
    output wire logic [4:0]  result_slot,
    output wire logic        result_good,
    output wire logic        result_split,

    // Write frames
    output wire logic [63:0] m_axis_tdata,
    output wire logic [12:0] m_axis_tuser,
    output wire logic        m_axis_tvalid,
    input  wire logic        m_axis_tready,
    output wire logic        m_axis_tlast
);
  typedef enum logic [2:0] {
    StHeader,   // waits for a result
    StLookup,   // computes where it goes
    StTell,     // tells the batch
    StAddress,  // begins a burst
    StData,     // the record
    StSkip      // the rest of a frame that is longer than it should be
  } state_t;

  localparam logic [3:0] VERIFY_BEATS = 4'(card_pkg::VERIFY_RESULT_BYTES / 8);
  localparam logic [3:0] RECOVER_BEATS = 4'(card_pkg::RECOVER_RESULT_BYTES / 8);

  state_t      state_q;
  logic [15:0] index_q;
  logic [4:0]  slot_q;
  logic        good_q;
  logic [7:0]  reason_q;
  logic        more_q;     // the frame has beats that were not taken
  logic        recover_q;
  logic        first_q;    // the next data beat is the header word
  logic [63:0] addr_q;
  logic [3:0]  left_q;     // beats of the record still to send
  logic [3:0]  burst_q;    // beats of the burst still to send

  wire logic [9:0] to_boundary = 10'd512 - {1'b0, addr_q[11:3]};  // beats up to 4 KiB
  wire logic       split = to_boundary < 10'(left_q);
  wire logic [3:0] burst = split ? to_boundary[3:0] : left_q;

  wire logic data    = state_q == StData;
  wire logic key     = data && !first_q && more_q && !quiesce;  // this beat comes from the frame
  wire logic moves   = m_axis_tvalid && m_axis_tready;
  wire logic taking  = s_result_tvalid && s_result_tready;

  always_ff @(posedge clk) begin
    if (taking) more_q <= !s_result_tlast;
    unique case (state_q)
      StHeader:
        if (taking) begin
          state_q  <= StLookup;
          index_q  <= s_result_tdata[47:32];
          slot_q   <= s_result_tdata[52:48];
          good_q   <= s_result_tdata[0];
          reason_q <= s_result_tdata[15:8];
        end
      StLookup: begin
        state_q   <= StTell;
        recover_q <= lookup_recover;
        left_q    <= lookup_recover ? RECOVER_BEATS : VERIFY_BEATS;
        // 8 bytes a record, or 72
        addr_q    <= lookup_result + {45'd0, index_q, 3'd0}
                     + (lookup_recover ? {42'd0, index_q, 6'd0} : 64'd0);
      end
      StTell: if (result_ready) state_q <= StAddress;
      StAddress:
        if (moves) begin
          state_q <= StData;
          burst_q <= burst;
          addr_q  <= addr_q + {57'd0, burst, 3'd0};
        end
      StData:
        if (moves) begin
          left_q  <= left_q - 4'd1;
          burst_q <= burst_q - 4'd1;
          if (left_q == 4'd1) state_q <= more_q && !(key && s_result_tlast) ? StSkip : StHeader;
          else if (burst_q == 4'd1) state_q <= StAddress;
        end
      StSkip:
        if (!more_q || quiesce || (taking && s_result_tlast)) state_q <= StHeader;
      default: state_q <= StHeader;
    endcase
    if (state_q == StTell) first_q <= 1'b1;
    else if (data && moves) first_q <= 1'b0;
    if (rst) begin
      state_q <= StHeader;
      more_q  <= 1'b0;
    end
  end

  assign s_result_tready = (state_q == StHeader && !quiesce) || (key && m_axis_tready)
                           || (state_q == StSkip && more_q);

  assign lookup_slot  = slot_q;
  assign result_valid = state_q == StTell;
  assign result_slot  = slot_q;
  assign result_good  = good_q;
  assign result_split = split;

  wire logic [63:0] header = {16'd0, index_q, 16'd0, reason_q, 7'd0, good_q};

  assign m_axis_tvalid = state_q == StAddress || (data && (!key || s_result_tvalid));
  assign m_axis_tdata  = !data ? addr_q
                         : first_q ? header
                         : key && recover_q && good_q ? s_result_tdata : 64'd0;
  assign m_axis_tuser  = {slot_q, 4'd0, burst - 4'd1};
  assign m_axis_tlast  = data && burst_q == 4'd1;

  wire logic unused = &{1'b0, s_result_tdata[63:53], s_result_tdata[31:16], s_result_tdata[7:1]};
endmodule

`default_nettype wire
