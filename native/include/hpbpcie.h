/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libhpbpcie: a card behind PCI Express, through VFIO.
 *
 * Two ways to the same card: a PCI address (0000:01:00.0) goes through the kernel's /dev/vfio, vfio-user:PATH
 * through a Unix socket to a process that presents the card. Everything above mapping regions, mapping
 * memory and getting interrupts is the same.
 *
 * No call waits longer than the time limit given to hpbpcie_open. A device may be used by several threads at
 * once, except for open and close.
 */
#ifndef HPBPCIE_H
#define HPBPCIE_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

#define HPBPCIE_ABI_VERSION 1u

/* Appended to, never renumbered. */
typedef enum hpbpcie_status {
  HPBPCIE_OK = 0,
  HPBPCIE_ARGUMENT = 1,
  HPBPCIE_MEMORY = 2,
  HPBPCIE_UNAVAILABLE = 3, /* open: there is no such card here, or it may not be used */
  HPBPCIE_DEVICE = 4       /* the card or the process behind it failed, or the kernel refused */
} hpbpcie_status;

typedef struct hpbpcie_device hpbpcie_device;

/* Returns: HPBPCIE_ABI_VERSION of the library. */
uint32_t hpbpcie_abi_version(void);

/* Opens a card: checks its configuration space, resets it, maps BAR 0, enables bus mastering and the
 * first MSI-X vector.
 *
 * Returns: OK, ARGUMENT, MEMORY, UNAVAILABLE.
 * Out:     out     - the device, to be closed; null on failure.
 *          message - what is wrong and what to do, NUL-terminated; empty on success.
 * In:      address       - PCI address, or vfio-user: and the path of a socket.
 *          root          - put before /sys and /dev; "" but for tests.
 *          timeout_ms    - longest wait for the other side, 1 to 600000.
 *          message_bytes - size of message.
 */
hpbpcie_status hpbpcie_open(const char *address, const char *root, uint32_t timeout_ms,
                            hpbpcie_device **out, char *message, uint32_t message_bytes);

/* Descriptor that is readable after an interrupt, and once the card has failed; owned by the device.
 *
 * Returns: the descriptor.
 */
int32_t hpbpcie_event_fd(const hpbpcie_device *device);

/* Takes the waiting interrupts and makes the descriptor unreadable.
 *
 * Returns: 1 when there were any, else 0.
 */
uint32_t hpbpcie_take_interrupts(hpbpcie_device *device);

/* Returns: 1 when registers are mapped, so that an access is a load or a store and never waits. */
uint32_t hpbpcie_is_mapped(const hpbpcie_device *device);

/* Reads a register, after all writes before it.
 *
 * Returns: OK, ARGUMENT (offset not a multiple of 4 below 64 KiB), DEVICE.
 * Out:     value.
 */
hpbpcie_status hpbpcie_read32(hpbpcie_device *device, uint32_t offset, uint32_t *value);

/* Writes a register: posted, in order, without waiting.
 *
 * Returns: OK, ARGUMENT, DEVICE.
 */
hpbpcie_status hpbpcie_write32(hpbpcie_device *device, uint32_t offset, uint32_t value);

/* Allocates zeroed memory that host and card both see, until the device is closed.
 *
 * Returns: OK, ARGUMENT (0 bytes), MEMORY, DEVICE.
 * Out:     pointer - for the host.  bus - the same memory for the card; a multiple of 4096.
 */
hpbpcie_status hpbpcie_alloc(hpbpcie_device *device, uint64_t bytes, void **pointer, uint64_t *bus);

/* Out: message - what the last call that returned DEVICE met, NUL-terminated; empty without one. */
void hpbpcie_failure(hpbpcie_device *device, char *message, uint32_t message_bytes);

/* Stops the card's bus mastering, resets it, unmaps everything. Null is fine. */
void hpbpcie_close(hpbpcie_device *device);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
