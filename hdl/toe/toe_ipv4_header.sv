// SPDX-License-Identifier: Apache-2.0
// toe_ipv4_header: the IPv4 header of a packet that the card sends.
//
// No options, identification 0, don't fragment: such a packet needs no identification (RFC
// 6864). The checksum, header[95:80], follows two cycles behind the inputs, the rest within the
// cycle.
`default_nettype none

module toe_ipv4_header (
    input  wire logic         clk,

    input  wire logic [31:0]  source,
    input  wire logic [31:0]  destination,
    input  wire logic [7:0]   protocol,
    input  wire logic [15:0]  len,           // bytes carried, at most 65,515
    input  wire logic [5:0]   dscp,          // Diffserv code point (RFC 2474)
    input  wire logic [7:0]   ttl,

    output wire logic [159:0] header         // wire order, first byte lowest
);
  localparam logic [7:0] VERSION_IHL = 8'h45;
  localparam logic [15:0] DONT_FRAGMENT = 16'h4000;
  localparam logic [15:0] HEADER_BYTES = 16'd20;

  wire logic [15:0] total = len + HEADER_BYTES;

  logic [17:0] addresses_q, rest_q;
  logic [15:0] checksum_q;

  always_ff @(posedge clk) begin
    addresses_q <= {2'd0, source[31:16]} + {2'd0, source[15:0]}
                   + {2'd0, destination[31:16]} + {2'd0, destination[15:0]};
    rest_q      <= {2'd0, VERSION_IHL, dscp, 2'd0} + {2'd0, total} + {2'd0, DONT_FRAGMENT}
                   + {2'd0, ttl, protocol};
    checksum_q  <= ~toe_ip_pkg::fold({13'd0, {1'b0, addresses_q} + {1'b0, rest_q}});
  end

  assign header = {toe_ip_pkg::swap32(destination), toe_ip_pkg::swap32(source),
                   toe_ip_pkg::swap16(checksum_q), protocol, ttl,
                   toe_ip_pkg::swap16(DONT_FRAGMENT), 16'd0, toe_ip_pkg::swap16(total),
                   dscp, 2'd0, VERSION_IHL};
endmodule

`default_nettype wire
