/** A card with its TCP engine on a link, its address set; and frames as a peer sends them to it. */

import { bitOf } from '../../src/driver/device/registers.ts';
import { SimDevice, type SimOptions } from '../../src/driver/device/sim-device.ts';
import {
  Block,
  CardRegister,
  ToeField,
  ToeRegister,
} from '../../src/driver/generated/registers.ts';

export type Ip = readonly [number, number, number, number];

const word = (ip: Ip) => ip.reduce((value, octet) => value * 256 + octet, 0);

/** Hardware address 02:00:00:00:0a:`last`, as {@link frameTo} has it. */
const MAC_HI = 0x0200;
const macLow = (last: number) => 0x0a00 + last;

const READY = bitOf(ToeField.STATUS_READY);

/** Powers a card on, 10.77.0.`last` with a prefix of 24 bits, and lets it hear. */
export async function openCard(last: number, options: SimOptions): Promise<SimDevice> {
  const card = await SimDevice.open({ toe: true, ...options });
  // Its tables are cleared first; it hears nothing meanwhile.
  while ((await card.read32(Block.TOE + ToeRegister.STATUS)) % (2 * READY) < READY) {
    if (card.mode === 'stepped') card.step(1000);
  }
  const write = (register: number, value: number) => card.write32(Block.TOE + register, value);
  write(ToeRegister.MAC_LO, macLow(last));
  write(ToeRegister.MAC_HI, MAC_HI);
  write(ToeRegister.IP, word([10, 77, 0, last]));
  write(ToeRegister.PREFIX_LEN, 24);
  for (let i = 0; i < 4; i++) {
    write(ToeRegister.LOOKUP_KEY0 + 4 * i, 0x1234_5678 + i);
    write(ToeRegister.ISN_KEY0 + 4 * i, 0x9abc_def0 + i);
  }
  write(ToeRegister.NET_CONTROL, 1);
  await card.read32(Block.TOE + ToeRegister.NET_CONTROL); // after all writes
  return card;
}

/** Milliseconds that the card has counted. */
export function ticksOf(card: SimDevice): Promise<number> {
  return card.read32(Block.CARD + CardRegister.TICKS_MS);
}

/** The Internet checksum (RFC 1071) of bytes, big-endian. */
export function checksum(bytes: Uint8Array): number {
  let sum = 0;
  for (const [i, byte] of bytes.entries()) sum += i % 2 === 0 ? byte * 256 : byte;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** An ICMP echo request from the peer 10.77.0.`from` to the card 10.77.0.`to`. */
export function echoRequest(from: number, to: number, number: number, data: Uint8Array): Buffer {
  const icmp = Buffer.concat([Buffer.from([8, 0, 0, 0, 0, from, 0, 0]), data]);
  icmp.writeUInt16BE(number, 6);
  icmp.writeUInt16BE(checksum(icmp), 2);
  const ip = Buffer.from([0x45, 0, 0, 0, 0, 0, 0, 0, 64, 1, 0, 0, 10, 77, 0, from, 10, 77, 0, to]);
  ip.writeUInt16BE(20 + icmp.length, 2);
  ip.writeUInt16BE(checksum(ip), 10);
  const ethernet = [2, 0, 0, 0, 10, to, 2, 0, 0, 0, 0, from, 8, 0];
  return Buffer.concat([Buffer.from(ethernet), ip, icmp]);
}

/** What a frame says, if it is an ICMP echo reply that is right in all its checksums. */
export function echoReply(
  frame: Buffer,
): { from: number; number: number; data: Buffer } | undefined {
  if (frame.length < 42 || frame.readUInt16BE(12) !== 0x0800 || frame[23] !== 1) return undefined;
  const ip = frame.subarray(14, 34);
  const icmp = frame.subarray(34, 14 + frame.readUInt16BE(16));
  if (icmp[0] !== 0 || checksum(ip) !== 0 || checksum(icmp) !== 0) return undefined;
  return { from: ip[15]!, number: icmp.readUInt16BE(6), data: icmp.subarray(8) };
}

/** The card's answer to an ARP request, as the octets of its addresses. */
export function arpReply(frame: Buffer): { mac: number[]; ip: number[] } | undefined {
  if (frame.readUInt16BE(12) !== 0x0806 || frame[21] !== 2) return undefined;
  return { mac: [...frame.subarray(22, 28)], ip: [...frame.subarray(28, 32)] };
}

/** A frame of a recording. */
export interface Recorded {
  /** Nanoseconds since 1970, of a stepped card since its power was turned on. */
  readonly at: bigint;
  readonly frame: Buffer;
}

/** Reads a pcap file with stamps in nanoseconds. @throws {Error} when it is none. */
export function readPcap(bytes: Buffer): Recorded[] {
  const magic = bytes.readUInt32LE(0);
  const kind = bytes.readUInt32LE(20);
  if (magic !== 0xa1b23c4d || kind !== 1) throw new Error(`no Ethernet pcap: ${magic}, ${kind}`);
  const frames: Recorded[] = [];
  for (let at = 24; at < bytes.length; ) {
    const length = bytes.readUInt32LE(at + 8);
    const end = at + 16 + length;
    if (end > bytes.length) throw new Error(`a frame ends at ${end} of ${bytes.length} bytes`);
    const seconds = BigInt(bytes.readUInt32LE(at)) * 1_000_000_000n;
    frames.push({
      at: seconds + BigInt(bytes.readUInt32LE(at + 4)),
      frame: bytes.subarray(at + 16, end),
    });
    at = end;
  }
  return frames;
}
