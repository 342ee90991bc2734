/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A kernel's VFIO that is none: preloaded, it answers the ioctls of one function with a file for its
 * regions. What the driver asked for is told on standard error, a line each.
 *
 * FAKE_VFIO names one thing that is refused: version, extension, viable, container, device, info, mmap,
 * msix, dma, reset, irqs. Registers are plain memory; mapping memory for DMA raises the interrupt.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/pci_regs.h>
#include <linux/vfio.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define BAR_BYTES 0x10000u
#define CONFIG_AT 0x100000u

static int event = -1;

static int refused(const char *what) {
  const char *fault = getenv("FAKE_VFIO");
  return fault != NULL && strcmp(fault, what) == 0;
}

static void put(int file, uint32_t offset, uint32_t value) {
  if (pwrite(file, &value, sizeof value, offset) != sizeof value) abort();
}

static int open_function(const char *address) {
  fprintf(stderr, "device %s\n", address);
  const int file = memfd_create("function", 0);
  if (ftruncate(file, CONFIG_AT + 256) != 0) abort();
  const uint64_t hash = strtoull(getenv("FAKE_HASH"), NULL, 16);
  put(file, 0x00, 0x43425048);
  put(file, 0x04, 0x10000);
  put(file, 0x08, (uint32_t)hash);
  put(file, 0x0c, (uint32_t)(hash >> 32));
  put(file, CONFIG_AT, 0x10ff1af4);
  put(file, CONFIG_AT + PCI_COMMAND, PCI_STATUS_CAP_LIST << 16);
  put(file, CONFIG_AT + PCI_CAPABILITY_LIST, 0x40);
  put(file, CONFIG_AT + 0x40, PCI_CAP_ID_MSIX);
  return file;
}

static int region_info(struct vfio_region_info *info) {
  const int config = info->index == VFIO_PCI_CONFIG_REGION_INDEX;
  info->flags = VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE;
  if (!config && !refused("mmap")) info->flags |= VFIO_REGION_INFO_FLAG_MMAP;
  info->size = config ? 256 : BAR_BYTES;
  info->offset = config ? CONFIG_AT : 0;
  return 0;
}

static int map_dma(const struct vfio_iommu_type1_dma_map *map) {
  if (refused("dma")) {
    errno = ENOMEM;
    return -1;
  }
  /* As the kernel does, which pins the pages: they have to be there. */
  *(volatile char *)(uintptr_t)(map->vaddr + map->size - 1) = 0;
  fprintf(stderr, "dma %llx %llx %x\n", (unsigned long long)map->iova,
          (unsigned long long)map->size, map->flags);
  const uint64_t one = 1;
  return event >= 0 && write(event, &one, sizeof one) != sizeof one;
}

static int set_irqs(const struct vfio_irq_set *set) {
  if (refused("irqs")) {
    errno = EINVAL;
    return -1;
  }
  memcpy(&event, set->data, sizeof event);
  fprintf(stderr, "irqs %u %u %u %x\n", set->index, set->start, set->count, set->flags);
  return 0;
}

static int fail(int error) {
  errno = error;
  return -1;
}

int ioctl(int file, unsigned long request, ...) {
  va_list arguments;
  va_start(arguments, request);
  void *argument = va_arg(arguments, void *);
  va_end(arguments);
  switch (request) {
    case VFIO_GET_API_VERSION: return refused("version") ? 7 : VFIO_API_VERSION;
    case VFIO_CHECK_EXTENSION: return !refused("extension");
    case VFIO_GROUP_GET_STATUS:
      ((struct vfio_group_status *)argument)->flags =
          refused("viable") ? 0 : VFIO_GROUP_FLAGS_VIABLE;
      return 0;
    case VFIO_GROUP_SET_CONTAINER: return refused("container") ? fail(EBUSY) : 0;
    case VFIO_SET_IOMMU: return 0;
    case VFIO_GROUP_GET_DEVICE_FD:
      return refused("device") ? fail(ENODEV) : open_function(argument);
    case VFIO_DEVICE_GET_INFO:
      if (refused("info")) return fail(EIO);
      ((struct vfio_device_info *)argument)->flags = VFIO_DEVICE_FLAGS_PCI | VFIO_DEVICE_FLAGS_RESET;
      return 0;
    case VFIO_DEVICE_GET_REGION_INFO: return region_info(argument);
    case VFIO_DEVICE_GET_IRQ_INFO:
      ((struct vfio_irq_info *)argument)->flags = VFIO_IRQ_INFO_EVENTFD;
      ((struct vfio_irq_info *)argument)->count = refused("msix") ? 0 : 4;
      return 0;
    case VFIO_DEVICE_SET_IRQS: return set_irqs(argument);
    case VFIO_DEVICE_RESET:
      fprintf(stderr, "reset\n");
      return refused("reset") ? fail(EIO) : 0;
    case VFIO_IOMMU_MAP_DMA: return map_dma(argument);
    default: return (int)syscall(SYS_ioctl, file, request, argument);
  }
}
