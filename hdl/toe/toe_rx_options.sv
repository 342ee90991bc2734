// SPDX-License-Identifier: Apache-2.0
// toe_rx_options: reads MSS, window scale, SACK permitted and timestamps out of a TCP header's
// options (RFC 9293 3.2, RFC 7323, RFC 2018).
//
// Four bytes per cycle. Other kinds, and known ones of another length, are skipped by their length;
// a length of 0 or 1, or one that leads out of the header, ends the reading; of options that come
// twice the later one counts. `done` is low from three cycles behind s_start until three cycles
// behind the last word, or two and as many as there are words behind s_start, whichever is later.
// The caller owes eleven cycles from one s_start to the next. Reset forgets a header half read.
`default_nettype none

module toe_rx_options (
    input  wire logic         clk,
    input  wire logic         rst,      // synchronous, active high

    // A segment's beats from the third on, which has the first word of options in its second half
    input  wire logic         s_start,  // with the third
    input  wire logic         s_valid,  // beats behind the header are passed over
    input  wire logic [63:0]  s_data,
    input  wire logic [3:0]   s_words,  // of options, 1 to 10; with s_start

    output wire logic         busy,     // not all words were read
    output wire logic         done,
    output wire logic [152:0] options   // options_t without SACK blocks
);
  if (toe_pkg::OPTIONS_W != 153) $error("OPTIONS_W=%0d is not 153", toe_pkg::OPTIONS_W);

  // Up to six beats, read word by word; word 0 is no option
  logic [63:0] beats [0:7];
  logic [2:0]  beat_q;       // the next to write
  logic [3:0]  word_q;       // the next to read
  logic [3:0]  last_q;       // word
  logic        reading_q;

  wire logic        take = reading_q && word_q[3:1] < beat_q;
  wire logic [63:0] beat = beats[word_q[3:1]];
  wire logic [31:0] word = word_q[0] ? beat[63:32] : beat[31:0];

  // Places 0 to 3 of a word are those where an option may begin: with its kind in the byte before,
  // its length in the byte. So an option begins in the word that has its length.
  logic [31:0] word_0_q, word_1_q;            // this word, the one before it
  logic [31:8] word_2_q;                      // and the one before that
  logic        token_q, first_q, final_q;     // word_0_q is new; it is the header's first, last
  logic [3:0]  stop_q;                        // by place: the end, or a length that cannot be
  logic [2:0]  single_q;                      // NOP
  logic [1:0]  two_q;                         // an option of two bytes
  logic        three_q;                       // of three
  logic [3:0]  mss_q, ws_q, sack_q, ts_q;
  logic [5:0]  next_q [0:3];                  // place of the next option, from the next word's on

  wire logic [39:0] window = {word, word_0_q[31:24]};
  wire logic [5:0]  rest   = {last_q - word_q, 2'd0} + 6'd5;  // bytes from place 0 to the end

  for (genvar i = 0; i < 4; i++) begin : g_place
    wire logic [7:0] kind   = window[8*i+:8];
    wire logic [7:0] length = window[8*i+8+:8];
    wire logic       single = kind == 8'd1;
    wire logic       broken = length[7:1] == '0 || length > {2'd0, rest - 6'(i)};
    wire logic       stops  = kind == 8'd0 || (!single && broken);

    always_ff @(posedge clk) begin
      stop_q[i]   <= stops;
      mss_q[i]    <= kind == 8'd2 && length == 8'd4;
      ws_q[i]     <= kind == 8'd3 && length == 8'd3;
      sack_q[i]   <= kind == 8'd4 && length == 8'd2;
      ts_q[i]     <= kind == 8'd8 && length == 8'd10;
      next_q[i]   <= (single ? 6'd1 : length[5:0]) + 6'(i) - 6'd4;
    end
    if (i < 3) begin : g_single
      always_ff @(posedge clk) single_q[i] <= single;
    end
    if (i < 2) begin : g_two
      always_ff @(posedge clk) two_q[i] <= !single && !stops && length == 8'd2;
    end
    if (i < 1) begin : g_three
      always_ff @(posedge clk) three_q <= !single && !stops && length == 8'd3;
    end
  end

  // The way from option to option
  logic        stopped_q;
  logic [5:0]  place_q;      // of the next option, from this word's on
  logic        done_q;
  logic [1:0]  mss_late_q;   // by place 2 and 3: MSS that begins in word_1_q
  logic        ws_late_q;
  logic [3:0]  ts_1_q, ts_2_q;
  toe_pkg::options_t found_q;

  wire logic [5:0] place  = first_q ? 6'd1 : place_q;
  wire logic       active = token_q && (first_q || !stopped_q);
  wire logic       at_0   = active && place == 6'd0;
  wire logic       at_1   = (active && place == 6'd1) || (at_0 && single_q[0]);
  wire logic       at_2   = (active && place == 6'd2) || (at_1 && single_q[1])
                            || (at_0 && two_q[0]);
  wire logic       at_3   = (active && place == 6'd3) || (at_2 && single_q[2])
                            || (at_1 && two_q[1]) || (at_0 && three_q);
  wire logic [3:0] begins = {at_3, at_2, at_1, at_0};

  wire logic [3:0] good = begins & ~stop_q;
  wire logic [3:0] mss  = good & mss_q;
  wire logic [3:0] ws   = good & ws_q;
  wire logic [1:0] mss_late = first_q ? 2'd0 : mss_late_q;
  wire logic       ws_late  = !first_q && ws_late_q;
  wire logic [3:0] ts_2     = first_q ? 4'd0 : ts_2_q;

  wire logic [7:0]  ws_value = ws[2] ? word_0_q[31:24] : ws[1] ? word_0_q[23:16]
                               : ws[0] ? word_0_q[15:8] : word_0_q[7:0];
  wire logic [15:0] mss_value = mss[1] ? word_0_q[31:16] : mss[0] ? word_0_q[23:8]
                                : mss_late[1] ? word_0_q[15:0]
                                : {word_0_q[7:0], word_1_q[31:24]};
  wire logic [63:0] ts_value = ts_2[3] ? {word_0_q, word_1_q}
                               : ts_2[2] ? {word_0_q[23:0], word_1_q, word_2_q[31:24]}
                               : ts_2[1] ? {word_0_q[15:0], word_1_q, word_2_q[31:16]}
                               : {word_0_q[7:0], word_1_q, word_2_q[31:8]};

  always_ff @(posedge clk) begin
    // Words in
    if (s_valid && (s_start || beat_q < 3'd6)) begin
      beats[s_start ? 3'd0 : beat_q] <= s_data;
      beat_q <= s_start ? 3'd1 : beat_q + 3'd1;
    end
    token_q <= take;
    if (take) begin
      word_0_q  <= word;
      word_1_q  <= word_0_q;
      word_2_q  <= word_1_q[31:8];
      word_q    <= word_q + 4'd1;
      first_q   <= word_q == 4'd1;
      final_q   <= word_q == last_q;
      reading_q <= word_q != last_q;
    end
    if (s_start) begin
      word_q    <= 4'd1;
      last_q    <= s_words;
      reading_q <= 1'b1;
    end

    // Options out
    if (token_q) begin
      done_q     <= final_q;
      stopped_q  <= (stopped_q && !first_q) || (begins & stop_q) != '0;
      place_q    <= begins[3] ? next_q[3] : begins[2] ? next_q[2] : begins[1] ? next_q[1]
                    : begins[0] ? next_q[0] : place - 6'd4;
      mss_late_q <= mss[3:2];
      ws_late_q  <= ws[3];
      ts_1_q     <= good & ts_q;
      ts_2_q     <= first_q ? 4'd0 : ts_1_q;
      if (first_q) found_q <= '0;
      if ((good & sack_q) != '0) found_q.sack_ok <= 1'b1;
      if (mss[1:0] != '0 || mss_late != '0) begin
        found_q.mss_valid <= 1'b1;
        found_q.mss       <= toe_ip_pkg::swap16(mss_value);
      end
      if (ws[2:0] != '0 || ws_late) begin
        found_q.ws_valid <= 1'b1;
        found_q.ws       <= ws_value > 8'd14 ? 4'd14 : ws_value[3:0];
      end
      if (ts_2 != '0) begin
        found_q.ts_valid <= 1'b1;
        found_q.ts_val   <= toe_ip_pkg::swap32(ts_value[31:0]);
        found_q.ts_ecr   <= toe_ip_pkg::swap32(ts_value[63:32]);
      end
    end
    if (rst) begin
      reading_q <= 1'b0;
      token_q   <= 1'b0;
      done_q    <= 1'b0;
    end
  end

  assign busy    = reading_q || token_q;
  assign done    = done_q;
  assign options = found_q;
endmodule

`default_nettype wire
