// SPDX-License-Identifier: Apache-2.0
// Included ahead of the Verilator runtime: what the model prints goes to its own simulation.
#pragma once
extern "C" int hpb_tb_print(const char* format, ...) __attribute__((format(printf, 1, 2)));
#define VL_PRINTF hpb_tb_print
