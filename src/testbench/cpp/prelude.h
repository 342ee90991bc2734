// SPDX-License-Identifier: Apache-2.0
// Included ahead of all that a model is made of: where printing goes, and the headers that all of it includes. It is
// compiled once, see src/testbench/prelude.ts; each header more costs every model, used or not.
#pragma once
#include "print.h"

#include "verilated.h"
#if VM_TRACE
#include "verilated_fst_c.h"
#endif
#if VM_COVERAGE
#include "verilated_cov.h"
#endif
