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
 * A build with a TCP engine (libhpbcard-toe.so) has a MAC, to which one link may be attached, and card
 * memory: as many buffers of 2,048 bytes as its register TOE.PARAMETERS says, from address 0 on. In
 * FREE mode a card with a link talks to the world, so it goes by the clock on the wall: its
 * millisecond input ticks after it, and a sleeping card reaches the alarm when that much time has
 * passed at cycles_per_ms. A simulation that is late gives what it owes tick by tick; what is later
 * than a fifth of a second while it works, it forgets. It sleeps until a call, a frame, a deadline of
 * the engine, and a fifth of a second at most. In STEPPED mode, and without a link, ticks are counted
 * in cycles, and frames are taken from the link in hpbcard_step only.
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

#define HPBCARD_ABI_VERSION 2u

/* Appended to, never renumbered. */
typedef enum hpbcard_status {
  HPBCARD_OK = 0,
  HPBCARD_ARGUMENT = 1,
  HPBCARD_MEMORY = 2,
  HPBCARD_SYSTEM = 3,      /* a thread, a descriptor or the wave file could not be had */
  HPBCARD_BUS_ERROR = 4,   /* the card answered a register access with an error */
  HPBCARD_NO_ANSWER = 5,   /* the card did not answer a register access */
  HPBCARD_UNSUPPORTED = 6 /* this build has no waves or no MAC, or the mode has no such call */
} hpbcard_status;

typedef enum hpbcard_mode { HPBCARD_FREE = 0, HPBCARD_STEPPED = 1 } hpbcard_mode;

/* Events, each a bit. */
#define HPBCARD_EVENT_IRQ 1u   /* the interrupt line rose */
#define HPBCARD_EVENT_ALARM 2u /* device time reached the alarm */
#define HPBCARD_EVENT_LINK 4u  /* the link is gone; hpbcard_link_error says why */

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

/* What passed the MAC, and what did not; all of them 64 bits, in this order. */
typedef struct hpbcard_link_counters {
  uint64_t frames_in, bytes_in;   /* taken from the link for the card */
  uint64_t frames_out, bytes_out; /* that the card sent */
  uint64_t dropped;               /* for want of room, or of a length that no frame has */
  /* On purpose, both directions */
  uint64_t lost, duplicated, reordered, corrupted;
} hpbcard_link_counters;

typedef struct hpbcard_device hpbcard_device;

/* Returns: HPBCARD_ABI_VERSION of the library. */
uint32_t hpbcard_abi_version(void);

/* Returns: 1 when this build can record waves. */
uint32_t hpbcard_has_waves(void);

/* Returns: 1 when this build has a TCP engine, and so a MAC. */
uint32_t hpbcard_has_toe(void);

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

/* Lets the card reach memory that the caller owns, and keeps until the device is closed: a transfer under
 * way may outlive hpbcard_unmap. Not to be mixed with hpbcard_alloc.
 *
 * Returns: OK, ARGUMENT (not whole pages of 4096 bytes, overlaps other memory), MEMORY.
 * In:      bus - address for the card.
 */
hpbcard_status hpbcard_map(hpbcard_device *device, uint64_t bus, uint64_t bytes, void *memory);

/* Takes away what was mapped at a bus address.
 *
 * Returns: OK, ARGUMENT (nothing was).
 */
hpbcard_status hpbcard_unmap(hpbcard_device *device, uint64_t bus);

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

/* Attaches a link to the card's MAC, once, before the engine is enabled. Without one the card hears
 * nothing, and what it sends is lost.
 *
 * Returns: OK; ARGUMENT (null, or there is one already); UNSUPPORTED (no MAC in this build);
 *          MEMORY; SYSTEM when there is no such link, file or impairment.
 * Out:     error      - what was expected and got, or what to install or permit; cut to
 *                       `error_bytes` with the NUL, which may be 0. Empty on success.
 * In:      link       - tap:NAME, passt, passt:SOCKET, passt,forward=8080:80 or hub:DIRECTORY; all of
 *                       it in native/links/link.hpp.
 *          pcap       - file to record frames to, as the card sends and hears them, with stamps in
 *                       nanoseconds: of the wall, in STEPPED mode of device time. Or null.
 *          impairment - what goes wrong on the way in and on the way out, each by itself:
 *                       "loss=0.05,reorder=0.1,seed=1"; see native/links/impairment.hpp. Or null.
 */
hpbcard_status hpbcard_attach(hpbcard_device *device, const char *link, const char *pcap,
                              const char *impairment, char *error, uint32_t error_bytes);

/* Out: counters - zeros without a link. */
void hpbcard_read_link_counters(const hpbcard_device *device, hpbcard_link_counters *counters);

/* Why the link is gone: its other end closed, its interface was removed, the recording's disk is full.
 * The card then hears nothing any more, as with the cable pulled.
 *
 * Returns: bytes of the text without the NUL; 0 while the link is there.
 * Out:     error - the text, cut to `error_bytes` with the NUL.
 */
uint32_t hpbcard_link_error(const hpbcard_device *device, char *error, uint32_t error_bytes);

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
