// SPDX-License-Identifier: Apache-2.0

import { lookup } from 'node:dns';
import { isIPv4, isIPv6 } from 'node:net';
import type { Device } from '../../device/device.ts';
import { Interrupts } from '../../device/interrupts.ts';
import { AccelError, abortError, requireArgument } from '../../errors.ts';
import { ToeEventCode as Event, ToeOpCode as Op } from '../../generated/registers.ts';
import { closedError, requireBacklog, requireHost, requirePort } from '../arguments.ts';
import type {
  ConnectionOptions,
  ConnectOptions,
  ListenOptions,
  ServerOptions,
  TcpCounters,
  Transport,
  TransportListener,
  TransportSocket,
} from '../contract.ts';
import { type SystemErrorCode, systemError } from '../system-error.ts';
import { configure, disableNetwork, enableNetwork } from './configure.ts';
import { type EngineOptions, type EngineOwner, ToeEngine } from './engine.ts';
import {
  formatAddress,
  formatMac,
  isReachable,
  type Network,
  type NetworkOptions,
  parseAddress,
  parseNetwork,
} from './network-options.ts';
import { Ports, tupleKey } from './ports.ts';
import type { ToeCompletion, Tuple } from './rings.ts';
import { CardServer, type ServerHome } from './server.ts';
import { Session, type SessionParts } from './session.ts';
import { SessionCounters } from './session-counters.ts';
import { SlotPool } from './slots.ts';
import { CardSocket, type SocketHome } from './socket.ts';

/** A card's transport: who it is, and how the driver uses it. */
export interface CardTransportOptions extends NetworkOptions {
  /** Slots for bytes on their way to the card, and as many for bytes from it: 1 to 128 (default 64). */
  readonly slots?: number;
  /** Bytes of a slot, a multiple of 8 from 512 to 65528 (default 32768). */
  readonly slotBytes?: number;
  /** Bytes a session may have written and not acknowledged, 2048 to 1048575 (default 262144). */
  readonly sendLimit?: number;
  /** Milliseconds for which a segment may live (RFC 9293 MSL), 1 to 131071; TIME-WAIT is twice that (default 30,000). */
  readonly mslMs?: number;
  /** Retransmissions of a SYN before it is given up, 1 to 15 (default 8). */
  readonly synRetries?: number;
  /** Milliseconds of silence before a keep-alive probe, 1 to 8,388,607 (default 7,200,000: RFC 9293 MUST-28). */
  readonly keepAliveIdleMs?: number;
  /** Milliseconds between keep-alive probes, 1 to 131,071 (default 75,000). */
  readonly keepAliveEveryMs?: number;
  /** Keep-alive probes without an answer before the connection is given up, 0 to 15 (default 9). */
  readonly keepAliveProbes?: number;
  /** Device time that the card may take for an answer; default 20,000,000. */
  readonly timeout?: number;
  /** Device time between looks at the rings without an interrupt; default 5,000,000. */
  readonly pollInterval?: number;
  /** Milliseconds between such looks while no answer is due; default 1,000. */
  readonly idleLookMs?: number;
}

/** How often the unusual happened. */
export interface TransportIncidents {
  /** Answers or events found without their interrupt. */
  readonly lostInterrupts: number;
  /** Sessions that had to be reset because the card did not say where their bytes begin. */
  readonly torn: number;
}

/** An OPEN whose outcome is not known. */
interface Opening {
  readonly tuple: Tuple;
  readonly socket: CardSocket;
  /** As the caller wrote the address. */
  readonly tries: number;
}

const BEGINS = Event.ACCEPTED | Event.OPENED;
const TEXT = Event.RECEIVED | Event.PEER_CLOSED;
/** Ports tried where the card says that a session like this is there. */
const MAX_TRIES = 8;
/** Time without progress after which `close` waits no longer for the card to reset its sessions. */
const CLOSE_MS = 2_000;
/** Largest ring used; the card's own limit may be lower. */
const RING_LOG2 = 9;

/**
 * TCP by the engine of a card.
 *
 * Sockets and servers are in the shape of node:net's. The card has one address; it cannot connect to
 * itself, nor has it a loopback network. The end of the card is the end of all its connections.
 */
export class CardTransport implements Transport, EngineOwner, SocketHome, ServerHome {
  readonly backend = 'card';
  readonly address: string;
  /** Hardware address. */
  readonly mac: string;
  readonly #network: Network;
  readonly #device: Device;
  readonly #engine: ToeEngine;
  readonly #parts: SessionParts;
  readonly #counters: SessionCounters;
  readonly #ports = new Ports<CardServer>();
  /** By number, those that linger included. */
  readonly #sessions = new Map<number, Session>();
  readonly #openings = new Map<string, Opening>();
  readonly #sockets = new Set<CardSocket>();
  readonly #servers = new Set<CardServer>();
  readonly #givingUp = new Set<() => void>();
  #torn = 0;
  #closing: Promise<void> | undefined;
  #onProgress: (() => void) | undefined;

  /**
   * Starts the TCP engine of a fresh card.
   *
   * @param interrupts - the card's, shared with its other engines.
   * @throws {AccelError} rejects with `ACCEL_ARGUMENT`, `ACCEL_UNAVAILABLE` (no such engine on it),
   *   `ACCEL_DEVICE`.
   */
  static async open(
    device: Device,
    options: CardTransportOptions,
    interrupts = new Interrupts(device),
  ): Promise<CardTransport> {
    const { slots = 64, slotBytes = 32_768, sendLimit = 262_144 } = options;
    const { mslMs = 30_000, synRetries = 8 } = options;
    const { keepAliveIdleMs = 7_200_000, keepAliveEveryMs = 75_000, keepAliveProbes = 9 } = options;
    const { timeout = 20_000_000, pollInterval = 5_000_000, idleLookMs = 1_000 } = options;
    requireRange('slots', slots, 1, 128);
    requireRange('slotBytes', slotBytes, 512, 65_528);
    requireArgument(slotBytes % 8 === 0, `slotBytes: expected a multiple of 8, got ${slotBytes}`);
    requireRange('sendLimit', sendLimit, 2_048, 1_048_575);
    requireRange('mslMs', mslMs, 1, 131_071);
    requireRange('synRetries', synRetries, 1, 15);
    requireRange('keepAliveIdleMs', keepAliveIdleMs, 1, 8_388_607);
    requireRange('keepAliveEveryMs', keepAliveEveryMs, 1, 131_071);
    requireRange('keepAliveProbes', keepAliveProbes, 0, 15);
    requireRange('timeout', timeout, 1, Number.MAX_SAFE_INTEGER);
    requireRange('pollInterval', pollInterval, 1, Number.MAX_SAFE_INTEGER);
    requireRange('idleLookMs', idleLookMs, 1, 2 ** 31 - 1);
    const network = parseNetwork(options);
    if (!device.capabilities.engines.toe) {
      throw new AccelError('ACCEL_UNAVAILABLE', 'the card has no TCP engine');
    }
    const keepAlive = { keepAliveIdleMs, keepAliveEveryMs, keepAliveProbes };
    const settings = { sendLimit, mslMs, synRetries, ...keepAlive };
    const { ringLog2Max } = await configure(device, network, settings);
    const ringLog2 = Math.min(RING_LOG2, ringLog2Max);
    const engine = { ringLog2, timeout, pollInterval, idleLookMs };
    const sizes = { slots, slotBytes, sendLimit };
    const transport = new CardTransport(device, interrupts, network, engine, sizes);
    await enableNetwork(device);
    return transport;
  }

  private constructor(
    device: Device,
    interrupts: Interrupts,
    network: Network,
    engine: EngineOptions,
    { slots, slotBytes, sendLimit }: { slots: number; slotBytes: number; sendLimit: number },
  ) {
    this.#device = device;
    this.#network = network;
    this.#counters = new SessionCounters(device);
    this.address = formatAddress(network.ip);
    this.mac = formatMac(network.mac);
    this.#engine = new ToeEngine(device, interrupts, this, engine);
    this.#parts = {
      engine: this.#engine,
      readSlots: new SlotPool(device, slots, slotBytes),
      writeSlots: new SlotPool(device, slots, slotBytes),
      slotBytes,
      sendLimit,
      onFreed: (session) => this.#onFreed(session),
    };
  }

  get host(): string {
    return this.address;
  }

  get connections(): number {
    let connecting = 0;
    for (const { connecting: still } of this.#sockets) connecting += Number(still);
    return this.#sockets.size - connecting;
  }

  get incidents(): TransportIncidents {
    return { lostInterrupts: this.#engine.lostInterrupts, torn: this.#torn };
  }

  /** Sessions of the card that are the host's: open, or not given back yet. */
  get sessions(): number {
    return this.#sessions.size;
  }

  // ---- Servers ----

  createServer(
    options?: ServerOptions | ((socket: TransportSocket) => void),
    onConnection?: (socket: TransportSocket) => void,
  ): CardServer {
    this.requireOpen();
    const isOptions = typeof options === 'object' && options !== null;
    const server = new CardServer(this, isOptions ? options : {});
    const listener = typeof options === 'function' ? options : onConnection;
    if (listener) server.on('connection', listener);
    return server;
  }

  async listen(
    { host, port, backlog = 511 }: ListenOptions,
    onSocket: (socket: TransportSocket) => void,
  ): Promise<TransportListener> {
    this.requireOpen();
    if (host !== undefined) requireHost(host);
    requirePort(port, 0);
    requireBacklog(backlog);
    const server = this.createServer({ noDelay: true }, onSocket);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ port, ...(host !== undefined && { host }) }, () => {
        server.off('error', reject);
        resolve();
      });
    });
    this.requireOpen();
    server.on('error', () => {});
    const bound = server.address()!;
    return {
      address: bound.address,
      port: bound.port,
      close: () => {
        if (server.listening) server.close();
        return server.givenUp;
      },
    };
  }

  takePort(server: CardServer, port: number, done: () => void) {
    const chosen = port === 0 ? this.#ports.choose() : port;
    if (chosen === undefined) return 'EADDRNOTAVAIL';
    if (!this.#ports.listen(chosen, server)) return 'EADDRINUSE';
    this.#servers.add(server);
    this.#engine.submit({ op: Op.LISTEN, localPort: chosen }, () => process.nextTick(done));
    return chosen;
  }

  giveUpPort(server: CardServer, port: number, done: () => void): void {
    this.#ports.unlisten(port);
    this.#servers.delete(server);
    const answered = () => {
      this.#givingUp.delete(answered);
      done();
    };
    this.#givingUp.add(answered);
    if (this.#engine.failure) answered();
    else this.#engine.submit({ op: Op.UNLISTEN, localPort: port }, answered);
  }

  // ---- Connections ----

  createConnection(options: ConnectionOptions, onConnect?: () => void): CardSocket {
    this.requireOpen();
    const { host, port, localAddress, timeout } = options;
    const to = { host: host ?? 'localhost', port: Number(port) };
    requireHost(to.host);
    requirePort(to.port, 1);
    const socket = new CardSocket(this, options);
    socket.on('error', () => {}); // ends the connection, not the process
    this.#sockets.add(socket);
    if (timeout !== undefined) socket.setTimeout(timeout);
    if (onConnect) socket.once('connect', onConnect);
    if (localAddress !== undefined && localAddress !== this.address) {
      this.#refuse(socket, 'EADDRNOTAVAIL', to.host, to.port);
    } else if (isIPv4(to.host)) {
      this.#route(socket, to.host, to.port);
    } else if (isIPv6(to.host)) {
      this.#refuse(socket, 'EAFNOSUPPORT', to.host, to.port);
    } else {
      this.#resolve(socket, to.host, to.port);
    }
    this.onRef();
    return socket;
  }

  connect({ host, port, localAddress, signal }: ConnectOptions): Promise<TransportSocket> {
    return new Promise((resolve, reject) => {
      requireHost(host);
      requirePort(port, 1);
      this.requireOpen();
      if (signal?.aborted) throw abortError(signal);
      const socket = this.createConnection({ host, port, localAddress, noDelay: true }, () => {
        settle();
        resolve(socket);
      });
      const settle = () => {
        socket.off('error', onError);
        signal?.removeEventListener('abort', onAbort);
      };
      const onError = (error: Error) => {
        settle();
        reject(error);
      };
      const onAbort = () => socket.destroy(abortError(signal!));
      socket.once('error', onError);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  #resolve(socket: CardSocket, host: string, port: number): void {
    lookup(host, { family: 4 }, (error, address) => {
      if (socket.destroyed) return;
      socket.emit('lookup', error, address, 4, host);
      if (error) socket.destroy(error);
      else this.#route(socket, address, port);
    });
  }

  #route(socket: CardSocket, host: string, port: number): void {
    const remoteIp = parseAddress(host);
    if (isReachable(this.#network, remoteIp)) this.#begin(socket, remoteIp, port, 1);
    else this.#refuse(socket, 'ENETUNREACH', host, port);
  }

  #refuse(socket: CardSocket, code: SystemErrorCode, host: string, port: number): void {
    process.nextTick(() => socket.destroy(systemError(code, 'connect', host, port)));
  }

  #begin(socket: CardSocket, remoteIp: number, remotePort: number, tries: number): void {
    const tuple = this.#ports.connect(remoteIp, remotePort);
    if (!tuple) {
      this.#refuse(socket, 'EADDRNOTAVAIL', formatAddress(remoteIp), remotePort);
      return;
    }
    this.#openings.set(tupleKey(tuple), { tuple, socket, tries });
    this.#engine.submit({ op: Op.OPEN, ...tuple }, () => {});
  }

  // ---- What the card tells; no user's code runs here ----

  onEvent(event: ToeCompletion): void {
    const opening = this.#openings.get(tupleKey(event));
    if (event.events & Event.ACCEPTED) this.#onAccepted(event);
    else if (opening) this.#onOpening(opening, event);
    else this.#onSession(event);
  }

  #onSession(event: ToeCompletion): void {
    const session = this.#sessions.get(event.session);
    if (!session || tupleKey(session) !== tupleKey(event)) {
      this.#engine.distrust(`an event of session ${event.session}, which is not open`);
      return;
    }
    const fault = session.onEvent(event);
    if (fault !== undefined) this.#engine.distrust(`${fault}, session ${event.session}`);
  }

  /** A session begins: `undefined` where its number cannot be, or its bytes have no beginning. */
  #newSession(event: ToeCompletion): Session | undefined {
    if (this.#sessions.has(event.session)) {
      this.#engine.distrust(`session ${event.session} begins while it is open`);
      return undefined;
    }
    const session = new Session(this.#parts, event);
    this.#sessions.set(session.number, session);
    if ((event.events & ~BEGINS & TEXT) === 0) return session;
    // Positions behind the first bytes: nobody knows how many there were.
    this.#torn++;
    session.abandon('abort');
    return undefined;
  }

  #onAccepted(event: ToeCompletion): void {
    const session = this.#newSession(event);
    if (!session) return;
    const server = this.#ports.listener(event.localPort);
    if (!server?.hasRoom || this.#closing) {
      session.abandon('abort');
      return;
    }
    const socket = new CardSocket(this, server.options);
    socket.on('error', () => {}); // ends the connection, not the process
    this.#sockets.add(socket);
    socket.open(session, formatAddress(event.remoteIp));
    server.adopt(socket);
  }

  #onOpening({ tuple, socket, tries }: Opening, event: ToeCompletion): void {
    const { remoteIp, remotePort } = tuple;
    const host = formatAddress(remoteIp);
    this.#openings.delete(tupleKey(tuple));
    if (event.events & Event.OPENED) {
      const session = this.#newSession(event);
      if (!session) this.#refuse(socket, 'ECONNRESET', host, remotePort);
      else if (socket.destroyed) session.abandon('abort');
      else {
        socket.open(session, host);
        socket.announce();
      }
    } else if (event.events & Event.OPEN_FAILED) {
      this.#ports.release(tuple);
      if (socket.destroyed) this.#onProgress?.();
      else if (tries < MAX_TRIES) this.#begin(socket, remoteIp, remotePort, tries + 1);
      else this.#refuse(socket, 'EADDRNOTAVAIL', host, remotePort);
    } else {
      this.#refuse(socket, openError(event.events), host, remotePort);
      this.#engine.submit({ op: Op.FREE, session: event.session }, () => {
        this.#ports.release(tuple);
        this.#onProgress?.();
      });
    }
  }

  #onFreed(session: Session): void {
    this.#sessions.delete(session.number);
    this.#ports.release(session);
    this.#onProgress?.();
  }

  async countersOf(session: Session): Promise<TcpCounters | undefined> {
    if (!session.held || this.#engine.failure) return undefined;
    const counters = await this.#counters.read(session.number);
    // Given back meanwhile: the number may be another session's.
    return session.held ? counters : undefined;
  }

  onSocketGone(socket: CardSocket): void {
    this.#sockets.delete(socket);
    this.onRef();
  }

  onFailure(error: AccelError): void {
    for (const session of this.#sessions.values()) session.drop();
    this.#sessions.clear();
    this.#openings.clear();
    for (const answered of [...this.#givingUp]) answered();
    for (const server of [...this.#servers]) server.fail(error);
    this.#servers.clear();
    // In a turn of their own: users' listeners do not run while the rings are read.
    for (const socket of [...this.#sockets]) process.nextTick(() => socket.destroy(error));
    this.#onProgress?.();
  }

  /** The card, or its link, is gone: all connections and ports with it. */
  fail(error: AccelError): void {
    this.#engine.fail(error);
  }

  // ---- Life ----

  get keepsAlive(): boolean {
    for (const server of this.#servers) if (server.referenced) return true;
    for (const socket of this.#sockets) if (socket.referenced) return true;
    return false;
  }

  onRef(): void {
    this.#engine.listen();
  }

  requireOpen(): void {
    if (this.#closing) throw closedError();
    if (this.#engine.failure) throw this.#engine.failure;
  }

  /** Resets all connections, those that linger included, and gives the ports up. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await null; // `closing` has to be known before anybody is told
    for (const server of [...this.#servers]) server.close();
    for (const socket of [...this.#sockets]) {
      if (socket.connecting) socket.destroy(closedError());
      else socket.resetAndDestroy();
    }
    for (const session of this.#sessions.values()) session.abandon('abort');
    await this.#settled();
    if (!this.#engine.failure) {
      disableNetwork(this.#device);
      this.#engine.fail(closedError());
    }
  }

  /** Until every session was given back, or nothing moves any more. */
  async #settled(): Promise<void> {
    while (this.#sessions.size > 0 && !this.#engine.failure) {
      const moved = await new Promise<boolean>((resolve) => {
        const timer = setTimeout(resolve, CLOSE_MS, false);
        this.#onProgress = () => {
          clearTimeout(timer);
          resolve(true);
        };
      });
      if (!moved) return;
    }
  }
}

/** Why an OPEN failed, as a system has it. */
function openError(events: number): SystemErrorCode {
  if (events & Event.REFUSED) return 'ECONNREFUSED';
  if (events & Event.RESET) return 'ECONNRESET';
  return events & Event.UNREACHABLE ? 'EHOSTUNREACH' : 'ETIMEDOUT';
}

function requireRange(name: string, value: number, low: number, high: number): void {
  requireArgument(
    Number.isSafeInteger(value) && value >= low && value <= high,
    `${name}: expected an integer from ${low} to ${high}, got ${value}`,
  );
}
