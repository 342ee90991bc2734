// SPDX-License-Identifier: Apache-2.0
// toe_freelist: which of the numbers 0 to 2^LOG2 - 1 are free.
//
// One number out and one back in a cycle; one that comes back is offered again three cycles later
// at the earliest. No clearing after reset: numbers that were never taken come from a counter, the
// others from a ring in block RAM. The caller owes: only numbers that are out are given back.
`default_nettype none

module toe_freelist #(
    // Bits of a number, at least 2
    parameter int unsigned LOG2 = 13
`ifdef FORMAL
    ,
    // In the proof of a user: what the caller owes is to be shown, not assumed
    parameter bit F_USED = 1'b0
`endif
) (
    input  wire logic            clk,
    input  wire logic            rst,           // synchronous, active high

    // The next free number
    output wire logic [LOG2-1:0] number,
    output wire logic            number_valid,
    input  wire logic            take,          // with number_valid only

    // A number comes back
    input  wire logic            give,
    input  wire logic [LOG2-1:0] give_number,

    output wire logic [LOG2:0]   free           // numbers not out, the offered one among them
`ifdef FORMAL
    ,
    output wire logic [(1<<LOG2)-1:0] f_out     // a look inside for proofs of users: what is out
`endif
);
  if (LOG2 < 2) $error("LOG2=%0d is below 2", LOG2);

  logic [LOG2-1:0] wr_addr_q, rd_addr_q;
  logic [LOG2:0]   level_q;      // numbers in the ring
  logic [LOG2:0]   fresh_q;      // numbers from this one on were never offered
  logic [LOG2:0]   free_q;
  logic            valid_q;
  logic            from_ring_q;  // the offered number is in the ring's output register
  logic [LOG2-1:0] counted_q;    // the offered number otherwise

  wire logic [LOG2-1:0] from_ring;

  wire logic refill = !valid_q || take;
  wire logic fetch  = refill && level_q != '0;
  wire logic count  = refill && level_q == '0 && !fresh_q[LOG2];

  always_ff @(posedge clk) begin
    if (refill) begin
      valid_q     <= fetch || count;
      from_ring_q <= fetch;
      counted_q   <= fresh_q[LOG2-1:0];
    end
    if (count) fresh_q <= fresh_q + 1'b1;
    if (give) wr_addr_q <= wr_addr_q + 1'b1;
    if (fetch) rd_addr_q <= rd_addr_q + 1'b1;
    if (give != fetch) level_q <= give ? level_q + 1'b1 : level_q - 1'b1;
    if (give != take) free_q <= give ? free_q + 1'b1 : free_q - 1'b1;
    if (rst) begin
      valid_q   <= 1'b0;
      fresh_q   <= '0;
      wr_addr_q <= '0;
      rd_addr_q <= '0;
      level_q   <= '0;
      free_q    <= {1'b1, {LOG2{1'b0}}};
    end
  end

  ram_sdp #(
      .DATA_W    (LOG2),
      .DEPTH     (1 << LOG2),
      .READ_FIRST(1'b0)
  ) ring (
      .clk    (clk),
      .wr_en  (give),
      .wr_addr(wr_addr_q),
      .wr_data(give_number),
      .rd_en  (fetch),
      .rd_addr(rd_addr_q),
      .rd_data(from_ring)
`ifdef FORMAL
      ,
      .f_words(f_words)
`endif
  );

  assign number       = from_ring_q ? from_ring : counted_q;
  assign number_valid = valid_q;
  assign free         = free_q;

`ifdef FORMAL
  localparam int unsigned F_NUMBERS = 1 << LOG2;

  wire logic [F_NUMBERS*LOG2-1:0] f_words;
  logic [F_NUMBERS-1:0] f_out_q;      // numbers that are out, kept apart from the design's own way
  logic                 f_past_exists = 1'b0;
  logic                 f_past_give, f_past_rst;

  assign f_out = f_out_q;

  always @(posedge clk) begin
    f_past_exists <= 1'b1;
    f_past_give   <= give;
    f_past_rst    <= rst;
    if (take) f_out_q[number] <= 1'b1;
    if (give) f_out_q[give_number] <= 1'b0;
    if (rst) f_out_q <= '0;
  end

  // What the caller owes
  wire logic f_owed = (!take || number_valid) && (!give || f_out_q[give_number]);
  if (F_USED) begin : gen_f_assert
    always @* if (f_past_exists && !rst) assert (f_owed);
  end else begin : gen_f_assume
    always @* if (f_past_exists && !rst) assume (f_owed);
  end
  always @* if (!f_past_exists) assume (rst);

  // Places of the ring that hold a number
  logic [F_NUMBERS-1:0] f_used;
  logic [LOG2:0]        f_inside;
  always @* begin
    f_inside = '0;
    for (int i = 0; i < F_NUMBERS; i++) begin
      f_used[i] = {1'b0, i[LOG2-1:0] - rd_addr_q} < level_q;
      f_inside  = f_inside + (LOG2 + 1)'(!f_out_q[i]);
    end
  end

  for (genvar i = 0; i < F_NUMBERS; i++) begin : gen_f_number
    logic [LOG2+1:0] places;  // how often the number is somewhere
    always @* begin
      places = (LOG2 + 2)'(f_out_q[i]) + (LOG2 + 2)'(valid_q && number == i[LOG2-1:0]) +
               (LOG2 + 2)'(i[LOG2:0] >= fresh_q);
      for (int j = 0; j < F_NUMBERS; j++)
        places = places + (LOG2 + 2)'(f_used[j] && f_words[j*LOG2+:LOG2] == i[LOG2-1:0]);
    end
    // Rule 1: each number is out, or waits in one place: none is given twice, none is lost.
    always @* if (f_past_exists && !rst) assert (places == 1);
  end

  always @* if (f_past_exists && !rst) begin
    // Rule 2: the count of free numbers is right.
    assert (free == f_inside);
    // Rule 3: a free number is offered, at the latest two cycles after it came back.
    assert (number_valid || free == '0 || f_past_give || f_past_rst);
    // Where the numbers are
    assert (LOG2'(wr_addr_q - rd_addr_q) == level_q[LOG2-1:0]);
    assert (fresh_q <= (LOG2 + 1)'(F_NUMBERS) && level_q <= (LOG2 + 1)'(F_NUMBERS));
    cover (free == '0);
    cover (free != '0 && f_past_give && !number_valid);
    cover (number_valid && from_ring_q && take);
  end
`endif
endmodule

`default_nettype wire
