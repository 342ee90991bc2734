// SPDX-License-Identifier: Apache-2.0
#include "link.hpp"
#include "passt_options.hpp"

namespace hpb {

std::unique_ptr<Link> open_link(const std::string &word,
                                const std::vector<std::string> &passt_arguments) {
  const auto end = word.find_first_of(":,");
  const std::string kind = word.substr(0, end);
  const bool has_options = end != std::string::npos && word[end] == ',';
  const std::string rest = end == std::string::npos ? "" : word.substr(end + 1);
  if (kind != "passt" && !passt_arguments.empty()) {
    throw LinkError("link " + word + ": arguments of passt are for a link passt only");
  }
  if (kind == "passt" && (end == std::string::npos || !rest.empty())) {
    PasstOptions options;
    if (has_options) options = PasstOptions::parse(rest);
    else options.socket = rest;
    return open_passt(options, passt_arguments);
  }
  if (kind == "tap" && !has_options && !rest.empty()) return open_tap(rest);
  if (kind == "hub" && !has_options && !rest.empty()) return open_hub(rest);
  throw LinkError(
      "link: expected tap:NAME, passt, passt:SOCKET, passt,forward=8080:80 or hub:DIRECTORY, got \"" +
      word + "\"");
}

}  // namespace hpb
