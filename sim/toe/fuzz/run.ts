// SPDX-License-Identifier: Apache-2.0
// One run: an engine from reset to whole pools, and so many mutants between. What follows from the seed is
// the same each time.

import { Random } from '../../../src/testbench/random.ts';
import * as frames from '../../../tests/toe/helpers/frames.ts';
import { type Outcome, receive } from '../../../tests/toe/helpers/receiver.ts';
import { DEFAULTS } from '../../../tests/toe/helpers/tcp-bench.ts';
import { Bystander } from './bystander.ts';
import { fill, findWrong } from './content.ts';
import { Conversation } from './conversation.ts';
import { BUFFERS, Engine, type EngineEvent, type Listener, NODES, SESSIONS } from './engine.ts';
import { Host, type HostSession, type HostWorld, type Plan } from './host.ts';
import { type Kind, makeMutant } from './mutants.ts';
import {
  BYSTANDERS,
  CARD,
  CLOSED_PORT,
  GATEWAY_MAC,
  HOSTILE,
  hopOf,
  isNeighbour,
  LISTENING,
} from './peers.ts';
import { Puppet } from './puppet.ts';
import { ACK, type Fields, frameOf, RST, replacePayload } from './segment.ts';
import { readSent, type SentFrame, type SentSegment } from './sent.ts';
import { Violation } from './violation.ts';

const CONFIG = {
  ...DEFAULTS,
  rxLimit: 40_000,
  rtoMaxMs: 8000,
  mslMs: 500,
  synTries: 3,
  dataTries: 6,
  halfOpen: 12,
  keepIdleMs: 5000,
  keepEveryMs: 500,
  keepTries: 3,
  challenges: 64,
  stalledTries: 2,
};
const SELF = { ...CARD, ttl: CONFIG.ttl };

/** Sessions that are tampered with: towards listeners, a closed port, and opened by the card's host. */
const PUPPETS = { clients: 24, strays: 2, servers: 8 } as const;
/** Sessions beside them, at a time. */
const BESIDE = 2;
const MOST_BYTES = 10_000;
/** How often they look at their clock. */
const BESIDE_TICK_MS = 20;
/** Mutants between two looks at signals. */
const SIGNALS = 1000;
/** Frames in a burst, cycles between them at most, and milliseconds behind it. */
const BURSTS: readonly number[] = [1, 8, 32, 64, 64, 100, 150];
const GAPS: readonly number[] = [0, 0, 0, 12, 24];
const PAUSES_MS: readonly number[] = [0, 0, 0, 1, 2, 5, 20, 60, 300];
/** Until one of them has to be through, in ms. */
const PATIENCE_MS = 300_000;
/** Until everything is forgotten: retries, TIME-WAIT, neighbours. */
const FORGET_MS = 150_000;

/** A frame as it passed the MAC. */
export interface Passed {
  readonly frame: Uint8Array;
  readonly isSent: boolean;
  readonly cycle: number;
}

export interface RunOptions {
  readonly seed: number;
  /** Mutants. */
  readonly frames: number;
  /** Hears of all frames. */
  readonly watch?: (passed: Passed) => void;
  /** Asked now and then: ends it early, but as it ends. */
  readonly isStopped?: () => boolean;
}

/** What happened, by name. */
export type Counts = Record<string, number>;

export interface RunResult {
  readonly seed: number;
  readonly mutants: number;
  /** Delivered in all, and sent by the card. */
  readonly framesIn: number;
  readonly framesOut: number;
  readonly cycles: number;
  /** Model time. */
  readonly ms: number;
  /** Mutants by what was wrong, and by the state that the session had which they met. */
  readonly kinds: Counts;
  readonly states: Counts;
  /** Events of the host, and what it did. */
  readonly host: Counts;
  /** Sessions beside it that came through, and their bytes. */
  readonly beside: { readonly sessions: number; readonly bytes: number };
}

type Peer = Puppet | Bystander;

class FuzzRun implements Listener, HostWorld {
  readonly #engine: Engine;
  readonly #random: Random;
  readonly #options: RunOptions;
  readonly #host: Host;
  readonly #conversations = new Map<string, Conversation>();
  readonly #peers = new Map<Conversation, Peer>();
  readonly #plans = new Map<Conversation, Plan>();
  readonly #puppets: Puppet[] = [];
  readonly #beside = new Set<Bystander>();
  /** Hardware addresses that were claimed for an address. */
  readonly #claims = new Map<number, Set<number>>();
  readonly #echoes: { readonly toMac: number; readonly ip: number; readonly data: Uint8Array }[] =
    [];
  readonly #questions: { readonly mac: number; readonly ip: number }[] = [];
  readonly #kinds: Counts = {};
  readonly #states: Counts = {};
  #lastRight: Uint8Array | undefined;
  #mutants = 0;
  #framesIn = 0;
  #framesOut = 0;
  /** Peers say nothing by themselves. */
  #isQuiet = false;
  #port = 1024;
  #through = 0;
  #bytes = 0;
  /** Frames of a conversation since a storm began. */
  #storm: { readonly conversation: Conversation; answers: number } | undefined;

  constructor(engine: Engine, options: RunOptions) {
    this.#engine = engine;
    this.#options = options;
    this.#random = new Random(options.seed, 'fuzz');
    this.#host = new Host(engine, this, this.#random.fork('host'), CONFIG.mslMs);
    engine.listener = this;
  }

  // ---- What is on the network ----

  conversation(remoteIp: number, remotePort: number, localPort: number): Conversation {
    const key = `${remoteIp}/${remotePort}/${localPort}`;
    const known = this.#conversations.get(key);
    if (known) return known;
    const made = new Conversation(remoteIp, remotePort, localPort);
    made.isListening = LISTENING.includes(localPort);
    this.#conversations.set(key, made);
    return made;
  }

  planOf(conversation: Conversation): Plan | undefined {
    return this.#plans.get(conversation);
  }

  #addPuppet(localPort: number, isServer: boolean): Puppet {
    const host = HOSTILE[this.#port % HOSTILE.length]!;
    const conversation = this.conversation(host.ip, this.#port++, localPort);
    const random = this.#random.fork(`puppet ${this.#port}`);
    const puppet = new Puppet(conversation, host, isServer, random);
    this.#puppets.push(puppet);
    this.#peers.set(conversation, puppet);
    return puppet;
  }

  #addBystander(): void {
    const random = this.#random;
    const host = random.pick(BYSTANDERS);
    const opens = random.chance(0.6);
    const localPort = opens ? random.pick(LISTENING) : 50_000 + (this.#port % 10_000);
    const conversation = this.conversation(host.ip, this.#port++, localPort);
    const bytes = [random.int(MOST_BYTES), random.int(MOST_BYTES)] as const;
    const bystander = new Bystander(
      conversation,
      host,
      { opens, bytes, now: this.#engine.now },
      random.fork(`bystander ${this.#port}`),
      (fields) => this.#say(fields),
    );
    this.#peers.set(conversation, bystander);
    this.#plans.set(conversation, {
      write: bytes[1],
      onEnd: (session) => this.#onThrough(session, bystander),
    });
    this.#beside.add(bystander);
  }

  #onThrough(session: HostSession, bystander: Bystander): void {
    const { toSend, toReceive, received } = bystander;
    if (session.read !== toSend || session.connection.written !== toReceive) {
      throw new Violation(`beside it: the host read ${session.read} of ${toSend} bytes`);
    }
    if (received !== toReceive) {
      throw new Violation(`beside it: the peer received ${received} of ${toReceive} bytes`);
    }
    this.#beside.delete(bystander);
    this.#through++;
    this.#bytes += toSend + toReceive;
  }

  // ---- Frames to the card ----

  /** A right frame. */
  #say(fields: Fields, pause = 0): void {
    const frame = frameOf(fields);
    if (BYSTANDERS.some(({ ip }) => ip === fields.source)) this.#lastRight = frame;
    this.#deliver(frame, receive(frame, false, CARD), false, pause);
  }

  #deliver(frame: Uint8Array, outcome: Outcome, isBad: boolean, pause: number): void {
    this.#framesIn++;
    this.#options.watch?.({ frame, isSent: false, cycle: this.#engine.sim.cycle });
    this.#hear(outcome);
    this.#engine.deliver(frame, isBad, pause);
  }

  #hear(outcome: Outcome): void {
    switch (outcome.kind) {
      case 'segment': {
        const { remoteIp, remotePort, localPort } = outcome.segment;
        this.conversation(remoteIp, remotePort, localPort).hear(outcome.segment);
        break;
      }
      case 'echo':
        this.#echoes.push({ toMac: outcome.toMac, ip: outcome.toIp, data: outcome.data });
        break;
      case 'arp':
        if (outcome.answered)
          this.#questions.push({ mac: outcome.senderMac, ip: outcome.senderIp });
        if (outcome.teaches) this.#claim(outcome.senderIp, outcome.senderMac);
        break;
      default:
    }
  }

  #claim(ip: number, mac: number): void {
    const claims = this.#claims.get(ip) ?? new Set();
    this.#claims.set(ip, claims.add(mac));
  }

  /** Delivers something that is wrong, unless it would rightly harm who must not be harmed. */
  #mutant(pause: number, wanted: (outcome: Outcome) => boolean = () => true): void {
    const { frame, kind, isBad } = makeMutant(this.#random, this.#puppets, this.#lastRight);
    const outcome = receive(frame, isBad, CARD);
    if (harms(outcome) || !wanted(outcome)) return;
    if (outcome.kind === 'segment') this.#restoreBytes(frame, outcome);
    this.#count(kind, outcome);
    this.#deliver(frame, outcome, isBad, pause);
  }

  // Where each byte says where it belongs, a stream can be judged however it was put together
  #restoreBytes(frame: Uint8Array, { segment, payload }: Outcome & { kind: 'segment' }): void {
    const { remoteIp, remotePort, localPort, seq, flags } = segment;
    const { salt } = this.conversation(remoteIp, remotePort, localPort);
    const first = flags & 2 ? seq + 1 : seq;
    if (findWrong(payload, salt, first) < 0) return;
    replacePayload(frame, payload.length, (bytes) => fill(bytes, salt, first));
  }

  #count(kind: Kind, outcome: Outcome): void {
    this.#mutants++;
    this.#kinds[kind] = (this.#kinds[kind] ?? 0) + 1;
    const about =
      outcome.kind === 'segment'
        ? outcome.segment
        : outcome.kind === 'error'
          ? outcome.error
          : undefined;
    if (!about) return;
    const { remoteIp, remotePort, localPort } = about;
    const state = this.conversation(remoteIp, remotePort, localPort).state(this.#engine.now);
    this.#states[state] = (this.#states[state] ?? 0) + 1;
  }

  // ---- Frames of the card ----

  onFrame(frame: Uint8Array): void {
    this.#framesOut++;
    this.#options.watch?.({ frame, isSent: true, cycle: this.#engine.sim.cycle });
    const sent = readSent(frame, SELF);
    if (sent.kind === 'arp') this.#onArp(sent);
    else if (sent.kind === 'echo') this.#onEcho(sent);
    else this.#onSegment(sent);
  }

  #onSegment(sent: SentSegment): void {
    const conversation = this.conversation(sent.ip, sent.remotePort, sent.localPort);
    if (!this.#claims.get(hopOf(sent.ip))?.has(sent.toMac)) {
      throw new Violation(`to ${sent.toMac.toString(16)}, which nobody claimed`);
    }
    conversation.check(sent, this.#engine.sim.cycle, this.#engine.now, CONFIG);
    if (this.#storm?.conversation === conversation) this.#storm.answers++;
    const peer = this.#peers.get(conversation);
    if (peer instanceof Bystander) peer.onSent(sent, this.#engine.now);
    else if (peer && !this.#isQuiet) {
      const answer = peer.onSent(sent);
      if (answer) this.#say(answer);
    }
  }

  #onEcho({ toMac, ip, data }: SentFrame & { kind: 'echo' }): void {
    const at = this.#echoes.findIndex(
      (asked) => asked.toMac === toMac && asked.ip === ip && equal(asked.data, data),
    );
    if (at < 0) throw new Violation(`an echo of ${data.length} bytes that nobody asked for`);
    this.#echoes.splice(0, at + 1);
  }

  #onArp({ toMac, operation, targetMac, targetIp }: SentFrame & { kind: 'arp' }): void {
    if (operation === 2) {
      const at = this.#questions.findIndex(({ mac, ip }) => mac === targetMac && ip === targetIp);
      if (at < 0 || toMac !== targetMac) throw new Violation('an ARP reply that nobody asked for');
      this.#questions.splice(0, at + 1);
      return;
    }
    if (!isNeighbour(targetIp)) throw new Violation(`ARP for ${targetIp.toString(16)}, not near`);
    const mac = this.#macOf(targetIp);
    if (mac === undefined) return;
    const answer = { operation: 2, senderMac: mac, senderIp: targetIp, targetMac: CARD.mac };
    const packet = frames.arp({ ...answer, targetIp: CARD.ip });
    const frame = new Uint8Array(60);
    frame.set(frames.ethernet({ to: CARD.mac, from: mac, type: frames.TYPE_ARP }, packet));
    this.#deliver(frame, receive(frame, false, CARD), false, 0);
  }

  #macOf(ip: number): number | undefined {
    if (ip === CARD.gateway) return GATEWAY_MAC;
    const host = [...HOSTILE, ...BYSTANDERS].find((each) => each.ip === ip);
    return host?.answers ? host.mac : undefined;
  }

  // ---- The host ----

  onEvent(event: EngineEvent): void {
    this.#host.onEvent(event);
  }

  onCommandTaken(): void {
    this.#host.onCommandTaken();
  }

  onWrite(granted: boolean): void {
    this.#host.onWrite(granted);
  }

  onRead(bytes: Uint8Array): void {
    this.#host.onRead(bytes);
  }

  // ---- The run ----

  async run(): Promise<RunResult> {
    const random = this.#random;
    for (const port of LISTENING) this.#engine.listen(port);
    for (let i = 0; i < PUPPETS.clients; i++) this.#addPuppet(LISTENING[i % 2]!, false);
    for (let i = 0; i < PUPPETS.strays; i++) this.#addPuppet(CLOSED_PORT, false);
    for (let i = 0; i < PUPPETS.servers; i++) this.#addPuppet(40_000 + i, true);
    let told = 0;
    while (this.#mutants < this.#options.frames && !this.#options.isStopped?.()) {
      while (this.#beside.size < BESIDE) this.#addBystander();
      this.#burst();
      this.#actOfHost();
      this.#passTime(random.chance(0.02) ? random.int(5000) : random.pick(PAUSES_MS));
      if (random.chance(0.01)) this.#silence();
      if (random.chance(0.004)) this.#challenge();
      if (this.#mutants - told < SIGNALS) continue;
      told = this.#mutants;
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.#finish();
    const { cycle } = this.#engine.sim;
    return {
      seed: this.#options.seed,
      mutants: this.#mutants,
      framesIn: this.#framesIn,
      framesOut: this.#framesOut,
      cycles: cycle,
      ms: this.#engine.now,
      kinds: this.#kinds,
      states: this.#states,
      host: Object.fromEntries(this.#host.counts),
      beside: { sessions: this.#through, bytes: this.#bytes },
    };
  }

  /** Frames at the rate of the line, or with pauses; then rest, or none. */
  #burst(): void {
    const random = this.#random;
    const count = random.pick(BURSTS);
    const slowness = random.pick(GAPS);
    for (let i = 0; i < count; i++) {
      const pause = slowness > 0 ? random.int(slowness) : 0;
      if (random.chance(0.2)) {
        const fields = random.pick(this.#puppets).act();
        if (fields) this.#say(fields, pause);
      } else this.#mutant(pause);
    }
    if (random.chance(0.1)) this.#engine.stall = random.int(500);
    if (random.chance(0.4)) this.#engine.rest();
    else this.#engine.cycles(random.int(400));
  }

  #actOfHost(): void {
    const random = this.#random;
    this.#host.act();
    for (const puppet of this.#puppets) {
      const { isServer, phase, conversation } = puppet;
      if (isServer && phase === 'idle' && conversation.opens === 0 && random.chance(0.1)) {
        this.#host.open(conversation);
      }
    }
    this.#openBeside();
  }

  /** The host opens its sessions beside, and once more those that found no place. */
  #openBeside(): void {
    for (const { conversation } of this.#beside) {
      const isWanted = conversation.localPort >= 50_000 && !conversation.connection;
      if (isWanted && conversation.opens === 0) this.#host.open(conversation);
    }
  }

  #passTime(ms: number): void {
    const engine = this.#engine;
    if (ms > 0) engine.rest();
    for (let left = ms; left > 0; ) {
      const due = engine.dueMs;
      const most = this.#beside.size > 0 ? Math.min(left, BESIDE_TICK_MS) : left;
      if (due > 2) left -= engine.skip(Math.min(most, due - 1));
      else {
        engine.tick();
        left--;
      }
      for (const each of this.#beside) each.tick(engine.now);
      if (due <= 2 || !engine.isFed) engine.rest();
    }
    for (const { began, conversation } of this.#beside) {
      if (engine.now - began > PATIENCE_MS) {
        throw new Violation(`a session beside it does not end; ${conversation.describe()}`);
      }
    }
  }

  /** What is not for the card to look at gets no answer. */
  #silence(): void {
    this.#engine.rest();
    const before = this.#framesOut;
    this.#isQuiet = true;
    for (let i = 0; i < 30; i++) this.#mutant(0, ({ kind }) => kind === 'drop');
    this.#engine.rest();
    this.#isQuiet = false;
    if (this.#framesOut > before) {
      throw new Violation(`${this.#framesOut - before} answers to what had to be dropped`);
    }
  }

  /** RFC 5961 7: no more challenges in a moment than allowed. */
  #challenge(): void {
    const puppet = this.#puppets.find(
      ({ phase, conversation, host, next, edge }) =>
        phase === 'open' && host.answers && conversation.connection?.isOpen && edge - next > 1000,
    );
    if (!puppet) return;
    this.#engine.rest();
    this.#isQuiet = true;
    this.#storm = { conversation: puppet.conversation, answers: 0 };
    for (let i = 1; i <= 3 * CONFIG.challenges; i++) {
      this.#say(puppet.segment(RST, { seq: (puppet.next + 1 + (i % 900)) >>> 0 }), 20);
    }
    this.#engine.rest();
    this.#isQuiet = false;
    const { answers } = this.#storm;
    this.#storm = undefined;
    if (answers > CONFIG.challenges) {
      throw new Violation(`${answers} challenges, expected at most ${CONFIG.challenges}`);
    }
  }

  /** Everybody leaves; then nothing is left, and there is room for as many as ever. */
  #finish(): void {
    const random = this.#random;
    const host = this.#host;
    const began = this.#engine.now;
    this.#isQuiet = true;
    for (let i = 0; this.#beside.size > 0 || host.sessions.size > 0; i++) {
      this.#passTime(50);
      host.act();
      this.#openBeside();
      if (random.chance(0.1) || i > 200) host.abortAll();
      if (this.#engine.now - began > PATIENCE_MS) {
        const left = [...host.sessions.values()].map(({ conversation }) => conversation.describe());
        throw new Violation(`sessions do not end: ${left.join('; ')}`);
      }
    }
    this.#passTime(FORGET_MS);
    this.#expectWhole();
    this.#fillUp();
    this.#passTime(FORGET_MS);
    this.#expectWhole();
  }

  #expectWhole(): void {
    const whole = {
      in_use: 0,
      half_open: 0,
      free_buffers: BUFFERS,
      free_nodes: NODES,
      deadlines: 'none',
    };
    const [got, expected] = [JSON.stringify(this.#engine.pools), JSON.stringify(whole)];
    if (got !== expected) throw new Violation(`in the end: expected ${expected}, got ${got}`);
  }

  /** Every session number can be had, once. */
  #fillUp(): void {
    const bystander = BYSTANDERS[0]!;
    for (let i = 0; i < SESSIONS; i++) {
      const conversation = this.conversation(bystander.ip, this.#port++, LISTENING[0]!);
      const puppet = new Puppet(conversation, bystander, false, this.#random);
      this.#peers.set(conversation, puppet);
      const syn = puppet.act();
      if (syn) this.#say(syn);
      this.#isQuiet = false;
      this.#engine.rest();
      this.#isQuiet = true;
      this.#say(puppet.segment(ACK));
      this.#engine.rest();
    }
    const { size } = this.#host.sessions;
    if (size !== SESSIONS) throw new Violation(`${size} sessions of ${SESSIONS} can be had`);
    for (const session of this.#host.sessions.values()) this.#host.abort(session);
    this.#engine.rest();
  }
}

/** Whether a frame rightly ends or misleads a session that must not be harmed. */
function harms(outcome: Outcome): boolean {
  const isBeside = (address: number) => BYSTANDERS.some(({ ip }) => ip === address);
  switch (outcome.kind) {
    case 'segment':
      return isBeside(outcome.segment.remoteIp);
    case 'error':
      return isBeside(outcome.error.remoteIp);
    case 'echo':
      return isBeside(outcome.toIp);
    case 'arp':
      return isBeside(outcome.senderIp);
    default:
      return false;
  }
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/**
 * Runs one.
 *
 * @throws {Violation} when the engine does what it must not.
 */
export async function fuzz(options: RunOptions): Promise<RunResult> {
  const engine = await Engine.open(options.seed, CARD, CONFIG);
  try {
    return await new FuzzRun(engine, options).run();
  } finally {
    engine.close();
  }
}
