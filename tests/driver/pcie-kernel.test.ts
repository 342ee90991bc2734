// SPDX-License-Identifier: Apache-2.0
// The kernel's side of the pcie device, against a VFIO that is preloaded: no machine here has another.

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MAP_HASH } from '../../src/driver/generated/registers.ts';
import { packageRoot } from '../../src/driver/paths.ts';

const sources = join(packageRoot(), 'tests/driver/kernel');
const folder = mkdtempSync(join(tmpdir(), 'hpb-kernel-'));
const address = '0000:01:00.0';
const shim = join(folder, 'fake_vfio.so');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeAll(async () => {
  await execa('cc', ['-shared', '-fPIC', '-Wall', '-o', shim, join(sources, 'fake_vfio.c')]);
  const pci = `sys/bus/pci/devices/${address}`;
  for (const file of [`${pci}/vendor`, 'dev/vfio/vfio', 'dev/vfio/7']) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), '');
  }
  symlinkSync('../../kernel/iommu_groups/7', join(folder, pci, 'iommu_group'));
  symlinkSync('../../drivers/vfio-pci', join(folder, pci, 'driver'));
});

async function drive(fault = '') {
  const index = join(packageRoot(), 'build/js/src/driver/index.js');
  const { stdout, stderr } = await execa(
    process.execPath,
    [join(sources, 'drive.js'), index, address, folder],
    {
      env: { LD_PRELOAD: shim, FAKE_VFIO: fault, FAKE_HASH: MAP_HASH.toString(16) },
    },
  );
  return { found: JSON.parse(stdout), asked: stderr.split('\n') };
}

test.each([
  ['mapped', ''],
  ['read and written by call where a BAR cannot be mapped', 'mmap'],
])('registers %s, memory, interrupt, reset', async (_name, fault) => {
  const { found, asked } = await drive(fault);
  expect(found).toEqual({
    scratch: 0x1234_5678,
    idle: 'timeout',
    wake: 'interrupt',
    address: '100000000',
    zero: true,
  });
  expect(asked).toEqual([
    `device ${address}`,
    'reset',
    'irqs 2 0 1 24', // MSI-X, the first vector, an eventfd to trigger
    'dma 100000000 2000 3',
    'reset',
  ]);
});

test.each([
  ['version', /is no VFIO of version 0 \(answer 7\)/],
  ['extension', /no type 1 v2/],
  ['viable', /IOMMU group 7 is not viable: bind every function in/],
  ['container', /IOMMU group 7: Device or resource busy/],
  ['device', /0000:01:00\.0: No such device/],
  ['info', /tells nothing about itself: Input\/output error/],
  ['reset', /resetting the card: Input\/output error/],
  ['msix', /no MSI-X vector/],
  ['irqs', /enabling MSI-X: Invalid argument/],
  ['dma', /mapping 8192 bytes for DMA: Cannot allocate memory; raise the limit of locked memory/],
])('error: %s is refused by the kernel', async (fault, message) => {
  const { found } = await drive(fault);
  expect(found.message).toMatch(message);
  expect(found.code).toBe(fault === 'dma' ? 'ACCEL_DEVICE' : 'ACCEL_UNAVAILABLE');
});
