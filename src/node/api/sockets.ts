// SPDX-License-Identifier: Apache-2.0
// JSON-RPC over WebSocket at /rpc: all methods, and subscriptions besides.

import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import type { ApiLimits } from './limits.ts';
import { Outbox } from './outbox.ts';
import { answerRpc, type RpcMethod, type RpcOptions } from './rpc.ts';
import { Session } from './session.ts';
import { TokenBucket } from './token-bucket.ts';
import type { Topics } from './topics.ts';

export interface SocketOptions {
  readonly server: Server;
  readonly methods: ReadonlyMap<string, RpcMethod>;
  readonly topics: Topics;
  readonly limits: ApiLimits;
  readonly onInternalError: RpcOptions['onInternalError'];
}

/** Codes of RFC 6455, 7.4.1. */
const CLOSE = { POLICY: 1008, GOING_AWAY: 1001 } as const;

/** Takes subscribers in, as far as the limits go. */
export class Sockets {
  readonly #options: SocketOptions;
  readonly #server: WebSocketServer;
  readonly #perAddress = new Map<string, number>();
  readonly #heartbeat: NodeJS.Timeout;
  readonly #silent = new Set<WebSocket>();

  constructor(options: SocketOptions) {
    this.#options = options;
    const { server, limits } = options;
    this.#server = new WebSocketServer({
      noServer: true,
      maxPayload: limits.messageBytes,
      perMessageDeflate: false,
    });
    server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    this.#heartbeat = setInterval(() => this.#beat(), limits.heartbeatMilliseconds).unref();
  }

  get count(): number {
    return this.#server.clients.size;
  }

  close(): void {
    clearInterval(this.#heartbeat);
    for (const socket of this.#server.clients) {
      socket.close(CLOSE.GOING_AWAY, 'the node stops');
      socket.terminate();
    }
    this.#server.close();
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { limits } = this.#options;
    const address = request.socket.remoteAddress ?? '';
    const here = this.#perAddress.get(address) ?? 0;
    const path = (request.url ?? '').split('?')[0];
    if (path !== '/rpc') {
      refuse(socket, '404 Not Found', `expected /rpc, got ${path}`);
      return;
    }
    if (!sameOrigin(request)) {
      refuse(socket, '403 Forbidden', 'expected the origin of this node');
      return;
    }
    if (this.count >= limits.sockets || here >= limits.socketsPerAddress) {
      const most = `${limits.sockets} subscribers, ${limits.socketsPerAddress} from one address`;
      refuse(socket, '503 Service Unavailable', `expected at most ${most}`);
      return;
    }
    this.#server.handleUpgrade(request, socket, head, (client) => {
      this.#perAddress.set(address, here + 1);
      client.on('close', () => {
        const left = (this.#perAddress.get(address) ?? 1) - 1;
        if (left > 0) this.#perAddress.set(address, left);
        else this.#perAddress.delete(address);
      });
      this.#serve(client);
    });
  }

  #serve(client: WebSocket): void {
    const { methods, topics, limits, onInternalError } = this.#options;
    const outbox = new Outbox(client, limits.queueBytes);
    const session = new Session({ topics, limits, outbox });
    const options: RpcOptions = {
      methods: new Map([...methods, ...session.methods]),
      batchCalls: limits.batchCalls,
      onInternalError,
    };
    const budget = new TokenBucket(limits.messagesPerSecond);
    let last = Promise.resolve();
    client.on('message', (data: RawData) => {
      if (!budget.take()) {
        const reason = `expected at most ${limits.messagesPerSecond} messages a second`;
        client.close(CLOSE.POLICY, reason);
        return;
      }
      if (outbox.full) {
        client.close(CLOSE.POLICY, 'expected answers to be read');
        return;
      }
      // One after another: answers come in the order of the questions.
      last = last.then(async () => {
        const answer = await answerRpc(String(data), options);
        if (answer !== undefined) outbox.answer(answer);
      });
    });
    client.on('pong', () => this.#silent.delete(client));
    client.on('close', () => {
      this.#silent.delete(client);
      session.close();
    });
    client.on('error', () => client.terminate());
  }

  /** Asks everybody for a sign of life; who gave none since the last time reads nothing any more. */
  #beat(): void {
    for (const client of this.#server.clients) {
      if (this.#silent.has(client)) client.terminate();
      else {
        this.#silent.add(client);
        client.ping();
      }
    }
  }
}

/** A page of another site may not use a visitor's node; programs send no origin. */
function sameOrigin({ headers }: IncomingMessage): boolean {
  const { origin, host } = headers;
  if (origin === undefined) return true;
  return URL.canParse(origin) && new URL(origin).host === host;
}

function refuse(socket: Duplex, status: string, message: string): void {
  const body = JSON.stringify({ error: { code: 'refused', message } });
  socket.end(
    `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-type: application/json\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
