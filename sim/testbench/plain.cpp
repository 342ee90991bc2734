// SPDX-License-Identifier: Apache-2.0
// The main loop that speed.ts compares with: what a C++ test of a module does in each cycle.
//
// WRITE(i) and READ, given to the compiler, are the five writes and the two reads, on `top`.
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "Vdut.h"
#include "verilated.h"

void vl_fatal(const char*, int, const char*, const char*) { std::abort(); }
extern "C" int hpb_tb_print(const char*, ...) { return 0; }

// plain CYCLES SLICES: five writes, one cycle, two reads, again and again. Prints the nanoseconds of the fastest
// slice, and the sum of what was read.
int main(int argc, char** argv) {
  const uint32_t cycles = argc > 2 ? static_cast<uint32_t>(std::strtoul(argv[1], nullptr, 10)) : 1;
  const uint32_t slices = argc > 2 ? static_cast<uint32_t>(std::strtoul(argv[2], nullptr, 10)) : 1;
  VerilatedContext context;
  auto top = std::make_unique<Vdut>(&context, "TOP");
  uint64_t sum = 0;
  long long best = 0;
  top->rst = 1;
  top->clk = 0;
  top->eval();
  top->clk = 1;
  top->eval();
  top->rst = 0;
  for (uint32_t slice = 0; slice < slices; slice++) {
    const auto start = std::chrono::steady_clock::now();
    for (uint32_t i = 0; i < cycles; i++) {
      WRITE(i);
      context.timeInc(5000);
      top->clk = 0;
      top->eval();
      context.timeInc(5000);
      top->clk = 1;
      top->eval();
      sum += READ;
    }
    const auto time = std::chrono::steady_clock::now() - start;
    const long long ns = std::chrono::nanoseconds(time).count();
    if (slice == 0 || ns < best) best = ns;
  }
  std::printf("%lld %llu\n", best, static_cast<unsigned long long>(sum));
  top->final();
}
