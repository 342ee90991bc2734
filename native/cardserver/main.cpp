// SPDX-License-Identifier: Apache-2.0
// hpb_card_server LIBRARY SOCKET: the emulated card as a vfio-user device, one client at a time.
//
// Says "ready" on standard output once the socket is there; ends with SIGINT or SIGTERM, and when a pipe
// at its standard input ends: whoever started it is gone. A client that goes takes the card's state with
// it: the next one finds it freshly powered on.
#include <fcntl.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <memory>

#include "errors.hpp"
#include "session.hpp"
#include "stream.hpp"

namespace {

// The end of this process, as something to wait for.
hpb::Descriptor ending() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return hpb::Descriptor(signalfd(-1, &signals, SFD_CLOEXEC));
}

// Standard input where its end means something, else -1.
int starter() {
  struct stat status;
  const bool pipe = fstat(STDIN_FILENO, &status) == 0 &&
                    (S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode));
  return pipe ? STDIN_FILENO : -1;
}

void serve(const hpb::CardLibrary &library, const hpb::CardSettings &settings, int listener,
           int end) {
  std::unique_ptr<hpb::Session> session;
  for (;;) {
    pollfd waiting[5] = {{end, POLLIN, 0},
                         {listener, POLLIN, 0},
                         {session ? session->socket() : -1, POLLIN, 0},
                         {session ? session->function().event_fd() : -1, POLLIN, 0},
                         {starter(), POLLRDHUP, 0}};
    if (poll(waiting, 5, -1) < 0) continue;
    if (waiting[0].revents != 0 || waiting[4].revents != 0) return;
    if (session && waiting[3].revents != 0) session->function().forward_interrupt();
    if (session && waiting[2].revents != 0) {
      std::string why;
      if (!session->serve(why)) {
        if (!why.empty()) std::fprintf(stderr, "hpb_card_server: client: %s\n", why.c_str());
        session.reset();
      }
    }
    if (waiting[1].revents != 0) {
      hpb::Descriptor client(accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
      // The card is busy: closed at once, the other one hears it.
      if (client && !session) {
        session = std::make_unique<hpb::Session>(std::move(client), library, settings);
      }
    }
  }
}

}  // namespace

int main(int count, char **arguments) {
  if (count != 3) {
    std::fprintf(stderr, "hpb_card_server LIBRARY SOCKET\n");
    return 64;
  }
  try {
    const hpb::Descriptor end = ending();
    const hpb::CardSettings settings;
    const hpb::CardLibrary library(arguments[1]);
    const hpb::Descriptor listener = hpb::listen_socket(arguments[2]);
    std::printf("ready\n");
    std::fflush(stdout);
    serve(library, settings, listener.get(), end.get());
    unlink(arguments[2]);
    return 0;
  } catch (const std::exception &error) {
    std::fprintf(stderr, "hpb_card_server: %s\n", error.what());
    return 69;
  }
}
