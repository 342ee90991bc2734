/** Random frames for a card, right ones and damaged ones. */
import type { Random } from '../../../src/testbench/index.ts';
import * as frames from './frames.ts';
import type { Card } from './receiver.ts';

/** A neighbour of the card. */
export interface Peer {
  readonly mac: number;
  readonly ip: number;
}

export const randomPeer = (random: Random, card: Card): Peer => ({
  mac: 0x02_00_00_00_00_00 + random.int(2 ** 24),
  ip: card.ip - (card.ip % 256) + random.int(16, 250),
});

/** Options as stacks send them, with unknown kinds between, padded with NOPs or an end. */
export function randomOptions(random: Random): Uint8Array {
  if (random.chance(0.4)) return new Uint8Array();
  const bytes: number[] = [];
  const target = random.int(1, 40);
  while (bytes.length < target) bytes.push(...randomOption(random));
  const length = Math.min(40, Math.ceil(bytes.length / 4) * 4);
  if (bytes.length > 40) return Uint8Array.from(bytes.slice(0, 40)); // broken at the end
  if (bytes.length < length && random.chance(0.3)) bytes.push(0);
  while (bytes.length < length) bytes.push(random.chance(0.5) ? 1 : random.int(256));
  return Uint8Array.from(bytes);
}

function randomOption(random: Random): number[] {
  const value = (length: number) => [...random.bytes(length)];
  switch (random.int(8)) {
    case 0:
      return [2, 4, ...value(2)];
    case 1:
      return [3, 3, random.int(random.chance(0.5) ? 16 : 256)];
    case 2:
      return [4, 2];
    case 3:
    case 4:
      return [8, 10, ...value(8)];
    case 5: {
      // Unknown, or known with another length
      const length = random.int(2, 12);
      return [
        random.chance(0.5) ? random.int(2, 8) : random.int(2, 255),
        length,
        ...value(length - 2),
      ];
    }
    default:
      return [1];
  }
}

/** A length of 0, small, or up to `max`. */
export function randomLength(random: Random, max: number): number {
  if (random.chance(0.4)) return 0;
  return random.chance(0.9) ? random.int(1, Math.min(max, 64)) : random.int(1, max);
}

export function randomSegmentFrame(random: Random, card: Card, from = randomPeer(random, card)) {
  const options = randomOptions(random);
  const ipOptions = random.chance(0.15) ? random.bytes(4 * random.int(1, 10)) : new Uint8Array();
  const route = { source: from.ip, destination: card.ip };
  const header = {
    sourcePort: random.int(2 ** 16),
    destinationPort: random.int(2 ** 16),
    seq: random.uint32(),
    ack: random.uint32(),
    flags: random.int(256),
    window: random.int(2 ** 16),
    urgent: random.int(2 ** 16),
    options,
  };
  const room = 1460 - options.length - ipOptions.length;
  const segment = frames.tcp(header, random.bytes(randomLength(random, room)), route);
  const packet = frames.ipv4({ ...route, protocol: 6, options: ipOptions }, segment);
  return pad(random, frames.ethernet({ to: card.mac, from: from.mac, type: 0x0800 }, packet));
}

/** As a MAC gives it: padded to 60 bytes, or not, or with more behind, never with zeros only. */
function pad(random: Random, frame: Uint8Array): Uint8Array {
  const more = random.chance(0.3) ? random.int(1, 20) : 0;
  const length = Math.max(frame.length + more, random.chance(0.5) ? 60 : 0);
  return Uint8Array.from([...frame, ...random.bytes(length - frame.length)]);
}

export function randomEchoFrame(random: Random, card: Card): Uint8Array {
  const from = randomPeer(random, card);
  const message = frames.icmp(8, 0, random.bytes(4 + randomLength(random, 1472)));
  const packet = frames.ipv4({ source: from.ip, destination: card.ip, protocol: 1 }, message);
  return pad(random, frames.ethernet({ to: card.mac, from: from.mac, type: 0x0800 }, packet));
}

/** An ICMP error about a segment of the card, or nearly. */
export function randomErrorFrame(random: Random, card: Card): Uint8Array {
  const from = randomPeer(random, card);
  const destination = random.uint32();
  const about = frames.ipv4(
    {
      source: random.chance(0.9) ? card.ip : destination,
      destination,
      protocol: random.chance(0.9) ? 6 : 17,
      options: random.chance(0.2) ? random.bytes(4 * random.int(1, 10)) : new Uint8Array(),
      fragment: random.pick([0, 0x4000, 0x2000, random.int(2 ** 16)]),
    },
    random.bytes(random.int(4, 30)),
  );
  const type = random.chance(0.9) ? random.pick([3, 11, 12]) : random.int(20);
  const message = frames.icmp(
    type,
    random.int(16),
    Uint8Array.from([...random.bytes(4), ...about]),
  );
  const packet = frames.ipv4({ source: from.ip, destination: card.ip, protocol: 1 }, message);
  return pad(random, frames.ethernet({ to: card.mac, from: from.mac, type: 0x0800 }, packet));
}

export function randomArpFrame(random: Random, card: Card): Uint8Array {
  const from = randomPeer(random, card);
  const packet = frames.arp({
    operation: random.int(1, 2),
    senderMac: from.mac,
    senderIp: random.chance(0.1) ? random.pick([0, card.ip, 0xffff_ffff]) : from.ip,
    targetMac: random.int(2 ** 32),
    targetIp: random.chance(0.7) ? card.ip : random.uint32(),
  });
  const to = random.chance(0.5) ? card.mac : frames.BROADCAST;
  return pad(random, frames.ethernet({ to, from: from.mac, type: 0x0806 }, packet));
}

function randomOtherFrame(random: Random, card: Card): Uint8Array {
  const from = randomPeer(random, card);
  const data = random.bytes(random.int(1, 60));
  const packet = frames.ipv4(
    {
      source: from.ip,
      destination: card.ip,
      protocol: random.int(256),
      fragment: random.int(2 ** 16),
    },
    data,
  );
  const type = random.chance(0.5) ? 0x0800 : random.int(2 ** 16);
  const to = random.pick([card.mac, frames.BROADCAST, 0x01_00_5e_00_00_01, from.mac]);
  return frames.ethernet({ to, from: from.mac, type }, packet);
}

/** Any frame that a network may carry. */
export function randomFrame(random: Random, card: Card): Uint8Array {
  const draw = random.float();
  if (draw < 0.7) return randomSegmentFrame(random, card);
  if (draw < 0.76) return randomErrorFrame(random, card);
  if (draw < 0.85) return randomEchoFrame(random, card);
  return draw < 0.95 ? randomArpFrame(random, card) : randomOtherFrame(random, card);
}

/** Damages a frame; then, every other time, makes its checksums right, so that the damage gets further. */
export function mutate(random: Random, original: Uint8Array): Uint8Array {
  let frame: Uint8Array = original.slice();
  const times = random.chance(0.7) ? 1 : random.int(2, 6);
  for (let i = 0; i < times; i++) frame = mutateOnce(random, frame);
  if (random.chance(0.5)) repairChecksums(frame);
  return frame;
}

function mutateOnce(random: Random, frame: Uint8Array): Uint8Array {
  const anywhere = () => random.int(frame.length);
  const inHeaders = () => random.int(Math.min(frame.length, 94));
  const set = (at: number, value: number) => {
    if (at < frame.length) frame[at] = value;
    return frame;
  };
  switch (random.int(10)) {
    case 0: {
      const at = random.chance(0.5) ? anywhere() : inHeaders();
      return set(at, (frame[at] as number) ^ (1 << random.int(8)));
    }
    case 1:
      return set(inHeaders(), random.pick([0, 1, 2, 0x7f, 0x80, 0xff, random.int(256)]));
    case 2:
      return frame.slice(0, random.int(1, frame.length));
    case 3:
      return Uint8Array.from([...frame, ...random.bytes(random.int(1, 64))]);
    case 4: {
      // A total length nearby, or any
      const length = frames.number(frame, 16, 2) + random.int(-12, 12);
      const [high, low] = frames.big(random.chance(0.8) ? length & 0xffff : random.int(2 ** 16), 2);
      set(16, high as number);
      return set(17, low as number);
    }
    case 5:
      return set(14, (random.chance(0.9) ? 0x40 : random.int(256)) | random.int(16));
    case 6: {
      const at = 14 + ((frame[14] ?? 0) & 15) * 4 + 12; // data offset
      return set(at, (random.int(16) << 4) | random.int(16));
    }
    case 7: {
      // Options: kinds and lengths that occur, at the wrong places
      const at = 14 + ((frame[14] ?? 0) & 15) * 4 + 20 + random.int(40);
      return set(at, random.pick([0, 1, 2, 3, 4, 8, 10, random.int(256)]));
    }
    case 8: {
      const [a, b] = [anywhere(), anywhere()];
      const held = frame[a] as number;
      frame[a] = frame[b] as number;
      return set(b, held);
    }
    default:
      frame.copyWithin(anywhere(), anywhere(), anywhere() + random.int(16));
      return frame;
  }
}

/** Writes checksums that are right for what the frame says now, as far as it has the fields. */
export function repairChecksums(frame: Uint8Array): void {
  const packet = frame.subarray(14);
  const header = ((packet[0] ?? 0) & 15) * 4;
  const total = frames.number(packet, 2, 2);
  if (header < 20 || packet.length < header) return;
  packet.set([0, 0], 10);
  packet.set(frames.big(frames.checksumOf(packet.subarray(0, header)), 2), 10);
  const carried = packet.subarray(header, total);
  if (packet[9] === 6 && carried.length >= 18) {
    const [source, destination] = [frames.number(packet, 12, 4), frames.number(packet, 16, 4)];
    carried.set([0, 0], 16);
    const start = frames.pseudoSum(source, destination, carried.length);
    carried.set(frames.big(frames.checksumOf(carried, start), 2), 16);
  } else if (packet[9] === 1 && carried.length >= 4) {
    carried.set([0, 0], 2);
    carried.set(frames.big(frames.checksumOf(carried), 2), 2);
  }
}
