// SPDX-License-Identifier: Apache-2.0
// toe_arp_cache: hardware addresses of IPv4 neighbours: sets of four entries, with ageing.
//
// An answer to `find` comes seven cycles after it was taken; what goes on before is over in eight.
// An entry that is looked for and missing is made if `create`, and asked for: at once, and again
// each second, three times in all; then it is forgotten. An answer makes it known for REACHABLE_MS;
// if it was used meanwhile, it is asked for as before, and stays usable until it is forgotten. A
// new entry takes a free place of its set, else that of one who has not answered, else of one who
// was not used; the place of one in use only if its neighbour has come forward by itself. So nobody
// can push neighbours out by having the card send to addresses that do not exist. Reset forgets
// all, in 256 cycles. A millisecond in which nothing changes costs nothing: a bound of all entries
// says when to look, four cycles each.
`default_nettype none

module toe_arp_cache #(
    // How long an entry is good without being confirmed, at most 65,000
    parameter int unsigned REACHABLE_MS = 60_000,
    // Sets of four entries: a power of two, 2 to 65,536
    parameter int unsigned SETS = 64
) (
    input  wire logic        clk,
    input  wire logic        rst,             // synchronous, active high
    input  wire logic        tick_ms,         // a pulse each millisecond

    // Who has this address?
    input  wire logic [31:0] s_find_ip,
    input  wire logic        s_find_create,
    input  wire logic        s_find_valid,
    output wire logic        s_find_ready,
    output wire logic        m_found_valid,   // one cycle: the answer
    output wire logic        m_found_known,   // mac is known
    output wire logic        m_found_waiting, // it is being asked for
    output wire logic [47:0] m_found_mac,

    // A neighbour has told its address
    input  wire logic [31:0] s_learn_ip,
    input  wire logic [47:0] s_learn_mac,
    input  wire logic        s_learn_create,  // else only what is there is changed
    input  wire logic        s_learn_valid,
    output wire logic        s_learn_ready,

    // To ask for
    output wire logic [31:0] m_ask_ip,
    output wire logic        m_ask_valid,
    input  wire logic        m_ask_ready,

    output wire logic        resolved,        // pulse: what was waiting may be known, or forgotten
    output wire logic        changed,         // pulse: any earlier answer may be out of date

    // Unless busy nothing happens for next_in milliseconds, if next_valid, else ever
    output wire logic        busy,
    output wire logic        next_valid,
    output wire logic [16:0] next_in
);
  localparam int unsigned WAYS = 4;
  localparam int unsigned SET_W = $clog2(SETS);
  localparam int unsigned ADDR_W = SET_W + $clog2(WAYS);
  localparam int unsigned RETRY_MS = 1000;
  localparam logic [1:0] ASKS = 2'd3;
  localparam int unsigned TIME_W = 17;
  if (REACHABLE_MS == 0 || REACHABLE_MS > 65_000) begin
    $error("REACHABLE_MS=%0d is not 1 to 65,000", REACHABLE_MS);
  end
  if (SETS < 2 || SETS > 65_536 || SETS != 1 << SET_W) begin
    $error("SETS=%0d is no power of two from 2 to 65,536", SETS);
  end

  typedef enum logic [1:0] {
    Free,
    Asked,     // no address yet
    Known,
    Doubtful   // known, and asked for again
  } entry_state_t;

  typedef struct packed {
    entry_state_t      state;
    logic [1:0]        asks;  // made so far
    logic              used;  // since it became known
    logic [TIME_W-1:0] due;   // the millisecond of its next change
    logic [31:0]       ip;
    logic [47:0]       mac;
  } entry_t;
  localparam int unsigned ENTRY_W = 2 + 2 + 1 + TIME_W + 32 + 48;

  typedef enum logic [2:0] {
    StClear,
    StIdle,
    StScan,    // reads the four entries of a set
    StFind,
    StLearn,
    StRead,    // reads the entry whose turn it is
    StLook,
    StAge
  } state_t;

  state_t            state_q;
  logic              learning_q, create_q;
  logic [31:0]       ip_q;
  logic [47:0]       mac_q;
  logic [2:0]        scan_q;         // entries whose reading has begun
  logic              hit_q, free_q, mute_q, idle_q;
  logic [1:0]        hit_way_q, free_way_q, mute_way_q, idle_way_q, turn_q;
  entry_t            hit_entry_q;
  logic [TIME_W-1:0] now_q, retry_at_q, reachable_to_q;  // the latter two: now, and so long after it
  logic              tick_q;         // a millisecond has begun, and its round has not
  logic              ageing_q;
  logic [ADDR_W-1:0] age_q;          // the entry whose turn it is
  logic              resolved_q, changed_q;

  // No change before: of all entries, of those that the round has passed; {there are some, bound}
  localparam int unsigned BOUND_W = TIME_W + 1;
  logic [BOUND_W-1:0] bound_q, passed_q;

  function logic [BOUND_W-1:0] earlier(input logic [BOUND_W-1:0] a, input logic [BOUND_W-1:0] b);
    logic [TIME_W-1:0] between;
    between = a[TIME_W-1:0] - b[TIME_W-1:0];
    earlier = !b[TIME_W] || (a[TIME_W] && between[TIME_W-1]) ? a : b;
  endfunction

  // Neighbours differ in their low bits
  wire logic [SET_W-1:0] set = ip_q[SET_W-1:0] ^ ip_q[2*SET_W-1:SET_W];
  wire logic         ages = ageing_q && m_ask_ready;
  wire logic         finds = s_find_valid && m_ask_ready;

  logic              wr_en;
  logic [ADDR_W-1:0] wr_addr;
  entry_t            wr_entry, rd_entry, entry_q;

  ram_sdp #(
      .DATA_W    (ENTRY_W),
      .DEPTH     (SETS * WAYS),
      .READ_FIRST(1'b0)
  ) entries (
      .clk    (clk),
      .wr_en  (wr_en),
      .wr_addr(wr_addr),
      .wr_data(wr_entry),
      .rd_en  (state_q == StScan || state_q == StRead),
      .rd_addr(state_q == StRead ? age_q : {set, scan_q[1:0]}),
      .rd_data(rd_entry)
`ifdef FORMAL
      ,
      .f_words
`endif
  );

  wire logic [1:0] scanned = scan_q[1:0] - 2'd2;  // the one in entry_q
  wire logic       is_due  = TIME_W'(now_q - entry_q.due) < TIME_W'(1 << (TIME_W - 1));
  wire logic [TIME_W-1:0] to_bound = bound_q[TIME_W-1:0] - now_q;
  wire logic       over    = bound_q[TIME_W] && (to_bound == '0 || to_bound[TIME_W-1]);
  wire logic [1:0] new_way = free_q ? free_way_q : mute_q ? mute_way_q
                             : idle_q ? idle_way_q : turn_q;
  wire logic       may_make = create_q && (free_q || mute_q || idle_q || learning_q);
  wire logic       usable  = hit_q && hit_entry_q.state != Asked;

  // What is written where, and who is asked for
  logic ask;
  always_comb begin
    wr_en    = 1'b0;
    wr_addr  = {set, hit_q ? hit_way_q : new_way};
    wr_entry = hit_entry_q;
    ask      = 1'b0;
    unique case (state_q)
      StClear: begin
        wr_en    = 1'b1;
        wr_addr  = age_q;
        wr_entry = '0;
      end
      StFind:
        if (!hit_q) begin
          wr_en          = may_make;
          ask            = may_make;
          wr_entry.state = Asked;
          wr_entry.asks  = 2'd1;
          wr_entry.used  = 1'b1;
          wr_entry.due   = retry_at_q;
          wr_entry.ip    = ip_q;
          wr_entry.mac   = '0;
        end else begin
          wr_en          = !hit_entry_q.used;
          wr_entry.used  = 1'b1;
        end
      StLearn: begin
        wr_en          = hit_q || may_make;
        wr_entry.state = Known;
        wr_entry.asks  = 2'd0;
        wr_entry.used  = 1'b0;
        wr_entry.due   = reachable_to_q;
        wr_entry.ip    = ip_q;
        wr_entry.mac   = mac_q;
      end
      StAge: begin
        wr_addr  = age_q;
        wr_entry = entry_q;
        wr_en    = entry_q.state != Free && is_due;
        ask      = wr_en && (entry_q.state == Known ? entry_q.used : entry_q.asks != ASKS);
        if (ask) begin
          wr_entry.asks = entry_q.asks + 2'd1;
          wr_entry.due  = retry_at_q;
          if (entry_q.state == Known) wr_entry.state = Doubtful;
        end else begin
          wr_entry.state = Free;
        end
      end
      default: ;
    endcase
  end

  // What is there after this cycle, of the entry that is written or passed
  wire logic [BOUND_W-1:0] bound = {
      wr_en ? wr_entry.state != Free : state_q == StAge && entry_q.state != Free,
      wr_en ? wr_entry.due : entry_q.due
  };

  always_ff @(posedge clk) begin
    bound_q  <= earlier(bound, bound_q);
    passed_q <= earlier(bound, passed_q);
    resolved_q <= 1'b0;
    changed_q  <= 1'b0;
    entry_q    <= rd_entry;
    if (tick_ms) begin
      now_q          <= now_q + 1'b1;
      retry_at_q     <= retry_at_q + 1'b1;
      reachable_to_q <= reachable_to_q + 1'b1;
      tick_q         <= 1'b1;
    end
    unique case (state_q)
      StClear: begin
        age_q <= age_q + 1'b1;
        if (age_q == '1) state_q <= StIdle;
      end
      StIdle: begin
        scan_q <= '0;
        hit_q  <= 1'b0;
        free_q <= 1'b0;
        mute_q <= 1'b0;
        idle_q <= 1'b0;
        if (finds || s_learn_valid) begin
          state_q    <= StScan;
          learning_q <= !finds;
          create_q   <= finds ? s_find_create : s_learn_create;
          ip_q       <= finds ? s_find_ip : s_learn_ip;
          mac_q      <= s_learn_mac;
        end else if (ages) begin
          state_q <= StRead;
        end else if (tick_q && !ageing_q) begin
          ageing_q <= over;
          passed_q <= '0;
          tick_q   <= tick_ms;
        end
      end
      StScan: begin
        scan_q <= scan_q + 3'd1;
        if (scan_q[2:1] != '0) begin
          if (entry_q.state != Free && entry_q.ip == ip_q) begin
            hit_q       <= 1'b1;
            hit_way_q   <= scanned;
            hit_entry_q <= entry_q;
          end
          if (entry_q.state == Free) begin
            free_q     <= 1'b1;
            free_way_q <= scanned;
          end
          if (entry_q.state == Asked) begin
            mute_q     <= 1'b1;
            mute_way_q <= scanned;
          end
          if (entry_q.state == Known && !entry_q.used) begin
            idle_q     <= 1'b1;
            idle_way_q <= scanned;
          end
        end
        if (scan_q == 3'(WAYS + 1)) state_q <= learning_q ? StLearn : StFind;
      end
      StFind, StLearn: begin
        state_q <= StIdle;
        if (wr_en && !hit_q) turn_q <= turn_q + 2'd1;
        changed_q  <= wr_en;
        resolved_q <= wr_en && (hit_q ? learning_q && hit_entry_q.state == Asked : !free_q);
      end
      StRead: state_q <= StLook;
      StLook: state_q <= StAge;
      StAge: begin
        state_q    <= StIdle;
        age_q      <= age_q + 1'b1;
        ageing_q   <= age_q != '1;
        if (age_q == '1) bound_q <= earlier(bound, passed_q);
        changed_q  <= wr_en;
        resolved_q <= wr_en && wr_entry.state == Free;
      end
      default: state_q <= StIdle;
    endcase
    if (rst) begin
      state_q        <= StClear;
      age_q          <= '0;
      ageing_q       <= 1'b0;
      tick_q         <= 1'b0;
      bound_q        <= '0;
      now_q          <= '0;
      retry_at_q     <= TIME_W'(RETRY_MS);
      reachable_to_q <= TIME_W'(REACHABLE_MS);
      turn_q         <= '0;
      resolved_q     <= 1'b0;
      changed_q      <= 1'b0;
    end
  end

  assign s_find_ready    = state_q == StIdle && m_ask_ready;
  assign s_learn_ready   = state_q == StIdle && !finds;
  assign m_found_valid   = state_q == StFind;
  assign m_found_known   = usable;
  assign m_found_waiting = hit_q ? hit_entry_q.state == Asked : may_make;
  assign m_found_mac     = hit_entry_q.mac;
  assign m_ask_ip        = state_q == StAge ? entry_q.ip : ip_q;
  assign m_ask_valid     = ask;
  assign resolved        = resolved_q;
  assign changed         = changed_q;
  assign busy            = state_q != StIdle || ageing_q || tick_q;
  assign next_valid      = bound_q[TIME_W];
  assign next_in         = over ? '0 : to_bound;

`ifdef FORMAL
  localparam int unsigned F_ENTRIES = SETS * WAYS;
  wire logic [F_ENTRIES*ENTRY_W-1:0] f_words;

  // What is in the memory, and which entries are of the address that is being worked on
  logic [F_ENTRIES-1:0] f_used, f_ours, f_match, f_cleared, f_evictable;
  logic [31:0]          f_ips [0:F_ENTRIES-1];
  for (genvar i = 0; i < F_ENTRIES; i++) begin : gen_f_entry
    wire logic [ENTRY_W-1:0] f_word  = f_words[i*ENTRY_W+:ENTRY_W];
    wire logic [1:0]         f_state = f_word[ENTRY_W-1-:2];
    assign f_ips[i]       = f_word[79:48];
    assign f_used[i]      = f_state != Free;
    assign f_ours[i]      = ADDR_W'(i) >> $clog2(WAYS) == ADDR_W'(set);
    assign f_match[i]     = f_used[i] && f_ips[i] == ip_q;
    assign f_cleared[i]   = ADDR_W'(i) < age_q;
    assign f_evictable[i] = f_state == Free || f_state == Asked
                            || (f_state == Known && !f_word[97]);
  end

  logic f_past_exists = 1'b0;
  always @(posedge clk) f_past_exists <= 1'b1;
  always @* if (!f_past_exists) assume (rst);

  for (genvar i = 0; i < F_ENTRIES; i++) begin : gen_f_place
    wire logic [SET_W-1:0] f_hash = f_ips[i][SET_W-1:0] ^ f_ips[i][2*SET_W-1:SET_W];
    for (genvar j = 0; j < i; j++) begin : gen_f_pair
      // Rule 1: an address has one entry.
      always @* if (f_past_exists && !rst && state_q != StClear) begin
        assert (!f_used[i] || !f_used[j] || f_ips[i] != f_ips[j]);
      end
    end
    always @* if (f_past_exists && !rst) begin
      // It is in its set.
      assert (state_q == StClear || !f_used[i] || f_hash == SET_W'(i / WAYS));
      // After a reset all are forgotten before anything is done.
      assert (state_q != StClear || !f_cleared[i] || !f_used[i]);
    end
  end

  wire logic f_decide = state_q == StFind || state_q == StLearn;

  for (genvar i = 0; i < F_ENTRIES; i++) begin : gen_f_reading
    wire logic [ENTRY_W-1:0] f_word = f_words[i*ENTRY_W+:ENTRY_W];
    wire logic [1:0]         f_way  = 2'(i);
    wire logic               f_hit  = hit_q && hit_way_q == f_way && f_ours[i];
    always @* if (f_past_exists && !rst) begin
      if (state_q == StScan) begin
        // Which entries have been read, and which of them has been found
        if (f_ours[i] && scan_q == {1'b0, f_way} + 3'd1) assert (rd_entry == f_word);
        if (f_ours[i] && scan_q == {1'b0, f_way} + 3'd2) assert (entry_q == f_word);
        if (f_match[i] && {1'b0, f_way} + 3'd2 < scan_q) assert (f_hit);
        if (f_hit) assert ({1'b0, f_way} + 3'd2 < scan_q);
      end
      if (state_q == StScan || f_decide) begin
        if (f_hit) assert (f_match[i] && hit_entry_q == f_word);
        if (f_match[i]) assert (f_ours[i]);
        if (free_q && free_way_q == f_way && f_ours[i]) assert (!f_used[i]);
        if (mute_q && mute_way_q == f_way && f_ours[i]) assert (f_evictable[i]);
        if (idle_q && idle_way_q == f_way && f_ours[i]) assert (f_evictable[i]);
      end
      // Rule 2: an answer is the entry of the address that was asked for, and there is one if there
      // is an entry.
      if (f_decide && f_match[i]) assert (f_hit);
      // Rule 3: by finding, nobody is pushed out who is in use.
      if (state_q == StFind && wr_en && !hit_q && wr_addr == ADDR_W'(i)) assert (f_evictable[i]);
      if (state_q == StLook && age_q == ADDR_W'(i)) assert (rd_entry == f_word);
      if (state_q == StAge && age_q == ADDR_W'(i)) assert (entry_q == f_word);
    end
  end

  always @* if (f_past_exists && !rst) begin
    if (state_q == StScan) assert (scan_q <= 3'd5);
    cover (m_found_valid && m_found_known);
    cover (state_q == StLearn && hit_q && hit_entry_q.state == Asked);
  end
`endif
endmodule

`default_nettype wire
