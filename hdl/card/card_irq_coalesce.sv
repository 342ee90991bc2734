// SPDX-License-Identifier: Apache-2.0
// card_irq_coalesce: turns completions into fewer interrupts.
//
// Fires one cycle after `count` completions wait for an interrupt, or when the first of them has
// waited `cycles` cycles, whichever comes first; with count 1 or cycles 0 at once. No completion is
// ever left without an interrupt after it.
`default_nettype none

module card_irq_coalesce (
    input  wire logic        clk,
    input  wire logic        rst,      // synchronous, active high

    input  wire logic [15:0] count,
    input  wire logic [23:0] cycles,
    input  wire logic        event_in,  // a completion reached host memory
    output wire logic        fire,      // raise the interrupt; one cycle
    output wire logic        waiting    // completions without an interrupt yet
);
  logic [15:0] pending_q;
  logic [23:0] timer_q;
  logic        waiting_q;

  assign fire    = waiting_q && (pending_q >= count || timer_q >= cycles);
  assign waiting = waiting_q;

  always_ff @(posedge clk) begin
    if (fire) begin
      waiting_q <= event_in;
      pending_q <= 16'(event_in);
      timer_q   <= '0;
    end else if (waiting_q) begin
      timer_q <= timer_q + 24'd1;
      if (event_in) pending_q <= pending_q + 16'd1;
    end else if (event_in) begin
      waiting_q <= 1'b1;
      pending_q <= 16'd1;
      timer_q   <= '0;
    end
    if (rst) waiting_q <= 1'b0;
  end

`ifdef FORMAL
  logic f_past = 1'b0;
  always_ff @(posedge clk) begin
    f_past <= 1'b1;
    if (!f_past) assume (rst);
    if (f_past) begin
      // 1: what waits was counted
      if (waiting_q && !(&pending_q)) assert (pending_q != '0 || $past(&pending_q));
      // 2: an interrupt never comes without a completion that waits for it
      if (fire) assert (waiting_q);
      // 3: a completion waits for an interrupt from the next cycle on
      if ($past(event_in && !rst)) assert (waiting_q);
      // 4: it waits until one comes
      if ($past(waiting_q && !fire && !rst)) assert (waiting_q);
      // 5: with cycles 0 no longer than a cycle
      if (waiting_q && cycles == '0) assert (fire);
    end
    cover (f_past && fire && pending_q == 16'd3);
  end
`endif
endmodule

`default_nettype wire
