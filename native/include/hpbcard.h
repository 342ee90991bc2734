/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libhpbcard: the verilated card with host memory, a clock and an interrupt event around it.
 *
 * Two modes. FREE: the model runs on a thread of its own, as fast as it can, and sleeps (no CPU)
 * while the card is idle. STEPPED: no thread; cycles pass only in hpbcard_step and in register
 * accesses, and the same seed gives the same run.
 *
 * Device time is counted in clock cycles. While the card is idle nothing can happen, so a sleeping
 * card's time jumps to the alarm instead of being simulated; skipped cycles are counted apart.
 *
 * A device may be used by several threads at once, except for open and close.
 */
#ifndef HPBCARD_H
#define HPBCARD_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

#define HPBCARD_ABI_VERSION 1u

/* Appended to, never renumbered. */
typedef enum hpbcard_status {
  HPBCARD_OK = 0,
  HPBCARD_ARGUMENT = 1,
  HPBCARD_MEMORY = 2,
  HPBCARD_SYSTEM = 3,      /* a thread, a descriptor or the wave file could not be had */
  HPBCARD_BUS_ERROR = 4,   /* the card answered a register access with an error */
  HPBCARD_NO_ANSWER = 5,   /* the card did not answer a register access */
  HPBCARD_UNSUPPORTED = 6 /* this build has no waves, or the mode has no such call */
} hpbcard_status;

typedef enum hpbcard_mode { HPBCARD_FREE = 0, HPBCARD_STEPPED = 1 } hpbcard_mode;

/* Events, each a bit. */
#define HPBCARD_EVENT_IRQ 1u   /* the interrupt line rose */
#define HPBCARD_EVENT_ALARM 2u /* device time reached the alarm */

typedef enum hpbcard_fault {
  HPBCARD_FAULT_DROP_COMPLETION = 0, /* `count` completion entries never reach memory */
  HPBCARD_FAULT_CORRUPT_RESULT = 1,  /* `count` result bursts: first 8 bytes XOR `value` */
  HPBCARD_FAULT_LOSE_IRQ = 2,        /* `count` interrupts are not seen */
  HPBCARD_FAULT_DELAY_IRQ = 3,       /* `count` interrupts are seen `value` cycles late */
  HPBCARD_FAULT_HANG = 4,            /* host memory stops answering; count 0 ends it */
  HPBCARD_FAULT_DEAD = 5,            /* registers read all ones, writes are lost; count 0 ends it */
  HPBCARD_FAULT_READ_ERROR = 6,      /* `count` reads get SLVERR; value: hpbcard_target */
  HPBCARD_FAULT_WRITE_ERROR = 7,     /* `count` writes get SLVERR; value: hpbcard_target */
  HPBCARD_FAULT_DROP_RESULT = 8,     /* `count` result bursts never reach memory */
  HPBCARD_FAULT_CORRUPT_COMPLETION = 9 /* `count` completion entries: first 8 bytes XOR `value` */
} hpbcard_fault;

typedef enum hpbcard_target {
  HPBCARD_TARGET_ANY = 0,
  HPBCARD_TARGET_RING = 1,
  HPBCARD_TARGET_RECORDS = 2
} hpbcard_target;

/* Simulation counters; all of them 64 bits, in this order. */
typedef struct hpbcard_counters {
  uint64_t cycles;         /* simulated clock cycles */
  uint64_t skipped_cycles; /* device time that passed without simulation */
  uint64_t awake_ns;       /* wall-clock time in which the model ran */
  uint64_t sleeps;         /* times the thread went to sleep */
  uint64_t read_bursts;
  uint64_t write_bursts;
  uint64_t bad_accesses;   /* bursts outside allocated memory, answered with DECERR */
  uint64_t interrupts;     /* rises of the interrupt line */
} hpbcard_counters;

typedef struct hpbcard_device hpbcard_device;

/* Returns: HPBCARD_ABI_VERSION of the library. */
uint32_t hpbcard_abi_version(void);

/* Returns: 1 when this build can record waves. */
uint32_t hpbcard_has_waves(void);

/* Powers the card on and resets it.
 *
 * Returns: OK, ARGUMENT, MEMORY, SYSTEM, UNSUPPORTED.
 * Out:     out            - the device, to be closed; null on failure.
 * In:      mode           - hpbcard_mode.
 *          seed           - of the stalls.
 *          latency        - cycles from a memory request to its first answer.
 *          stall_percent  - 0..90: chance of each bus stall per cycle; above 0, transfers of
 *                           different ids are also answered out of order.
 *          cycles_per_ms  - cycles between two ticks of the card's millisecond input; not 0.
 *          waves          - FST file to write, or null.
 */
hpbcard_status hpbcard_open(uint32_t mode, uint64_t seed, uint32_t latency, uint32_t stall_percent,
                            uint32_t cycles_per_ms, const char *waves, hpbcard_device **out);

/* Descriptor that is readable while events wait; owned by the device.
 *
 * Returns: the descriptor.
 */
int32_t hpbcard_event_fd(const hpbcard_device *device);

/* Takes the waiting events and makes the descriptor unreadable.
 *
 * Returns: bits of HPBCARD_EVENT_*.
 */
uint32_t hpbcard_take_events(hpbcard_device *device);

/* Reads a register; waits some cycles, and for earlier writes.
 *
 * Returns: OK, ARGUMENT (offset not a multiple of 4 below 64 KiB), BUS_ERROR, NO_ANSWER.
 * Out:     value.
 */
hpbcard_status hpbcard_read32(hpbcard_device *device, uint32_t offset, uint32_t *value);

/* Writes a register: posted, in order, without waiting (in STEPPED mode it is done on return).
 *
 * Returns: OK, ARGUMENT, MEMORY; in STEPPED mode also BUS_ERROR, NO_ANSWER.
 */
hpbcard_status hpbcard_write32(hpbcard_device *device, uint32_t offset, uint32_t value);

/* Allocates zeroed memory that host and card both see, until the device is closed.
 *
 * Returns: OK, ARGUMENT (0 bytes), MEMORY.
 * Out:     pointer - for the host.  bus - the same memory for the card; a multiple of 4096.
 */
hpbcard_status hpbcard_alloc(hpbcard_device *device, uint64_t bytes, void **pointer, uint64_t *bus);

/* Returns: device time in cycles. */
uint64_t hpbcard_now(const hpbcard_device *device);

/* Sets the alarm; 0 takes it back. A later call replaces an earlier one.
 *
 * Returns: OK, MEMORY.
 */
hpbcard_status hpbcard_arm(hpbcard_device *device, uint64_t cycle);

/* STEPPED mode: runs `cycles` cycles, idle or not.
 *
 * Returns: OK, UNSUPPORTED.
 */
hpbcard_status hpbcard_step(hpbcard_device *device, uint64_t cycles);

/* Makes the simulation misbehave.
 *
 * Returns: OK, ARGUMENT, MEMORY.
 * In:      fault - hpbcard_fault, which says what count and value mean. Counts replace, not add.
 */
hpbcard_status hpbcard_inject(hpbcard_device *device, uint32_t fault, uint32_t count,
                              uint64_t value);

/* Out: counters. */
void hpbcard_read_counters(const hpbcard_device *device, hpbcard_counters *counters);

/* Stops the thread and frees the card and its memory. Null is fine. */
void hpbcard_close(hpbcard_device *device);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
