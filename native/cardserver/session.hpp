// SPDX-License-Identifier: Apache-2.0
// One vfio-user client and the function that it drives. What does not keep to the protocol ends it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "function.hpp"
#include "protocol.hpp"

namespace hpb {

class Session {
 public:
  Session(Descriptor socket, const CardLibrary &library, const CardSettings &settings)
      : socket_(std::move(socket)), function_(library, settings) {}

  int socket() const { return socket_.get(); }
  Function &function() { return function_; }

  // Takes what has come and answers. False at the end; `why` says more where it was no plain end.
  bool serve(std::string &why);

 private:
  struct Reply {
    int error = 0;
    std::vector<std::uint8_t> payload;
  };

  bool take(const vfio_user::Header &header, const std::uint8_t *payload, std::size_t bytes,
            std::string &why);
  Reply answer(const vfio_user::Header &header, const std::uint8_t *payload, std::size_t bytes);
  Reply region_info(const std::uint8_t *payload, std::size_t bytes);
  Reply irq_info(const std::uint8_t *payload, std::size_t bytes);
  Reply set_irqs(const std::uint8_t *payload, std::size_t bytes);
  Reply dma_map(const std::uint8_t *payload, std::size_t bytes);
  Reply dma_unmap(const std::uint8_t *payload, std::size_t bytes);
  Reply access(bool write, const std::uint8_t *payload, std::size_t bytes);
  bool send(const vfio_user::Header &request, const Reply &reply, std::string &why);

  Descriptor socket_;
  std::vector<std::uint8_t> incoming_;
  std::vector<Descriptor> came_;
  bool agreed_ = false;
  Function function_;
};

}  // namespace hpb
