// SPDX-License-Identifier: Apache-2.0
// tap:NAME: an interface of the Linux kernel whose other end is the card.
#include <linux/if.h>
#include <linux/if_tun.h>
#include <sys/ioctl.h>

#include <algorithm>

#include "descriptor.hpp"
#include "errno_text.hpp"
#include "link.hpp"

namespace hpb {
namespace {

constexpr char kDevice[] = "/dev/net/tun";

class Tap : public Link {
 public:
  explicit Tap(const std::string &name) {
    const bool is_name = name.size() < IFNAMSIZ && name != "." && name != ".." &&
                         std::all_of(name.begin(), name.end(), [](unsigned char c) {
                           return c > ' ' && c < 127 && c != '/' && c != ':' && c != '%';
                         });
    if (!is_name) {
      throw LinkError("link tap: expected an interface name of 1 to " +
                      std::to_string(IFNAMSIZ - 1) + " printable characters without / : %, got \"" +
                      name + "\"");
    }
    fd_ = Descriptor(open(kDevice, O_RDWR | O_NONBLOCK | O_CLOEXEC));
    if (!fd_) {
      const int error = errno;
      std::string hint = "load the kernel's module: modprobe tun";
      if (error == EACCES || error == EPERM) {
        hint = "run as root, or permit it: sudo chmod 666 " + std::string(kDevice) +
               "; or use the link passt, which needs no permission";
      }
      throw LinkError("link tap:" + name + ": cannot open " + kDevice + ": " +
                      std::strerror(error) + "; " + hint);
    }
    ifreq request{};
    std::copy(name.begin(), name.end(), request.ifr_name);
    request.ifr_flags = IFF_TAP | IFF_NO_PI;
    if (ioctl(fd_.get(), TUNSETIFF, &request) < 0) {
      const int error = errno;
      std::string hint;
      if (error == EPERM) {
        hint = "; run as root, in a namespace of your own (unshare -Urn), or have it made for you: "
               "sudo ip tuntap add mode tap user $USER name " + name;
      } else if (error == EBUSY) {
        hint = "; another program has it";
      } else if (error == EINVAL) {
        hint = "; is there an interface of this name that is no TAP interface?";
      }
      throw LinkError("link tap:" + name + ": cannot attach: " + std::strerror(error) + hint);
    }
  }

  int fd() const override { return fd_.get(); }

  void send(const Frame &frame) override {
    if (!is_frame(frame.size())) {
      counters_.dropped++;
      return;
    }
    const ssize_t written = write(fd_.get(), frame.data(), frame.size());
    // EIO: the interface is down. It may come up again, as a cable may be plugged in.
    if (written < 0 && errno != EAGAIN && errno != EIO && errno != ENOBUFS && errno != EINVAL) {
      throw LinkError("link tap: write: " + errno_text());
    }
    (written < 0 ? counters_.dropped : counters_.sent)++;
  }

  bool receive(Frame &frame) override {
    const ssize_t got = read(fd_.get(), received_.data(), received_.size());
    if (got < 0) {
      if (errno == EAGAIN || errno == EINTR || errno == EIO) return false;
      throw LinkError("link tap: read: " + errno_text());
    }
    frame.assign(received_.begin(), received_.begin() + got);
    counters_.received++;
    return true;
  }

 private:
  Descriptor fd_;
  Frame received_ = Frame(kMaxFrame);  // of which most frames fill little
};

}  // namespace

std::unique_ptr<Link> open_tap(const std::string &name) { return std::make_unique<Tap>(name); }

}  // namespace hpb
