// SPDX-License-Identifier: Apache-2.0
// The part of PCI configuration space that a driver needs.
#pragma once

#include "port.hpp"

namespace hpb {

// Is there a function with MSI-X behind the port, of the kind that a card is?
// Throws Unavailable with what is wrong.
void check_config_space(Port &port);

// Lets the card answer register accesses and reach memory, or nothing any more.
void enable_card(Port &port, bool on);

}  // namespace hpb
