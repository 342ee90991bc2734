// SPDX-License-Identifier: Apache-2.0
// card_toe_regs: the TOE's own registers: configuration, state, counters of all and of a session.
//
// Answers one cycle after reg_wr or reg_rd, beside card_engine_regs. Configuration stays as it is
// while the network is enabled. Values out of range become the nearest bound: what the engine gets
// is sound. `rst` returns every register to its reset value.
`default_nettype none

module card_toe_regs #(
    // Sessions, buffers and nodes as powers of two
    parameter  int unsigned SESSIONS_LOG2 = 14,
    parameter  int unsigned BUFFERS_LOG2  = 13,
    parameter  int unsigned NODES_LOG2    = 14,
    // As in card_top
    parameter  bit          CLOCK_GATING  = 1'b0,
    localparam int unsigned CONFIG_W      = toe_tcp_pkg::CONFIG_W,
    localparam int unsigned COUNTS        = toe_ip_pkg::COUNTS,
    // Counters behind those of the engine
    localparam int unsigned OWN_COUNTS    = 6,
    localparam int unsigned TCP_COUNTS    = 8
) (
    input  wire logic                   clk,
    input  wire logic                   rst,           // synchronous, active high

    // Register bus, this block selected
    input  wire logic                   reg_wr,
    input  wire logic                   reg_rd,
    input  wire logic [11:0]            reg_addr,
    input  wire logic [31:0]            reg_wdata,
    output wire logic [31:0]            reg_rdata,
    output wire logic                   reg_error,

    // Configuration
    output wire logic                   enable,
    output wire logic [47:0]            mac,
    output wire logic [31:0]            ip,
    output wire logic [5:0]             prefix_len,
    output wire logic [31:0]            gateway,
    output wire logic [63:0]            memory_base,
    output wire logic [19:0]            tx_limit,
    output wire logic [127:0]           lookup_key,
    output wire logic [127:0]           isn_key,
    output wire logic [CONFIG_W-1:0]    cfg,           // toe_tcp_pkg::config_t

    // State
    input  wire logic                   ready,
    input  wire logic [SESSIONS_LOG2:0] in_use,
    input  wire logic [15:0]            half_open,
    input  wire logic [BUFFERS_LOG2:0]  free_buffers,
    input  wire logic [NODES_LOG2:0]    free_nodes,
    output wire logic                   set_error,     // FAULT rose; one cycle

    // Whose counters to look at, and their snapshot, which stays; a pulse tells of it
    output wire logic [SESSIONS_LOG2-1:0] look_session,
    output wire logic                   look_valid,
    input  wire logic                   look_ready,
    output wire logic                   look_busy,
    input  wire logic [toe_tcp_pkg::SESSION_COUNTERS_W-1:0] session_counters,
    input  wire logic                   session_counters_valid,

    // Events to count
    input  wire logic [COUNTS-1:0]      count_ip,
    input  wire logic [TCP_COUNTS-1:0]  count_tcp,
    input  wire logic [2:0]             fault,         // drop, free, bus
    input  wire logic [OWN_COUNTS-1:0]  count_own      // from FRAMES_IN on
);
  localparam int unsigned COUNTERS = COUNTS + TCP_COUNTS + 3 + OWN_COUNTS;
  localparam int unsigned INDEX_W = $clog2(COUNTERS);
  localparam logic [11:0] FIRST = card_pkg::TOE_RX_SEGMENTS;
  localparam logic [11:0] LAST = card_pkg::TOE_READS;

  if (32'(LAST) - 32'(FIRST) != 4 * (COUNTERS - 1)) $error("counters are not those of registers.json");
  if (32'(card_pkg::TOE_UNKNOWN) - 32'(FIRST) != 4 * COUNTS) $error("toe_ip counts something else");
  if (32'(card_pkg::TOE_FRAMES_IN) - 32'(FIRST) != 4 * (COUNTS + TCP_COUNTS + 3))
    $error("toe_tcp counts something else");

  // The nearest value of a range
  function automatic logic [31:0] clamp(input logic [31:0] value, input logic [31:0] low,
                                         input logic [31:0] high);
    clamp = value < low ? low : value > high ? high : value;
  endfunction

  logic                 enable_q, fault_q, set_error_q;
  logic [47:0]          mac_q;
  logic [31:0]          ip_q, gateway_q;
  logic [5:0]           prefix_len_q;
  logic [51:0]          memory_base_q;    // in 4 KiB units
  logic [19:0]          tx_limit_q;
  logic [127:0]         lookup_key_q, isn_key_q;
  toe_tcp_pkg::config_t cfg_q;

  // What depends on the configuration depends on a clock that hardly ever ticks
  wire logic config_clk;
  clock_gate #(
      .GATING(CLOCK_GATING)
  ) config_gate (
      .clk      (clk),
      .enable   (rst || reg_wr),
      .gated_clk(config_clk)
  );

  always_ff @(posedge config_clk) begin : configuration
    if (reg_wr && reg_addr == card_pkg::TOE_NET_CONTROL)
      enable_q <= reg_wdata[card_pkg::TOE_NET_CONTROL_ENABLE_LSB];
    if (reg_wr && !enable_q) begin
      case (reg_addr)
        card_pkg::TOE_MAC_LO:         mac_q[31:0] <= reg_wdata;
        card_pkg::TOE_MAC_HI:         mac_q[47:32] <= reg_wdata[15:0];
        card_pkg::TOE_IP:             ip_q <= reg_wdata;
        card_pkg::TOE_PREFIX_LEN:     prefix_len_q <= 6'(clamp(reg_wdata, 32'd0, 32'd32));
        card_pkg::TOE_GATEWAY:        gateway_q <= reg_wdata;
        card_pkg::TOE_MEMORY_BASE_LO: memory_base_q[19:0] <= reg_wdata[31:12];
        card_pkg::TOE_MEMORY_BASE_HI: memory_base_q[51:20] <= reg_wdata;
        card_pkg::TOE_TX_LIMIT:       tx_limit_q <= 20'(clamp(reg_wdata, 32'd0, 32'hf_ffff));
        card_pkg::TOE_TTL:            cfg_q.ttl <= 8'(clamp(reg_wdata, 32'd1, 32'd255));
        card_pkg::TOE_LOOKUP_KEY0:    lookup_key_q[31:0] <= reg_wdata;
        card_pkg::TOE_LOOKUP_KEY1:    lookup_key_q[63:32] <= reg_wdata;
        card_pkg::TOE_LOOKUP_KEY2:    lookup_key_q[95:64] <= reg_wdata;
        card_pkg::TOE_LOOKUP_KEY3:    lookup_key_q[127:96] <= reg_wdata;
        card_pkg::TOE_ISN_KEY0:       isn_key_q[31:0] <= reg_wdata;
        card_pkg::TOE_ISN_KEY1:       isn_key_q[63:32] <= reg_wdata;
        card_pkg::TOE_ISN_KEY2:       isn_key_q[95:64] <= reg_wdata;
        card_pkg::TOE_ISN_KEY3:       isn_key_q[127:96] <= reg_wdata;
        card_pkg::TOE_MSS:            cfg_q.mss <= 14'(clamp(reg_wdata, 32'd64, 32'd1460));
        card_pkg::TOE_RX_LIMIT:       cfg_q.rx_limit <= 20'(clamp(reg_wdata, 32'd0, 32'hf_ffff));
        card_pkg::TOE_RTO_MIN_MS:     cfg_q.rto_min_ms <= 17'(clamp(reg_wdata, 32'd1, 32'h1_ffff));
        card_pkg::TOE_RTO_MAX_MS:     cfg_q.rto_max_ms <= 17'(clamp(reg_wdata, 32'd1, 32'h1_ffff));
        card_pkg::TOE_RTO_FIRST_MS:
          cfg_q.rto_first_ms <= 17'(clamp(reg_wdata, 32'd1, 32'h1_ffff));
        card_pkg::TOE_ACK_DELAY_MS:   cfg_q.ack_delay_ms <= 10'(clamp(reg_wdata, 32'd1, 32'd499));
        card_pkg::TOE_MSL_MS:         cfg_q.msl_ms <= 17'(clamp(reg_wdata, 32'd1, 32'h1_ffff));
        card_pkg::TOE_TRIES: begin
          cfg_q.syn_tries  <= reg_wdata[card_pkg::TOE_TRIES_SYN_LSB+:4];
          cfg_q.data_tries <= reg_wdata[card_pkg::TOE_TRIES_DATA_LSB+:4];
          cfg_q.keep_tries <= reg_wdata[card_pkg::TOE_TRIES_KEEP_LSB+:4];
          cfg_q.stalled_tries <= reg_wdata[card_pkg::TOE_TRIES_STALLED_LSB+:4];
        end
        card_pkg::TOE_HALF_OPEN_MAX:  cfg_q.half_open <= 16'(clamp(reg_wdata, 32'd0, 32'hffff));
        card_pkg::TOE_KEEP_IDLE_MS:
          cfg_q.keep_idle_ms <= 23'(clamp(reg_wdata, 32'd1, 32'h7f_ffff));
        card_pkg::TOE_KEEP_EVERY_MS:
          cfg_q.keep_every_ms <= 17'(clamp(reg_wdata, 32'd1, 32'h1_ffff));
        card_pkg::TOE_CHALLENGES:     cfg_q.challenges <= 10'(clamp(reg_wdata, 32'd0, 32'h3ff));
        default: ;
      endcase
    end

    if (rst) begin
      enable_q      <= 1'b0;
      mac_q         <= '0;
      ip_q          <= '0;
      prefix_len_q  <= 6'(card_pkg::TOE_PREFIX_LEN_RESET_VALUE);
      gateway_q     <= '0;
      memory_base_q <= '0;
      tx_limit_q    <= 20'(card_pkg::TOE_TX_LIMIT_RESET_VALUE);
      lookup_key_q  <= '0;
      isn_key_q     <= '0;
      cfg_q.mss           <= 14'(card_pkg::TOE_MSS_RESET_VALUE);
      cfg_q.rx_limit      <= 20'(card_pkg::TOE_RX_LIMIT_RESET_VALUE);
      cfg_q.rto_min_ms    <= 17'(card_pkg::TOE_RTO_MIN_MS_RESET_VALUE);
      cfg_q.rto_max_ms    <= 17'(card_pkg::TOE_RTO_MAX_MS_RESET_VALUE);
      cfg_q.rto_first_ms  <= 17'(card_pkg::TOE_RTO_FIRST_MS_RESET_VALUE);
      cfg_q.ack_delay_ms  <= 10'(card_pkg::TOE_ACK_DELAY_MS_RESET_VALUE);
      cfg_q.msl_ms        <= 17'(card_pkg::TOE_MSL_MS_RESET_VALUE);
      cfg_q.syn_tries     <= 4'(card_pkg::TOE_TRIES_RESET_VALUE >> card_pkg::TOE_TRIES_SYN_LSB);
      cfg_q.data_tries    <= 4'(card_pkg::TOE_TRIES_RESET_VALUE >> card_pkg::TOE_TRIES_DATA_LSB);
      cfg_q.keep_tries    <= 4'(card_pkg::TOE_TRIES_RESET_VALUE >> card_pkg::TOE_TRIES_KEEP_LSB);
      cfg_q.half_open     <= 16'(card_pkg::TOE_HALF_OPEN_MAX_RESET_VALUE);
      cfg_q.keep_idle_ms  <= 23'(card_pkg::TOE_KEEP_IDLE_MS_RESET_VALUE);
      cfg_q.keep_every_ms <= 17'(card_pkg::TOE_KEEP_EVERY_MS_RESET_VALUE);
      cfg_q.stalled_tries <=
          4'(card_pkg::TOE_TRIES_RESET_VALUE >> card_pkg::TOE_TRIES_STALLED_LSB);
      cfg_q.ttl           <= 8'(card_pkg::TOE_TTL_RESET_VALUE);
      cfg_q.challenges    <= 10'(card_pkg::TOE_CHALLENGES_RESET_VALUE);
    end
  end

  always_ff @(posedge clk) begin : faults
    set_error_q <= fault != '0 && !fault_q;
    fault_q     <= fault_q || fault != '0;
    if (rst) begin
      fault_q     <= 1'b0;
      set_error_q <= 1'b0;
    end
  end

  // ---- Counters ----

  wire logic [INDEX_W-1:0] index = reg_addr[2+:INDEX_W] - FIRST[2+:INDEX_W];
  wire logic        counts = reg_addr >= FIRST && reg_addr <= LAST && reg_addr[1:0] == '0;
  wire logic [31:0] count;

  card_counters #(
      .COUNTERS    (COUNTERS),
      .CLOCK_GATING(CLOCK_GATING)
  ) counters (
      .clk  (clk),
      .rst  (rst),
      .add  ({count_own, fault, count_tcp, count_ip}),
      .index(counts ? index : '0),
      .count(count)
  );

  // ---- Counters of one session ----

  logic [31:0] select_q;
  logic        look_valid_q, look_busy_q, seen_q;
  toe_tcp_pkg::session_counters_t seen;
  assign seen = seen_q ? session_counters : '0;

  always_ff @(posedge clk) begin : session
    if (look_ready) look_valid_q <= 1'b0;
    if (session_counters_valid && look_busy_q) begin
      look_busy_q <= 1'b0;
      seen_q      <= 1'b1;
    end
    if (reg_wr && reg_addr == card_pkg::TOE_SESSION_SELECT && !look_busy_q) begin
      select_q     <= reg_wdata;
      seen_q       <= 1'b0;
      look_valid_q <= reg_wdata[31:SESSIONS_LOG2] == '0;
      look_busy_q  <= reg_wdata[31:SESSIONS_LOG2] == '0;
    end
    if (rst) begin
      select_q     <= '0;
      look_valid_q <= 1'b0;
      look_busy_q  <= 1'b0;
      seen_q       <= 1'b0;
    end
  end

  assign look_session = select_q[SESSIONS_LOG2-1:0];
  assign look_valid   = look_valid_q;
  assign look_busy    = look_busy_q;

  // ---- Answers ----

  logic [31:0] rdata_q;
  logic        error_q;

  always_ff @(posedge clk) begin : answer
    if (reg_wr || reg_rd) begin
      error_q <= 1'b0;
      rdata_q <= '0;
      case (reg_addr)
        card_pkg::ENGINE_STATUS: begin
          rdata_q[card_pkg::TOE_STATUS_READY_LSB] <= ready;
          rdata_q[card_pkg::TOE_STATUS_FAULT_LSB] <= fault_q;
        end
        card_pkg::TOE_NET_CONTROL:    rdata_q[card_pkg::TOE_NET_CONTROL_ENABLE_LSB] <= enable_q;
        card_pkg::TOE_MAC_LO:         rdata_q <= mac_q[31:0];
        card_pkg::TOE_MAC_HI:         rdata_q <= 32'(mac_q[47:32]);
        card_pkg::TOE_IP:             rdata_q <= ip_q;
        card_pkg::TOE_PREFIX_LEN:     rdata_q <= 32'(prefix_len_q);
        card_pkg::TOE_GATEWAY:        rdata_q <= gateway_q;
        card_pkg::TOE_MEMORY_BASE_LO: rdata_q <= {memory_base_q[19:0], 12'd0};
        card_pkg::TOE_MEMORY_BASE_HI: rdata_q <= memory_base_q[51:20];
        card_pkg::TOE_TX_LIMIT:       rdata_q <= 32'(tx_limit_q);
        card_pkg::TOE_LOOKUP_KEY0, card_pkg::TOE_LOOKUP_KEY1,
        card_pkg::TOE_LOOKUP_KEY2, card_pkg::TOE_LOOKUP_KEY3,
        card_pkg::TOE_ISN_KEY0, card_pkg::TOE_ISN_KEY1,
        card_pkg::TOE_ISN_KEY2, card_pkg::TOE_ISN_KEY3: ;  // secrets
        card_pkg::TOE_TTL:            rdata_q <= 32'(cfg_q.ttl);
        card_pkg::TOE_MSS:            rdata_q <= 32'(cfg_q.mss);
        card_pkg::TOE_RX_LIMIT:       rdata_q <= 32'(cfg_q.rx_limit);
        card_pkg::TOE_RTO_MIN_MS:     rdata_q <= 32'(cfg_q.rto_min_ms);
        card_pkg::TOE_RTO_MAX_MS:     rdata_q <= 32'(cfg_q.rto_max_ms);
        card_pkg::TOE_RTO_FIRST_MS:   rdata_q <= 32'(cfg_q.rto_first_ms);
        card_pkg::TOE_ACK_DELAY_MS:   rdata_q <= 32'(cfg_q.ack_delay_ms);
        card_pkg::TOE_MSL_MS:         rdata_q <= 32'(cfg_q.msl_ms);
        card_pkg::TOE_TRIES:
          rdata_q <= (32'(cfg_q.syn_tries) << card_pkg::TOE_TRIES_SYN_LSB)
                     | (32'(cfg_q.data_tries) << card_pkg::TOE_TRIES_DATA_LSB)
                     | (32'(cfg_q.keep_tries) << card_pkg::TOE_TRIES_KEEP_LSB)
                     | (32'(cfg_q.stalled_tries) << card_pkg::TOE_TRIES_STALLED_LSB);
        card_pkg::TOE_HALF_OPEN_MAX:  rdata_q <= 32'(cfg_q.half_open);
        card_pkg::TOE_KEEP_IDLE_MS:   rdata_q <= 32'(cfg_q.keep_idle_ms);
        card_pkg::TOE_KEEP_EVERY_MS:  rdata_q <= 32'(cfg_q.keep_every_ms);
        card_pkg::TOE_CHALLENGES:     rdata_q <= 32'(cfg_q.challenges);
        card_pkg::TOE_IN_USE:         rdata_q <= 32'(in_use);
        card_pkg::TOE_HALF_OPEN:      rdata_q <= 32'(half_open);
        card_pkg::TOE_FREE_BUFFERS:   rdata_q <= 32'(free_buffers);
        card_pkg::TOE_FREE_NODES:     rdata_q <= 32'(free_nodes);
        card_pkg::TOE_SESSION_SELECT: rdata_q <= select_q;
        card_pkg::TOE_SESSION_STATUS: begin
          rdata_q[card_pkg::TOE_SESSION_STATUS_BUSY_LSB]      <= look_busy_q;
          rdata_q[card_pkg::TOE_SESSION_STATUS_VALID_LSB]     <= seen_q;
          rdata_q[card_pkg::TOE_SESSION_STATUS_STATE_LSB+:4]  <= seen.state;
        end
        card_pkg::TOE_SESSION_SEGMENTS_IN:   rdata_q <= seen.segments_in;
        card_pkg::TOE_SESSION_SEGMENTS_OUT:  rdata_q <= seen.segments_out;
        card_pkg::TOE_SESSION_BYTES_IN_LO:   rdata_q <= seen.bytes_in[31:0];
        card_pkg::TOE_SESSION_BYTES_IN_HI:   rdata_q <= 32'(seen.bytes_in[47:32]);
        card_pkg::TOE_SESSION_BYTES_OUT_LO:  rdata_q <= seen.bytes_out[31:0];
        card_pkg::TOE_SESSION_BYTES_OUT_HI:  rdata_q <= 32'(seen.bytes_out[47:32]);
        card_pkg::TOE_SESSION_RETRANSMITTED: rdata_q <= seen.retransmitted;
        card_pkg::TOE_SESSION_DUP_ACKS:      rdata_q <= seen.dup_acks;
        card_pkg::TOE_SESSION_OUT_OF_ORDER:  rdata_q <= seen.out_of_order;
        card_pkg::TOE_SESSION_UNACCEPTABLE:  rdata_q <= seen.unacceptable;
        card_pkg::TOE_SESSION_NO_ROOM:       rdata_q <= seen.no_room;
        default:
          if (counts) rdata_q <= count;
          else error_q <= 1'b1;
      endcase
    end
  end

  assign reg_rdata   = rdata_q;
  assign reg_error   = error_q;
  assign set_error   = set_error_q;
  assign enable      = enable_q;
  assign mac         = mac_q;
  assign ip          = ip_q;
  assign prefix_len  = prefix_len_q;
  assign gateway     = gateway_q;
  assign memory_base = {memory_base_q, 12'd0};
  assign tx_limit    = tx_limit_q;
  assign lookup_key  = lookup_key_q;
  assign isn_key     = isn_key_q;
  assign cfg         = cfg_q;
endmodule

`default_nettype wire
