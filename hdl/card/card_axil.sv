// SPDX-License-Identifier: Apache-2.0
// card_axil: AXI4-Lite slave in front of the register blocks.
//
// One access at a time, at most one every two cycles; reads and writes take turns when both wait.
// Neither direction waits for the other's response to be taken. Writes without all four strobes
// reach no block and are answered with SLVERR. The blocks answer in the cycle after reg_wr or
// reg_rd.
`default_nettype none

module card_axil (
    input  wire logic        clk,
    input  wire logic        rst,    // synchronous, active high
    input  wire logic        awake,  // low: take nothing

    // AXI4-Lite slave
    input  wire logic [15:0] s_axil_awaddr,
    input  wire logic        s_axil_awvalid,
    output wire logic        s_axil_awready,
    input  wire logic [31:0] s_axil_wdata,
    input  wire logic [3:0]  s_axil_wstrb,
    input  wire logic        s_axil_wvalid,
    output wire logic        s_axil_wready,
    output wire logic [1:0]  s_axil_bresp,
    output wire logic        s_axil_bvalid,
    input  wire logic        s_axil_bready,
    input  wire logic [15:0] s_axil_araddr,
    input  wire logic        s_axil_arvalid,
    output wire logic        s_axil_arready,
    output wire logic [31:0] s_axil_rdata,
    output wire logic [1:0]  s_axil_rresp,
    output wire logic        s_axil_rvalid,
    input  wire logic        s_axil_rready,

    // Register bus: reg_wr and reg_rd are high for one cycle, never both
    output wire logic        reg_wr,
    output wire logic        reg_rd,
    output wire logic [15:0] reg_addr,   // held until the answer
    output wire logic [31:0] reg_wdata,
    input  wire logic [31:0] reg_rdata,  // in the cycle after reg_rd
    input  wire logic        reg_error,  // in the cycle after reg_wr or reg_rd

    output wire logic        busy        // an access is under way
);
  logic        aw_held_q, w_held_q, ar_held_q;
  logic [15:0] awaddr_q, araddr_q;
  logic [31:0] wdata_q;
  logic        strobes_q;  // the write has all four
  logic        answer_q;   // the block answers in this cycle
  logic        writing_q;  // the access under way is a write
  logic        read_next_q;  // whose turn it is when both wait
  logic        bvalid_q, rvalid_q, berror_q, rerror_q;
  logic [31:0] rdata_q;

  wire logic can_write   = aw_held_q && w_held_q && !bvalid_q && !answer_q;
  wire logic can_read    = ar_held_q && !rvalid_q && !answer_q;
  wire logic start_write = can_write && !(can_read && read_next_q);
  wire logic start_read  = can_read && !start_write;

  assign s_axil_awready = awake && !aw_held_q;
  assign s_axil_wready  = awake && !w_held_q;
  assign s_axil_arready = awake && !ar_held_q;

  assign reg_wr    = start_write && strobes_q;
  assign reg_rd    = start_read;
  assign reg_addr  = (answer_q ? writing_q : start_write) ? awaddr_q : araddr_q;
  assign reg_wdata = wdata_q;
  assign busy      = aw_held_q || w_held_q || ar_held_q || bvalid_q || rvalid_q;

  always_ff @(posedge clk) begin
    if (s_axil_awvalid && s_axil_awready) begin
      aw_held_q <= 1'b1;
      awaddr_q  <= s_axil_awaddr;
    end
    if (s_axil_wvalid && s_axil_wready) begin
      w_held_q  <= 1'b1;
      wdata_q   <= s_axil_wdata;
      strobes_q <= s_axil_wstrb == 4'hf;
    end
    if (s_axil_arvalid && s_axil_arready) begin
      ar_held_q <= 1'b1;
      araddr_q  <= s_axil_araddr;
    end
    if (start_write || start_read) begin
      answer_q    <= 1'b1;
      writing_q   <= start_write;
      read_next_q <= start_write;
    end
    if (s_axil_bready) bvalid_q <= 1'b0;
    if (s_axil_rready) rvalid_q <= 1'b0;
    if (answer_q) begin
      answer_q <= 1'b0;
      if (writing_q) begin
        aw_held_q <= 1'b0;
        w_held_q  <= 1'b0;
        bvalid_q  <= 1'b1;
        berror_q  <= reg_error || !strobes_q;
      end else begin
        ar_held_q <= 1'b0;
        rvalid_q  <= 1'b1;
        rdata_q   <= reg_rdata;
        rerror_q  <= reg_error;
      end
    end
    if (rst) begin
      aw_held_q   <= 1'b0;
      w_held_q    <= 1'b0;
      ar_held_q   <= 1'b0;
      answer_q    <= 1'b0;
      read_next_q <= 1'b0;
      bvalid_q    <= 1'b0;
      rvalid_q    <= 1'b0;
    end
  end

  assign s_axil_bvalid = bvalid_q;
  assign s_axil_bresp  = {berror_q, 1'b0};
  assign s_axil_rvalid = rvalid_q;
  assign s_axil_rresp  = {rerror_q, 1'b0};
  assign s_axil_rdata  = rdata_q;

`ifdef FORMAL
  logic       f_past = 1'b0;
  logic [1:0] f_addresses, f_data, f_reads;  // accepted and not answered
  logic [2:0] f_waiting;                     // cycles a whole write has waited for its answer
  wire logic f_written = s_axil_bvalid && s_axil_bready;
  wire logic f_read    = s_axil_rvalid && s_axil_rready;
  always_ff @(posedge clk) begin
    f_past      <= 1'b1;
    f_addresses <= f_addresses + 2'(s_axil_awvalid && s_axil_awready) - 2'(f_written);
    f_data      <= f_data + 2'(s_axil_wvalid && s_axil_wready) - 2'(f_written);
    f_reads     <= f_reads + 2'(s_axil_arvalid && s_axil_arready) - 2'(f_read);
    f_waiting   <= aw_held_q && w_held_q && !bvalid_q ? f_waiting + 3'd1 : 3'd0;
    if (rst) begin
      f_addresses <= '0;
      f_data      <= '0;
      f_reads     <= '0;
      f_waiting   <= '0;
    end
    if (!f_past) assume (rst);
    if (f_past) begin
      // 1: one access at a time, and none while a block answers
      assert (!(reg_wr && reg_rd) && !(answer_q && (reg_wr || reg_rd)));
      // 2: every access accepted is held or answered, none twice
      assert (f_addresses == 2'(aw_held_q) + 2'(bvalid_q));
      assert (f_data == 2'(w_held_q) + 2'(bvalid_q));
      assert (f_reads == 2'(ar_held_q) + 2'(rvalid_q));
      // 3: an answer stands, unchanged, until it is taken
      if ($past(!rst && s_axil_bvalid && !s_axil_bready)) begin
        assert (s_axil_bvalid && $stable(s_axil_bresp));
      end
      if ($past(!rst && s_axil_rvalid && !s_axil_rready)) begin
        assert (s_axil_rvalid && $stable(s_axil_rresp) && $stable(s_axil_rdata));
      end
      // 4: what a block answers belongs to an access that is held, with room for the answer
      if (answer_q && writing_q) assert (aw_held_q && w_held_q && !bvalid_q);
      if (answer_q && !writing_q) assert (ar_held_q && !rvalid_q);
      // 5: a write waits for at most one read: four cycles from whole to answered
      assert (f_waiting <= 3'd4);
      assert (f_waiting != 3'd4 || bvalid_q);
      assert (f_waiting != 3'd3 || bvalid_q || (answer_q && writing_q));
      assert (f_waiting != 3'd2 || bvalid_q || (answer_q ? writing_q : !read_next_q));
      assert (f_waiting != 3'd1 || bvalid_q || answer_q || !read_next_q);
      assert (!answer_q || (writing_q == read_next_q && (!writing_q || f_waiting != 3'd0)));
      // 6: a write without all strobes reaches no block
      assert (!reg_wr || strobes_q);
    end
    cover (f_past && s_axil_bvalid && s_axil_rvalid);
  end
`endif
endmodule

`default_nettype wire
