// SPDX-License-Identifier: Apache-2.0
// card_engine_reset: resets one engine without breaking the bus.
//
// A bus transfer that has begun must end. So a request first raises `quiesce`, in which the
// engine's blocks begin nothing new and throw away what arrives; when nothing of the engine is on
// the bus any more, `engine_rst` is high for HOLD cycles. A bus that never answers keeps the engine
// resetting.
`default_nettype none

module card_engine_reset #(
    // Length of engine_rst in cycles, 1 to 15
    parameter int unsigned HOLD = 4
) (
    input  wire logic clk,
    input  wire logic rst,         // synchronous, active high

    input  wire logic request,     // one cycle
    input  wire logic transfers,   // something of this engine is on the bus
    output wire logic quiesce,
    output wire logic engine_rst,
    output wire logic resetting
);
  typedef enum logic [1:0] {
    StRun,
    StDrain,
    StReset
  } state_t;

  state_t     state_q;
  logic [3:0] hold_q;
  logic       quiesce_q, engine_rst_q;

  always_ff @(posedge clk) begin
    unique case (state_q)
      StRun:
        if (request) begin
          state_q   <= StDrain;
          quiesce_q <= 1'b1;
          hold_q    <= 4'(HOLD);
        end
      StDrain:
        // Some quiet cycles: a request that leaves its block shows up in `transfers` after one
        if (transfers) hold_q <= 4'(HOLD);
        else if (hold_q != 4'd0) hold_q <= hold_q - 4'd1;
        else begin
          state_q      <= StReset;
          engine_rst_q <= 1'b1;
          hold_q       <= 4'(HOLD - 1);
        end
      StReset:
        if (hold_q != 4'd0) hold_q <= hold_q - 4'd1;
        else begin
          state_q      <= StRun;
          quiesce_q    <= 1'b0;
          engine_rst_q <= 1'b0;
        end
      default: state_q <= StRun;
    endcase
    if (rst) begin
      state_q      <= StRun;
      quiesce_q    <= 1'b0;
      engine_rst_q <= 1'b1;
      hold_q       <= '0;
    end else if (state_q == StRun) begin
      engine_rst_q <= 1'b0;
    end
  end

  assign quiesce    = quiesce_q;
  assign engine_rst = engine_rst_q;
  assign resetting  = quiesce_q;

`ifdef FORMAL
  logic f_past = 1'b0;
  always_ff @(posedge clk) begin
    f_past <= 1'b1;
    if (!f_past) assume (rst);
    // While quiet nothing begins; so transfers only end
    if (f_past && quiesce_q && $past(quiesce_q) && !$past(transfers)) assume (!transfers);
    if (f_past) begin
      // 1: no reset without quiet around it, but for the card's own
      assert (!engine_rst_q || quiesce_q || $past(rst));
      // 2: never while something is on the bus
      if (engine_rst_q && !$past(rst) && quiesce_q) assert (!transfers);
      // 3: the states are what they seem
      assert (state_q == StRun || quiesce_q);
      assert ((state_q == StReset) == (engine_rst_q && !$past(rst)));
    end
    cover (f_past && state_q == StReset);
  end
`endif
endmodule

`default_nettype wire
