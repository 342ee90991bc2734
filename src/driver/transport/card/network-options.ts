// SPDX-License-Identifier: Apache-2.0

import { randomBytes } from 'node:crypto';
import { isIPv4 } from 'node:net';
import { requireArgument } from '../../errors.ts';

/** Who the card is on its network. */
export interface NetworkOptions {
  /** Address and length of the network's prefix: `10.77.0.2/24`. */
  readonly ip: string;
  /** Hardware address, `02:00:00:00:00:01`; random, locally administered unless given. */
  readonly mac?: string;
  /** Router for other networks, an address within this one; without it they are unreachable. */
  readonly gateway?: string;
}

/** The same as the card's registers have it: IPv4 as numbers, first octet in the top byte. */
export interface Network {
  readonly ip: number;
  readonly prefix: number;
  /** 0: none. */
  readonly gateway: number;
  /** 48 bits, first byte of the address in the top one. */
  readonly mac: bigint;
}

/** `10.0.0.1` as a number. */
export function parseAddress(text: string): number {
  return text.split('.').reduce((value, octet) => value * 256 + Number(octet), 0);
}

/** A number as `10.0.0.1`. */
export function formatAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 0xff).join('.');
}

/** A hardware address as `02:00:00:00:00:01`. */
export function formatMac(mac: bigint): string {
  return mac.toString(16).padStart(12, '0').match(/../g)!.join(':');
}

const maskOf = (prefix: number) => (prefix === 0 ? 0 : (0xffff_ffff << (32 - prefix)) >>> 0);

/** Whether an address belongs to one host: no multicast, no loopback, not nobody's. */
function isHost(address: number): boolean {
  const first = address >>> 24;
  return first !== 0 && first !== 127 && first < 224;
}

/** Whether a segment to this address leaves towards a host. */
export function isReachable(network: Network, address: number): boolean {
  if (!isHost(address) || address === network.ip) return false;
  const mask = maskOf(network.prefix);
  if ((address & mask) !== (network.ip & mask)) return network.gateway !== 0;
  return isInside(network, address);
}

/** Whether an address is one of the network's hosts: neither its name nor its broadcast. */
function isInside({ ip, prefix }: Pick<Network, 'ip' | 'prefix'>, address: number): boolean {
  const mask = maskOf(prefix);
  if ((address & mask) >>> 0 !== (ip & mask) >>> 0) return false;
  const host = (address & ~mask) >>> 0;
  return prefix >= 31 || (host !== 0 && host !== ~mask >>> 0);
}

/**
 * Checks and converts what a user wrote.
 *
 * @throws {AccelError} `ACCEL_ARGUMENT`, with what was expected and got.
 */
export function parseNetwork({ ip, mac, gateway }: NetworkOptions): Network {
  const [address = '', length = '', ...rest] = String(ip).split('/');
  const prefix = Number(length);
  const valid = isIPv4(address) && /^\d{1,2}$/.test(length) && prefix >= 1 && prefix <= 32;
  requireArgument(
    valid && rest.length === 0,
    `ip: expected an IPv4 address and a prefix of 1 to 32, as 10.77.0.2/24; got ${JSON.stringify(ip)}`,
  );
  const own = { ip: parseAddress(address), prefix };
  requireArgument(
    isHost(own.ip) && isInside(own, own.ip),
    `ip: expected the address of a host, got ${ip}`,
  );
  return {
    ...own,
    gateway: gateway === undefined ? 0 : parseGateway(own, gateway),
    mac: mac === undefined ? randomMac() : parseMac(mac),
  };
}

function parseGateway(own: { ip: number; prefix: number }, gateway: string): number {
  const text = JSON.stringify(gateway);
  requireArgument(isIPv4(gateway), `gateway: expected an IPv4 address, got ${text}`);
  const address = parseAddress(gateway);
  const network = `${formatAddress(own.ip)}/${own.prefix}`;
  requireArgument(
    isInside(own, address) && address !== own.ip,
    `gateway: expected another address within ${network}, got ${text}`,
  );
  return address;
}

function parseMac(mac: string): bigint {
  const text = JSON.stringify(mac);
  const isForm = typeof mac === 'string' && /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(mac);
  requireArgument(isForm, `mac: expected six bytes, as 02:00:00:00:00:01; got ${text}`);
  const value = BigInt(`0x${mac.replaceAll(':', '')}`);
  const isOne = value !== 0n && (value >> 40n) % 2n === 0n;
  requireArgument(
    isOne,
    `mac: expected the address of one card, no group's and not 0; got ${text}`,
  );
  return value;
}

/** Of one card (bit 0 of the first byte 0), locally administered (bit 1 is 1). */
function randomMac(): bigint {
  const bytes = randomBytes(6);
  bytes[0] = (bytes[0]! & 0xfc) | 0x02;
  return BigInt(`0x${bytes.toString('hex')}`);
}
