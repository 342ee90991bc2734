// SPDX-License-Identifier: Apache-2.0
// toe_table: which tuple has which session; entries in the bucket of one of two hashes.
//
// Two halves, each with its own hash and 2^BUCKET_W buckets of four places, and OVERFLOW places for
// any tuple. An entry goes to the half whose bucket has fewer, the first one in doubt, to the
// overflow places if both are full, and then stays where it is. A command every 5 cycles or more,
// its answer 4 cycles later; a command sees all that came before it. After reset `ready` stays low
// for 2^BUCKET_W cycles, and no command may come. The caller owes: a tuple always comes with the
// same buckets, and a number that is offered is of no session.
`default_nettype none

module toe_table #(
    // Bits of a tuple
    parameter  int unsigned TUPLE_W   = 64,
    // Bits of a session number: 3 to 16
    parameter  int unsigned SESSION_W = 14,
    // Places for tuples whose buckets are full: 1 to 64
    parameter  int unsigned OVERFLOW  = 16,
    localparam int unsigned BUCKET_W  = SESSION_W - 2
) (
    input  wire logic                 clk,
    input  wire logic                 rst,          // synchronous, active high
    output wire logic                 ready,        // the table is empty and takes commands

    input  wire logic                 s_valid,
    input  wire logic                 s_insert,     // if the tuple is not there
    input  wire logic                 s_remove,     // if tuple and session belong together
    input  wire logic [TUPLE_W-1:0]   s_tuple,
    input  wire logic [SESSION_W-1:0] s_session,    // of remove
    input  wire logic [BUCKET_W-1:0]  s_bucket_a,
    input  wire logic [BUCKET_W-1:0]  s_bucket_b,

    // A number for the next insertion, and one given back by a removal
    input  wire logic [SESSION_W-1:0] take_number,
    input  wire logic                 take_valid,
    output wire logic                 take_ready,   // taken
    output wire logic [SESSION_W-1:0] back_number,
    output wire logic                 back_valid,

    output wire logic                 m_valid,      // for one cycle
    output wire logic                 m_found,      // before the command
    output wire logic [SESSION_W-1:0] m_session,    // of the tuple, or the new one
    output wire logic                 m_full,       // not inserted: no number
    output wire logic                 m_overflow    // not inserted: no place
);
  if (SESSION_W < 3 || SESSION_W > 16) $error("SESSION_W=%0d is not from 3 to 16", SESSION_W);
  if (OVERFLOW == 0 || OVERFLOW > 64) $error("OVERFLOW=%0d is not from 1 to 64", OVERFLOW);

  localparam int unsigned WAYS    = 8;  // places 0 to 3 of half a, then those of half b
  localparam int unsigned ENTRY_W = 1 + SESSION_W + TUPLE_W;
  localparam int unsigned PLACES  = WAYS + OVERFLOW;

  logic [BUCKET_W:0]    sweep_q;  // next bucket to clear; the highest bit says that all are
  wire logic            sweeping = !sweep_q[BUCKET_W];

  // The command, and how far it is: memory read, data in registers, compared, decided
  logic                 read_q, compare_q, decide_q, answer_q;
  logic                 insert_q, remove_q;
  logic [TUPLE_W-1:0]   tuple_q;
  logic [SESSION_W-1:0] session_q;
  logic [BUCKET_W-1:0]  bucket_a_q, bucket_b_q;

  always_ff @(posedge clk) begin
    read_q    <= s_valid;
    compare_q <= read_q;
    decide_q  <= compare_q;
    answer_q  <= decide_q;
    if (s_valid) begin
      insert_q   <= s_insert;
      remove_q   <= s_remove;
      tuple_q    <= s_tuple;
      session_q  <= s_session;
      bucket_a_q <= s_bucket_a;
      bucket_b_q <= s_bucket_b;
    end
    if (sweeping) sweep_q <= sweep_q + 1'b1;
    if (rst) begin
      read_q    <= 1'b0;
      compare_q <= 1'b0;
      decide_q  <= 1'b0;
      answer_q  <= 1'b0;
      sweep_q   <= '0;
    end
  end

  // Each place: is it in use, does it match, and with which session; valid with decide_q
  wire logic [PLACES-1:0]           used, match;
  wire logic [PLACES*SESSION_W-1:0] sessions;
  // What is written where; set with answer_q
  logic [PLACES-1:0]                write_q;
  logic                             write_used_q;
  logic [SESSION_W-1:0]             write_session_q;

  for (genvar way = 0; way < WAYS; way++) begin : gen_way
    wire logic [ENTRY_W-1:0]  rd_data;
    wire logic [BUCKET_W-1:0] rd_bucket = way < WAYS / 2 ? s_bucket_a : s_bucket_b;
    wire logic [BUCKET_W-1:0] bucket    = way < WAYS / 2 ? bucket_a_q : bucket_b_q;
    wire logic                wr_en     = sweeping || write_q[way];
    wire logic [BUCKET_W-1:0] wr_bucket = sweeping ? sweep_q[BUCKET_W-1:0] : bucket;
    wire logic [ENTRY_W-1:0]  wr_data   = {!sweeping && write_used_q, write_session_q, tuple_q};
    logic                     used_q, match_q;
    logic [SESSION_W-1:0]     entry_session_q;
    logic [TUPLE_W-1:0]       entry_tuple_q;

    ram_sdp #(
        .DATA_W    (ENTRY_W),
        .DEPTH     (1 << BUCKET_W),
        .READ_FIRST(1'b0)
    ) ram (
        .clk    (clk),
        .wr_en  (wr_en),
        .wr_addr(wr_bucket),
        .wr_data(wr_data),
        .rd_en  (s_valid),
        .rd_addr(rd_bucket),
        .rd_data(rd_data)
`ifdef FORMAL
        ,
        .f_words(f_words)
`endif
    );

    always_ff @(posedge clk) begin
      if (read_q) {used_q, entry_session_q, entry_tuple_q} <= rd_data;
      if (compare_q) begin
        match_q <= used_q && entry_tuple_q == tuple_q
                   && (!remove_q || entry_session_q == session_q);
      end
    end

    assign used[way]  = used_q;
    assign match[way] = match_q;
    assign sessions[way*SESSION_W+:SESSION_W] = entry_session_q;

`ifdef FORMAL
    wire logic [(ENTRY_W<<BUCKET_W)-1:0] f_words;
    for (genvar bucket_i = 0; bucket_i < 1 << BUCKET_W; bucket_i++) begin : gen_place
      localparam int unsigned AT = bucket_i * WAYS + way;
      wire logic [SESSION_W-1:0] f_session = f_words[bucket_i*ENTRY_W+TUPLE_W+:SESSION_W];
      assign f_used[AT] = f_words[bucket_i*ENTRY_W+ENTRY_W-1];
      assign f_is_t[AT] = f_used[AT] && f_words[bucket_i*ENTRY_W+:TUPLE_W] == f_t;
      assign f_is_s[AT] = f_used[AT] && f_session == f_s;
      assign f_ok_t[AT] = bucket_i[BUCKET_W-1:0] == (way < WAYS / 2 ? f_bucket_a : f_bucket_b)
                          && f_session == f_t_session;
    end
`endif
  end

  for (genvar i = 0; i < OVERFLOW; i++) begin : gen_overflow
    logic                 used_q, match_q;
    logic [SESSION_W-1:0] entry_session_q;
    logic [TUPLE_W-1:0]   entry_tuple_q;

    always_ff @(posedge clk) begin
      if (compare_q) begin
        match_q <= used_q && entry_tuple_q == tuple_q
                   && (!remove_q || entry_session_q == session_q);
      end
      if (write_q[WAYS+i]) begin
        used_q          <= write_used_q;
        entry_session_q <= write_session_q;
        entry_tuple_q   <= tuple_q;
      end
      if (rst) used_q <= 1'b0;
    end

    assign used[WAYS+i]  = used_q;
    assign match[WAYS+i] = match_q;
    assign sessions[(WAYS+i)*SESSION_W+:SESSION_W] = entry_session_q;

`ifdef FORMAL
    localparam int unsigned AT = (WAYS << BUCKET_W) + i;
    assign f_used[AT] = used_q;
    assign f_is_t[AT] = used_q && entry_tuple_q == f_t;
    assign f_is_s[AT] = used_q && entry_session_q == f_s;
    assign f_ok_t[AT] = entry_session_q == f_t_session;
`endif
  end

  // Where the tuple is
  wire logic            found = match != '0;
  logic [SESSION_W-1:0] found_session;

  always_comb begin
    found_session = '0;
    for (int i = 0; i < PLACES; i++) begin
      found_session |= sessions[i*SESSION_W+:SESSION_W] & {SESSION_W{match[i]}};
    end
  end

  // Where it may go: the half with fewer, and there the first free place
  wire logic [2:0] count_a = 3'(used[0]) + 3'(used[1]) + 3'(used[2]) + 3'(used[3]);
  wire logic [2:0] count_b = 3'(used[4]) + 3'(used[5]) + 3'(used[6]) + 3'(used[7]);
  wire logic       to_b    = count_b < count_a;
  wire logic       both_full = used[7:0] == '1;

  wire logic [3:0]          free_a  = ~used[3:0] & (used[3:0] + 1'b1);
  wire logic [3:0]          free_b  = ~used[7:4] & (used[7:4] + 1'b1);
  wire logic [OVERFLOW-1:0] free_ov = ~used[PLACES-1:WAYS] & (used[PLACES-1:WAYS] + 1'b1);
  wire logic [PLACES-1:0]   room    = {
    both_full ? free_ov : {OVERFLOW{1'b0}}, to_b ? free_b : 4'd0, to_b ? 4'd0 : free_a
  };

  wire logic inserting = insert_q && !found && take_valid && room != '0;
  wire logic removing  = remove_q && found;

  logic                 found_q, full_q, overflow_q, take_q, back_q;
  logic [SESSION_W-1:0] answer_session_q;

  always_ff @(posedge clk) begin
    if (decide_q) begin
      write_used_q     <= inserting;
      write_session_q  <= take_number;
      found_q          <= found;
      answer_session_q <= found ? found_session : take_number;
      full_q           <= insert_q && !found && !take_valid;
      overflow_q       <= insert_q && !found && take_valid && room == '0;
    end
    write_q <= !decide_q ? '0 : inserting ? room : removing ? match : '0;
    take_q  <= decide_q && inserting;
    back_q  <= decide_q && removing;
    if (rst) begin
      write_q <= '0;
      take_q  <= 1'b0;
      back_q  <= 1'b0;
    end
  end

  assign ready       = !sweeping;
  assign take_ready  = take_q;
  assign back_number = answer_session_q;
  assign back_valid  = back_q;
  assign m_valid     = answer_q;
  assign m_found     = found_q;
  assign m_session   = answer_session_q;
  assign m_full      = full_q;
  assign m_overflow  = overflow_q;

`ifdef FORMAL
  localparam int unsigned F_PLACES = (WAYS << BUCKET_W) + OVERFLOW;

  // A tuple with its buckets, and a session number, of the solver's choice
  (* anyconst *) logic [TUPLE_W-1:0]   f_t;
  (* anyconst *) logic [BUCKET_W-1:0]  f_bucket_a, f_bucket_b;
  (* anyconst *) logic [SESSION_W-1:0] f_s;

  // Every place: in use, with that tuple, with that number, where and as that tuple has to be
  wire logic [F_PLACES-1:0] f_used, f_is_t, f_is_s, f_ok_t;

  // What has to be in the table after all commands that were answered
  logic                 f_t_in;       // the tuple is there
  logic [SESSION_W-1:0] f_t_session;  // its session
  logic                 f_s_owned;    // the number belongs to somebody
  logic [2:0]           f_age;        // cycles since the last command
  logic                 f_past = 1'b0;

  wire logic f_mine = tuple_q == f_t;

  always @(posedge clk) begin
    f_past <= 1'b1;
    f_age  <= s_valid ? 3'd0 : f_age == 3'd7 ? 3'd7 : f_age + 3'd1;
    if (answer_q && f_mine) begin
      if (take_q) {f_t_in, f_t_session} <= {1'b1, m_session};
      if (back_q) f_t_in <= 1'b0;
    end
    if (take_q && take_number == f_s) f_s_owned <= 1'b1;
    if (back_q && back_number == f_s) f_s_owned <= 1'b0;
    if (rst) begin
      f_age     <= 3'd7;
      f_t_in    <= 1'b0;
      f_s_owned <= 1'b0;
    end
  end

  always @* begin
    if (!f_past) assume (rst);
    // What the caller owes
    if (s_valid) assume (!rst && ready && f_age >= 3'd4 && !(s_insert && s_remove));
    if (s_valid && s_tuple == f_t) begin
      assume (s_bucket_a == f_bucket_a && s_bucket_b == f_bucket_b);
    end
    if (take_valid && take_number == f_s) assume (!f_s_owned);
  end

  // An offered number stays until it is taken
  logic                 f_offered = 1'b0;
  logic [SESSION_W-1:0] f_offer;
  always @(posedge clk) begin
    f_offered <= take_valid && !take_ready && !rst;
    f_offer   <= take_number;
  end
  always @* if (f_offered && !rst) assume (take_valid && take_number == f_offer);

  always @* if (f_past && !rst && ready) begin
    // Rule 1: an entry that was inserted is there, once, where it belongs, with its session, until
    // it is removed; one that was not is not.
    assert ((f_is_t != '0) == f_t_in);
    assert ((f_is_t & (f_is_t - 1'b1)) == '0);
    assert ((f_is_t & ~f_ok_t) == '0);
    // Rule 2: a session is that of exactly one entry while its number is taken, else of none.
    assert ((f_is_s != '0) == f_s_owned);
    assert ((f_is_s & (f_is_s - 1'b1)) == '0);
    // Rule 3: the answer is what the table was before the command.
    if (m_valid && f_mine) begin
      if (remove_q) assert (m_found == (f_t_in && f_t_session == session_q));
      else assert (m_found == f_t_in);
      if (m_found) assert (m_session == f_t_session);
    end
    // Rule 4: an insertion finds the entry, or takes a number, or says why not.
    if (m_valid && insert_q) assert (3'(m_found) + 3'(take_q) + 3'(m_full) + 3'(m_overflow) == 3'd1);
    if (m_valid && take_q) assert (m_session == take_number);
    if (m_valid && remove_q) assert (back_q == m_found && !take_q && !m_full && !m_overflow);
    // Rule 5: a number goes back only if it was taken.
    if (back_valid && back_number == f_s) assert (f_s_owned);
    // Rule 6: numbers move, and places are written, with an answer only.
    assert (m_valid || !(take_q || back_q || write_q != '0));
    cover (m_valid && m_found && f_mine && remove_q);
  end

  // While the buckets are cleared: those that are
  for (genvar i = 0; i < WAYS << BUCKET_W; i++) begin : gen_cleared
    always @* if (f_past && !rst) assert (ready || i / WAYS >= sweep_q || !f_used[i]);
  end
  always @* if (f_past && !rst) begin
    assert (sweep_q <= (BUCKET_W + 1)'(1 << BUCKET_W));
    if (sweeping) begin
      assert (!f_t_in && !f_s_owned && f_used[F_PLACES-1:WAYS<<BUCKET_W] == '0);
      assert (!read_q && !compare_q && !decide_q && !answer_q && !take_q && !back_q);
      assert (write_q == '0);
    end
    // One command at a time
    assert (read_q == (f_age == 3'd0));
    assert (compare_q == (f_age == 3'd1));
    assert (decide_q == (f_age == 3'd2));
    assert (answer_q == (f_age == 3'd3));
  end
`endif
endmodule

`default_nettype wire
