// SPDX-License-Identifier: Apache-2.0
// Drives a card through the kernel's VFIO, in a process of its own; what it found on standard output.
// Arguments: the driver's compiled index.js, PCI address, root.

const [index, device, root] = process.argv.slice(2);
const { PcieDevice } = await import(index);
try {
  const card = await PcieDevice.open({ device, root });
  card.write32(0x1c, 0x12345678);
  const scratch = await card.read32(0x1c);
  const idle = await card.waitIrq(card.now() + 1e6);
  const memory = card.alloc(5000);
  const wake = await card.waitIrq(card.now() + 60e9);
  const found = {
    scratch,
    idle,
    wake,
    address: memory.address.toString(16),
    zero: memory.bytes.every((byte) => byte === 0),
  };
  await card.close();
  console.log(JSON.stringify(found));
} catch (error) {
  console.log(JSON.stringify({ code: error.code, message: error.message }));
}
