// SPDX-License-Identifier: Apache-2.0
// sigv_ingest: takes job frames in, checks what can be checked without arithmetic, hands jobs out.
//
// A frame a time: 21 or 13 beats, then until the job is taken by both the scalar unit and the core,
// about three of the core's rounds. A frame that cannot become a job is answered on m_reject. A
// frame of a wrong length or with unknown fields is read to its tlast and rejected as malformed.
`default_nettype none

module sigv_ingest #(
    // Width of a context number
    parameter int unsigned CTX_W = 5,
    // Width of the source number that goes with a frame
    parameter int unsigned TID_W = 1
) (
    input  wire logic             clk,
    input  wire logic             rst,
    output wire logic             busy,             // a frame or job is in here
    output wire logic             moves,            // the next edge of clk changes something here

    // Job frame: header {tag 32, 0, recovery id, flags, op}, then big-endian fields
    input  wire logic [     63:0] s_job_tdata,
    input  wire logic [TID_W-1:0] s_job_tid,
    input  wire logic             s_job_tvalid,
    output wire logic             s_job_tready,
    input  wire logic             s_job_tlast,

    // An idle context, taken with the job
    input  wire logic             s_free_valid,
    output wire logic             s_free_ready,
    input  wire logic [CTX_W-1:0] s_free_ctx,

    // The job under way; m_start is high in the cycle in which it gets its context
    output wire logic             m_start,
    output wire logic [CTX_W-1:0] m_ctx,
    output wire logic [     31:0] m_tag,
    output wire logic [TID_W-1:0] m_tid,
    output wire logic             m_recovery,
    output wire logic [      1:0] m_id,
    output wire logic             m_wraps,          // r + n < p
    output wire logic [    255:0] m_z,
    output wire logic [    255:0] m_r,
    output wire logic [    255:0] m_s,
    output wire logic [    255:0] m_x,
    output wire logic [    255:0] m_y,
    output wire logic             m_scalar_valid,   // for the scalar unit: z, r, s
    input  wire logic             m_scalar_ready,
    output wire logic             m_core_valid,     // for the core: x, y, r
    input  wire logic             m_core_taken,

    // Answer to a frame that is no job
    output wire logic             m_reject_valid,
    input  wire logic             m_reject_ready,
    output wire logic [      3:0] m_reject_reason
);
  localparam logic [2:0] StHeader = 3'd0;   // waits for a frame
  localparam logic [2:0] StPayload = 3'd1;
  localparam logic [2:0] StDrain = 3'd2;    // malformed: waits for tlast
  localparam logic [2:0] StDecide = 3'd3;
  localparam logic [2:0] StAnswer = 3'd4;   // rejects, or waits for an idle context
  localparam logic [2:0] StHand = 3'd5;     // until both have taken the job

  localparam logic [2:0] FieldR = 3'd1;
  localparam logic [2:0] FieldS = 3'd2;
  localparam logic [2:0] FieldX = 3'd3;

  logic [2:0] state;
  assign s_job_tready = state == StHeader || state == StPayload || state == StDrain;
  wire beat = s_job_tvalid && s_job_tready;

  // Header
  logic recovery, high_s_allowed;
  logic [7:0] id;
  logic [31:0] tag;
  logic [TID_W-1:0] tid;
  wire is_recover = s_job_tdata[7:0] == sigv_pkg::OP_RECOVER;

  // Where the payload is: field (z, r, s, x, y) and word of it, the most significant first
  logic [2:0] field;
  logic [1:0] part;

  // A word, a cycle later: it is compared to the field's bounds; the fourth fills the field.
  logic word_valid;
  logic [63:0] word;
  logic [2:0] word_field;
  logic [1:0] word_part;
  always_ff @(posedge clk) begin
    word_valid <= beat && state == StPayload;
    if (beat) begin
      word <= {
        s_job_tdata[7:0], s_job_tdata[15:8], s_job_tdata[23:16], s_job_tdata[31:24],
        s_job_tdata[39:32], s_job_tdata[47:40], s_job_tdata[55:48], s_job_tdata[63:56]
      };
      word_field <= field;
      word_part <= part;
    end
    if (rst) word_valid <= 1'b0;
  end
  function automatic logic [63:0] word_of(input logic [255:0] value, input logic [1:0] index);
    unique case (index)
      2'd0: word_of = value[255:192];
      2'd1: word_of = value[191:128];
      2'd2: word_of = value[127:64];
      default: word_of = value[63:0];
    endcase
  endfunction
  logic [63:0] word_1, word_2, word_3;  // the words before it
  logic [255:0] z, r, s, x, y;
  logic zero, equal, below;      // the field so far: 0; beside p or n
  logic equal_2, below_2;        // beside n/2 (s) or p - n (r)
  logic fresh, field_done;
  logic [2:0] done_field;
  always_ff @(posedge clk) begin
    field_done <= word_valid && word_part == 2'd3;
    if (word_valid) begin
      {word_3, word_2, word_1} <= {word_2, word_1, word};
      if (word_part == 2'd3) begin
        unique case (word_field)
          3'd0: z <= {word_3, word_2, word_1, word};
          FieldR: r <= {word_3, word_2, word_1, word};
          FieldS: s <= {word_3, word_2, word_1, word};
          FieldX: x <= {word_3, word_2, word_1, word};
          default: y <= {word_3, word_2, word_1, word};
        endcase
      end
      zero <= (fresh || zero) && word == '0;
      fresh <= word_part == 2'd3;
      if (word_field >= FieldX) begin
        equal <= (fresh || equal) && word == word_of(sigv_pkg::P[255:0], word_part);
        below <= (!fresh && below) ||
            ((fresh || equal) && word < word_of(sigv_pkg::P[255:0], word_part));
      end else begin
        equal <= (fresh || equal) && word == word_of(sigv_pkg::N[255:0], word_part);
        below <= (!fresh && below) ||
            ((fresh || equal) && word < word_of(sigv_pkg::N[255:0], word_part));
      end
      if (word_field == FieldS) begin
        equal_2 <= (fresh || equal_2) && word == word_of(sigv_pkg::HALF_N, word_part);
        below_2 <= (!fresh && below_2) ||
            ((fresh || equal_2) && word < word_of(sigv_pkg::HALF_N, word_part));
      end else begin
        equal_2 <= (fresh || equal_2) && word == word_of(sigv_pkg::P_LESS_N, word_part);
        below_2 <= (!fresh && below_2) ||
            ((fresh || equal_2) && word < word_of(sigv_pkg::P_LESS_N, word_part));
      end
      done_field <= word_field;
    end
    if (state == StHeader) fresh <= 1'b1;
  end

  // What the fields were
  logic malformed, r_bad, s_bad, s_high, key_bad, wraps;
  logic [3:0] reason;
  always_ff @(posedge clk) begin
    if (field_done) begin
      if (done_field == FieldR) {r_bad, wraps} <= {zero || !below, below_2};
      if (done_field == FieldS) {s_bad, s_high} <= {zero || !below, !below_2 && !equal_2};
      if (done_field >= FieldX) key_bad <= key_bad || !below;
    end
    if (state == StHeader) key_bad <= 1'b0;
    if (state == StDecide) begin
      reason <= sigv_pkg::REASON_OK;
      if (recovery && id[1] && !wraps) reason <= sigv_pkg::REASON_X_RANGE;
      if (key_bad) reason <= sigv_pkg::REASON_KEY_RANGE;
      if (s_high && !high_s_allowed) reason <= sigv_pkg::REASON_HIGH_S;
      if (s_bad) reason <= sigv_pkg::REASON_S_RANGE;
      if (r_bad) reason <= sigv_pkg::REASON_R_RANGE;
      if (id[7:2] != '0) reason <= sigv_pkg::REASON_RECOVERY_ID;
      if (malformed) reason <= sigv_pkg::REASON_MALFORMED;
    end
  end

  wire header_ok =
      (is_recover || (s_job_tdata[7:0] == sigv_pkg::OP_VERIFY && s_job_tdata[23:16] == '0)) &&
      s_job_tdata[15:9] == '0 && s_job_tdata[31:24] == '0 && !s_job_tlast;
  wire last_beat = part == 2'd3 && field == (recovery ? 3'd2 : 3'd4);
  logic [CTX_W-1:0] ctx;
  logic scalar_valid, core_valid;
  always_ff @(posedge clk) begin
    unique case (state)
      StHeader:
      if (beat) begin
        tag <= s_job_tdata[63:32];
        tid <= s_job_tid;
        recovery <= is_recover;
        high_s_allowed <= s_job_tdata[8];
        id <= s_job_tdata[23:16];
        malformed <= !header_ok;
        field <= '0;
        part <= '0;
        state <= header_ok ? StPayload : s_job_tlast ? StDecide : StDrain;
      end
      StPayload:
      if (beat) begin
        part <= part + 2'd1;
        if (part == 2'd3) field <= field + 3'd1;
        if (last_beat || s_job_tlast) begin
          malformed <= !(last_beat && s_job_tlast);
          state <= s_job_tlast ? StDecide : StDrain;
        end
      end
      StDrain: if (beat && s_job_tlast) state <= StDecide;
      // Until the last field has been looked at, and its verdict taken
      StDecide: if (!word_valid && !field_done) state <= StAnswer;
      StAnswer:
      if (reason != sigv_pkg::REASON_OK) begin
        if (m_reject_ready) state <= StHeader;
      end else if (s_free_valid) begin
        ctx <= s_free_ctx;
        {scalar_valid, core_valid} <= 2'b11;
        state <= StHand;
      end
      default: begin
        if (m_scalar_ready) scalar_valid <= 1'b0;
        if (m_core_taken) core_valid <= 1'b0;
        if (!scalar_valid && !core_valid) state <= StHeader;
      end
    endcase
    if (rst) begin
      state <= StHeader;
      {scalar_valid, core_valid} <= '0;
    end
  end
  wire accepted = state == StAnswer && reason == sigv_pkg::REASON_OK;

  assign busy = state != StHeader;
  always_comb begin
    unique case (state)
      StHeader, StPayload, StDrain: moves = s_job_tvalid || word_valid || field_done;
      StDecide: moves = 1'b1;
      StAnswer: moves = accepted ? s_free_valid : m_reject_ready;
      default: moves = m_scalar_ready || m_core_taken || (!scalar_valid && !core_valid);
    endcase
  end
  assign s_free_ready = accepted;
  assign m_start = accepted && s_free_valid;
  assign m_ctx = accepted ? s_free_ctx : ctx;
  assign m_tag = tag;
  assign m_tid = tid;
  assign m_recovery = recovery;
  assign m_id = id[1:0];
  assign m_wraps = wraps;
  assign m_z = z;
  assign m_r = r;
  assign m_s = s;
  assign m_x = x;
  assign m_y = y;
  assign m_scalar_valid = scalar_valid;
  assign m_core_valid = core_valid;
  assign m_reject_valid = state == StAnswer && !accepted;
  assign m_reject_reason = reason;
endmodule

`default_nettype wire
