// SPDX-License-Identifier: Apache-2.0
// C ABI over one verilated module, for the TypeScript testbench.
//
// ports.inc, generated per module, names its ports as INPUT(name) or OUTPUT(name); signals.inc its marked
// internal signals as SIGNAL(member of the symbol table). A value's index counts ports first, then signals. A
// handle belongs to one thread at a time. The caller reads and writes values in the model's own memory,
// whose addresses hpb_tb_layout tells.
//
// A slot is a moment in which at least one clock rises. The clocks that rose are high when a call returns:
// registers show what the edge loaded. Inputs written then take effect before the next slot (settle). The
// first clock is the one that cycles are counted by; a module without a clock has slots all the same.
//
// evaluation.inc, generated per module, says what of a cycle can be left out (src/testbench/evaluation.ts):
// HPB_TB_DIRECT, Vdut::eval() does nothing that counts around the function it calls; HPB_TB_RISING, the
// input whose falling edge nothing in the module sees.
#include <atomic>
#include <chrono>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>

#include "Vdut.h"
#include "evaluation.inc"
#include "print.h"
#include "verilated.h"
#ifdef HPB_TB_SIGNALS
#include "Vdut__Syms.h"
#endif
#if VM_TRACE
#include "verilated_fst_c.h"
#endif
#if VM_COVERAGE
#include "verilated_cov.h"
#endif

#define EXPORT extern "C" __attribute__((visibility("default")))

// Node-API, whose ABI is promised to stay; node exports it. Types are opaque.
extern "C" {
typedef struct napi_env__* napi_env;
typedef struct napi_value__* napi_value;
typedef struct napi_callback_info__* napi_callback_info;
typedef napi_value (*napi_callback)(napi_env, napi_callback_info);
// Returns: 0, or why not.
int napi_create_function(napi_env env, const char* name, size_t length, napi_callback callback,
                         void* data, napi_value* result);
int napi_set_named_property(napi_env env, napi_value object, const char* name, napi_value value);
}

// Of the model, once it has been evaluated for the first time.
void Vdut___024root___eval(Vdut___024root* root);
#ifdef HPB_TB_RISING
// Where it keeps what that clock was when it was evaluated last.
uint8_t* hpb_tb_before(Vdut___024root* root);
#endif

namespace {

/// Most clocks of a model.
constexpr uint32_t MAX_CLOCKS = 16;
/// One short call in so many is timed, and fewer when enough have been; calls of many cycles are timed always.
constexpr uint32_t SAMPLE_EVERY = 128;
constexpr uint32_t SAMPLE_LATER = 2048;
constexpr uint32_t ENOUGH_SAMPLES = 256;
constexpr uint32_t MANY_CYCLES = 64;

/// A context that keeps what its model prints.
struct Context final : VerilatedContext {
  std::string text;
};

/// Read by the caller in place, after each call; model-library.ts knows the offsets.
struct Status {
  double cycle = 0;          // rising edges of the first clock
  uint32_t calls = 0;        // short calls, all; wraps
  uint32_t sample_mask = SAMPLE_EVERY - 1;
  uint32_t attention = 0;    // something was printed, or the model stopped or failed
  uint32_t failed = 0;       // $error, $stop, $fatal, or no convergence
  uint32_t next = 1;         // clocks that rise in the next slot, a bit each
  uint32_t late = 0;         // the deadline has passed
  double edges[MAX_CLOCKS];  // rising edges of each clock
  double deadline = 0;       // ns of the steady clock at which long runs stop; 0 for none
  double sampled = 0;        // short calls, timed
  double sampled_ns = 0;     // ns in the model of those
  double long_calls = 0;     // long calls; all are timed
  double long_ns = 0;
};

struct Value {
  void* address;
  uint32_t bytes;
};

struct Clock {
  uint8_t* pin;
  uint64_t period;  // ps
  uint64_t rise;    // time of the next rising edge
  uint64_t fall;    // of the next falling one, while high
  bool is_high;
};

/// What a task waits for; written and read by the caller.
struct Watch {
  uint32_t index;   // of the value; UINT32_MAX for none, only time
  uint32_t kind;    // see Kind
  uint64_t value;   // to compare with
  uint64_t last;    // in, out: as it was at the clock's last edge
  double deadline;  // edges of its clock at which it ends anyway
  uint32_t clock;   // looked at after this clock's edges only
  uint32_t fired;   // out: 1 it came, 2 its deadline did
};

enum Kind : uint32_t { EQUAL = 0, RISE = 1, FALL = 2, CHANGE = 3, NOT_EQUAL = 4 };

/// A column of a batch: one value a cycle, in storage of its width.
struct Column {
  uint32_t index;
  uint32_t bytes;
  uint8_t* data;
};

double now_ns() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<double>(std::chrono::nanoseconds(now).count());
}

struct Simulation;

/// The simulation that ran last. The runtime keeps its context by thread, which costs to set; a simulation that
/// ran last is of this thread, and finds its context as it has left it.
std::atomic<Simulation*> current{nullptr};

struct Simulation {
  Context context;
  Status status;
  Clock clocks[MAX_CLOCKS];
  uint32_t clock_count = 1;
  /// What the only clock was when the model was evaluated last, if it falls unseen; else null.
  uint8_t* before = nullptr;
  /// What a module without a clock has for one.
  uint8_t no_pin = 0;
#if VM_TRACE
  std::unique_ptr<VerilatedFstC> waves;
  double waves_from = 0;
  double waves_to = 0;
  uint64_t dumped = 0;
#endif
  std::unique_ptr<Vdut> top;
  std::string message;
  /// Simulated time in ps.
  uint64_t now = 0;
  /// ps in one unit of the model's time.
  uint64_t unit = 1;

  explicit Simulation(uint32_t seed) {
    std::memset(status.edges, 0, sizeof(status.edges));
    context.randSeed(static_cast<int>(seed & 0x7fffffff) | 1);
    // Registers without a reset start with seeded random values.
    context.randReset(2);
    context.fatalOnError(false);
    context.assertOn(true);
#if VM_TRACE
    context.traceEverOn(true);
#endif
    top = std::make_unique<Vdut>(&context, "TOP");
    for (int power = context.timeprecision(); power > -12; power--) unit *= 10;
    // Inputs start at zero, unlike registers: nobody wants to set those that a test does not use.
#define INPUT(name) std::memset(&top->name, 0, sizeof(top->name));
#define OUTPUT(name)
#include "ports.inc"
#undef INPUT
#undef OUTPUT
    clocks[0] = {&no_pin, 10000, 5000, 0, false};
  }

  ~Simulation() {
    Verilated::threadContextp(&context);
    // Whoever comes next has to set its own, at the same address too.
    current.store(nullptr, std::memory_order_relaxed);
#if VM_TRACE
    if (waves) waves->close();
#endif
    top->final();
  }

  void note() {
    if (!context.gotFinish() && !context.gotError() && context.text.empty()) return;
    status.attention = 1;
    if (context.gotError()) status.failed = 1;
  }

  __attribute__((noinline)) void enter() {
    Verilated::threadContextp(&context);
    current.store(this, std::memory_order_relaxed);
  }

  /// Runs body on the model; a failure inside becomes status and text.
  template <typename Body>
  void guarded(Body body) {
    if (current.load(std::memory_order_relaxed) != this) enter();
    try {
      body();
    } catch (const std::exception& error) {
      context.text += error.what();
      status.failed = 1;
    }
    note();
  }

  /// The same for a call of so many cycles, timed so that the caller can tell the model's share.
  template <typename Body>
  void timed(uint32_t cycles, Body body) {
    if (cycles >= MANY_CYCLES) {
      const double start = now_ns();
      guarded(body);
      status.long_ns += now_ns() - start;
      status.long_calls += 1;
      return;
    }
    if ((++status.calls & status.sample_mask) != 0) return guarded(body);
    sample(body);
  }

  template <typename Body>
  __attribute__((noinline)) void sample(Body body) {
    // What asking the time costs is measured along, and taken off.
    const double before = now_ns();
    const double start = now_ns();
    guarded(body);
    status.sampled_ns += now_ns() - start - (start - before);
    status.sampled += 1;
    if (status.sampled == ENOUGH_SAMPLES) status.sample_mask = SAMPLE_LATER - 1;
  }

  /// All that follows from inputs and edges; the first time is top->eval()'s.
  void eval() {
#ifdef HPB_TB_DIRECT
    Vdut___024root___eval(top->rootp);
#else
    top->eval();
#endif
  }

  /// Simulated time in ps; the model counts in its own unit.
  void at(uint64_t ps) {
    now = ps;
    context.time(unit == 1 ? ps : ps / unit);
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

  /// The inputs of the slot take effect; outputs show what the edge will see.
  void settle() {
    if (clock_count != 1) return settle_several();
    *clocks[0].pin = 0;
    eval();
    dump();
  }

  /// Apart, so that the way of one clock is short.
  __attribute__((noinline)) void settle_several() {
    const uint64_t next = next_rise();
    bool is_settled = false;
    for (;;) {
      uint64_t first = next;
      for (uint32_t i = 0; i < clock_count; i++) {
        if (clocks[i].is_high && clocks[i].fall < first) first = clocks[i].fall;
      }
      if (first == next) break;
      at(first);
      fall_at(first);
      eval();
      dump();
      is_settled = true;
    }
    if (is_settled) return;
    eval();
    dump();
  }

  /// The clocks of the next slot rise.
  void edge() {
    if (clock_count != 1) return edge_several();
    Clock& clock = clocks[0];
    at(clock.rise);
    *clock.pin = 1;
    eval();
    dump();
    at(clock.rise + clock.period / 2);
    clock.rise += clock.period;
    status.cycle += 1;
  }

  __attribute__((noinline)) void edge_several() {
    const uint64_t now = next_rise();
    at(now);
    fall_at(now);
    for (uint32_t i = 0; i < clock_count; i++) {
      Clock& clock = clocks[i];
      if (clock.rise != now) continue;
      *clock.pin = 1;
      clock.is_high = true;
      clock.fall = now + clock.period / 2;
      clock.rise = now + clock.period;
      status.edges[i] += 1;
    }
    eval();
    dump();
    status.cycle = status.edges[0];
    find_next();
  }

  /// Settle and edge. A clock whose fall nothing sees has fallen: inputs and edge are evaluated at once.
  void slot() {
    if (!before) {
      settle();
      edge();
      return;
    }
    *before = 0;
    edge();
  }

  void fall_at(uint64_t now) {
    for (uint32_t i = 0; i < clock_count; i++) {
      Clock& clock = clocks[i];
      if (!clock.is_high || clock.fall != now) continue;
      *clock.pin = 0;
      clock.is_high = false;
    }
  }

  uint64_t next_rise() const {
    uint64_t next = clocks[0].rise;
    for (uint32_t i = 1; i < clock_count; i++) {
      if (clocks[i].rise < next) next = clocks[i].rise;
    }
    return next;
  }

  void find_next() {
    const uint64_t next = next_rise();
    status.next = 0;
    for (uint32_t i = 0; i < clock_count; i++) {
      if (clocks[i].rise == next) status.next |= 1u << i;
    }
  }

  /// Up to and with the next edge of the first clock.
  void cycle() {
    if (clock_count == 1) return slot();
    const double start = status.cycle;
    do {
      settle_several();
      edge_several();
    } while (status.cycle == start);
  }

  /// Cycles of the only clock, without waves: nothing but what each cycle needs. `write` and `read` are called
  /// with the number of each before and after it. Returns: how many.
  template <typename Write, typename Read>
  uint32_t run(uint32_t count, Write write, Read read) {
    Clock& clock = clocks[0];
    uint8_t* const pin = clock.pin;
    uint8_t* const last = before;
    const uint64_t period = clock.period / unit;
    const uint64_t half = clock.period / 2 / unit;
    uint64_t rise = clock.rise / unit;
    uint32_t i = 0;
    // What the model throws leaves the count right, too.
    const auto finish = [&](uint32_t cycles) {
      clock.rise += clock.period * cycles;
      now = clock.rise - clock.period / 2;
      status.cycle += cycles;
    };
    try {
      while (i < count && !stopped() && !overdue(i)) {
        write(i);
        if (last) {
          *last = 0;
        } else {
          *pin = 0;
          eval();
        }
        context.time(rise);
        *pin = 1;
        eval();
        context.time(rise + half);
        rise += period;
        read(i++);
      }
    } catch (...) {
      finish(i);
      throw;
    }
    finish(i);
    return i;
  }

  /// Whether cycles can be run by `run`.
  bool is_plain() const {
    // A period that is no whole number of the model's units is counted edge by edge.
    return clock_count == 1 && clocks[0].period % (2 * unit) == 0 && !has_waves();
  }

  bool has_waves() const {
#if VM_TRACE
    return static_cast<bool>(waves);
#else
    return false;
#endif
  }

  double edges(uint32_t clock) const {
    return clock_count == 1 ? status.cycle : status.edges[clock];
  }

  bool stopped() const { return status.failed != 0 || context.gotFinish(); }

  /// Whether a long run has to stop: looked at now and then, since asking the time costs.
  bool overdue(uint32_t i) {
    if (status.deadline == 0 || (i & 1023) != 1023 || now_ns() < status.deadline) return false;
    status.late = 1;
    return true;
  }
};

Simulation* self(void* handle) { return static_cast<Simulation*>(handle); }

/// Handles come as numbers where every nanosecond counts: the FFI passes those fastest.
Simulation* self(double handle) {
  return reinterpret_cast<Simulation*>(static_cast<uintptr_t>(handle));
}

/// Simulations that have functions of their own: see napi_register_module_v1.
constexpr uint32_t SEATS = 4;
std::atomic<Simulation*> seats[SEATS];

void one_settle(Simulation* simulation) {
  simulation->timed(1, [=] { simulation->settle(); });
}

void one_edge(Simulation* simulation) {
  simulation->timed(1, [=] { simulation->edge(); });
}

void one_slot(Simulation* simulation) {
  simulation->timed(1, [=] {
    if (simulation->stopped()) return;
    simulation->slot();
  });
}

void one_step(Simulation* simulation) {
  simulation->timed(1, [=] {
    if (!simulation->stopped()) simulation->cycle();
  });
}

uint64_t value_of(const Value& value) {
  switch (value.bytes) {
    case 1: return *static_cast<const uint8_t*>(value.address);
    case 2: return *static_cast<const uint16_t*>(value.address);
    case 4: return *static_cast<const uint32_t*>(value.address);
    default: return *static_cast<const uint64_t*>(value.address);
  }
}

Value value_at(Simulation* simulation, uint32_t index) {
  Vdut* const top = simulation->top.get();
  const Value values[] = {
#define INPUT(name) {&top->name, static_cast<uint32_t>(sizeof(top->name))},
#define OUTPUT INPUT
#include "ports.inc"
#undef INPUT
#undef OUTPUT
#ifdef HPB_TB_SIGNALS
#define SIGNAL(name) \
  {&top->rootp->vlSymsp->name, static_cast<uint32_t>(sizeof(top->rootp->vlSymsp->name))},
#include "signals.inc"
#undef SIGNAL
#endif
  };
  return values[index];
}

/// Whether it came, or its time; looked at after an edge of its clock.
bool look(Watch& watch, const Value& value, double edges) {
  if (watch.index != UINT32_MAX) {
    const uint64_t is = value_of(value);
    const uint64_t was = watch.last;
    watch.last = is;
    bool came = false;
    switch (watch.kind) {
      case EQUAL: came = is == watch.value; break;
      case RISE: came = was == 0 && is != 0; break;
      case FALL: came = was != 0 && is == 0; break;
      case CHANGE: came = is != was; break;
      default: came = is != watch.value; break;
    }
    if (came) {
      watch.fired = 1;
      return true;
    }
  }
  if (edges < watch.deadline) return false;
  watch.fired = 2;
  return true;
}

/// A column and the value it belongs to.
struct Bound {
  uint8_t* data;
  uint8_t* value;
  uint32_t bytes;
};

/// Columns sorted by the size of their values, so that the usual sizes are copied without asking.
class Columns {
 public:
  Columns(Simulation* simulation, const Column* columns, uint32_t count) : count_(count) {
    bound_ = std::make_unique<Bound[]>(count + 1);
    uint32_t at = 0;
    for (uint32_t kind = 0; kind < 5; kind++) {
      for (uint32_t i = 0; i < count; i++) {
        if (kind_of(columns[i].bytes) != kind) continue;
        auto* const value = static_cast<uint8_t*>(value_at(simulation, columns[i].index).address);
        bound_[at++] = {columns[i].data, value, columns[i].bytes};
      }
      end_[kind] = at;
    }
  }

  void write(uint32_t row) const {
    each(row, [](uint8_t* data, uint8_t* value, size_t bytes) { std::memcpy(value, data, bytes); });
  }

  void read(uint32_t row) const {
    each(row, [](uint8_t* data, uint8_t* value, size_t bytes) { std::memcpy(data, value, bytes); });
  }

 private:
  static uint32_t kind_of(uint32_t bytes) {
    return bytes == 1 ? 0 : bytes == 2 ? 1 : bytes == 4 ? 2 : bytes == 8 ? 3 : 4;
  }

  template <typename Copy>
  void each(uint32_t row, Copy copy) const {
    const size_t at = row;
    uint32_t i = 0;
    for (; i < end_[0]; i++) copy(bound_[i].data + at, bound_[i].value, 1);
    for (; i < end_[1]; i++) copy(bound_[i].data + at * 2, bound_[i].value, 2);
    for (; i < end_[2]; i++) copy(bound_[i].data + at * 4, bound_[i].value, 4);
    for (; i < end_[3]; i++) copy(bound_[i].data + at * 8, bound_[i].value, 8);
    for (; i < count_; i++) {
      copy(bound_[i].data + at * bound_[i].bytes, bound_[i].value, bound_[i].bytes);
    }
  }

  std::unique_ptr<Bound[]> bound_;
  uint32_t count_;
  uint32_t end_[5];
};

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
    simulation->guarded([&] { simulation->top->eval(); });
    return simulation.release();
  } catch (const std::exception&) {
    return nullptr;
  }
}

EXPORT void hpb_tb_close(void* handle) {
  for (auto& seat : seats) {
    Simulation* mine = self(handle);
    seat.compare_exchange_strong(mine, nullptr);
  }
  delete self(handle);
}

// Adds a clock, before the first cycle; the first one added takes the place of the default. Times in ps.
EXPORT void hpb_tb_clock(void* handle, uint32_t number, uint32_t index, uint64_t period,
                         uint64_t rise) {
  Simulation* const simulation = self(handle);
  auto* const pin = static_cast<uint8_t*>(value_at(simulation, index).address);
  simulation->clocks[number] = {pin, period, rise, 0, false};
  simulation->clock_count = number + 1;
  simulation->before = nullptr;
#ifdef HPB_TB_RISING
  Vdut* const top = simulation->top.get();
  const bool falls_unseen = number == 0 && pin == &top->HPB_TB_RISING;
  if (falls_unseen) simulation->before = hpb_tb_before(top->rootp);
#endif
  simulation->find_next();
}

// Out: addresses of the status and of count values: ports in the order of ports.inc, then signals.
EXPORT void hpb_tb_layout(void* handle, uint32_t count, uint64_t* addresses) {
  addresses[0] = reinterpret_cast<uint64_t>(&self(handle)->status);
  for (uint32_t i = 0; i < count; i++) {
    addresses[i + 1] = reinterpret_cast<uint64_t>(value_at(self(handle), i).address);
  }
}

// Does nothing: what calling costs.
EXPORT void hpb_tb_nothing(double) {}

EXPORT void hpb_tb_settle(double handle) { one_settle(self(handle)); }

EXPORT void hpb_tb_edge(double handle) { one_edge(self(handle)); }

// One slot: settle and edge.
EXPORT void hpb_tb_slot(double handle) { one_slot(self(handle)); }

// One cycle of the first clock.
EXPORT void hpb_tb_step(double handle) { one_step(self(handle)); }

// The same by Node-API, without an argument, for the first few simulations: a third of what the FFI's call
// costs, and 10 ns count where a cycle takes as many. Anything looked up, the number of the simulation too, would cost
// as much again.
template <uint32_t SEAT, void (*BODY)(Simulation*)>
napi_value seated(napi_env, napi_callback_info) {
  BODY(seats[SEAT].load(std::memory_order_relaxed));
  return nullptr;
}

napi_value nothing(napi_env, napi_callback_info) { return nullptr; }

struct Seat {
  const char* name;
  napi_callback callback;
};

#define SEAT(number)                                    \
  {"slot_" #number, seated<number, one_slot>},          \
      {"step_" #number, seated<number, one_step>},      \
      {"settle_" #number, seated<number, one_settle>},  \
      {"edge_" #number, seated<number, one_edge>}
const Seat SEATED[] = {SEAT(0), SEAT(1), SEAT(2), SEAT(3), {"nothing", nothing}};
#undef SEAT

// Called by node when it loads the library. Out: exports.slot_0() and so on.
EXPORT napi_value napi_register_module_v1(napi_env env, napi_value exports) {
  for (const Seat& seat : SEATED) {
    napi_value function = nullptr;
    if (napi_create_function(env, seat.name, SIZE_MAX, seat.callback, nullptr, &function) != 0 ||
        napi_set_named_property(env, exports, seat.name, function) != 0) {
      return nullptr;
    }
  }
  return exports;
}

// Returns: the number of the functions above that act on this simulation; SEATS when none is left.
EXPORT uint32_t hpb_tb_seat(void* handle) {
  for (uint32_t i = 0; i < SEATS; i++) {
    Simulation* none = nullptr;
    if (seats[i].compare_exchange_strong(none, self(handle))) return i;
  }
  return SEATS;
}

// Runs count cycles, fewer when the model stops or the deadline passes.
EXPORT void hpb_tb_cycles(void* handle, uint32_t count) {
  Simulation* const simulation = self(handle);
  simulation->timed(count, [=] {
    if (simulation->is_plain()) {
      simulation->run(count, [](uint32_t) {}, [](uint32_t) {});
      return;
    }
    for (uint32_t i = 0; i < count && !simulation->stopped() && !simulation->overdue(i); i++) {
      simulation->cycle();
    }
  });
}

// Runs slots until one of the watches has fired or ended, or the first clock has made max cycles.
// In, out: watches. Returns: how many have fired or ended.
EXPORT uint32_t hpb_tb_watch(void* handle, Watch* watches, uint32_t count, uint32_t max) {
  Simulation* const simulation = self(handle);
  uint32_t fired = 0;
  simulation->timed(max, [&] {
    const auto values = std::make_unique<Value[]>(count);
    for (uint32_t i = 0; i < count; i++) {
      watches[i].fired = 0;
      if (watches[i].index == UINT32_MAX) continue;
      values[i] = value_at(simulation, watches[i].index);
    }
    const double end = simulation->status.cycle + max;
    for (uint32_t turn = 0; fired == 0 && simulation->status.cycle < end; turn++) {
      if (simulation->stopped() || simulation->overdue(turn)) break;
      const uint32_t rising = simulation->status.next;
      simulation->slot();
      for (uint32_t i = 0; i < count; i++) {
        if (!(rising >> watches[i].clock & 1)) continue;
        fired += look(watches[i], values[i], simulation->edges(watches[i].clock));
      }
    }
  });
  return fired;
}

// Runs count cycles with stimulus and record: before each cycle its row of every input column is written, after
// it the values are put into the record's columns. Returns: cycles run.
EXPORT uint32_t hpb_tb_play(void* handle, const Column* in, uint32_t inputs, const Column* out,
                            uint32_t outputs, uint32_t count) {
  Simulation* const simulation = self(handle);
  uint32_t row = 0;
  simulation->timed(count, [&] {
    const Columns stimulus(simulation, in, inputs);
    const Columns record(simulation, out, outputs);
    if (simulation->is_plain()) {
      row = simulation->run(
          count, [&](uint32_t i) { stimulus.write(i); }, [&](uint32_t i) { record.read(i); });
      return;
    }
    for (; row < count && !simulation->stopped() && !simulation->overdue(row); row++) {
      stimulus.write(row);
      simulation->cycle();
      record.read(row);
    }
  });
  return row;
}

// Returns: simulated time in ps.
EXPORT double hpb_tb_time(void* handle) { return static_cast<double>(self(handle)->now); }

// What the model printed since the last call. Returns: text valid until the next call.
EXPORT const char* hpb_tb_text(void* handle) {
  Simulation* const simulation = self(handle);
  simulation->message = std::move(simulation->context.text);
  simulation->context.text.clear();
  simulation->status.attention = simulation->context.gotFinish() ? 1 : 0;
  return simulation->message.c_str();
}

// Records waves from one cycle to another, in a model built for it. Returns: 1, or 0 when it was not.
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
