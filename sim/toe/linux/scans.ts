// SPDX-License-Identifier: Apache-2.0
// What port scanners send: segments that no connection has. Answers are those of RFC 9293 3.10.7, and those
// that Linux gives to the same.

import { execFile } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type Device, readToeCounters } from '../../../src/driver/index.ts';
import type { Bench } from './bench.ts';
import { bad, type Case, type Finding } from './case.ts';
import { PORT } from './services.ts';

const run = promisify(execFile);

/** Of every segment sent: what an answer is made of. */
const SEQ = 1_000_000;
const ACK = 2_000_000;
const DATA = 10;
/** Nobody listens there, on the card or on Linux: reserved by IANA. */
const CLOSED = 1023;
/** Segments sent until one is answered that has to be: the first may come while somebody else works. */
const TRIES = 5;
const LOOKS = 100;

/** One kind of segment; options of hping3. */
interface Mode {
  readonly name: string;
  readonly options: readonly string[];
  /** Sequence numbers that it takes. */
  readonly length?: number;
  readonly hasAck?: true;
  readonly hasSyn?: true;
  readonly hasReset?: true;
  readonly isDamaged?: true;
}

const MODES: readonly Mode[] = [
  { name: 'FIN', options: ['-F'], length: 1 },
  { name: 'NULL', options: [] },
  { name: 'NULL with data', options: ['-d', String(DATA)], length: DATA },
  { name: 'Xmas', options: ['-F', '-P', '-U'], length: 1 },
  { name: 'ECE and CWR', options: ['-X', '-Y'] },
  { name: 'ACK', options: ['-A'], hasAck: true },
  { name: 'FIN, ACK', options: ['-F', '-A'], length: 1, hasAck: true },
  { name: 'SYN, ACK', options: ['-S', '-A'], length: 1, hasAck: true },
  { name: 'RST', options: ['-R'], hasReset: true },
  { name: 'RST, ACK', options: ['-R', '-A'], hasAck: true, hasReset: true },
  { name: 'SYN', options: ['-S'], length: 1, hasSyn: true },
  { name: 'SYN with a bad checksum', options: ['-S', '-b'], isDamaged: true },
  { name: 'ACK with a bad checksum', options: ['-A', '-b'], isDamaged: true },
];

/** In words: `none`, or flags as hping3 has them and the numbers that the RFC fixes. */
type Reply = string;

/** RFC 9293 3.10.7.1 for a port that is closed, 3.10.7.2 for one where somebody listens. */
function replyByRfc(mode: Mode, isOpen: boolean): Reply {
  if (mode.isDamaged || mode.hasReset) return 'none';
  if (mode.hasAck) return replyOf('R', ACK, 0);
  if (!isOpen) return replyOf('RA', 0, SEQ + (mode.length ?? 0));
  return mode.hasSyn ? replyOf('SA', 0, SEQ + 1) : 'none';
}

/** What its sender may choose is left out: who says SYN begins anywhere, without ACK there is no number. */
function replyOf(flags: string, seq: number, ack: number): Reply {
  return [
    flags,
    ...(flags.includes('S') ? [] : [`seq ${seq}`]),
    ...(flags.includes('A') ? [`ack ${ack}`] : []),
  ].join(' ');
}

async function probe(host: string, port: number, { options }: Mode, device?: string) {
  const numbers = ['-M', String(SEQ), '-L', String(ACK), '-p', String(port)];
  const at = device === undefined ? [] : ['-I', device];
  const args = ['-c', '1', '-n', '-V', ...at, ...options, ...numbers, host];
  // Its code says whether something came back; so does its output.
  const { stdout } = await run('hping3', args).catch((error: { stdout?: string }) => {
    if (error.stdout === undefined) throw error;
    return { stdout: error.stdout };
  });
  const found = / flags=(\w*) .*\n.*?\bseq=(\d+) ack=(\d+)/.exec(stdout);
  return found ? replyOf(found[1]!, Number(found[2]), Number(found[3])) : 'none';
}

/** The answer; where one has to come, of the first segment that gets one. */
async function replyTo(host: string, port: number, mode: Mode, hasReply: boolean, device?: string) {
  for (let left = hasReply ? TRIES : 1; ; left--) {
    const reply = await probe(host, port, mode, device);
    if (reply !== 'none' || left <= 1) return reply;
  }
}

const damaged = ({ DROP_IP_CHECKSUM = 0, DROP_TCP_CHECKSUM = 0 }: Record<string, number>) =>
  DROP_IP_CHECKSUM + DROP_TCP_CHECKSUM;

/** Counters of a card that has answered all that came before. */
async function atRest(device: Device): Promise<Record<string, number>> {
  let before = await readToeCounters(device);
  for (let look = 0; look < LOOKS; look++) {
    await delay(50);
    const now = await readToeCounters(device);
    if (now.HALF_OPEN === 0 && now.TX_SEGMENTS === before.TX_SEGMENTS) return now;
    before = now;
  }
  throw new Error('the card does not come to rest');
}

/** Whether the card took one, and sent nothing; what else. */
async function silence(device: Device, mode: Mode, before: Record<string, number>) {
  for (let look = 0; look < LOOKS; look++) {
    const now = await readToeCounters(device);
    const isTaken = mode.isDamaged
      ? damaged(now) > damaged(before)
      : now.RX_SEGMENTS !== before.RX_SEGMENTS;
    if (now.TX_SEGMENTS !== before.TX_SEGMENTS) return 'it sent a segment';
    if (isTaken) return undefined;
    await delay(50);
  }
  return 'it did not count the segment';
}

async function hping({ site, device, peer }: Bench): Promise<Finding> {
  const linux = await peer.serve();
  const wrong: string[] = [];
  for (const mode of MODES) {
    for (const isOpen of [false, true]) {
      const where = `${mode.name} to ${isOpen ? 'an open' : 'a closed'} port`;
      const expected = replyByRfc(mode, isOpen);
      const before = await atRest(device);
      const hasReply = expected !== 'none';
      const card = await replyTo(site.card, isOpen ? PORT.echo : CLOSED, mode, hasReply);
      if (card !== expected) wrong.push(`${where}: expected ${expected}, got ${card}`);
      const noise = hasReply ? undefined : await silence(device, mode, before);
      if (noise !== undefined) wrong.push(`${where}: expected silence, but ${noise}`);
      const port = isOpen ? linux.echo : CLOSED;
      const other = await replyTo('127.0.0.1', port, mode, hasReply, 'lo');
      if (other !== card) wrong.push(`${where}: Linux answers ${other}, the card ${card}`);
    }
  }
  if (wrong.length > 0) return bad(wrong.join('; '));
  return {
    ok: true,
    detail: `${2 * MODES.length} kinds of segment and port, answered as RFC 9293 and Linux do`,
  };
}

/** What nmap says of ports; those that it only counts are not among them. */
async function statesOf(scan: string, host: string, ports: string) {
  // An answer may take its time: what is lost in between is asked for again.
  const patience = ['--max-retries', '6', '--min-rtt-timeout', '500ms'];
  const options = ['-n', '-Pn', ...patience, '-dd', '-oG', '-'];
  const { stdout } = await run('nmap', [scan, ...options, '-p', ports, host], {
    maxBuffer: 2 ** 24,
  });
  const found = stdout.matchAll(/\b(\d+)\/([\w|]+)\/tcp\//g);
  return new Map([...found].map(([, port, state]) => [Number(port), state!]));
}

/** Scans of nmap, and what it makes of a port that is open and of one that is not. */
const STEALTHY = [
  ['-sF', 'open|filtered', 'closed'],
  ['-sX', 'open|filtered', 'closed'],
  ['-sN', 'open|filtered', 'closed'],
  ['-sA', 'unfiltered', 'unfiltered'],
] as const;

async function nmap({ site, peer }: Bench): Promise<Finding> {
  const linux = await peer.serve();
  const open: readonly number[] = Object.values(PORT);
  for (const [scan, ofOpen, ofClosed] of STEALTHY) {
    const states = await statesOf(scan, site.card, '1-1000');
    for (let port = 1; port <= 1000; port++) {
      const expected = open.includes(port) ? ofOpen : ofClosed;
      const state = states.get(port);
      if (state !== expected)
        return bad(`${scan}, port ${port}: expected ${expected}, got ${state}`);
    }
    const same = await statesOf(scan, '127.0.0.1', `${CLOSED},${linux.echo}`);
    for (const [port, expected] of [
      [CLOSED, ofClosed],
      [linux.echo, ofOpen],
    ] as const) {
      if (same.get(port) === expected) continue;
      return bad(`${scan}: ${expected} on the card, ${same.get(port)} on Linux`);
    }
  }
  return { ok: true, detail: 'FIN, Xmas, NULL and ACK: 1,000 ports each, the same as of Linux' };
}

/** Scans without connections. */
export const SCANS: readonly Case[] = [
  {
    name: 'hping3-modes',
    about: 'FIN, NULL, Xmas, ACK, RST, SYN, bad checksums (hping3), to open and closed ports',
    programs: ['hping3'],
    run: hping,
  },
  {
    name: 'nmap-stealth',
    about: 'nmap by FIN, Xmas, NULL and ACK',
    programs: ['nmap'],
    run: nmap,
  },
];
