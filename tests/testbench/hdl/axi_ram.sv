// SPDX-License-Identifier: Apache-2.0
// axi_ram: a memory behind AXI4, one read and one write at a time, with one bug of choice.
//
// Bursts FIXED, INCR and WRAP of any beat size up to the bus; one beat a cycle. The memory starts
// with random contents.
`default_nettype none

module axi_ram #(
    // Data width in bits, 8 times a power of two
    parameter  int unsigned DATA_W = 32,
    // Address width in bits: the memory has 2^ADDR_W bytes
    parameter  int unsigned ADDR_W = 14,
    // Identifier width in bits
    parameter  int unsigned ID_W = 4,
    localparam int unsigned STRB_W = DATA_W / 8
) (
    input  wire logic              clk,
    input  wire logic              rst,           // synchronous, active high

    // 0 none, 1 WRAP goes on like INCR, 2 strobes are ignored, 3 FIXED goes on like INCR, 4 INCR
    // begins anew after 256 bytes, 5 the answer to a write has the id of the last read
    input  wire logic [2:0]        bug,

    input  wire logic [ID_W-1:0]   s_axi_awid,
    input  wire logic [ADDR_W-1:0] s_axi_awaddr,
    input  wire logic [7:0]        s_axi_awlen,
    input  wire logic [2:0]        s_axi_awsize,
    input  wire logic [1:0]        s_axi_awburst,
    input  wire logic              s_axi_awvalid,
    output wire logic              s_axi_awready,

    input  wire logic [DATA_W-1:0] s_axi_wdata,
    input  wire logic [STRB_W-1:0] s_axi_wstrb,
    input  wire logic              s_axi_wlast,
    input  wire logic              s_axi_wvalid,
    output wire logic              s_axi_wready,

    output wire logic [ID_W-1:0]   s_axi_bid,
    output wire logic [1:0]        s_axi_bresp,
    output wire logic              s_axi_bvalid,
    input  wire logic              s_axi_bready,

    input  wire logic [ID_W-1:0]   s_axi_arid,
    input  wire logic [ADDR_W-1:0] s_axi_araddr,
    input  wire logic [7:0]        s_axi_arlen,
    input  wire logic [2:0]        s_axi_arsize,
    input  wire logic [1:0]        s_axi_arburst,
    input  wire logic              s_axi_arvalid,
    output wire logic              s_axi_arready,

    output wire logic [ID_W-1:0]   s_axi_rid,
    output wire logic [DATA_W-1:0] s_axi_rdata,
    output wire logic [1:0]        s_axi_rresp,
    output wire logic              s_axi_rlast,
    output wire logic              s_axi_rvalid,
    input  wire logic              s_axi_rready
);
  localparam int unsigned LANE_W = $clog2(STRB_W);

  typedef enum logic [1:0] {StIdle, StData, StAnswer} state_e;

  // The address after a beat
  function automatic logic [ADDR_W-1:0] next_addr(
      input logic [ADDR_W-1:0] addr, input logic [7:0] len, input logic [2:0] size,
      input logic [1:0] burst, input logic [2:0] with_bug);
    logic [ADDR_W-1:0] step;
    logic [ADDR_W-1:0] mask;
    logic [ADDR_W-1:0] sum;
    step = ADDR_W'(1) << size;
    sum = (addr & ~(step - ADDR_W'(1))) + step;
    if (with_bug == 3'd4) sum[ADDR_W-1:8] = addr[ADDR_W-1:8];
    mask = ((ADDR_W'(len) + ADDR_W'(1)) << size) - ADDR_W'(1);
    if (burst == 2'd0 && with_bug != 3'd3) next_addr = addr;
    else if (burst == 2'd2 && with_bug != 3'd1) next_addr = (addr & ~mask) | (sum & mask);
    else next_addr = sum;
  endfunction

  logic [DATA_W-1:0] memory[2**(ADDR_W-LANE_W)];

  state_e            write_q;
  logic [ID_W-1:0]   awid_q;
  logic [ADDR_W-1:0] awaddr_q;
  logic [7:0]        awlen_q;
  logic [2:0]        awsize_q;
  logic [1:0]        awburst_q;

  assign s_axi_awready = write_q == StIdle;
  assign s_axi_wready = write_q == StData;
  assign s_axi_bvalid = write_q == StAnswer;
  assign s_axi_bid = bug == 3'd5 ? arid_q : awid_q;
  assign s_axi_bresp = 2'd0;

  for (genvar lane = 0; lane < STRB_W; lane++) begin : g_lane
    always_ff @(posedge clk) begin
      if (s_axi_wvalid && s_axi_wready && (s_axi_wstrb[lane] || bug == 3'd2)) begin
        memory[awaddr_q[ADDR_W-1:LANE_W]][lane*8+:8] <= s_axi_wdata[lane*8+:8];
      end
    end
  end

  always_ff @(posedge clk) begin
    unique case (write_q)
      StIdle: begin
        if (s_axi_awvalid) write_q <= StData;
        awid_q <= s_axi_awid;
        awaddr_q <= s_axi_awaddr;
        awlen_q <= s_axi_awlen;
        awsize_q <= s_axi_awsize;
        awburst_q <= s_axi_awburst;
      end
      StData: begin
        if (s_axi_wvalid) begin
          awaddr_q <= next_addr(awaddr_q, awlen_q, awsize_q, awburst_q, bug);
          if (s_axi_wlast) write_q <= StAnswer;
        end
      end
      default: if (s_axi_bready) write_q <= StIdle;
    endcase
    if (rst) write_q <= StIdle;
  end

  logic              reading_q;
  logic [ID_W-1:0]   arid_q;
  logic [ADDR_W-1:0] araddr_q;
  logic [7:0]        arlen_q;
  logic [7:0]        left_q;
  logic [2:0]        arsize_q;
  logic [1:0]        arburst_q;

  assign s_axi_arready = !reading_q;
  assign s_axi_rvalid = reading_q;
  assign s_axi_rid = arid_q;
  assign s_axi_rdata = memory[araddr_q[ADDR_W-1:LANE_W]];
  assign s_axi_rresp = 2'd0;
  assign s_axi_rlast = left_q == 8'd0;

  always_ff @(posedge clk) begin
    if (!reading_q) begin
      reading_q <= s_axi_arvalid;
      arid_q <= s_axi_arid;
      araddr_q <= s_axi_araddr;
      arlen_q <= s_axi_arlen;
      left_q <= s_axi_arlen;
      arsize_q <= s_axi_arsize;
      arburst_q <= s_axi_arburst;
    end else if (s_axi_rready) begin
      araddr_q <= next_addr(araddr_q, arlen_q, arsize_q, arburst_q, bug);
      left_q <= left_q - 8'd1;
      if (left_q == 8'd0) reading_q <= 1'b0;
    end
    if (rst) reading_q <= 1'b0;
  end
endmodule

`default_nettype wire
