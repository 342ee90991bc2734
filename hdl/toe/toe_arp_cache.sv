// SPDX-License-Identifier: Apache-2.0
// toe_arp_cache: hardware addresses of IPv4 neighbours: 64 sets of four entries, with ageing.
//
// An answer to `find` comes seven cycles after it was taken; what goes on before is over in eight.
// An entry that is looked for and missing is made if `create`, and asked for: at once, and again
// each second, three times in all; then it is forgotten. An answer makes it known for REACHABLE_MS;
// if it was used meanwhile, it is asked for as before, and stays usable until it is forgotten. A
// new entry takes a free place of its set, else that of one who has not answered, else of one who
// was not used; the place of one in use only if its neighbour has come forward by itself. So nobody
// can push neighbours out by having the card send to addresses that do not exist. Reset forgets
// all, in 256 cycles.
`default_nettype none

module toe_arp_cache #(
    // How long an entry is good without being confirmed, at most 65,000
    parameter int unsigned REACHABLE_MS = 60_000
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
    output wire logic        changed          // pulse: any earlier answer may be out of date
);
  localparam int unsigned SETS = 64;
  localparam int unsigned WAYS = 4;
  localparam int unsigned RETRY_MS = 1000;
  localparam logic [1:0] ASKS = 2'd3;
  localparam int unsigned TIME_W = 17;
  if (REACHABLE_MS == 0 || REACHABLE_MS > 65_000) begin
    $error("REACHABLE_MS=%0d is not 1 to 65,000", REACHABLE_MS);
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
  logic [TIME_W-1:0] now_q;
  logic              tick_q;         // a millisecond has begun, and its round has not
  logic              ageing_q;
  logic [7:0]        age_q;          // the entry whose turn it is
  logic              resolved_q, changed_q;

  // Neighbours differ in their low bits
  wire logic [5:0]   set = ip_q[5:0] ^ ip_q[11:6];
  wire logic         ages = ageing_q && m_ask_ready;
  wire logic         finds = s_find_valid && m_ask_ready;

  logic              wr_en;
  logic [7:0]        wr_addr;
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
  );

  wire logic [1:0] scanned = scan_q[1:0] - 2'd2;  // the one in entry_q
  wire logic       is_due  = TIME_W'(now_q - entry_q.due) < TIME_W'(1 << (TIME_W - 1));
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
          wr_entry.due   = now_q + TIME_W'(RETRY_MS);
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
        wr_entry.due   = now_q + TIME_W'(REACHABLE_MS);
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
          wr_entry.due  = now_q + TIME_W'(RETRY_MS);
          if (entry_q.state == Known) wr_entry.state = Doubtful;
        end else begin
          wr_entry.state = Free;
        end
      end
      default: ;
    endcase
  end

  always_ff @(posedge clk) begin
    resolved_q <= 1'b0;
    changed_q  <= 1'b0;
    entry_q    <= rd_entry;
    if (tick_ms) now_q <= now_q + 1'b1;
    if (tick_ms) tick_q <= 1'b1;
    unique case (state_q)
      StClear: begin
        age_q <= age_q + 8'd1;
        if (age_q == 8'hff) state_q <= StIdle;
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
          ageing_q <= 1'b1;
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
        age_q      <= age_q + 8'd1;
        ageing_q   <= age_q != 8'hff;
        changed_q  <= wr_en;
        resolved_q <= wr_en && wr_entry.state == Free;
      end
      default: state_q <= StIdle;
    endcase
    if (rst) begin
      state_q    <= StClear;
      age_q      <= '0;
      ageing_q   <= 1'b0;
      tick_q     <= 1'b0;
      now_q      <= '0;
      turn_q     <= '0;
      resolved_q <= 1'b0;
      changed_q  <= 1'b0;
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
endmodule

`default_nettype wire
