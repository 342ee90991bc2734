/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two emulated cards joined by a hub, driven from plain C: what TCP on the card costs without Node.
 *
 * One connects to the other and sends it bytes, which are compared. Both run step by step, in turns.
 * Prints cycles a KiB, simulated cycles per second of processor time (both cards together) and
 * bytes per second of it as JSON. The directory is made by mkdtemp and removed.
 *
 * Usage: toe_loop LIBRARY [KIBIBYTES]
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../generated/hpb_card_registers.h"
#include "hpbcard.h"

enum {
  RING_LOG2 = 6,
  RING = 1 << RING_LOG2,
  SLICE = 512,       /* cycles of a turn */
  CHUNK = 32768,     /* bytes of a WRITE or a READ */
  WINDOW = 4,        /* WRITEs whose bytes are not acknowledged */
  PORT = 7,
  LOCAL_PORT = 40000,
  PATIENCE = 200000, /* turns */
  /* A millisecond of the card: long enough for no timer to run out while a frame waits its turn */
  CYCLES_PER_MS = 20000
};

#define NETWORK 0x0a4d0000u

static __typeof__(&hpbcard_open) open_device;
static __typeof__(&hpbcard_alloc) alloc_memory;
static __typeof__(&hpbcard_read32) read_register;
static __typeof__(&hpbcard_write32) write_register;
static __typeof__(&hpbcard_step) step_device;
static __typeof__(&hpbcard_attach) attach_link;
static __typeof__(&hpbcard_now) now_of;
static __typeof__(&hpbcard_close) close_device;

struct card {
  hpbcard_device *device;
  uint8_t *submission, *completion, *bytes;
  uint64_t submission_bus, completion_bus, bytes_bus;
  uint32_t pushed, taken;
  int sends, is_open;   /* it opens a session and writes, or accepts and reads; there is one */
  uint16_t session;
  uint32_t origin;      /* position of the stream's first byte */
  uint32_t reached;     /* bytes acknowledged, or that may be read */
  uint32_t asked, done; /* bytes of WRITEs or READs; of those that were answered */
};

static void fail(const char *what) {
  fprintf(stderr, "toe_loop: %s\n", what);
  exit(1);
}

static void *resolve(void *library, const char *name) {
  void *symbol = dlsym(library, name);
  if (symbol == NULL) fail(name);
  return symbol;
}

static void load(const char *path) {
  void *library = dlopen(path, RTLD_NOW);
  if (library == NULL) fail(dlerror());
  *(void **)&open_device = resolve(library, "hpbcard_open");
  *(void **)&alloc_memory = resolve(library, "hpbcard_alloc");
  *(void **)&read_register = resolve(library, "hpbcard_read32");
  *(void **)&write_register = resolve(library, "hpbcard_write32");
  *(void **)&step_device = resolve(library, "hpbcard_step");
  *(void **)&attach_link = resolve(library, "hpbcard_attach");
  *(void **)&now_of = resolve(library, "hpbcard_now");
  *(void **)&close_device = resolve(library, "hpbcard_close");
}

static void write_toe(struct card *card, uint32_t offset, uint32_t value) {
  if (write_register(card->device, HPB_BLOCK_TOE + offset, value) != HPBCARD_OK) fail("write");
}

static uint8_t *allocate(struct card *card, uint64_t bytes, uint64_t *bus) {
  void *pointer = NULL;
  if (alloc_memory(card->device, bytes, &pointer, bus) != HPBCARD_OK) fail("no memory");
  return pointer;
}

static void open_card(struct card *card, uint32_t last, const char *link) {
  char error[512];
  uint32_t status = 0;
  memset(card, 0, sizeof *card);
  if (open_device(HPBCARD_STEPPED, 1, 100, 0, CYCLES_PER_MS, NULL, &card->device) != HPBCARD_OK) {
    fail("no card");
  }
  if (attach_link(card->device, link, NULL, NULL, error, sizeof error) != HPBCARD_OK) fail(error);
  while ((status & HPB_TOE_STATUS_READY_MASK) == 0) {
    step_device(card->device, SLICE);
    if (read_register(card->device, HPB_BLOCK_TOE + HPB_TOE_STATUS, &status) != HPBCARD_OK) {
      fail("read");
    }
  }
  card->submission = allocate(card, HPB_TOE_DESCRIPTOR_BYTES * RING, &card->submission_bus);
  card->completion = allocate(card, HPB_TOE_COMPLETION_BYTES * RING, &card->completion_bus);
  card->bytes = allocate(card, CHUNK, &card->bytes_bus);
  write_toe(card, HPB_TOE_MAC_LO, last);
  write_toe(card, HPB_TOE_MAC_HI, 0x0200);
  write_toe(card, HPB_TOE_IP, NETWORK + last);
  write_toe(card, HPB_TOE_PREFIX_LEN, 24);
  for (uint32_t i = 0; i < 4; i++) {
    write_toe(card, HPB_TOE_LOOKUP_KEY0 + 4 * i, 0x1234567 + i);
    write_toe(card, HPB_TOE_ISN_KEY0 + 4 * i, 0x89abcde + i);
  }
  write_toe(card, HPB_ENGINE_SQ_BASE_LO, (uint32_t)card->submission_bus);
  write_toe(card, HPB_ENGINE_SQ_BASE_HI, (uint32_t)(card->submission_bus >> 32));
  write_toe(card, HPB_ENGINE_SQ_LOG2, RING_LOG2);
  write_toe(card, HPB_ENGINE_CQ_BASE_LO, (uint32_t)card->completion_bus);
  write_toe(card, HPB_ENGINE_CQ_BASE_HI, (uint32_t)(card->completion_bus >> 32));
  write_toe(card, HPB_ENGINE_CQ_LOG2, RING_LOG2);
  write_toe(card, HPB_ENGINE_CONTROL, HPB_ENGINE_CONTROL_ENABLE_MASK);
  write_toe(card, HPB_TOE_NET_CONTROL, HPB_TOE_NET_CONTROL_ENABLE_MASK);
}

static void put(uint8_t *at, uint64_t value, size_t bytes) { memcpy(at, &value, bytes); }

static uint32_t get(const uint8_t *at, size_t bytes) {
  uint32_t value = 0;
  memcpy(&value, at, bytes);
  return value;
}

/* Little-endian, as the layouts of the generated header have them. */
static void push(struct card *card, uint32_t op, uint16_t port, uint32_t ip, uint32_t length) {
  uint8_t *at = card->submission + (size_t)(card->pushed % RING) * HPB_TOE_DESCRIPTOR_BYTES;
  memset(at, 0, HPB_TOE_DESCRIPTOR_BYTES);
  put(at + 4, op, 2);
  put(at + 6, card->session, 2);
  put(at + 8, length == 0 ? 0 : card->bytes_bus, 8);
  put(at + 16, ip, 4);
  put(at + 20, ip == 0 ? 0 : port, 2);
  put(at + 22, ip == 0 ? port : LOCAL_PORT, 2);
  put(at + 24, length, 4);
  write_toe(card, HPB_ENGINE_SQ_TAIL, ++card->pushed & 0xffff);
}

/* Takes what is new in the completion ring. */
static void attend(struct card *card) {
  for (;;) {
    const uint8_t *at = card->completion + (size_t)(card->taken % RING) * HPB_TOE_COMPLETION_BYTES;
    const uint32_t phase = card->taken / RING % 2 == 0 ? 0x80 : 0;
    if ((at[31] & 0x80) != phase) return;
    const uint32_t status = get(at + 4, 2), events = get(at + 24, 2);
    const uint32_t opens = HPB_TOE_EVENT_ACCEPTED | HPB_TOE_EVENT_OPENED;
    if (status == HPB_STATUS_EVENT) {
      const uint32_t position = get(at + (card->sends ? 20 : 16), 4);
      if (events & ~(opens | HPB_TOE_EVENT_RECEIVED | HPB_TOE_EVENT_SENT)) fail("no session");
      if (events & opens) {
        card->is_open = 1;
        card->session = (uint16_t)get(at + 6, 2);
        card->origin = position;
      }
      card->reached = position - card->origin;
    } else if (status == HPB_STATUS_OK) {
      card->done = card->asked;
    } else {
      fail("a descriptor was refused");
    }
    write_toe(card, HPB_ENGINE_CQ_HEAD, ++card->taken & 0xffff);
  }
}

static uint8_t pattern(uint32_t position) { return (uint8_t)(position * 31 + (position >> 8)); }

/* The next bytes, when those before them were taken and not too many are under way. */
static void write_more(struct card *card, uint32_t total) {
  if (!card->is_open || card->asked != card->done || card->asked == total) return;
  if (card->asked - card->reached > WINDOW * CHUNK) return;
  const uint32_t left = total - card->asked, length = left < CHUNK ? left : CHUNK;
  for (uint32_t i = 0; i < length; i++) card->bytes[i] = pattern(card->asked + i);
  card->asked += length;
  push(card, HPB_TOE_OP_WRITE, 0, 0, length);
}

/* Compares what was read, and reads what there is. */
static void read_more(struct card *card, uint32_t *compared) {
  if (card->asked != card->done) return;
  for (uint32_t i = 0; *compared < card->done; i++, ++*compared) {
    if (card->bytes[i] != pattern(*compared)) fail("the bytes differ");
  }
  if (card->reached == card->asked) return;
  const uint32_t left = card->reached - card->asked, length = left < CHUNK ? left : CHUNK;
  card->asked += length;
  push(card, HPB_TOE_OP_READ, 0, 0, length);
}

int main(int argc, char **argv) {
  const uint32_t kibibytes = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 256;
  char directory[] = "/tmp/toe_loop-XXXXXX", link[64], lock[64];
  struct card from, to;
  uint32_t compared = 0;
  if (argc < 2 || kibibytes == 0 || kibibytes > 1 << 21) {
    fprintf(stderr, "usage: toe_loop LIBRARY [KIBIBYTES (1-2097152)]\n");
    return 2;
  }
  const uint32_t total = kibibytes * 1024;
  load(argv[1]);
  if (mkdtemp(directory) == NULL) fail("no directory");
  snprintf(link, sizeof link, "hub:%s", directory);
  snprintf(lock, sizeof lock, "%s/lock", directory);
  open_card(&from, 1, link);
  open_card(&to, 2, link);
  from.sends = 1;
  push(&to, HPB_TOE_OP_LISTEN, PORT, 0, 0);
  push(&from, HPB_TOE_OP_OPEN, PORT, NETWORK + 2, 0);

  const uint64_t first = now_of(from.device);
  const clock_t start = clock();
  uint32_t turns = 0;
  while (compared < total) {
    if (++turns > PATIENCE) fail("no progress");
    step_device(from.device, SLICE);
    step_device(to.device, SLICE);
    attend(&from);
    attend(&to);
    write_more(&from, total);
    read_more(&to, &compared);
  }
  const double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
  const double cycles = (double)(now_of(from.device) - first);
  printf("{\"cyclesPerKiB\": %.0f, \"simulatedCyclesPerSecond\": %.0f, \"bytesPerSecond\": %.0f}\n",
         cycles / kibibytes, 2 * cycles / seconds, total / seconds);
  close_device(from.device);
  close_device(to.device);
  unlink(lock);
  rmdir(directory);
  return 0;
}
