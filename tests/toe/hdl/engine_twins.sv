// SPDX-License-Identifier: Apache-2.0
// engine_twins: toe_engine twice, one with clocks that rest: what both say is the same, always.
`default_nettype none

module engine_twins #(
    // As in toe_engine
    parameter  int unsigned SESSIONS_LOG2 = 6,
    parameter  int unsigned BUFFERS_LOG2  = 8,
    parameter  int unsigned NODES_LOG2    = 9,
    localparam int unsigned COUNTS        = toe_ip_pkg::COUNTS
) (
    input  wire logic                                  clk,
    input  wire logic                                  rst,
    output wire logic                                  ready,
    input  wire logic                                  tick_ms,
    input  wire logic [47:0]                           mac,
    input  wire logic [31:0]                           ip,
    input  wire logic [5:0]                            prefix_len,
    input  wire logic [31:0]                           gateway,
    input  wire logic                                  enable,
    input  wire logic [127:0]                          lookup_key,
    input  wire logic [127:0]                          isn_key,
    input  wire logic [toe_tcp_pkg::CONFIG_W-1:0]      cfg,
    input  wire logic [63:0]                           memory_base,
    input  wire logic [19:0]                           tx_limit,
    input  wire logic [63:0]                           s_mac_axis_tdata,
    input  wire logic [7:0]                            s_mac_axis_tkeep,
    input  wire logic                                  s_mac_axis_tvalid,
    input  wire logic                                  s_mac_axis_tlast,
    input  wire logic                                  s_mac_axis_tuser,
    output wire logic [63:0]                           m_mac_axis_tdata,
    output wire logic [7:0]                            m_mac_axis_tkeep,
    output wire logic                                  m_mac_axis_tvalid,
    input  wire logic                                  m_mac_axis_tready,
    output wire logic                                  m_mac_axis_tlast,
    input  wire logic [15:0]                           s_port,
    input  wire logic                                  s_port_open,
    input  wire logic                                  s_port_valid,
    output wire logic                                  s_port_ready,
    input  wire logic [toe_tcp_pkg::COMMAND_W-1:0]     s_cmd_tdata,
    input  wire logic                                  s_cmd_valid,
    output wire logic                                  s_cmd_ready,
    output wire logic                                  m_cmd_taken,
    output wire logic [toe_tcp_pkg::EVENT_W-1:0]       m_event_tdata,
    output wire logic                                  m_event_valid,
    input  wire logic                                  m_event_ready,
    input  wire logic [SESSIONS_LOG2-1:0]              s_write_session,
    input  wire logic [15:0]                           s_write_len,
    input  wire logic                                  s_write_valid,
    output wire logic                                  s_write_ready,
    input  wire logic [63:0]                           s_write_axis_tdata,
    input  wire logic                                  s_write_axis_tuser,
    input  wire logic                                  s_write_axis_tvalid,
    output wire logic                                  s_write_axis_tready,
    input  wire logic                                  s_write_axis_tlast,
    output wire logic                                  m_write_granted,
    output wire logic                                  m_write_valid,
    input  wire logic [SESSIONS_LOG2-1:0]              s_read_session,
    input  wire logic [15:0]                           s_read_len,
    input  wire logic                                  s_read_valid,
    output wire logic                                  s_read_ready,
    output wire logic [63:0]                           m_read_axis_tdata,
    output wire logic [7:0]                            m_read_axis_tkeep,
    output wire logic                                  m_read_axis_tvalid,
    output wire logic                                  m_read_axis_tuser,
    input  wire logic                                  m_read_axis_tready,
    output wire logic                                  m_read_axis_tlast,
    input  wire logic [SESSIONS_LOG2-1:0]              s_refer_session,
    input  wire logic [BUFFERS_LOG2-1:0]               s_refer_buffer,
    input  wire logic [10:0]                           s_refer_offset,
    input  wire logic [11:0]                           s_refer_len,
    input  wire logic                                  s_refer_valid,
    output wire logic                                  s_refer_ready,
    output wire logic                                  m_refer_granted,
    output wire logic                                  m_refer_valid,
    input  wire logic                                  s_take_valid,
    output wire logic                                  s_take_ready,
    output wire logic                                  m_take_granted,
    output wire logic [BUFFERS_LOG2-1:0]               m_take_buffer,
    input  wire logic [BUFFERS_LOG2-1:0]               s_drop_buffer,
    input  wire logic                                  s_drop_valid,
    output wire logic                                  s_drop_ready,
    input  wire logic [SESSIONS_LOG2-1:0]              s_look_session,
    input  wire logic                                  s_look_valid,
    output wire logic                                  s_look_ready,
    output wire logic [toe_tcp_pkg::SESSION_COUNTERS_W-1:0] m_counters,
    output wire logic                                  m_counters_valid,
    output wire logic [SESSIONS_LOG2:0]                in_use,
    output wire logic [15:0]                           half_open,
    output wire logic [BUFFERS_LOG2:0]                 free_buffers,
    output wire logic [NODES_LOG2:0]                   free_nodes,
    output wire logic [COUNTS-1:0]                     count_ip,
    output wire logic [7:0]                            count_tcp,
    output wire logic [2:0]                            fault,
    input  wire logic                                  quiesce,
    output wire logic                                  transfers,
    output wire logic                                  busy,
    output wire logic [31:0]                           due_ms,
    output wire logic [63:0]                           m_rx_axi_awaddr,
    output wire logic [7:0]                            m_rx_axi_awlen,
    output wire logic                                  m_rx_axi_awvalid,
    input  wire logic                                  m_rx_axi_awready,
    output wire logic [63:0]                           m_rx_axi_wdata,
    output wire logic [7:0]                            m_rx_axi_wstrb,
    output wire logic                                  m_rx_axi_wlast,
    output wire logic                                  m_rx_axi_wvalid,
    input  wire logic                                  m_rx_axi_wready,
    input  wire logic [1:0]                            m_rx_axi_bresp,
    input  wire logic                                  m_rx_axi_bvalid,
    output wire logic                                  m_rx_axi_bready,
    output wire logic [63:0]                           m_rx_axi_araddr,
    output wire logic [7:0]                            m_rx_axi_arlen,
    output wire logic                                  m_rx_axi_arvalid,
    input  wire logic                                  m_rx_axi_arready,
    input  wire logic [63:0]                           m_rx_axi_rdata,
    input  wire logic [1:0]                            m_rx_axi_rresp,
    input  wire logic                                  m_rx_axi_rlast,
    input  wire logic                                  m_rx_axi_rvalid,
    output wire logic                                  m_rx_axi_rready,
    output wire logic [63:0]                           m_tx_axi_awaddr,
    output wire logic [7:0]                            m_tx_axi_awlen,
    output wire logic                                  m_tx_axi_awvalid,
    input  wire logic                                  m_tx_axi_awready,
    output wire logic [63:0]                           m_tx_axi_wdata,
    output wire logic [7:0]                            m_tx_axi_wstrb,
    output wire logic                                  m_tx_axi_wlast,
    output wire logic                                  m_tx_axi_wvalid,
    input  wire logic                                  m_tx_axi_wready,
    input  wire logic [1:0]                            m_tx_axi_bresp,
    input  wire logic                                  m_tx_axi_bvalid,
    output wire logic                                  m_tx_axi_bready,
    output wire logic [63:0]                           m_tx_axi_araddr,
    output wire logic [7:0]                            m_tx_axi_arlen,
    output wire logic                                  m_tx_axi_arvalid,
    input  wire logic                                  m_tx_axi_arready,
    input  wire logic [63:0]                           m_tx_axi_rdata,
    input  wire logic [1:0]                            m_tx_axi_rresp,
    input  wire logic                                  m_tx_axi_rlast,
    input  wire logic                                  m_tx_axi_rvalid,
    output wire logic                                  m_tx_axi_rready,
    output wire logic                                  differ
);
  wire logic r_ready;
  wire logic [63:0] r_m_mac_axis_tdata;
  wire logic [7:0] r_m_mac_axis_tkeep;
  wire logic r_m_mac_axis_tvalid;
  wire logic r_m_mac_axis_tlast;
  wire logic r_s_port_ready;
  wire logic r_s_cmd_ready;
  wire logic r_m_cmd_taken;
  wire logic [toe_tcp_pkg::EVENT_W-1:0] r_m_event_tdata;
  wire logic r_m_event_valid;
  wire logic r_s_write_ready;
  wire logic r_s_write_axis_tready;
  wire logic r_m_write_granted;
  wire logic r_m_write_valid;
  wire logic r_s_read_ready;
  wire logic [63:0] r_m_read_axis_tdata;
  wire logic [7:0] r_m_read_axis_tkeep;
  wire logic r_m_read_axis_tvalid;
  wire logic r_m_read_axis_tuser;
  wire logic r_m_read_axis_tlast;
  wire logic r_s_refer_ready;
  wire logic r_m_refer_granted;
  wire logic r_m_refer_valid;
  wire logic r_s_take_ready;
  wire logic r_m_take_granted;
  wire logic [BUFFERS_LOG2-1:0] r_m_take_buffer;
  wire logic r_s_drop_ready;
  wire logic r_s_look_ready;
  wire logic [toe_tcp_pkg::SESSION_COUNTERS_W-1:0] r_m_counters;
  wire logic r_m_counters_valid;
  wire logic [SESSIONS_LOG2:0] r_in_use;
  wire logic [15:0] r_half_open;
  wire logic [BUFFERS_LOG2:0] r_free_buffers;
  wire logic [NODES_LOG2:0] r_free_nodes;
  wire logic [COUNTS-1:0] r_count_ip;
  wire logic [7:0] r_count_tcp;
  wire logic [2:0] r_fault;
  wire logic r_transfers;
  wire logic r_busy;
  wire logic [31:0] r_due_ms;
  wire logic [63:0] r_m_rx_axi_awaddr;
  wire logic [7:0] r_m_rx_axi_awlen;
  wire logic r_m_rx_axi_awvalid;
  wire logic [63:0] r_m_rx_axi_wdata;
  wire logic [7:0] r_m_rx_axi_wstrb;
  wire logic r_m_rx_axi_wlast;
  wire logic r_m_rx_axi_wvalid;
  wire logic r_m_rx_axi_bready;
  wire logic [63:0] r_m_rx_axi_araddr;
  wire logic [7:0] r_m_rx_axi_arlen;
  wire logic r_m_rx_axi_arvalid;
  wire logic r_m_rx_axi_rready;
  wire logic [63:0] r_m_tx_axi_awaddr;
  wire logic [7:0] r_m_tx_axi_awlen;
  wire logic r_m_tx_axi_awvalid;
  wire logic [63:0] r_m_tx_axi_wdata;
  wire logic [7:0] r_m_tx_axi_wstrb;
  wire logic r_m_tx_axi_wlast;
  wire logic r_m_tx_axi_wvalid;
  wire logic r_m_tx_axi_bready;
  wire logic [63:0] r_m_tx_axi_araddr;
  wire logic [7:0] r_m_tx_axi_arlen;
  wire logic r_m_tx_axi_arvalid;
  wire logic r_m_tx_axi_rready;

  toe_engine #(
      .SESSIONS_LOG2(SESSIONS_LOG2),
      .BUFFERS_LOG2 (BUFFERS_LOG2),
      .NODES_LOG2   (NODES_LOG2)
  ) running (
      .*
  );

  toe_engine #(
      .SESSIONS_LOG2(SESSIONS_LOG2),
      .BUFFERS_LOG2 (BUFFERS_LOG2),
      .NODES_LOG2   (NODES_LOG2),
      .CLOCK_GATING (1'b1)
  ) resting (
      .*,
      .ready(r_ready),
      .m_mac_axis_tdata(r_m_mac_axis_tdata),
      .m_mac_axis_tkeep(r_m_mac_axis_tkeep),
      .m_mac_axis_tvalid(r_m_mac_axis_tvalid),
      .m_mac_axis_tlast(r_m_mac_axis_tlast),
      .s_port_ready(r_s_port_ready),
      .s_cmd_ready(r_s_cmd_ready),
      .m_cmd_taken(r_m_cmd_taken),
      .m_event_tdata(r_m_event_tdata),
      .m_event_valid(r_m_event_valid),
      .s_write_ready(r_s_write_ready),
      .s_write_axis_tready(r_s_write_axis_tready),
      .m_write_granted(r_m_write_granted),
      .m_write_valid(r_m_write_valid),
      .s_read_ready(r_s_read_ready),
      .m_read_axis_tdata(r_m_read_axis_tdata),
      .m_read_axis_tkeep(r_m_read_axis_tkeep),
      .m_read_axis_tvalid(r_m_read_axis_tvalid),
      .m_read_axis_tuser(r_m_read_axis_tuser),
      .m_read_axis_tlast(r_m_read_axis_tlast),
      .s_refer_ready(r_s_refer_ready),
      .m_refer_granted(r_m_refer_granted),
      .m_refer_valid(r_m_refer_valid),
      .s_take_ready(r_s_take_ready),
      .m_take_granted(r_m_take_granted),
      .m_take_buffer(r_m_take_buffer),
      .s_drop_ready(r_s_drop_ready),
      .s_look_ready(r_s_look_ready),
      .m_counters(r_m_counters),
      .m_counters_valid(r_m_counters_valid),
      .in_use(r_in_use),
      .half_open(r_half_open),
      .free_buffers(r_free_buffers),
      .free_nodes(r_free_nodes),
      .count_ip(r_count_ip),
      .count_tcp(r_count_tcp),
      .fault(r_fault),
      .transfers(r_transfers),
      .busy(r_busy),
      .due_ms(r_due_ms),
      .m_rx_axi_awaddr(r_m_rx_axi_awaddr),
      .m_rx_axi_awlen(r_m_rx_axi_awlen),
      .m_rx_axi_awvalid(r_m_rx_axi_awvalid),
      .m_rx_axi_wdata(r_m_rx_axi_wdata),
      .m_rx_axi_wstrb(r_m_rx_axi_wstrb),
      .m_rx_axi_wlast(r_m_rx_axi_wlast),
      .m_rx_axi_wvalid(r_m_rx_axi_wvalid),
      .m_rx_axi_bready(r_m_rx_axi_bready),
      .m_rx_axi_araddr(r_m_rx_axi_araddr),
      .m_rx_axi_arlen(r_m_rx_axi_arlen),
      .m_rx_axi_arvalid(r_m_rx_axi_arvalid),
      .m_rx_axi_rready(r_m_rx_axi_rready),
      .m_tx_axi_awaddr(r_m_tx_axi_awaddr),
      .m_tx_axi_awlen(r_m_tx_axi_awlen),
      .m_tx_axi_awvalid(r_m_tx_axi_awvalid),
      .m_tx_axi_wdata(r_m_tx_axi_wdata),
      .m_tx_axi_wstrb(r_m_tx_axi_wstrb),
      .m_tx_axi_wlast(r_m_tx_axi_wlast),
      .m_tx_axi_wvalid(r_m_tx_axi_wvalid),
      .m_tx_axi_bready(r_m_tx_axi_bready),
      .m_tx_axi_araddr(r_m_tx_axi_araddr),
      .m_tx_axi_arlen(r_m_tx_axi_arlen),
      .m_tx_axi_arvalid(r_m_tx_axi_arvalid),
      .m_tx_axi_rready(r_m_tx_axi_rready)
  );

  // What is not offered may be anything, bytes that are not there, too
  logic [63:0] sent, read, stored, written;
  always_comb begin
    for (int unsigned i = 0; i < 8; i++) begin
      sent[8*i+:8]    = {8{m_mac_axis_tkeep[i]}}
                        & (m_mac_axis_tdata[8*i+:8] ^ r_m_mac_axis_tdata[8*i+:8]);
      read[8*i+:8]    = {8{m_read_axis_tkeep[i]}}
                        & (m_read_axis_tdata[8*i+:8] ^ r_m_read_axis_tdata[8*i+:8]);
      stored[8*i+:8]  = {8{m_rx_axi_wstrb[i]}}
                        & (m_rx_axi_wdata[8*i+:8] ^ r_m_rx_axi_wdata[8*i+:8]);
      written[8*i+:8] = {8{m_tx_axi_wstrb[i]}}
                        & (m_tx_axi_wdata[8*i+:8] ^ r_m_tx_axi_wdata[8*i+:8]);
    end
  end
  assign differ = {ready, m_mac_axis_tvalid, s_port_ready, s_cmd_ready, m_cmd_taken,
      m_event_valid, s_write_ready, s_write_axis_tready, m_write_valid, s_read_ready,
      m_read_axis_tvalid, s_refer_ready, m_refer_valid, s_take_ready, s_drop_ready,
      s_look_ready, m_counters_valid, in_use, half_open, free_buffers, free_nodes, count_ip,
      count_tcp, fault, transfers, busy, due_ms,
      m_rx_axi_awvalid, m_rx_axi_wvalid, m_rx_axi_bready, m_rx_axi_arvalid, m_rx_axi_rready,
      m_tx_axi_awvalid, m_tx_axi_wvalid, m_tx_axi_bready, m_tx_axi_arvalid, m_tx_axi_rready} != {r_ready,
      r_m_mac_axis_tvalid, r_s_port_ready, r_s_cmd_ready, r_m_cmd_taken, r_m_event_valid,
      r_s_write_ready, r_s_write_axis_tready, r_m_write_valid, r_s_read_ready,
      r_m_read_axis_tvalid, r_s_refer_ready, r_m_refer_valid, r_s_take_ready, r_s_drop_ready,
      r_s_look_ready, r_m_counters_valid, r_in_use, r_half_open, r_free_buffers, r_free_nodes,
      r_count_ip, r_count_tcp, r_fault,
      r_transfers, r_busy, r_due_ms, r_m_rx_axi_awvalid, r_m_rx_axi_wvalid, r_m_rx_axi_bready,
      r_m_rx_axi_arvalid, r_m_rx_axi_rready, r_m_tx_axi_awvalid, r_m_tx_axi_wvalid,
      r_m_tx_axi_bready, r_m_tx_axi_arvalid, r_m_tx_axi_rready}
                  || m_mac_axis_tvalid && {sent, m_mac_axis_tkeep, m_mac_axis_tlast}
                      != {64'd0, r_m_mac_axis_tkeep, r_m_mac_axis_tlast}
                  || m_event_valid && {m_event_tdata} != {r_m_event_tdata}
                  || m_write_valid && {m_write_granted} != {r_m_write_granted}
                  || m_read_axis_tvalid
                      && {read, m_read_axis_tkeep, m_read_axis_tuser, m_read_axis_tlast}
                      != {64'd0, r_m_read_axis_tkeep, r_m_read_axis_tuser, r_m_read_axis_tlast}
                  || m_counters_valid && m_counters != r_m_counters
                  || m_refer_valid && {m_refer_granted} != {r_m_refer_granted}
                  || s_take_ready && {m_take_granted, m_take_buffer} != {r_m_take_granted,
                      r_m_take_buffer}
                  || m_rx_axi_awvalid && {m_rx_axi_awaddr, m_rx_axi_awlen}
                      != {r_m_rx_axi_awaddr, r_m_rx_axi_awlen}
                  || m_rx_axi_wvalid && {stored, m_rx_axi_wstrb, m_rx_axi_wlast}
                      != {64'd0, r_m_rx_axi_wstrb, r_m_rx_axi_wlast}
                  || m_rx_axi_arvalid && {m_rx_axi_araddr, m_rx_axi_arlen}
                      != {r_m_rx_axi_araddr, r_m_rx_axi_arlen}
                  || m_tx_axi_awvalid && {m_tx_axi_awaddr, m_tx_axi_awlen}
                      != {r_m_tx_axi_awaddr, r_m_tx_axi_awlen}
                  || m_tx_axi_wvalid && {written, m_tx_axi_wstrb, m_tx_axi_wlast}
                      != {64'd0, r_m_tx_axi_wstrb, r_m_tx_axi_wlast}
                  || m_tx_axi_arvalid && {m_tx_axi_araddr, m_tx_axi_arlen}
                      != {r_m_tx_axi_araddr, r_m_tx_axi_arlen};
endmodule

`default_nettype wire
