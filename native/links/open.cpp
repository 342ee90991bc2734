// SPDX-License-Identifier: Apache-2.0
#include "link.hpp"

namespace hpb {

std::unique_ptr<Link> open_link(const std::string &word,
                                const std::vector<std::string> &passt_arguments) {
  const auto colon = word.find(':');
  const std::string kind = word.substr(0, colon);
  const std::string rest = colon == std::string::npos ? "" : word.substr(colon + 1);
  if (kind != "passt" && !passt_arguments.empty()) {
    throw LinkError("link " + word + ": arguments of passt are for a link passt only");
  }
  if (kind == "tap" && !rest.empty()) return open_tap(rest);
  if (kind == "passt" && (colon == std::string::npos || !rest.empty())) {
    return open_passt(rest, passt_arguments);
  }
  if (kind == "hub" && !rest.empty()) return open_hub(rest);
  throw LinkError("link: expected tap:NAME, passt, passt:SOCKET or hub:DIRECTORY, got \"" + word +
                  "\"");
}

}  // namespace hpb
