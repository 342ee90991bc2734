// SPDX-License-Identifier: Apache-2.0
// What Linux says of a process, from /proc.

import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts processor time in these, whatever its own clock. */
const TICKS_PER_SECOND = 100;

/** Memory of a process, bytes. */
export interface ProcessMemory {
  /** All that is in memory: the two below. */
  readonly resident: number;
  /** Its own: heaps, stacks, buffers. */
  readonly anonymous: number;
  /** Pages of files, the database above all; the kernel takes them back when it needs them. */
  readonly file: number;
}

/** @throws when there is no such process. */
export function memoryOf(pid: number): ProcessMemory {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const field = (name: string) => {
    const found = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status);
    if (!found) throw new Error(`/proc/${pid}/status: expected ${name}, got none`);
    return Number(found[1]) * 1024;
  };
  return {
    resident: field('VmRSS'),
    anonymous: field('RssAnon'),
    file: field('RssFile') + field('RssShmem'),
  };
}

/** Bytes of address space in which a process has mapped files whose path ends so. */
export function mappedBytes(pid: number, suffix: string): number {
  let sum = 0;
  for (const line of readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n')) {
    if (!line.endsWith(suffix)) continue;
    const [from = '', to = ''] = line.split(' ', 1)[0]!.split('-');
    sum += Number.parseInt(to, 16) - Number.parseInt(from, 16);
  }
  return sum;
}

/** Processor time of a process, and of its threads of some name; seconds. */
export interface ProcessTime {
  readonly all: number;
  readonly threads: number;
}

/** @param name - of the threads to count apart. @throws when there is no such process. */
export function timeOf(pid: number, name = ''): ProcessTime {
  let threads = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8');
    if (statName(stat) === name) threads += statTime(stat);
  }
  return { all: statTime(readFileSync(`/proc/${pid}/stat`, 'utf8')), threads };
}

/** The name stands in brackets and may hold some itself. */
function statName(stat: string): string {
  return stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
}

/** utime and stime, fields 14 and 15. */
function statTime(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}
