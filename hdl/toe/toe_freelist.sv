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
  );

  assign number       = from_ring_q ? from_ring : counted_q;
  assign number_valid = valid_q;
  assign free         = free_q;
endmodule

`default_nettype wire
