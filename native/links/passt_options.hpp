// SPDX-License-Identifier: Apache-2.0
// What a link passt is told behind its name: who the card is, and which ports lead to it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hpb {

// A port of this host that leads to one of the card.
struct Forward {
  std::string address;  // of this host, dotted
  unsigned port, card_port;
};

struct PasstOptions {
  // Hardware address, first byte on the wire first; an introduction to passt takes address and gateway
  std::optional<std::array<std::uint8_t, 6>> mac;
  // IPv4, first octet in the top byte
  std::optional<std::uint32_t> address, gateway;
  std::optional<unsigned> prefix;
  std::vector<Forward> forwards;
  // Unix socket of a passt that runs; empty: one is started
  std::string socket;

  // Reads "address=10.77.0.2,prefix=24,gateway=10.77.0.1,mac=02:00:00:00:00:01,forward=8080:80", each
  // at most once but forward: [ADDRESS/]PORT[:CARD_PORT], of 127.0.0.1 and to the same port unless it says
  // otherwise. socket=PATH is last: a path may have commas. Throws LinkError, which says what was
  // expected.
  static PasstOptions parse(const std::string &text);

  // Words for a passt that is started.
  std::vector<std::string> arguments() const;
};

// An IPv4 address as 10.77.0.2.
std::string dotted(std::uint32_t address);

}  // namespace hpb
