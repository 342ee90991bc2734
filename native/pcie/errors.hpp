// SPDX-License-Identifier: Apache-2.0
// What can be wrong with a card, in words for whoever has to put it right.
#pragma once

#include <stdexcept>

namespace hpb {

// There is no such card here, or it may not be used.
struct Unavailable : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// The card, or the process behind it, has failed.
struct DeviceFailed : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace hpb
