/** What a card makes of a frame, byte by byte as the RFCs say: the model that toe_ip is held to. */
import { BROADCAST, number, onesSum, pseudoSum, TYPE_ARP, TYPE_IPV4 } from './frames.ts';
import { NO_OPTIONS, type Segment, type SegmentOptions } from './segment-word.ts';

/** A card's addresses. */
export interface Card {
  readonly mac: number;
  readonly ip: number;
  readonly prefixLen: number;
  readonly gateway: number;
}

/** What is counted, in the order of toe_ip_pkg. */
export const COUNTS = [
  'rxSegments',
  'txSegments',
  'rxEchoes',
  'rxArpRequests',
  'txArpRequests',
  'dropMacError',
  'dropRunt',
  'dropEthernetOther',
  'dropEthertype',
  'dropArp',
  'dropArpFull',
  'dropIpHeader',
  'dropIpLength',
  'dropIpChecksum',
  'dropIpOther',
  'dropIpSource',
  'dropIpFragment',
  'dropIpProtocol',
  'dropTcpHeader',
  'dropTcpChecksum',
  'dropTcpFull',
  'dropIcmpType',
  'dropIcmpChecksum',
  'dropIcmpFull',
  'dropTxUnreachable',
  'rxIcmpErrors',
  'dropIcmpErrorFull',
] as const;

export type Count = (typeof COUNTS)[number];

/** An ICMP error about a segment that the card has sent. */
export interface IcmpError {
  readonly type: number;
  readonly code: number;
  /** Next-hop MTU (RFC 1191), where the type has one. */
  readonly mtu: number;
  readonly remoteIp: number;
  readonly remotePort: number;
  readonly localPort: number;
  readonly seq: number;
}

/** What becomes of a frame. */
export type Outcome =
  | { readonly kind: 'drop'; readonly cause: Count }
  | { readonly kind: 'segment'; readonly segment: Segment; readonly payload: Uint8Array }
  | {
      readonly kind: 'echo';
      readonly toMac: number;
      readonly toIp: number;
      readonly data: Uint8Array;
    }
  | { readonly kind: 'error'; readonly error: IcmpError }
  | {
      readonly kind: 'arp';
      readonly senderMac: number;
      readonly senderIp: number;
      /** A request for the card's address; `answered` says whether it gets an answer. */
      readonly asked: boolean;
      readonly answered: boolean;
      /** The sender is one that can be learnt. */
      readonly teaches: boolean;
    };

const drop = (cause: Count): Outcome => ({ kind: 'drop', cause });

/** @param isBad - the MAC found the frame bad. */
export function receive(frame: Uint8Array, isBad: boolean, card: Card): Outcome {
  if (isBad) return drop('dropMacError');
  if (frame.length < 15) return drop('dropRunt');
  const to = number(frame, 0, 6);
  const type = number(frame, 12, 2);
  const data = frame.subarray(14);
  if (to === card.mac && type === TYPE_IPV4) return receiveIpv4(data, number(frame, 6, 6), card);
  const mayBeArp = to === card.mac || (to === BROADCAST && type !== TYPE_IPV4);
  if (!mayBeArp) return drop('dropEthernetOther');
  return type === TYPE_ARP ? receiveArp(data, card) : drop('dropEthertype');
}

function receiveIpv4(packet: Uint8Array, fromMac: number, card: Card): Outcome {
  const ihl = (packet[0] as number) & 15;
  if ((packet[0] as number) >> 4 !== 4 || ihl < 5) return drop('dropIpHeader');
  const total = number(packet, 2, 2);
  if (packet.length < ihl * 4 || total < ihl * 4 || total > packet.length || total > 1500) {
    return drop('dropIpLength');
  }
  if (onesSum(packet.subarray(0, ihl * 4)) !== 0xffff) return drop('dropIpChecksum');
  if (number(packet, 16, 4) !== card.ip) return drop('dropIpOther');
  const source = number(packet, 12, 4);
  if (!isHost(source) || isAll(source, card) || source === card.ip) return drop('dropIpSource');
  if ((number(packet, 6, 2) & 0x3fff) !== 0) return drop('dropIpFragment');
  const data = packet.subarray(ihl * 4, total);
  if (packet[9] === 6) return receiveTcp(data, source, card);
  if (packet[9] === 1) return receiveIcmp(data, source, fromMac, card);
  return drop('dropIpProtocol');
}

/** Neither this network, nor loopback, multicast, reserved or broadcast. */
function isHost(ip: number): boolean {
  const first = Math.floor(ip / 2 ** 24);
  return first !== 0 && first !== 127 && first < 224;
}

/** The address of all neighbours (RFC 1122 3.2.1.3); networks of two have none (RFC 3021). */
function isAll(ip: number, { ip: own, prefixLen }: Card): boolean {
  const hosts = 2 ** (32 - prefixLen);
  return prefixLen < 31 && ip === own - (own % hosts) + hosts - 1;
}

function receiveTcp(bytes: Uint8Array, source: number, card: Card): Outcome {
  const header = bytes.length < 20 ? 0 : ((bytes[12] as number) >> 4) * 4;
  if (header < 20 || header > bytes.length) return drop('dropTcpHeader');
  if (onesSum(bytes, pseudoSum(source, card.ip, bytes.length)) !== 0xffff) {
    return drop('dropTcpChecksum');
  }
  const payload = bytes.slice(header);
  const segment: Segment = {
    remoteIp: source,
    remotePort: number(bytes, 0, 2),
    localPort: number(bytes, 2, 2),
    seq: number(bytes, 4, 4),
    ack: number(bytes, 8, 4),
    flags: bytes[13] as number,
    window: number(bytes, 14, 2),
    urgent: number(bytes, 18, 2),
    ...readOptions(bytes.subarray(20, header)),
    len: payload.length,
  };
  return { kind: 'segment', segment, payload };
}

/** RFC 9293 3.2 and MUST-7: what is broken ends the reading, what came before it counts. */
export function readOptions(bytes: Uint8Array): SegmentOptions {
  let options = NO_OPTIONS;
  for (let at = 0; at < bytes.length; ) {
    const kind = bytes[at];
    if (kind === 0) break;
    if (kind === 1) {
      at++;
      continue;
    }
    const length = bytes[at + 1] ?? 0;
    if (length < 2 || at + length > bytes.length) break;
    if (kind === 2 && length === 4) {
      options = { ...options, mssValid: 1, mss: number(bytes, at + 2, 2) };
    } else if (kind === 3 && length === 3) {
      options = { ...options, wsValid: 1, ws: Math.min(14, bytes[at + 2] as number) };
    } else if (kind === 4 && length === 2) {
      options = { ...options, sackOk: 1 };
    } else if (kind === 8 && length === 10) {
      const [tsVal, tsEcr] = [number(bytes, at + 2, 4), number(bytes, at + 6, 4)];
      options = { ...options, tsValid: 1, tsVal, tsEcr };
    }
    at += length;
  }
  return options;
}

function receiveIcmp(message: Uint8Array, source: number, fromMac: number, card: Card): Outcome {
  if (message.length < 8 || onesSum(message) !== 0xffff) return drop('dropIcmpChecksum');
  if (message[0] === 8 && message[1] === 0) {
    return { kind: 'echo', toMac: fromMac, toIp: source, data: message.slice(4) };
  }
  const error = receiveIcmpError(message, card);
  return error ? { kind: 'error', error } : drop('dropIcmpType');
}

/** RFC 792: the error's header, then the IPv4 header and 8 bytes of what it is about. */
function receiveIcmpError(message: Uint8Array, card: Card): IcmpError | undefined {
  const [type = 0, code = 0] = message;
  if (![3, 11, 12].includes(type)) return undefined;
  const packet = message.subarray(8);
  const header = ((packet[0] ?? 0) & 15) * 4;
  if ((packet[0] ?? 0) >> 4 !== 4 || header < 20 || packet.length < header + 8) return undefined;
  const isFirst = (number(packet, 6, 2) & 0x1fff) === 0;
  if (!isFirst || packet[9] !== 6 || number(packet, 12, 4) !== card.ip) return undefined;
  return {
    type,
    code,
    mtu: number(message, 6, 2),
    remoteIp: number(packet, 16, 4),
    localPort: number(packet, header, 2),
    remotePort: number(packet, header + 2, 2),
    seq: number(packet, header + 4, 4),
  };
}

function receiveArp(packet: Uint8Array, card: Card): Outcome {
  const operation = number(packet, 6, 2);
  const isKnown = number(packet, 0, 6) === 0x0001_0800_0604 && [1, 2].includes(operation);
  if (packet.length < 28 || !isKnown) return drop('dropArp');
  const senderMac = number(packet, 8, 6);
  const senderIp = number(packet, 14, 4);
  const asked = operation === 1 && number(packet, 24, 4) === card.ip;
  const isUnicast = (number(packet, 8, 1) & 1) === 0 && senderMac !== 0 && senderMac !== card.mac;
  const shift = 2 ** (32 - card.prefixLen);
  const isNear = Math.floor(senderIp / shift) === Math.floor(card.ip / shift);
  return {
    kind: 'arp',
    senderMac,
    senderIp,
    asked,
    answered: asked && isUnicast && senderIp !== card.ip,
    teaches:
      isUnicast &&
      isHost(senderIp) &&
      senderIp !== card.ip &&
      (isNear || senderIp === card.gateway),
  };
}
