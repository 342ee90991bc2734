// SPDX-License-Identifier: Apache-2.0
// Frames that are wrong, or meant to do harm: segments of live sessions with fields changed where it
// matters, then bytes; ICMP errors about them; ARP; noise. What is changed is summed up anew more
// often than not, so that it is looked at.

import type { Random } from '../../../src/testbench/index.ts';
import * as frames from '../../../tests/toe/helpers/frames.ts';
import { mutate, randomFrame, randomOptions } from '../../../tests/toe/helpers/random-frames.ts';
import { wrap } from './content.ts';
import { CARD, HOSTILE } from './peers.ts';
import type { Puppet } from './puppet.ts';
import { ACK, FIN, type Fields, frameOf, PSH, RST, SYN } from './segment.ts';

/** Longest payload, with no options. */
const FULL = 1460;
const SHORTEST = 60;
const LONGEST = 1514;

/** Kinds of what is wrong, as they are counted. */
export const KINDS = [
  'fields',
  'bytes',
  'icmp',
  'arp',
  'echo',
  'noise',
  'runt',
  'giant',
  'mac',
] as const;
export type Kind = (typeof KINDS)[number];

export interface Mutant {
  readonly frame: Uint8Array;
  readonly kind: Kind;
  /** The MAC found it bad. */
  readonly isBad: boolean;
}

const FLAGS = [
  ...[0, SYN, ACK, RST, FIN, SYN | ACK, RST | ACK, FIN | ACK, PSH | ACK, SYN | FIN, SYN | RST],
  ...[FIN | PSH | 32, SYN | FIN | RST | PSH | ACK | 32],
];

/** A number near an interesting one. */
function near(random: Random, centre: number, edge: number): number {
  const from = random.pick([centre, centre, centre, edge, edge, centre + 2 ** 31]);
  const off = random.pick([
    0,
    0,
    1,
    -1,
    2,
    -2,
    536,
    -536,
    1460,
    -1460,
    random.int(-70_000, 70_000),
  ]);
  return random.chance(0.05) ? random.uint32() : wrap(from + off);
}

const CHANGES: readonly ((random: Random, fields: Fields, puppet: Puppet) => void)[] = [
  (random, fields, puppet) => {
    fields.seq = near(random, puppet.next, puppet.edge);
  },
  (random, fields, puppet) => {
    fields.seq = near(random, puppet.acked, puppet.edge);
  },
  (random, fields, puppet) => {
    fields.ack = near(random, puppet.cardNext, puppet.cardNext - 65_535);
  },
  (random, fields) => {
    fields.flags = random.chance(0.5) ? random.int(256) : random.pick(FLAGS);
  },
  (random, fields) => {
    fields.flags |= random.pick([FIN, FIN, SYN, RST, 32, 64, 128]);
  },
  (random, fields) => {
    fields.window = random.pick([0, 0, 1, 2, 535, 65_535, random.int(65_536)]);
  },
  (random, fields) => {
    fields.flags |= 32;
    fields.urgent = random.pick([0, 1, 65_535, random.int(65_536)]);
  },
  (random, fields) => {
    fields.options = randomOptions(random);
  },
  (random, fields) => {
    fields.payload = new Uint8Array(random.pick([0, 0, 1, 7, 8, 9, 536, random.int(FULL), FULL]));
  },
  (random, fields) => {
    const { ipOptions } = fields;
    fields.ipOptions = random.chance(0.8) ? random.bytes(4 * random.int(1, 10)) : ipOptions;
    fields.ttl = random.pick([0, 1, 64, 255]);
    fields.dscp = random.int(64);
  },
  (random, fields) => {
    fields.fragment = random.pick([0, 0x2000, 0x8000, 1, 0x2001, random.int(65_536)]);
  },
  (random, fields) => {
    const odd = [0, CARD.ip, 0x7f00_0001, 0xe000_0001, 0xffff_ffff, 0x0a4d_00ff, 0x0a4d_0000];
    fields.source = random.chance(0.5) ? random.pick(HOSTILE).ip : random.pick(odd);
  },
  (random, fields) => {
    fields.toMac = random.pick([frames.BROADCAST, 0x0100_5e00_0001, 0x0200_0000_0002, CARD.mac]);
    fields.destination = random.pick([CARD.ip, 0xffff_ffff, 0x0a4d_00ff, 0xe000_0001, CARD.ip + 1]);
  },
  (random, fields) => {
    const { sourcePort, destinationPort } = fields;
    if (random.chance(0.5)) Object.assign(fields, { sourcePort: destinationPort });
    else fields.destinationPort = random.pick([0, 80, 82, sourcePort, random.int(65_536)]);
  },
];

/** A segment of a puppet with some of its fields changed. */
function changedSegment(random: Random, puppet: Puppet): Fields {
  const flags = random.pick([ACK, ACK, ACK | PSH, ACK | FIN, SYN, RST, SYN | ACK, RST | ACK]);
  const length = random.pick([0, 0, 1, 10, random.int(100), random.chance(0.2) ? FULL : 8]);
  const fields = puppet.segment(flags, { payload: new Uint8Array(length) });
  const times = random.pick([1, 1, 1, 2, 2, 3]);
  for (let i = 0; i < times; i++) random.pick(CHANGES)(random, fields, puppet);
  const room = FULL + 20 - 20 - fields.options.length - fields.ipOptions.length;
  if (fields.payload.length > room) fields.payload = new Uint8Array(room);
  return fields;
}

/** An ICMP error about something that the card has sent to a puppet, or may have. */
function icmpError(random: Random, puppet: Puppet): Uint8Array {
  const { remoteIp, remotePort, localPort } = puppet.conversation;
  const back = random.pick([1, 1, 0, 100, random.int(3000), random.int(70_000)]);
  const seq = wrap(puppet.cardNext - back);
  const ports = [...frames.big(localPort, 2), ...frames.big(remotePort, 2), ...frames.big(seq, 4)];
  const quoted = frames.ipv4(
    {
      source: CARD.ip,
      destination: remoteIp,
      protocol: random.chance(0.95) ? 6 : 17,
      options: random.chance(0.1) ? random.bytes(4 * random.int(1, 10)) : new Uint8Array(),
      fragment: random.chance(0.9) ? 0x4000 : random.int(65_536),
    },
    Uint8Array.from([...ports, ...random.bytes(random.int(0, 20))]),
  );
  if (random.chance(0.2)) quoted[random.int(quoted.length)]! ^= 1 << random.int(8);
  const cut = random.chance(0.1) ? random.int(quoted.length) : quoted.length;
  const mtu = random.pick([0, 68, 552, 576, 1006, 1492, 1500, random.int(65_536)]);
  const type = random.chance(0.9) ? random.pick([3, 3, 3, 11, 12]) : random.int(20);
  const code = type === 3 ? random.pick([0, 1, 2, 3, 4, 4, 5, 13]) : random.int(3);
  const body = Uint8Array.from([0, 0, ...frames.big(mtu, 2), ...quoted.subarray(0, cut)]);
  const source = random.chance(0.5) ? remoteIp : random.pick(HOSTILE).ip;
  const message = frames.icmp(type, code, body);
  const fragment = random.chance(0.9) ? 0x4000 : random.int(65_536);
  const packet = frames.ipv4({ source, destination: CARD.ip, protocol: 1, fragment }, message);
  const to = random.chance(0.95) ? CARD.mac : frames.BROADCAST;
  return padded({ to, from: puppet.host.mac, type: frames.TYPE_IPV4 }, packet);
}

function padded(header: frames.Ethernet, packet: Uint8Array): Uint8Array {
  const frame = frames.ethernet(header, packet);
  if (frame.length >= SHORTEST) return frame;
  const whole = new Uint8Array(SHORTEST);
  whole.set(frame);
  return whole;
}

/** Requests, answers nobody asked for, and claims to addresses of others, the card's among them. */
function arp(random: Random): Uint8Array {
  const host = random.pick(HOSTILE);
  const addresses = [host.ip, host.ip, CARD.ip, CARD.gateway, 0, 0xffff_ffff, 0x0a4d_00ff];
  const macs = [host.mac, host.mac, host.mac, CARD.mac, 0, frames.BROADCAST, 0x0100_5e00_0001];
  const packet = frames.arp({
    operation: random.chance(0.9) ? random.int(1, 2) : random.int(65_536),
    senderMac: random.chance(0.9) ? random.pick(macs) : 0x0200_0000_0000 + random.int(65_536),
    senderIp: random.chance(0.9) ? random.pick(addresses) : random.uint32(),
    targetMac: random.pick([0, CARD.mac, random.uint32()]),
    targetIp: random.chance(0.7) ? CARD.ip : random.pick(addresses),
  });
  if (random.chance(0.15)) packet[random.int(packet.length)]! ^= 1 << random.int(8);
  const cut = random.chance(0.05) ? random.int(1, packet.length) : packet.length;
  const to = random.chance(0.6) ? frames.BROADCAST : CARD.mac;
  const frame = { to, from: host.mac, type: frames.TYPE_ARP };
  return cut < packet.length
    ? frames.ethernet(frame, packet.subarray(0, cut))
    : padded(frame, packet);
}

function echo(random: Random): Uint8Array {
  const host = random.pick(HOSTILE);
  const data = random.bytes(random.pick([4, 5, 12, 60, random.int(4, 1476), 1476]));
  const message = frames.icmp(random.chance(0.9) ? 8 : random.int(256), 0, data);
  const destination = random.chance(0.9) ? CARD.ip : 0x0a4d_00ff;
  const packet = frames.ipv4({ source: host.ip, destination, protocol: 1 }, message);
  const to = random.chance(0.9) ? CARD.mac : frames.BROADCAST;
  return padded({ to, from: host.mac, type: frames.TYPE_IPV4 }, packet);
}

/** @param right - a frame of a session that must not be harmed, to be damaged and not repaired. */
export function makeMutant(random: Random, puppets: readonly Puppet[], right?: Uint8Array): Mutant {
  const puppet = random.pick(puppets);
  const isBad = random.chance(0.01);
  const of = (kind: Kind, frame: Uint8Array): Mutant =>
    isBad ? { frame, kind: 'mac', isBad } : { frame, kind, isBad };
  const draw = random.float();
  if (right && draw < 0.03) return of('bytes', mutate(random, right));
  if (draw < 0.66) return of('fields', frameOf(changedSegment(random, puppet)));
  if (draw < 0.8) {
    // At least a byte is left
    return of('bytes', mutate(random, frameOf(changedSegment(random, puppet))));
  }
  if (draw < 0.87) return of('icmp', icmpError(random, puppet));
  if (draw < 0.91) return of('arp', arp(random));
  if (draw < 0.94) return of('echo', echo(random));
  if (draw < 0.97) return of('noise', randomFrame(random, CARD));
  const frame = frameOf(changedSegment(random, puppet));
  if (draw < 0.985) return of('runt', frame.slice(0, random.int(1, SHORTEST)));
  const giant = new Uint8Array(random.int(LONGEST + 1, random.chance(0.9) ? 2000 : 9018));
  giant.set(frame);
  return of('giant', giant);
}
