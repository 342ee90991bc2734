/** Holds toe_ip to the model, frame by frame. */
import { expect } from 'vitest';
import * as frames from './frames.ts';
import type { IpBench } from './ip-bench.ts';
import { type Card, type Count, type IcmpError, receive } from './receiver.ts';
import { type Segment, unpackSegment } from './segment-word.ts';

export interface Given {
  readonly frame: Uint8Array;
  /** The MAC found it bad. */
  readonly isBad?: boolean;
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

const padded = (frame: Uint8Array) =>
  Uint8Array.from([...frame, ...new Uint8Array(Math.max(0, 60 - frame.length))]);

/** What has to come out of a card for frames that went in. */
export function expectedOf(given: readonly Given[], card: Card) {
  const segments: Segment[] = [];
  const payloads: string[] = [];
  const answers: string[] = [];
  const errors: IcmpError[] = [];
  const counts: Partial<Record<Count, number>> = {};
  const count = (name: Count) => {
    counts[name] = (counts[name] ?? 0) + 1;
  };
  for (const { frame, isBad = false } of given) {
    const outcome = receive(frame, isBad, card);
    if (outcome.kind === 'drop') count(outcome.cause);
    else if (outcome.kind === 'segment') {
      count('rxSegments');
      segments.push(outcome.segment);
      if (outcome.payload.length > 0) payloads.push(hex(outcome.payload));
    } else if (outcome.kind === 'echo') {
      count('rxEchoes');
      answers.push(hex(padded(echoAnswer(outcome, card))));
    } else if (outcome.kind === 'error') {
      count('rxIcmpErrors');
      errors.push(outcome.error);
    } else {
      if (outcome.asked) count('rxArpRequests');
      if (outcome.answered) answers.push(hex(padded(arpAnswer(outcome, card))));
    }
  }
  return { segments, payloads, errors, answers: answers.sort(), counts };
}

type Echo = { readonly toMac: number; readonly toIp: number; readonly data: Uint8Array };

function echoAnswer({ toMac, toIp, data }: Echo, card: Card): Uint8Array {
  const message = frames.icmp(0, 0, data);
  // Zero has two forms. The request's checksum does not say which one the answer's is (RFC 1624); this
  // one is right for a message of zeros, too.
  if (frames.number(message, 2, 2) === 0) message.fill(0xff, 2, 4);
  const packet = frames.ipv4({ source: card.ip, destination: toIp, protocol: 1 }, message);
  return frames.ethernet({ to: toMac, from: card.mac, type: frames.TYPE_IPV4 }, packet);
}

function arpAnswer(to: { senderMac: number; senderIp: number }, card: Card): Uint8Array {
  const packet = frames.arp({
    operation: 2,
    senderMac: card.mac,
    senderIp: card.ip,
    targetMac: to.senderMac,
    targetIp: to.senderIp,
  });
  return frames.ethernet({ to: to.senderMac, from: card.mac, type: frames.TYPE_ARP }, packet);
}

/** The word of toe_icmp_error, highest field first: bytes from the top down. */
function errorOf(word: Uint8Array): IcmpError {
  const bytes = word.toReversed();
  return {
    type: frames.number(bytes, 0, 1),
    code: frames.number(bytes, 1, 1),
    mtu: frames.number(bytes, 2, 2),
    remoteIp: frames.number(bytes, 4, 4),
    remotePort: frames.number(bytes, 8, 2),
    localPort: frames.number(bytes, 10, 2),
    seq: frames.number(bytes, 12, 4),
  };
}

/** What has come out since the last time; the order of answers among themselves is not fixed. */
export function comeOut(bench: IpBench) {
  return {
    segments: bench.segments.take().map(({ data }) => unpackSegment(data)),
    payloads: bench.payloads.take().map(({ data }) => hex(data)),
    errors: bench.errors.take().map(({ data }) => errorOf(data)),
    answers: bench.tx
      .take()
      .map(({ data }) => hex(data))
      .sort(),
    counts: bench.takeCounts(),
  };
}

/** Sends frames in, and expects what the model says. @returns what was expected. */
export function expectReceived(bench: IpBench, given: readonly Given[]) {
  for (const { frame, isBad } of given) bench.receive(frame, isBad);
  bench.settle();
  const expected = expectedOf(given, bench.card);
  expect(comeOut(bench)).toEqual(expected);
  return expected;
}
