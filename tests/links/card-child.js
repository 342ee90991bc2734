// A card in a process of its own: card-child.js LINK PCAP [ADDRESS]. Says "ready"; without an address
// runs until SIGINT. With one, connects to a closed port of it, then a hundred times to an open one, and
// says: the first's error, sessions in use, whether the card's thread is idle (below 2 %) or what it takes.
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { SimDevice } from '../../build/js/src/driver/device/sim-device.js';
import {
  Block,
  EngineRegister,
  ToeCompletionLayout,
  ToeDescriptorLayout,
  ToeOpCode,
  ToeRegister,
} from '../../build/js/src/driver/generated/registers.js';

const SESSIONS = 100;
const RING_LOG2 = 9;
const [link, pcap, address] = process.argv.slice(2);
const card = await SimDevice.open({ toe: true, link, pcap });
while (((await card.read32(Block.TOE + ToeRegister.STATUS)) & 2) === 0);
const write = (register, value) => card.write32(Block.TOE + register, value);
write(ToeRegister.MAC_LO, 0x0a02);
write(ToeRegister.MAC_HI, 0x0200);
write(ToeRegister.IP, 0x0a4d0002);
write(ToeRegister.PREFIX_LEN, 24);
for (let i = 0; i < 8; i++) write(ToeRegister.LOOKUP_KEY0 + 4 * i, 0x1234_5678 + i);
write(ToeRegister.NET_CONTROL, 1);
await card.read32(Block.TOE + ToeRegister.NET_CONTROL); // after all writes
process.stdout.write('ready\n');

if (address === undefined) {
  const keepAlive = setInterval(() => {}, 60_000);
  process.once('SIGINT', async () => {
    clearInterval(keepAlive);
    await card.close();
  });
} else {
  const said = [await outcome(address, 9)];
  listen(7);
  const sockets = Array.from({ length: SESSIONS }, () => connect({ host: address, port: 7 }));
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  await sleep(1000);
  const before = { time: performance.now(), used: cardNanoseconds() };
  await sleep(3000);
  const used = (cardNanoseconds() - before.used) / 1e6 / (performance.now() - before.time);
  said.push(await card.read32(Block.TOE + ToeRegister.IN_USE), used < 0.02 ? 'idle' : used);
  for (const socket of sockets) socket.destroy();
  process.stdout.write(`${said.join(' ')}\n`);
  await card.close();
}

/** What comes of connecting to a port. */
function outcome(host, port) {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    socket.once('error', (error) => resolve(error.code));
    socket.once('connect', () => resolve('connected'));
  });
}

/** Has the card accept sessions at a port: one descriptor, by rings that nobody reads. */
function listen(port) {
  const submission = card.alloc(2 ** RING_LOG2 * ToeDescriptorLayout.BYTES);
  const completion = card.alloc(2 ** RING_LOG2 * ToeCompletionLayout.BYTES);
  const descriptor = new DataView(submission.bytes.buffer, submission.bytes.byteOffset);
  descriptor.setUint16(ToeDescriptorLayout.OP, ToeOpCode.LISTEN, true);
  descriptor.setUint16(ToeDescriptorLayout.LOCAL_PORT, port, true);
  for (const [low, log2, { address }] of [
    [EngineRegister.SQ_BASE_LO, EngineRegister.SQ_LOG2, submission],
    [EngineRegister.CQ_BASE_LO, EngineRegister.CQ_LOG2, completion],
  ]) {
    write(low, Number(address & 0xffff_ffffn));
    write(low + 4, Number(address >> 32n));
    write(log2, RING_LOG2);
  }
  write(EngineRegister.CONTROL, 1);
  write(EngineRegister.SQ_TAIL, 1);
}

/** Processor time of the card's thread. */
function cardNanoseconds() {
  const threads = readdirSync('/proc/self/task').map((id) => `/proc/self/task/${id}`);
  const thread = threads.find((path) => readFileSync(`${path}/comm`, 'utf8') === 'hpb-card\n');
  return Number(readFileSync(`${thread}/schedstat`, 'utf8').split(' ')[0]);
}
