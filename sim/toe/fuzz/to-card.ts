// SPDX-License-Identifier: Apache-2.0

import type { Conversation } from './conversation.ts';
import { CARD, type HostAddress } from './peers.ts';
import type { Fields } from './segment.ts';

const NONE = new Uint8Array();

/** What each segment says; all else is as in segments without a fault, a payload or options. */
export type Said = Pick<Fields, 'seq' | 'ack' | 'flags' | 'window'> & Partial<Fields>;

/** A segment of a conversation, from the other end to the card. */
export function toCard(conversation: Conversation, host: HostAddress, said: Said): Fields {
  const { remoteIp, remotePort, localPort } = conversation;
  return {
    toMac: CARD.mac,
    fromMac: host.mac,
    source: remoteIp,
    destination: CARD.ip,
    ttl: 64,
    dscp: 0,
    fragment: 0x4000,
    ipOptions: NONE,
    sourcePort: remotePort,
    destinationPort: localPort,
    urgent: 0,
    options: NONE,
    payload: NONE,
    ...said,
  };
}
