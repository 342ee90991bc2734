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

// Five writes, one cycle, two reads, again and again. For each line on standard input, of two numbers: that many
// cycles to warm up, then as many as the second one says, timed. Prints nanoseconds and the sum of what was read.
int main() {
  VerilatedContext context;
  auto top = std::make_unique<Vdut>(&context, "TOP");
  uint64_t sum = 0;
  const auto run = [&](uint32_t cycles) {
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
  };
  top->rst = 1;
  run(2);
  top->rst = 0;
  unsigned warm = 0;
  unsigned cycles = 0;
  while (std::scanf("%u %u", &warm, &cycles) == 2) {
    run(warm);
    const auto start = std::chrono::steady_clock::now();
    run(cycles);
    const auto time = std::chrono::steady_clock::now() - start;
    const long long ns = std::chrono::nanoseconds(time).count();
    std::printf("%lld %llu\n", ns, static_cast<unsigned long long>(sum));
    std::fflush(stdout);
  }
  top->final();
}
