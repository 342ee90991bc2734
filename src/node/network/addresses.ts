// SPDX-License-Identifier: Apache-2.0
// Addresses: bytes, groups, and which of them lead anywhere.

import { BlockList, isIP, isIPv4 } from 'node:net';
import { fail } from '../protocol/fields.ts';

/** A port of a host. */
export interface Endpoint {
  /** Numeric address, or a name that an operator wrote. */
  readonly host: string;
  readonly port: number;
}

/** `host:port`, IPv6 in brackets. */
export function formatEndpoint({ host, port }: Endpoint): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/**
 * Reads `host:port`; an address gets its one spelling.
 *
 * @throws {ProtocolError} `PROTOCOL_TEXT`.
 */
export function parseEndpoint(text: string): Endpoint {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]@\s]{1,253})):(\d{1,5})$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (host === undefined || port < 1 || port > 65535) {
    fail('PROTOCOL_TEXT', 0, `peer: expected host:port, got ${JSON.stringify(text.slice(0, 80))}`);
  }
  return { host: isIP(host) === 0 ? host : canonicalAddress(host), port };
}

/** An address in one spelling: IPv4 in IPv6 becomes IPv4. */
export function canonicalAddress(address: string): string {
  const plain = address.replace(/%.*$/, '');
  if (isIP(plain) !== 6) return plain;
  return decodeAddress(encodeAddress(plain), 0);
}

/** 16 bytes; IPv4 as ::ffff:a.b.c.d. The text is a numeric address. */
export function encodeAddress(address: string): Uint8Array {
  const bytes = new Uint8Array(16);
  if (isIPv4(address)) {
    bytes.set([0xff, 0xff, ...address.split('.').map(Number)], 10);
    return bytes;
  }
  const [head = '', tail] = address.split('::');
  const left = words(head);
  const right = tail === undefined ? [] : words(tail);
  const gap = tail === undefined ? 0 : 8 - left.length - right.length;
  const all = [...left, ...new Array<number>(Math.max(0, gap)).fill(0), ...right];
  all.slice(0, 8).forEach((word, i) => {
    bytes[2 * i] = word >>> 8;
    bytes[2 * i + 1] = word & 0xff;
  });
  return bytes;
}

function words(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((part) => {
    if (!part.includes('.')) return [Number.parseInt(part, 16)];
    const [a = 0, b = 0, c = 0, d = 0] = part.split('.').map(Number);
    return [(a << 8) | b, (c << 8) | d];
  });
}

/** The address in 16 bytes. */
export function decodeAddress(bytes: Uint8Array, at: number): string {
  const part = bytes.subarray(at, at + 16);
  const mapped = part.subarray(0, 10).every((b) => b === 0) && part[10] === 255 && part[11] === 255;
  if (mapped) return part.subarray(12).join('.');
  const groups = Array.from({ length: 8 }, (_, i) => (part[2 * i]! << 8) | part[2 * i + 1]!);
  let longest = { at: -1, length: 1 };
  for (let i = 0; i < 8; i++) {
    let length = 0;
    while (i + length < 8 && groups[i + length] === 0) length += 1;
    if (length > longest.length) longest = { at: i, length };
  }
  const hex = (list: number[]) => list.map((word) => word.toString(16)).join(':');
  if (longest.at < 0) return hex(groups);
  return `${hex(groups.slice(0, longest.at))}::${hex(groups.slice(longest.at + longest.length))}`;
}

/** The neighbourhood of an address, /24 or /48: what one operator easily has many addresses in. */
export function subnetOf(address: string): string {
  const bytes = encodeAddress(address);
  return isIPv4(address)
    ? `${bytes.subarray(12, 15).join('.')}.0/24`
    : `${decodeAddress(
        Uint8Array.from(bytes, (byte, i) => (i < 6 ? byte : 0)),
        0,
      )}/48`;
}

/** Whether a text is a network: an address and the bits that all in it share, `10.77.0.0/24`. */
export function isSubnet(text: string): boolean {
  const [address = '', bits = '', ...rest] = text.split('/');
  const most = { 0: 0, 4: 32, 6: 128 }[isIP(address) as 0 | 4 | 6];
  return rest.length === 0 && /^\d{1,3}$/.test(bits) && Number(bits) >= 1 && Number(bits) <= most;
}

/** Whether an address is in one of some networks, each of which `isSubnet`. */
export function addressesIn(subnets: readonly string[]): (address: string) => boolean {
  const isListed = list(...subnets);
  return (address) => isIP(address) !== 0 && isListed(address);
}

/** Two lists: of one that has both, IPv4 addresses also meet the rules for ::/8. */
function list(...subnets: readonly string[]): (address: string) => boolean {
  const lists = { ipv4: new BlockList(), ipv6: new BlockList() };
  for (const subnet of subnets) {
    const [address = '', bits] = subnet.split('/');
    lists[family(address)].addSubnet(address, Number(bits), family(address));
  }
  return (address) => lists[family(address)].check(address, family(address));
}

function family(address: string): 'ipv4' | 'ipv6' {
  return isIPv4(address) ? 'ipv4' : 'ipv6';
}

const LOOPBACK = list('127.0.0.0/8', '::1/128');

/** RFC 6890 and its like: addresses that mean nothing, or another machine, elsewhere. */
const NOT_PUBLIC = list(
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
  '::/8',
  '100::/64',
  '2001:db8::/32',
  'fc00::/7',
  'fe80::/10',
  'ff00::/8',
);

export function isLoopback(address: string): boolean {
  return isIP(address) !== 0 && LOOPBACK(address);
}

/** Whether the address means the same machine to everybody. */
export function isPublic(address: string): boolean {
  return isIP(address) !== 0 && !NOT_PUBLIC(address);
}
