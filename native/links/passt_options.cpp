// SPDX-License-Identifier: Apache-2.0
#include "passt_options.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <cctype>

#include "link.hpp"

namespace hpb {
namespace {

constexpr char kLoopback[] = "127.0.0.1";
constexpr std::size_t kMaxForwards = 64;

[[noreturn]] void refuse(const std::string &name, const std::string &expected,
                         const std::string &got) {
  throw LinkError("link passt, " + name + ": expected " + expected + ", got \"" + got + "\"");
}

unsigned parse_decimal(const std::string &name, const std::string &text, unsigned least,
                       unsigned most, const std::string &whole) {
  const bool is_plain = !text.empty() && text.size() <= 5 &&
                        text.find_first_not_of("0123456789") == std::string::npos;
  const unsigned long value = is_plain ? std::stoul(text) : most + 1ul;
  if (value < least || value > most) {
    refuse(name, "a number from " + std::to_string(least) + " to " + std::to_string(most), whole);
  }
  return static_cast<unsigned>(value);
}

std::uint32_t parse_address(const std::string &name, const std::string &text) {
  in_addr address{};
  if (inet_pton(AF_INET, text.c_str(), &address) != 1) refuse(name, "an IPv4 address", text);
  return ntohl(address.s_addr);
}

std::array<std::uint8_t, 6> parse_mac(const std::string &text) {
  std::array<std::uint8_t, 6> mac{};
  bool is_mac = text.size() == 17;
  for (std::size_t i = 0; is_mac && i < text.size(); i++) {
    is_mac = i % 3 == 2 ? text[i] == ':' : std::isxdigit(static_cast<unsigned char>(text[i])) != 0;
  }
  if (!is_mac) refuse("mac", "six bytes, as 02:00:00:00:00:01", text);
  for (std::size_t i = 0; i < mac.size(); i++) {
    mac[i] = static_cast<std::uint8_t>(std::stoul(text.substr(3 * i, 2), nullptr, 16));
  }
  return mac;
}

Forward parse_forward(const std::string &text) {
  const std::size_t slash = text.find('/');
  const std::string address = slash == std::string::npos ? kLoopback : text.substr(0, slash);
  const std::string ports = slash == std::string::npos ? text : text.substr(slash + 1);
  const std::size_t colon = ports.find(':');
  parse_address("forward", address);
  Forward forward{address, 0, 0};
  forward.port = parse_decimal("forward", ports.substr(0, colon), 1, 65535, text);
  forward.card_port = colon == std::string::npos
                          ? forward.port
                          : parse_decimal("forward", ports.substr(colon + 1), 1, 65535, text);
  return forward;
}

}  // namespace

std::string dotted(std::uint32_t address) {
  std::string text;
  for (int shift = 24; shift >= 0; shift -= 8) {
    text += std::to_string(address >> shift & 255) + (shift > 0 ? "." : "");
  }
  return text;
}

PasstOptions PasstOptions::parse(const std::string &text) {
  PasstOptions options;
  std::vector<std::string> seen;
  for (std::size_t at = 0; at <= text.size();) {
    std::size_t end = std::min(text.find(',', at), text.size());
    const std::size_t equals = text.find('=', at);
    const std::string name = equals < end ? text.substr(at, equals - at) : "";
    if (name == "socket") end = text.size();
    const std::string value = equals < end ? text.substr(equals + 1, end - equals - 1) : "";
    if (name != "forward" && std::find(seen.begin(), seen.end(), name) != seen.end()) {
      throw LinkError("link passt, " + name + ": expected once, got twice");
    }
    seen.push_back(name);
    if (name == "mac") options.mac = parse_mac(value);
    else if (name == "address") options.address = parse_address(name, value);
    else if (name == "gateway") options.gateway = parse_address(name, value);
    else if (name == "prefix") options.prefix = parse_decimal(name, value, 1, 32, value);
    else if (name == "forward") options.forwards.push_back(parse_forward(value));
    else if (name == "socket" && !value.empty()) options.socket = value;
    else {
      throw LinkError(
          "link passt: expected forward=[ADDRESS/]PORT[:CARD_PORT], address, prefix, gateway, mac or "
          "socket, each with = and a value, got \"" + text.substr(at, end - at) + "\"");
    }
    at = end + 1;
  }
  if (options.forwards.size() > kMaxForwards) {
    throw LinkError("link passt, forward: expected at most " + std::to_string(kMaxForwards) +
                    ", got " + std::to_string(options.forwards.size()));
  }
  if (!options.socket.empty() && !options.forwards.empty()) {
    const Forward &first = options.forwards.front();
    throw LinkError("link passt, forward: a passt that runs leads the ports that it was told to: "
                    "start it with --tcp-ports " + first.address + "/" +
                    std::to_string(first.port) + ":" + std::to_string(first.card_port));
  }
  if (options.mac && !(options.address && options.gateway)) {
    throw LinkError("link passt, mac: expected an address and a gateway, too");
  }
  return options;
}

std::vector<std::string> PasstOptions::arguments() const {
  std::vector<std::string> words = {"--ipv4-only"};  // the card knows no other
  const auto add = [&](const char *name, const std::string &value) {
    words.push_back(name);
    words.push_back(value);
  };
  if (address) add("--address", dotted(*address));
  if (prefix) add("--netmask", std::to_string(*prefix));
  if (gateway) add("--gateway", dotted(*gateway));
  for (const auto &[host, port, card_port] : forwards) {
    add("--tcp-ports", host + "/" + std::to_string(port) + ":" + std::to_string(card_port));
  }
  return words;
}

}  // namespace hpb
