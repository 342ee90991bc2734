// SPDX-License-Identifier: Apache-2.0
// toe_numbers: session numbers that are free; the one that was given back longest ago comes first.
//
// One number taken and one given back per cycle; the next one is offered two cycles later at most.
// After reset `ready` stays low for as many cycles as there are numbers, and neither may happen. The
// caller owes to give back only numbers that it took, each once: then no number is given twice, none
// is lost, and there is always room.
`default_nettype none

module toe_numbers #(
    // Numbers from 0 to 2^NUMBER_W - 1; 2 to 16
    parameter int unsigned NUMBER_W = 14
) (
    input  wire logic                clk,
    input  wire logic                rst,          // synchronous, active high
    output wire logic                ready,        // all numbers are in place

    // A number to take
    output wire logic [NUMBER_W-1:0] take_number,
    output wire logic                take_valid,
    input  wire logic                take_ready,

    // A number given back
    input  wire logic [NUMBER_W-1:0] back_number,
    input  wire logic                back_valid,

    output wire logic [NUMBER_W:0]   free          // numbers not taken, 0 to 2^NUMBER_W
);
  if (NUMBER_W < 2 || NUMBER_W > 16) $error("NUMBER_W=%0d is not from 2 to 16", NUMBER_W);

  logic [NUMBER_W:0] fill_q;  // next number to put in; the highest bit says that all are

  wire logic              filling = !fill_q[NUMBER_W];
  wire logic              out_valid;
  wire logic              unused_ready, unused_last, unused_user;
  wire logic [NUMBER_W:0] level;

  always_ff @(posedge clk) begin
    if (filling) fill_q <= fill_q + 1'b1;
    if (rst) fill_q <= '0;
  end

  axis_fifo #(
      .DATA_W(NUMBER_W),
      .USER_W(1),
      .DEPTH (1 << NUMBER_W)
  ) fifo (
      .clk          (clk),
      .rst          (rst),
      .s_axis_tdata (filling ? fill_q[NUMBER_W-1:0] : back_number),
      .s_axis_tuser (1'b0),
      .s_axis_tvalid(filling || back_valid),
      .s_axis_tready(unused_ready),  // there are no more numbers than places
      .s_axis_tlast (1'b0),
      .m_axis_tdata (take_number),
      .m_axis_tuser (unused_user),
      .m_axis_tvalid(out_valid),
      .m_axis_tready(take_ready && ready),
      .m_axis_tlast (unused_last),
      .level        (level)
`ifdef FORMAL
      ,
      .f_words      (f_words)
`endif
  );

  assign ready      = !filling;
  assign take_valid = out_valid && ready;
  assign free       = level;

  wire logic unused = &{1'b0, unused_ready, unused_last, unused_user};

`ifdef FORMAL
  localparam int unsigned F_NUMBERS = 1 << NUMBER_W;

  // A number of the solver's choice, and where it is
  (* anyconst *) logic [NUMBER_W-1:0] f_number;
  wire logic [F_NUMBERS*NUMBER_W-1:0] f_words;   // the FIFO, the oldest in the lowest bits
  wire logic [F_NUMBERS-1:0]          f_inside;  // at this place in the FIFO
  logic                               f_owned;   // taken and not given back
  wire logic                          f_to_come = fill_q <= (NUMBER_W + 1)'(f_number);
  // How many are taken and not given back
  logic [NUMBER_W:0]                  f_count;
  logic                               f_past = 1'b0;

  for (genvar i = 0; i < F_NUMBERS; i++) begin : gen_inside
    assign f_inside[i] = (NUMBER_W + 1)'(i) < level
                         && f_words[i*NUMBER_W+:NUMBER_W] == f_number;
  end

  wire logic f_take = take_valid && take_ready;

  always @(posedge clk) begin
    f_past  <= 1'b1;
    f_count <= f_count + (NUMBER_W + 1)'(f_take) - (NUMBER_W + 1)'(back_valid);
    if (f_take && take_number == f_number) f_owned <= 1'b1;
    if (back_valid && back_number == f_number) f_owned <= 1'b0;
    if (rst) begin
      f_count <= '0;
      f_owned <= 1'b0;
    end
  end

  always @* begin
    if (!f_past) assume (rst);
    // What the caller owes
    if (back_valid && !rst) begin
      assume (ready && f_count != '0);
      assume (f_owned || back_number != f_number);
    end
  end

  always @* if (f_past && !rst) begin
    // Rule 1: a number that is offered belongs to nobody.
    if (take_valid && take_number == f_number) assert (!f_owned);
    // Rule 2: a number is in exactly one place: in the FIFO, outside, or not yet put in.
    assert (2'(f_inside != '0) + 2'(f_owned) + 2'(f_to_come) == 2'd1);
    assert ((f_inside & (f_inside - 1'b1)) == '0);
    // Rule 3: a number given back finds room, and `free` tells the truth.
    if (back_valid || filling) assert (unused_ready);
    assert (level + f_count == fill_q);
    assert (fill_q <= (NUMBER_W + 1)'(F_NUMBERS) && f_count <= fill_q);
    cover (ready && free == '0);
    cover (ready && take_valid && take_number != '0 && f_count == '0);
  end
`endif
endmodule

`default_nettype wire
