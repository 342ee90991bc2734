/* SPDX-License-Identifier: Apache-2.0
 *
 * Samples where the main thread of a Node.js process spends its time: loaded by LD_PRELOAD, without any change of what
 * is sampled. HPB_PROFILE names a folder; each process writes two files there:
 *
 *   <pid>.samples   program counters, 64 bits each, in the byte order of the machine; zeros at the end
 *   <pid>.maps      for each library that is loaded: the number of samples before it, its line of /proc/self/maps
 *
 * A sample a millisecond of processor time. The file is mapped, so that it is whole even when the process is killed.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#define MAX_SAMPLES (1u << 21) /* half an hour; 16 MiB, of which only what is written takes place */
#define PERIOD_NS 1000000

static uint64_t *samples;
static atomic_uint taken;
static char maps_path[4096];

static uint64_t thread_time(void) {
  struct timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void on_sample(int signal, siginfo_t *info, void *context) {
  (void)signal;
  (void)info;
  const ucontext_t *at = context;
#if defined(__x86_64__)
  uint64_t pc = (uint64_t)at->uc_mcontext.gregs[REG_RIP];
#elif defined(__aarch64__)
  uint64_t pc = at->uc_mcontext.pc;
#else
#error "sampler.c: expected x86_64 or aarch64"
#endif
  /*
   * The timer goes by the wall clock, since the kernel looks at timers of processor time with its ticks only. A
   * place gets the processor time since the place before: nothing while the thread waits.
   */
  static uint64_t counted;
  unsigned due = (unsigned)((thread_time() - counted) / PERIOD_NS);
  counted += (uint64_t)due * PERIOD_NS;
  unsigned i = atomic_fetch_add_explicit(&taken, due, memory_order_relaxed);
  for (; due > 0 && i < MAX_SAMPLES; due--) samples[i++] = pc;
}

/* Writes down where a library is, from which sample on: others may have been at its place before. */
static void note_place(const char *library) {
  FILE *maps = fopen("/proc/self/maps", "re");
  FILE *out = maps ? fopen(maps_path, "ae") : NULL;
  char line[4608];
  while (out && fgets(line, sizeof line, maps)) {
    if (!strstr(line, "r-xp") || !strstr(line, library)) continue;
    fprintf(out, "%u %s", atomic_load_explicit(&taken, memory_order_relaxed), line);
  }
  if (out) fclose(out);
  if (maps) fclose(maps);
}

/* In the place of the C library's. */
void *dlopen(const char *name, int flags) {
  static void *(*open_library)(const char *, int);
  if (!open_library) open_library = (void *(*)(const char *, int))dlsym(RTLD_NEXT, "dlopen");
  void *handle = open_library(name, flags);
  if (handle && samples && name) note_place(name);
  return handle;
}

__attribute__((constructor)) static void start(void) {
  const char *folder = getenv("HPB_PROFILE");
  if (!folder || strcmp(program_invocation_short_name, "node") != 0) return;
  char path[4096];
  snprintf(maps_path, sizeof maps_path, "%s/%d.maps", folder, (int)getpid());
  snprintf(path, sizeof path, "%s/%d.samples", folder, (int)getpid());
  int file = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0 || ftruncate(file, MAX_SAMPLES * sizeof *samples) != 0) return;
  void *mapped = mmap(NULL, MAX_SAMPLES * sizeof *samples, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  if (mapped == MAP_FAILED) return;
  samples = mapped;

  struct sigaction action = {.sa_sigaction = on_sample, .sa_flags = SA_SIGINFO | SA_RESTART};
  sigemptyset(&action.sa_mask);
  sigaction(SIGPROF, &action, NULL);
  struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGPROF};
  event._sigev_un._tid = (int)syscall(SYS_gettid);
  timer_t timer;
  if (timer_create(CLOCK_MONOTONIC, &event, &timer) != 0) return;
  struct itimerspec period = {{0, PERIOD_NS}, {0, PERIOD_NS}};
  timer_settime(timer, 0, &period, NULL);
}
