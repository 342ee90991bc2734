// SPDX-License-Identifier: Apache-2.0
// Frames of the card, taken apart by the RFCs: what is not well formed is a violation.

import {
  type Arp,
  number,
  onesSum,
  pseudoSum,
  TYPE_ARP,
  TYPE_IPV4,
} from '../../../tests/toe/helpers/frames.ts';
import { ACK, FIN, PSH, RST, SYN, URG } from './segment.ts';
import { Violation } from './violation.ts';

/** Options of a segment; those that are there. */
export interface SentOptions {
  readonly mss?: number;
  readonly ws?: number;
  readonly sackOk?: boolean;
  /** Value and echo. */
  readonly ts?: readonly [number, number];
  readonly sack?: readonly (readonly [number, number])[];
}

export interface SentSegment {
  readonly kind: 'segment';
  readonly toMac: number;
  readonly ip: number;
  readonly remotePort: number;
  readonly localPort: number;
  readonly seq: number;
  readonly ack: number;
  readonly flags: number;
  readonly window: number;
  readonly urgent: number;
  readonly options: SentOptions;
  readonly optionBytes: number;
  readonly payload: Uint8Array;
}

/** `data` of an echo reply begins with its identifier and number. */
export type SentFrame =
  | SentSegment
  | {
      readonly kind: 'echo';
      readonly toMac: number;
      readonly ip: number;
      readonly data: Uint8Array;
    }
  | ({ readonly kind: 'arp'; readonly toMac: number } & Arp);

export interface Self {
  readonly mac: number;
  readonly ip: number;
  readonly prefixLen: number;
  readonly ttl: number;
}

const SHORTEST = 60;
const LONGEST = 1514;
const DONT_FRAGMENT = 0x4000;

function demand(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Violation(`a frame that is not well formed: ${what}`);
}

const is = (got: number, expected: number, what: string) =>
  demand(got === expected, `${what}: expected ${expected.toString(16)}, got ${got.toString(16)}`);

/** @throws {Violation} */
export function readSent(frame: Uint8Array, self: Self): SentFrame {
  demand(frame.length >= SHORTEST && frame.length <= LONGEST, `${frame.length} bytes`);
  const toMac = number(frame, 0, 6);
  is(number(frame, 6, 6), self.mac, 'source address');
  const type = number(frame, 12, 2);
  const packet = frame.subarray(14);
  if (type === TYPE_ARP) return { kind: 'arp', toMac, ...readArp(packet, self) };
  is(type, TYPE_IPV4, 'Ethertype');
  demand((frame[0]! & 1) === 0 && toMac !== 0, `IPv4 to ${toMac.toString(16)}`);
  return readIpv4(packet, toMac, self);
}

function readArp(packet: Uint8Array, self: Self): Arp {
  is(number(packet, 0, 6), 0x0001_0800_0604, 'ARP of Ethernet and IPv4');
  const arp = {
    operation: number(packet, 6, 2),
    senderMac: number(packet, 8, 6),
    senderIp: number(packet, 14, 4),
    targetMac: number(packet, 18, 6),
    targetIp: number(packet, 24, 4),
  };
  demand(arp.operation === 1 || arp.operation === 2, `ARP operation ${arp.operation}`);
  is(arp.senderMac, self.mac, 'ARP sender');
  is(arp.senderIp, self.ip, 'ARP sender');
  zeros(packet.subarray(28), 'padding');
  return arp;
}

function zeros(bytes: Uint8Array, what: string): void {
  demand(
    bytes.every((byte) => byte === 0),
    `${what} that is not zero`,
  );
}

/** RFC 1122 3.2.1.3: neither this network, loopback, a group nor all of the subnet. */
function isHost(ip: number, self: Self): boolean {
  const first = ip >>> 24;
  const hostBits = 2 ** (32 - self.prefixLen) - 1;
  const isNear = Math.floor(ip / (hostBits + 1)) === Math.floor(self.ip / (hostBits + 1));
  const isAll = isNear && ip % (hostBits + 1) === hostBits;
  return first !== 0 && first !== 127 && first < 224 && !isAll && ip !== self.ip;
}

function readIpv4(packet: Uint8Array, toMac: number, self: Self): SentFrame {
  is(packet[0]!, 0x45, 'version and header length');
  const total = number(packet, 2, 2);
  demand(total >= 20 && total <= packet.length, `total length ${total}`);
  demand(
    14 + Math.max(total, SHORTEST - 14) === 14 + packet.length,
    `${packet.length} of ${total}`,
  );
  zeros(packet.subarray(total), 'padding');
  is(onesSum(packet.subarray(0, 20)), 0xffff, 'IPv4 checksum');
  is(number(packet, 6, 2) & ~DONT_FRAGMENT, 0, 'fragment');
  is(packet[8]!, self.ttl, 'TTL');
  is(number(packet, 12, 4), self.ip, 'source address');
  const ip = number(packet, 16, 4);
  demand(isHost(ip, self), `a packet to ${ip.toString(16)}, which no host can have`);
  const data = packet.subarray(20, total);
  if (packet[9] === 6) return readSegment(data, toMac, ip, self);
  is(packet[9]!, 1, 'protocol');
  demand(data.length >= 8, `ICMP of ${data.length} bytes`);
  is(onesSum(data), 0xffff, 'ICMP checksum');
  is(number(data, 0, 2), 0, 'ICMP type and code of an echo reply');
  return { kind: 'echo', toMac, ip, data: data.slice(4) };
}

function readSegment(bytes: Uint8Array, toMac: number, ip: number, self: Self): SentSegment {
  demand(bytes.length >= 20, `TCP of ${bytes.length} bytes`);
  const offset = (bytes[12]! >> 4) * 4;
  demand(offset >= 20 && offset <= bytes.length, `data offset ${offset} of ${bytes.length}`);
  is(bytes[12]! & 15, 0, 'reserved bits');
  is(onesSum(bytes, pseudoSum(self.ip, ip, bytes.length)), 0xffff, 'TCP checksum');
  const flags = bytes[13]!;
  const urgent = number(bytes, 18, 2);
  const isSyn = (flags & SYN) !== 0;
  demand((flags & 0xc0) === 0, `flags ${flags.toString(2)}`);
  demand(!(isSyn && flags & (FIN | RST | PSH)), `flags ${flags.toString(2)} together`);
  demand(!(flags & RST && flags & (FIN | PSH | URG)), `flags ${flags.toString(2)} together`);
  demand((flags & (ACK | RST | SYN)) !== 0, `flags ${flags.toString(2)}: no ACK`);
  demand((flags & URG) !== 0 || urgent === 0, 'an urgent pointer without URG');
  const payload = bytes.slice(offset);
  demand(payload.length === 0 || !(flags & (SYN | RST)), 'data with SYN or RST');
  return {
    kind: 'segment',
    toMac,
    ip,
    localPort: number(bytes, 0, 2),
    remotePort: number(bytes, 2, 2),
    seq: number(bytes, 4, 4),
    ack: number(bytes, 8, 4),
    flags,
    window: number(bytes, 14, 2),
    urgent,
    options: readOptions(bytes.subarray(20, offset), isSyn),
    optionBytes: offset - 20,
    payload,
  };
}

function readOptions(bytes: Uint8Array, isSyn: boolean): SentOptions {
  let options: SentOptions = {};
  for (let at = 0; at < bytes.length; ) {
    const kind = bytes[at]!;
    if (kind === 0) {
      zeros(bytes.subarray(at), 'padding of options');
      break;
    }
    if (kind === 1) {
      at++;
      continue;
    }
    const length = bytes[at + 1] ?? 0;
    demand(length >= 2 && at + length <= bytes.length, `option ${kind} of ${length} bytes`);
    options = { ...options, ...readOption(kind, bytes.subarray(at, at + length), isSyn) };
    at += length;
  }
  return options;
}

function readOption(kind: number, bytes: Uint8Array, isSyn: boolean): SentOptions {
  const lengthIs = (length: number) => is(bytes.length, length, `length of option ${kind}`);
  demand(isSyn || kind === 5 || kind === 8, `option ${kind} without SYN`);
  switch (kind) {
    case 2:
      lengthIs(4);
      return { mss: number(bytes, 2, 2) };
    case 3:
      lengthIs(3);
      demand(bytes[2]! <= 14, `window scale ${bytes[2]}`);
      return { ws: bytes[2]! };
    case 4:
      lengthIs(2);
      return { sackOk: true };
    case 5: {
      demand(
        !isSyn && bytes.length >= 10 && bytes.length % 8 === 2,
        `SACK of ${bytes.length} bytes`,
      );
      const blocks = (bytes.length - 2) / 8;
      const edges = (i: number) =>
        [number(bytes, 2 + 8 * i, 4), number(bytes, 6 + 8 * i, 4)] as const;
      return { sack: Array.from({ length: blocks }, (_, i) => edges(i)) };
    }
    case 8:
      lengthIs(10);
      return { ts: [number(bytes, 2, 4), number(bytes, 6, 4)] };
    default:
      throw new Violation(`a frame that is not well formed: option ${kind}`);
  }
}
