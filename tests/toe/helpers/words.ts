// SPDX-License-Identifier: Apache-2.0
// Packed structs of hdl/toe as objects: fields in the order of their declaration, first ones highest.

type Fields = Readonly<Record<string, number>>;

/** A struct's values; up to 53 bits each. */
export type Word<F extends Fields> = { -readonly [K in keyof F]: number };

/** Reads and writes one kind of struct; `fields` has widths by name. */
export class WordFormat<const F extends Fields> {
  readonly width: number;
  readonly #fields: [keyof F & string, number][];

  constructor(fields: F) {
    this.#fields = Object.entries(fields) as [keyof F & string, number][];
    this.width = this.#fields.reduce((sum, [, width]) => sum + width, 0);
  }

  /** What is not named is zero. */
  encode(values: Partial<Word<F>>): bigint {
    let word = 0n;
    for (const [name, width] of this.#fields) {
      const value = values[name] ?? 0;
      if (value < 0 || value >= 2 ** width) throw new RangeError(`${name}: ${value}`);
      word = (word << BigInt(width)) | BigInt(value);
    }
    return word;
  }

  decode(word: bigint): Word<F> {
    const values: Partial<Word<F>> = {};
    let rest = word;
    for (const [name, width] of [...this.#fields].reverse()) {
      values[name] = Number(rest & ((1n << BigInt(width)) - 1n));
      rest >>= BigInt(width);
    }
    return values as Word<F>;
  }
}

const tuple = { remoteIp: 32, remotePort: 16, localPort: 16 };
const options = {
  mssValid: 1,
  mss: 16,
  wsValid: 1,
  ws: 4,
  sackOk: 1,
  tsValid: 1,
  tsVal: 32,
  tsEcr: 32,
  sackValid: 1,
  sackLeft: 32,
  sackRight: 32,
};

/** toe_pkg::tuple_t */
export const TUPLE = new WordFormat(tuple);

/** toe_pkg::segment_t */
export const SEGMENT = new WordFormat({
  ...tuple,
  seq: 32,
  ack: 32,
  flags: 8,
  window: 16,
  urgent: 16,
  ...options,
  len: 16,
});

/** toe_tcp_pkg::config_t */
export const CONFIG = new WordFormat({
  mss: 14,
  rxLimit: 20,
  rtoMinMs: 17,
  rtoMaxMs: 17,
  rtoFirstMs: 17,
  ackDelayMs: 10,
  mslMs: 17,
  synTries: 4,
  dataTries: 4,
  halfOpen: 16,
  keepIdleMs: 23,
  keepEveryMs: 17,
  keepTries: 4,
  challenges: 10,
  stalledTries: 4,
  ttl: 8,
});

/** toe_tcp_pkg::command_t */
export const COMMAND = new WordFormat({ op: 4, session: 16, ...tuple, value: 20 });

/** toe_tcp_pkg::event_t */
export const EVENT = new WordFormat({
  session: 16,
  what: 13,
  ...tuple,
  received: 32,
  acknowledged: 32,
  urgent: 32,
});

/** toe_tcp_pkg::note_t */
export const NOTE = new WordFormat({
  session: 16,
  begins: 1,
  state: 4,
  received: 1,
  sent: 1,
  len: 16,
  retransmitted: 1,
  dupAck: 1,
  outOfOrder: 1,
  unacceptable: 1,
  noRoom: 1,
});

/** toe_tcp_pkg::session_counters_t */
export const SESSION_COUNTERS = new WordFormat({
  state: 4,
  segmentsIn: 32,
  segmentsOut: 32,
  bytesIn: 48,
  bytesOut: 48,
  retransmitted: 32,
  dupAcks: 32,
  outOfOrder: 32,
  unacceptable: 32,
  noRoom: 32,
});

/** toe_tcp_pkg::icmp_error_t */
export const ICMP_ERROR = new WordFormat({ kind: 8, code: 8, mtu: 16, ...tuple, seq: 32 });

export type Segment = ReturnType<typeof SEGMENT.decode>;
export type Command = ReturnType<typeof COMMAND.decode>;
export type Note = ReturnType<typeof NOTE.decode>;
export type SessionCounters = ReturnType<typeof SESSION_COUNTERS.decode>;
export type Config = ReturnType<typeof CONFIG.decode>;
