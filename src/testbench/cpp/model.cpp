// SPDX-License-Identifier: Apache-2.0
// C ABI over one verilated module, for the TypeScript testbench.
//
// ports.inc, generated per module, names its ports as INPUT(name) or OUTPUT(name); HPB_TB_CLOCK names
// the clock, if there is one. A handle belongs to one thread at a time. The caller reads and writes the ports in the
// model's own memory, whose addresses hpb_tb_layout tells.
//
// The clock is high when a call returns: registers show what the edge loaded. Inputs written then take
// effect in the next low phase (settle), before the next edge.
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>

#include "Vdut.h"
#include "print.h"
#include "verilated.h"
#if VM_TRACE
#include "verilated_fst_c.h"
#endif
#if VM_COVERAGE
#include "verilated_cov.h"
#endif

#define EXPORT extern "C" __attribute__((visibility("default")))

namespace {

/// Simulated time units (1 ps unless the module says otherwise) of half a clock period: 100 MHz.
constexpr uint64_t HALF_PERIOD = 5000;

/// A context that keeps what its model prints.
struct Context final : VerilatedContext {
  std::string text;
};

/// Read by the caller in place, after each call.
struct Status {
  double cycle = 0;        // edges so far
  double time = 0;         // simulated time, in time units
  uint32_t attention = 0;  // something was printed, or the model stopped or failed
  uint32_t failed = 0;     // $error, $stop, $fatal, or no convergence
};

struct Port {
  void* address;
  uint32_t bytes;
};

struct Simulation {
  Context context;
  Status status;
#if VM_TRACE
  std::unique_ptr<VerilatedFstC> waves;
  double waves_from = 0;
  double waves_to = 0;
  uint64_t dumped = 0;
#endif
  uint64_t next_edge = HALF_PERIOD;
  std::unique_ptr<Vdut> top;
  std::string message;

  explicit Simulation(uint32_t seed) {
    context.randSeed(static_cast<int>(seed & 0x7fffffff) | 1);
    // Registers without a reset start with seeded random values.
    context.randReset(2);
    context.fatalOnError(false);
    context.assertOn(true);
#if VM_TRACE
    context.traceEverOn(true);
#endif
    top = std::make_unique<Vdut>(&context, "TOP");
    // Inputs start at zero, unlike registers: nobody wants to set those that a test does not use.
#define INPUT(name) std::memset(&top->name, 0, sizeof(top->name));
#define OUTPUT(name)
#include "ports.inc"
#undef INPUT
#undef OUTPUT
  }

  ~Simulation() {
    Verilated::threadContextp(&context);
#if VM_TRACE
    if (waves) waves->close();
#endif
    top->final();
  }

  void note() {
    status.time = static_cast<double>(context.time());
    if (context.gotFinish() || context.gotError()) status.attention = 1;
    if (context.gotError()) status.failed = 1;
    if (!context.text.empty()) status.attention = 1;
  }

  /// Runs body on the model; a failure inside becomes status and text.
  template <typename Body>
  void guarded(Body body) {
    Verilated::threadContextp(&context);
    try {
      body();
    } catch (const std::exception& error) {
      context.text += error.what();
      status.failed = 1;
    }
    note();
  }

  void dump() {
#if VM_TRACE
    if (!waves || status.cycle < waves_from || status.cycle > waves_to) return;
    // Settled more than once in a cycle: a moment later, so that each change is seen.
    if (context.time() <= dumped) context.time(dumped + 1);
    dumped = context.time();
    waves->dump(dumped);
#endif
  }

  void low() {
#ifdef HPB_TB_CLOCK
    top->HPB_TB_CLOCK = 0;
#endif
    top->eval();
  }

  /// The inputs of the cycle take effect; outputs show what the edge will see.
  void settle() {
    low();
    dump();
  }

  void edge() {
    context.time(next_edge);
#ifdef HPB_TB_CLOCK
    top->HPB_TB_CLOCK = 1;
#endif
    top->eval();
    dump();
    context.time(next_edge + HALF_PERIOD);
    next_edge += 2 * HALF_PERIOD;
    status.cycle += 1;
  }

  bool stopped() const { return status.failed || context.gotFinish(); }
};

Simulation* self(void* handle) { return static_cast<Simulation*>(handle); }

uint64_t value_of(const Port& port) {
  switch (port.bytes) {
    case 1: return *static_cast<const uint8_t*>(port.address);
    case 2: return *static_cast<const uint16_t*>(port.address);
    case 4: return *static_cast<const uint32_t*>(port.address);
    default: return *static_cast<const uint64_t*>(port.address);
  }
}

Port port_at(Simulation* simulation, uint32_t index) {
  Vdut* const top = simulation->top.get();
  const Port ports[] = {
#define INPUT(name) {&top->name, static_cast<uint32_t>(sizeof(top->name))},
#define OUTPUT INPUT
#include "ports.inc"
#undef INPUT
#undef OUTPUT
  };
  return ports[index];
}

}  // namespace

// Called by the Verilator runtime in place of printf.
extern "C" int hpb_tb_print(const char* format, ...) {
  va_list args;
  va_start(args, format);
  va_list again;
  va_copy(again, args);
  const int length = std::vsnprintf(nullptr, 0, format, args);
  va_end(args);
  if (length > 0) {
    std::string text(static_cast<size_t>(length) + 1, '\0');
    std::vsnprintf(&text[0], text.size(), format, again);
    text.pop_back();
    static_cast<Context*>(Verilated::threadContextp())->text += text;
  }
  va_end(again);
  return length;
}

// Called by the Verilator runtime where it would abort the process; caught in Simulation::guarded.
void vl_fatal(const char* file, int line, const char*, const char* message) {
  throw std::runtime_error(std::string("%Error: ") + (file ? file : "") + ":" +
                           std::to_string(line) + ": " + (message ? message : ""));
}

// Makes a model; its uninitialized registers draw from seed. Returns: handle, or null without memory.
EXPORT void* hpb_tb_open(uint32_t seed) {
  try {
    auto simulation = std::make_unique<Simulation>(seed);
    simulation->guarded([&] { simulation->low(); });
    return simulation.release();
  } catch (const std::exception&) {
    return nullptr;
  }
}

EXPORT void hpb_tb_close(void* handle) { delete self(handle); }

// Out: addresses of the status and of the ports in the order of ports.inc.
EXPORT void hpb_tb_layout(void* handle, uint32_t ports, uint64_t* addresses) {
  addresses[0] = reinterpret_cast<uint64_t>(&self(handle)->status);
  for (uint32_t i = 0; i < ports; i++) {
    addresses[i + 1] = reinterpret_cast<uint64_t>(port_at(self(handle), i).address);
  }
}

EXPORT void hpb_tb_settle(void* handle) {
  self(handle)->guarded([=] { self(handle)->settle(); });
}

EXPORT void hpb_tb_edge(void* handle) {
  self(handle)->guarded([=] { self(handle)->edge(); });
}

// Runs count cycles, fewer when the model stops.
EXPORT void hpb_tb_cycles(void* handle, uint32_t count) {
  Simulation* const simulation = self(handle);
  simulation->guarded([=] {
    for (uint32_t i = 0; i < count && !simulation->stopped(); i++) {
      simulation->settle();
      simulation->edge();
    }
  });
}

// Runs until a port of at most 64 bits has the value. Returns: 1 when it has, 0 after max cycles.
EXPORT uint32_t hpb_tb_until(void* handle, uint32_t index, uint64_t value, uint32_t max) {
  Simulation* const simulation = self(handle);
  const Port port = port_at(simulation, index);
  uint32_t reached = 0;
  simulation->guarded([&] {
    for (uint32_t i = 0; i < max && !simulation->stopped(); i++) {
      if (value_of(port) == value) break;
      simulation->settle();
      simulation->edge();
    }
    reached = value_of(port) == value;
  });
  return reached;
}

// What the model printed since the last call. Returns: text valid until the next call.
EXPORT const char* hpb_tb_text(void* handle) {
  Simulation* const simulation = self(handle);
  simulation->message = std::move(simulation->context.text);
  simulation->context.text.clear();
  simulation->status.attention = simulation->context.gotFinish() ? 1 : 0;
  return simulation->message.c_str();
}

// Starts recording waves of some cycles, in a model built for it. Returns: 1, or 0 when it was not.
EXPORT uint32_t hpb_tb_waves(void* handle, const char* path, double from, double to) {
#if VM_TRACE
  Simulation* const simulation = self(handle);
  simulation->waves = std::make_unique<VerilatedFstC>();
  simulation->waves_from = from;
  simulation->waves_to = to;
  simulation->top->trace(simulation->waves.get(), 99);
  simulation->waves->open(path);
  return 1;
#else
  (void)handle;
  (void)path;
  (void)from;
  (void)to;
  return 0;
#endif
}

// Writes waves recorded so far to the file.
EXPORT void hpb_tb_flush(void* handle) {
#if VM_TRACE
  if (self(handle)->waves) self(handle)->waves->flush();
#else
  (void)handle;
#endif
}

// Writes coverage counts, in a model built for it. Returns: 1, or 0 when it was not.
EXPORT uint32_t hpb_tb_coverage(void* handle, const char* path) {
#if VM_COVERAGE
  self(handle)->context.coveragep()->write(path);
  return 1;
#else
  (void)handle;
  (void)path;
  return 0;
#endif
}
