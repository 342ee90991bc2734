// SPDX-License-Identifier: Apache-2.0
// A link: Ethernet frames without FCS to and from the world outside of the card.
//
// One owner thread. Nothing blocks: a frame that finds no room is dropped and counted, as on a wire.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace hpb {

// Bytes of the longest frame: what passt hands over at its largest MTU
constexpr std::size_t kMaxFrame = 65535;
// Bytes of the shortest one: an Ethernet header
constexpr std::size_t kMinFrame = 14;

using Frame = std::vector<std::uint8_t>;

// What is wrong with a link, and what to install, permit or write instead
class LinkError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct LinkCounters {
  std::uint64_t sent = 0;
  std::uint64_t received = 0;
  std::uint64_t dropped = 0;  // no room, or of a length that no frame has
};

struct PasstOptions;

class Link {
 public:
  virtual ~Link() = default;
  Link(const Link &) = delete;
  Link &operator=(const Link &) = delete;

  // Readable (poll, epoll) when a frame may have arrived.
  virtual int fd() const = 0;

  // Sends a frame, or drops it. Throws LinkError when the link is gone.
  virtual void send(const Frame &frame) = 0;

  // Takes a frame that has arrived. Returns false without one; throws LinkError when the link is gone.
  virtual bool receive(Frame &frame) = 0;

  const LinkCounters &counters() const { return counters_; }

 protected:
  Link() = default;
  bool is_frame(std::size_t bytes) const { return bytes >= kMinFrame && bytes <= kMaxFrame; }

  LinkCounters counters_;
};

// Opens the link that a word names:
//
//   tap:NAME        a TAP interface, made if it is not there
//   passt           starts passt, with `passt_arguments` besides
//   passt:SOCKET    a passt that runs, by its Unix socket
//   passt,OPTIONS   either, with options: passt,forward=8080:80; see passt_options.hpp
//   hub:DIRECTORY   all links that name the same directory, in and between processes
//
// Throws LinkError, which says what was expected and got.
std::unique_ptr<Link> open_link(const std::string &word,
                                const std::vector<std::string> &passt_arguments = {});

std::unique_ptr<Link> open_tap(const std::string &name);
std::unique_ptr<Link> open_passt(const PasstOptions &options,
                                 const std::vector<std::string> &arguments);
std::unique_ptr<Link> open_hub(const std::string &directory);

}  // namespace hpb
