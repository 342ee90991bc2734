/** ARP packets of neighbours. */
import { expect } from 'vitest';
import { arp, BROADCAST, ethernet, TYPE_ARP } from './frames.ts';
import type { IpBench } from './ip-bench.ts';
import type { Peer } from './random-frames.ts';

export const EMPTY = new Uint8Array();

/** A neighbour asks for an address, the card's unless given. */
export function requestFrame(bench: IpBench, peer: Peer, targetIp = bench.card.ip): Uint8Array {
  const packet = arp({
    operation: 1,
    senderMac: peer.mac,
    senderIp: peer.ip,
    targetMac: 0,
    targetIp,
  });
  return ethernet({ to: BROADCAST, from: peer.mac, type: TYPE_ARP }, packet);
}

/** A neighbour answers the card. */
export function replyFrame(bench: IpBench, peer: Peer): Uint8Array {
  const packet = arp({
    operation: 2,
    senderMac: peer.mac,
    senderIp: peer.ip,
    targetMac: bench.card.mac,
    targetIp: bench.card.ip,
  });
  return ethernet({ to: bench.card.mac, from: peer.mac, type: TYPE_ARP }, packet);
}

/** The card's question for a neighbour, as it goes out. */
export function askFrame(bench: IpBench, ip: number): Uint8Array {
  const { mac } = bench.card;
  const packet = arp({
    operation: 1,
    senderMac: mac,
    senderIp: bench.card.ip,
    targetMac: 0,
    targetIp: ip,
  });
  const frame = ethernet({ to: BROADCAST, from: mac, type: TYPE_ARP }, packet);
  return Uint8Array.from([...frame, ...new Uint8Array(60 - frame.length)]);
}

/** Makes a neighbour known: it asks for the card, and is answered. */
export function teach(bench: IpBench, peer: Peer): void {
  bench.receive(requestFrame(bench, peer));
  const answer = bench.sim.run(bench.tx.receive(), { max: 1000 });
  expect(answer.data.length).toBe(60);
  bench.takeCounts();
}
