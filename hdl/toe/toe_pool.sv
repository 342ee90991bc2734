// SPDX-License-Identifier: Apache-2.0
// toe_pool: who needs a buffer: free buffers, and a count of references for each that is in use.
//
// A client reserves as many buffers as an operation takes, all or none, in one cycle, and then
// takes them one by one; what is reserved never runs out. A taken buffer has one reference. `refer`
// adds one, `drop` removes one, and the last to go frees the buffer; each of these takes two
// cycles. A reference to a free buffer and one too many are refused; a drop of a free buffer is
// ignored and told by `fault`. After reset the counts are cleared, one a cycle: nothing is ready
// until then. The caller owes: takes only what it has reserved. Lower clients go first where two
// ask in one cycle, drops take turns.
`default_nettype none

module toe_pool #(
    // Bits of a buffer's number, at least 2
    parameter  int unsigned BUFFERS_LOG2 = 13,
    // Clients that take and drop, at least 1
    parameter  int unsigned CLIENTS      = 3,
    // Bits of a count, at least 2; a buffer has at most 2^COUNT_W - 1 references
    parameter  int unsigned COUNT_W      = 16,
    localparam int unsigned NUMBER_W     = BUFFERS_LOG2 + 1
) (
    input  wire logic                            clk,
    input  wire logic                            rst,             // synchronous, active high

    // Reservations; client i has bits [i*W +: W]. The answer comes with ready.
    input  wire logic [CLIENTS*NUMBER_W-1:0]     reserve_number,  // buffers
    input  wire logic [CLIENTS-1:0]              reserve_valid,
    output wire logic [CLIENTS-1:0]              reserve_ready,
    output wire logic [CLIENTS-1:0]              reserve_granted,

    // Buffers, one reference each
    input  wire logic [CLIENTS-1:0]              take_valid,
    output wire logic [CLIENTS-1:0]              take_ready,
    output wire logic [BUFFERS_LOG2-1:0]         take_buffer,

    // One reference more, and the answer in the cycle after ready
    input  wire logic [BUFFERS_LOG2-1:0]         refer_buffer,
    input  wire logic                            refer_valid,
    output wire logic                            refer_ready,
    output wire logic                            refer_granted,

    // One reference less
    input  wire logic [CLIENTS*BUFFERS_LOG2-1:0] drop_buffer,
    input  wire logic [CLIENTS-1:0]              drop_valid,
    output wire logic [CLIENTS-1:0]              drop_ready,

    output wire logic [BUFFERS_LOG2:0]           free,            // buffers that nobody holds
    output wire logic                            fault            // pulse: drop of a free buffer
);
  if (BUFFERS_LOG2 < 2) $error("BUFFERS_LOG2=%0d is below 2", BUFFERS_LOG2);
  if (CLIENTS == 0) $error("CLIENTS=%0d is below 1", CLIENTS);
  if (COUNT_W < 2) $error("COUNT_W=%0d is below 2", COUNT_W);

  logic                    clearing_q;   // counts are being cleared
  logic [BUFFERS_LOG2-1:0] clear_q;
  logic [BUFFERS_LOG2:0]   unspoken_q;   // free buffers that nobody has reserved
  logic                    change_q;     // a count was read, and is written now
  logic                    is_refer_q;
  logic [BUFFERS_LOG2-1:0] buffer_q;
  logic                    fault_q;

  wire logic [BUFFERS_LOG2-1:0] number;
  wire logic                    number_valid;
  wire logic [COUNT_W-1:0]      count;

  // Reservations
  wire logic [CLIENTS-1:0] reserve_turn = reserve_valid & -reserve_valid;  // lowest bit set
  logic [NUMBER_W-1:0]     wanted;
  always_comb begin
    wanted = '0;
    for (int unsigned i = 0; i < CLIENTS; i++)
      wanted = wanted | (reserve_turn[i] ? reserve_number[i*NUMBER_W+:NUMBER_W] : '0);
  end
  wire logic enough  = wanted <= unspoken_q;
  wire logic reserve = reserve_valid != '0 && enough && !clearing_q;

  // Buffers out
  wire logic               may_take  = number_valid && !change_q && !clearing_q;
  wire logic               take      = may_take && take_valid != '0;
  wire logic [CLIENTS-1:0] take_turn = take_valid & -take_valid;

  // Counts: read in one cycle, written in the next
  wire logic [CLIENTS-1:0] drop_turn;
  wire logic               may_change = !change_q && !take && !clearing_q;
  wire logic               drop       = may_change && !refer_valid && drop_valid != '0;
  wire logic               change     = may_change && (refer_valid || drop_valid != '0);
  logic [BUFFERS_LOG2-1:0] buffer;
  always_comb begin
    buffer = refer_valid ? refer_buffer : '0;
    for (int unsigned i = 0; i < CLIENTS; i++)
      if (!refer_valid && drop_turn[i])
        buffer = buffer | drop_buffer[i*BUFFERS_LOG2+:BUFFERS_LOG2];
  end

  wire logic held     = count != '0;
  wire logic referred = change_q && is_refer_q && held && count != '1;
  wire logic dropped  = change_q && !is_refer_q && held;
  wire logic freed    = dropped && count == COUNT_W'(1);

  rr_arbiter #(
      .PORTS(CLIENTS)
  ) arbiter (
      .clk    (clk),
      .rst    (rst),
      .request(drop_valid),
      .grant  (drop_turn),
      .advance(drop)
  );

  toe_freelist #(
      .LOG2(BUFFERS_LOG2)
`ifdef FORMAL
      ,
      .F_USED(1'b1)
`endif
  ) freelist (
      .clk         (clk),
      .rst         (rst),
      .number      (number),
      .number_valid(number_valid),
      .take        (take),
      .give        (freed),
      .give_number (buffer_q),
      .free        (free)
`ifdef FORMAL
      ,
      .f_out(f_out)
`endif
  );

  ram_sdp #(
      .DATA_W    (COUNT_W),
      .DEPTH     (1 << BUFFERS_LOG2),
      .READ_FIRST(1'b0)
  ) counts (
      .clk    (clk),
      .wr_en  (clearing_q || take || referred || dropped),
      .wr_addr(clearing_q ? clear_q : change_q ? buffer_q : number),
      .wr_data(clearing_q ? '0 : !change_q ? COUNT_W'(1) :
               is_refer_q ? count + 1'b1 : count - 1'b1),
      .rd_en  (change),
      .rd_addr(buffer),
      .rd_data(count)
`ifdef FORMAL
      ,
      .f_words(f_words)
`endif
  );

  always_ff @(posedge clk) begin
    clear_q    <= clear_q + 1'b1;
    clearing_q <= clearing_q && clear_q != '1;
    change_q   <= change;
    if (change) begin
      is_refer_q <= refer_valid;
      buffer_q   <= buffer;
    end
    unspoken_q <= unspoken_q - (reserve ? wanted : '0) + NUMBER_W'(freed);
    fault_q    <= change_q && !is_refer_q && !held;
    if (rst) begin
      clear_q    <= '0;
      clearing_q <= 1'b1;
      change_q   <= 1'b0;
      unspoken_q <= {1'b1, {BUFFERS_LOG2{1'b0}}};
      fault_q    <= 1'b0;
    end
  end

  assign reserve_ready   = clearing_q ? '0 : reserve_turn;
  assign reserve_granted = enough ? reserve_turn : '0;
  assign take_ready      = may_take ? take_turn : '0;
  assign take_buffer     = number;
  assign refer_ready     = may_change;
  assign refer_granted   = referred;
  assign drop_ready      = may_change && !refer_valid ? drop_turn : '0;
  assign fault           = fault_q;

`ifdef FORMAL
  localparam int unsigned F_BUFFERS = 1 << BUFFERS_LOG2;

  wire logic [F_BUFFERS-1:0]         f_out;    // buffers that the free list has given
  wire logic [F_BUFFERS*COUNT_W-1:0] f_words;
  logic [F_BUFFERS*COUNT_W-1:0]      f_refs;   // references, counted apart
  logic [CLIENTS*NUMBER_W-1:0]       f_owed;   // reserved and not taken
  logic                              f_past_exists = 1'b0;

  // References come and go when the outside is told so
  wire logic [COUNT_W-1:0] f_now = f_refs[buffer_q*COUNT_W+:COUNT_W];
  always @(posedge clk) begin
    f_past_exists <= 1'b1;
    if ((take_valid & take_ready) != '0) f_refs[take_buffer*COUNT_W+:COUNT_W] <= COUNT_W'(1);
    if (refer_granted) f_refs[buffer_q*COUNT_W+:COUNT_W] <= f_now + 1'b1;
    if (change_q && !is_refer_q && f_now != '0)
      f_refs[buffer_q*COUNT_W+:COUNT_W] <= f_now - 1'b1;
    for (int i = 0; i < CLIENTS; i++)
      f_owed[i*NUMBER_W+:NUMBER_W] <= f_owed[i*NUMBER_W+:NUMBER_W] +
          (reserve_valid[i] && reserve_ready[i] && reserve_granted[i] ?
           reserve_number[i*NUMBER_W+:NUMBER_W] : '0) -
          NUMBER_W'(take_valid[i] && take_ready[i]);
    if (rst) begin
      f_refs <= '0;
      f_owed <= '0;
    end
  end

  logic [NUMBER_W+1:0] f_owed_sum;
  always @* begin
    f_owed_sum = '0;
    for (int i = 0; i < CLIENTS; i++) begin
      f_owed_sum = f_owed_sum + (NUMBER_W + 2)'(f_owed[i*NUMBER_W+:NUMBER_W]);
      // What the caller owes: takes only what it has reserved
      assume (!take_valid[i] || f_owed[i*NUMBER_W+:NUMBER_W] != '0);
    end
  end

  for (genvar i = 0; i < F_BUFFERS; i++) begin : gen_f_buffer
    wire logic [COUNT_W-1:0] refs = f_refs[i*COUNT_W+:COUNT_W];
    always @* if (f_past_exists && !rst) begin
      // Rule 1: a buffer is free exactly while nobody has a reference.
      assert (f_out[i] == (refs != '0));
      // Where the counts are
      assert (clearing_q && i[BUFFERS_LOG2-1:0] >= clear_q ||
              f_words[i*COUNT_W+:COUNT_W] == refs);
      assert (!clearing_q || refs == '0);
    end
  end

  always @* if (f_past_exists && !rst) begin
    // Rule 2: what is reserved is there: it never runs out.
    assert ((NUMBER_W + 2)'(unspoken_q) + f_owed_sum == (NUMBER_W + 2)'(free));
    // Rule 3: a buffer that is taken had no reference.
    assert ((take_valid & take_ready) == '0 || f_refs[take_buffer*COUNT_W+:COUNT_W] == '0);
    // Rule 4: references to free buffers, and those too many, are refused.
    assert (!(change_q && is_refer_q) || refer_granted == (f_now != '0 && f_now != '1));
    // Rule 5: at most one client is served at a time.
    assert ((take_ready & (take_ready - 1'b1)) == '0);
    assert ((drop_ready & (drop_ready - 1'b1)) == '0);
    // Between the two cycles of a change
    assert (!change_q || count == f_now);
    assert (!clearing_q || (!change_q && f_owed_sum == '0));
    cover (free == '0 && f_owed_sum == '0);
    cover (refer_granted && f_now == COUNT_W'(2));
    cover (fault);
    cover (freed && free == NUMBER_W'(F_BUFFERS - 1));
  end
`endif
endmodule

`default_nettype wire
