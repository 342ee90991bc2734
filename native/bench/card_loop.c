/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The emulated card driven from plain C: what its driver is measured against.
 *
 * Opens a build of libhpbcard step by step, keeps it fed with batches through its rings, and prints
 * cycles per signature and simulated cycles per second of processor time as JSON.
 *
 * Usage: card_loop LIBRARY [BATCHES [RECORDS]]
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../generated/hpb_card_registers.h"
#include "hpbcard.h"
#include "records.h"

enum { RING_LOG2 = 6, SLICE = 2000, RESULT_BYTES = 8, COMPLETION_INDEX = 14, LATENCY = 100 };

struct card {
  hpbcard_device *device;
  __typeof__(&hpbcard_open) open;
  __typeof__(&hpbcard_alloc) alloc;
  __typeof__(&hpbcard_write32) write32;
  __typeof__(&hpbcard_step) step;
  __typeof__(&hpbcard_now) now;
  __typeof__(&hpbcard_close) close;
};

static void *resolve(void *library, const char *name) {
  void *symbol = dlsym(library, name);
  if (symbol == NULL) {
    fprintf(stderr, "%s is missing\n", name);
    exit(1);
  }
  return symbol;
}

static void open_card(struct card *card, const char *path) {
  void *library = dlopen(path, RTLD_NOW);
  if (library == NULL) {
    fprintf(stderr, "%s\n", dlerror());
    exit(1);
  }
  *(void **)&card->open = resolve(library, "hpbcard_open");
  *(void **)&card->alloc = resolve(library, "hpbcard_alloc");
  *(void **)&card->write32 = resolve(library, "hpbcard_write32");
  *(void **)&card->step = resolve(library, "hpbcard_step");
  *(void **)&card->now = resolve(library, "hpbcard_now");
  *(void **)&card->close = resolve(library, "hpbcard_close");
  if (card->open(HPBCARD_STEPPED, 1, LATENCY, 0, 250000, NULL, &card->device) != HPBCARD_OK) exit(1);
}

static uint8_t *allocate(struct card *card, uint64_t bytes, uint64_t *bus) {
  void *pointer = NULL;
  if (card->alloc(card->device, bytes, &pointer, bus) != HPBCARD_OK) exit(1);
  return pointer;
}

static void write_engine(struct card *card, uint32_t offset, uint32_t value) {
  if (card->write32(card->device, HPB_BLOCK_SIGVERIFY + offset, value) != HPBCARD_OK) exit(1);
}

static void put(uint8_t *at, uint64_t value, size_t bytes) { memcpy(at, &value, bytes); }

int main(int argc, char **argv) {
  const uint32_t batches = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 8;
  const uint32_t records = argc > 3 ? (uint32_t)strtoul(argv[3], NULL, 10) : 128;
  secp256k1_context *context = secp256k1_context_create(SECP256K1_CONTEXT_NONE);
  struct card card;
  uint64_t submission_bus, completion_bus, input_bus, result_bus, state = 1;
  size_t valid = 0;
  if (argc < 2 || context == NULL || batches == 0 || batches > 1u << RING_LOG2 || records == 0) {
    fprintf(stderr, "usage: card_loop LIBRARY [BATCHES (1-64) [RECORDS]]\n");
    return 2;
  }
  open_card(&card, argv[1]);
  uint8_t *submission = allocate(&card, HPB_DESCRIPTOR_BYTES << RING_LOG2, &submission_bus);
  uint8_t *completion = allocate(&card, HPB_COMPLETION_BYTES << RING_LOG2, &completion_bus);
  uint8_t *input = allocate(&card, (uint64_t)records * VERIFY_BYTES, &input_bus);
  uint8_t *result = allocate(&card, (uint64_t)batches * records * RESULT_BYTES, &result_bus);
  for (uint32_t i = 0; i < records; i++) {
    uint8_t unused[RECOVER_BYTES];
    make_record(context, &state, input + (size_t)i * VERIFY_BYTES, unused);
  }
  write_engine(&card, HPB_ENGINE_SQ_BASE_LO, (uint32_t)submission_bus);
  write_engine(&card, HPB_ENGINE_SQ_BASE_HI, (uint32_t)(submission_bus >> 32));
  write_engine(&card, HPB_ENGINE_SQ_LOG2, RING_LOG2);
  write_engine(&card, HPB_ENGINE_CQ_BASE_LO, (uint32_t)completion_bus);
  write_engine(&card, HPB_ENGINE_CQ_BASE_HI, (uint32_t)(completion_bus >> 32));
  write_engine(&card, HPB_ENGINE_CQ_LOG2, RING_LOG2);
  write_engine(&card, HPB_ENGINE_CONTROL, HPB_ENGINE_CONTROL_ENABLE_MASK);
  for (uint32_t i = 0; i < batches; i++) {
    uint8_t *descriptor = submission + (size_t)i * HPB_DESCRIPTOR_BYTES;
    put(descriptor, i + 1, 4);
    put(descriptor + 4, HPB_OP_VERIFY, 2);
    put(descriptor + 8, input_bus, 8);
    put(descriptor + 16, result_bus + (uint64_t)i * records * RESULT_BYTES, 8);
    put(descriptor + 24, records, 4);
  }
  const uint64_t first = card.now(card.device);
  const clock_t start = clock();
  write_engine(&card, HPB_ENGINE_SQ_TAIL, batches);
  for (uint32_t taken = 0; taken < batches;) {
    const uint8_t *entry = completion + (size_t)taken * HPB_COMPLETION_BYTES;
    if (entry[COMPLETION_INDEX + 1] & 0x80) {
      taken++;
    } else {
      card.step(card.device, SLICE);
    }
  }
  const double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
  const double cycles = (double)(card.now(card.device) - first);
  const double signatures = (double)batches * records;
  for (size_t i = 0; i < (size_t)batches * records; i++) valid += result[i * RESULT_BYTES] == 1;
  if (valid != (size_t)batches * records) {
    fprintf(stderr, "%zu of %.0f signatures valid\n", valid, signatures);
    return 1;
  }
  printf("{\"cyclesPerSignature\": %.0f, \"simulatedCyclesPerSecond\": %.0f, \"perSecond\": %.0f}\n",
         cycles / signatures, cycles / seconds, signatures / seconds);
  card.close(card.device);
  secp256k1_context_destroy(context);
  return 0;
}
