// SPDX-License-Identifier: Apache-2.0
// card_batches: the table of batches in flight.
//
// Each batch counts what still has to reach host memory: its records, plus one for each result
// record that takes two bursts. At zero the batch is done, with every result written, and is
// offered for completion; taking it frees the slot. One event per cycle; bursts written go first
// and are never refused, then results, dropped records, new batches. A new slot is found within
// BATCHES cycles, so is a batch that is done.
`default_nettype none

module card_batches #(
    // Batches in flight: a power of two, 2 to 32
    parameter int unsigned BATCHES = 16
) (
    input  wire logic        clk,
    input  wire logic        rst,            // synchronous, active high

    // A new batch
    input  wire logic        open_valid,
    output wire logic        open_ready,
    output wire logic [4:0]  open_slot,
    input  wire logic [31:0] open_id,
    input  wire logic        open_recover,
    input  wire logic [63:0] open_result,
    input  wire logic [15:0] open_count,     // 0: done at once
    input  wire logic [2:0]  open_status,
    input  wire logic [14:0] open_index,

    // A result is about to be written
    input  wire logic        result_valid,
    output wire logic        result_ready,
    input  wire logic [4:0]  result_slot,
    input  wire logic        result_good,    // counts as valid
    input  wire logic        result_split,   // takes two bursts

    // A record could not be read; it gets no result
    input  wire logic        drop_valid,
    output wire logic        drop_ready,
    input  wire logic [4:0]  drop_slot,

    // A burst of results was answered
    input  wire logic        written_valid,
    input  wire logic [4:0]  written_slot,
    input  wire logic        written_error,

    // What the result writer needs to know, within the cycle
    input  wire logic [4:0]  lookup_slot,
    output wire logic        lookup_recover,
    output wire logic [63:0] lookup_result,

    // A batch that is done
    output wire logic        done_valid,
    input  wire logic        done_ready,
    output wire logic [31:0] done_id,
    output wire logic [15:0] done_good,      // number of valid results
    output wire logic [2:0]  done_status,
    output wire logic [14:0] done_index,

    output wire logic        busy,           // a batch is open
    output wire logic        active          // a batch changes, or a slot is looked for
);
  if (BATCHES < 2 || BATCHES > 32 || BATCHES != 1 << $clog2(BATCHES)) begin
    $error("BATCHES=%0d is no power of two from 2 to 32", BATCHES);
  end

  localparam int unsigned SLOT_W = $clog2(BATCHES);

  // Written once, when a batch opens: {index, recover, id, result address}
  logic [111:0]       info_q  [0:BATCHES-1];
  // Changed by events: {status, valid results, bursts to come}
  logic [35:0]        state_q [0:BATCHES-1];

  logic [BATCHES-1:0] busy_q, done_q;
  logic               found_q;   // free_q is a free slot
  logic [SLOT_W-1:0]  free_q;
  logic [SLOT_W-1:0]  scan_q;

  // The event of the cycle before
  logic               event_q, event_open_q, event_good_q;
  logic [SLOT_W-1:0]  event_slot_q;
  logic [16:0]        event_add_q;     // to the bursts to come; modulo 2^17
  logic [2:0]         event_status_q;  // 0: no change

  wire logic opening = open_valid && open_ready;

  assign result_ready = !written_valid;
  assign drop_ready   = !written_valid && !result_valid;
  assign open_ready   = !written_valid && !result_valid && !drop_valid && found_q;
  assign open_slot    = 5'(free_q);

  always_ff @(posedge clk) begin : collect
    event_q      <= written_valid || result_valid || drop_valid || opening;
    event_open_q <= 1'b0;
    event_good_q <= 1'b0;
    if (written_valid) begin
      event_slot_q   <= SLOT_W'(written_slot);
      event_add_q    <= '1;
      event_status_q <= written_error ? card_pkg::STATUS_RESULT_BUS_ERROR[2:0] : 3'd0;
    end else if (result_valid) begin
      event_slot_q   <= SLOT_W'(result_slot);
      event_add_q    <= 17'(result_split);
      event_status_q <= 3'd0;
      event_good_q   <= result_good;
    end else if (drop_valid) begin
      event_slot_q   <= SLOT_W'(drop_slot);
      event_add_q    <= '1;
      event_status_q <= card_pkg::STATUS_INPUT_BUS_ERROR[2:0];
    end else if (opening) begin
      event_open_q   <= 1'b1;
      event_slot_q   <= free_q;
      event_add_q    <= 17'(open_count);
      event_status_q <= open_status;
      info_q[free_q] <= {open_index, open_recover, open_id, open_result};
    end
    if (rst) event_q <= 1'b0;
  end

  wire logic [35:0] old_state = event_open_q ? 36'd0 : state_q[event_slot_q];
  wire logic [16:0] to_come   = old_state[16:0] + event_add_q;
  wire logic [15:0] good      = old_state[32:17] + 16'(event_good_q);
  wire logic [2:0]  status    = old_state[35:33] != '0 ? old_state[35:33] : event_status_q;

  always_ff @(posedge clk) begin : apply
    if (event_q) begin
      state_q[event_slot_q] <= {status, good, to_come};
      if (to_come == '0) done_q[event_slot_q] <= 1'b1;
    end

    if (opening) begin
      busy_q[free_q] <= 1'b1;
      free_q         <= free_q + 1'b1;
      found_q        <= 1'b0;
    end else if (!found_q) begin
      if (busy_q[free_q]) free_q <= free_q + 1'b1;
      else found_q <= 1'b1;
    end

    if (done_q != '0) begin
      if (!done_q[scan_q]) scan_q <= scan_q + 1'b1;
      else if (done_ready) begin
        done_q[scan_q] <= 1'b0;
        busy_q[scan_q] <= 1'b0;
        scan_q         <= scan_q + 1'b1;
      end
    end

    if (rst) begin
      busy_q  <= '0;
      done_q  <= '0;
      found_q <= 1'b0;
      free_q  <= '0;
      scan_q  <= '0;
    end
  end

  wire logic [31:0] unused_info;
  wire logic        unused_recover;
  wire logic [63:0] unused_result;
  wire logic [14:0] unused_index;
  wire logic [16:0] unused_to_come;

  assign {unused_index, lookup_recover, unused_info, lookup_result} = info_q[SLOT_W'(lookup_slot)];
  assign {done_index, unused_recover, done_id, unused_result} = info_q[scan_q];
  assign {done_status, done_good, unused_to_come} = state_q[scan_q];
  assign done_valid = done_q[scan_q];
  assign busy = busy_q != '0;
  assign active = event_q || (done_q != '0 && (!done_q[scan_q] || done_ready))
                  || (!found_q && busy_q != '1);

  wire logic unused = &{1'b0, unused_index, unused_info, unused_recover, unused_result,
                        unused_to_come, written_slot, result_slot, drop_slot, lookup_slot};
endmodule

`default_nettype wire
