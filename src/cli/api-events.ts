// SPDX-License-Identifier: Apache-2.0
// Subscriptions of a node, as the client commands use them.

import { WebSocket } from 'ws';
import { CliError, EXIT } from './exit.ts';

/** What a subscription says; of events of other types nothing is expected. */
export type ApiEvent =
  | {
      readonly type: 'block' | 'reverted';
      readonly block: { readonly height: number; readonly id: string };
      readonly transactions?: readonly string[];
    }
  | {
      readonly type: 'confirmed';
      readonly block: { readonly height: number; readonly id: string };
      readonly count: number;
      readonly needed: number;
    }
  | {
      readonly type: 'final' | 'justified';
      readonly block: { readonly height: number; readonly id: string };
    }
  | {
      readonly type: 'dropped';
      readonly transactions: readonly { readonly id: string; readonly reason: string }[];
    }
  | { readonly type: 'seen'; readonly count: number }
  | {
      readonly type: 'statuses';
      readonly statuses: readonly {
        readonly id: string;
        readonly state: string;
        readonly reason?: string;
        readonly block?: { readonly height: number; readonly id: string };
        readonly confirmations?: number;
        readonly needed?: number;
      }[];
    }
  | { readonly type: 'lost'; readonly count: number };

interface Message {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
  readonly params?: { readonly event: ApiEvent };
}

export interface EventOptions {
  readonly url: string;
  readonly onEvent: (event: ApiEvent) => void;
  /** The connection ended by itself. */
  readonly onEnd: (reason: string) => void;
}

/** A connection with subscriptions. */
export class ApiEvents {
  readonly #socket: WebSocket;
  readonly #answers = new Map<number, (message: Message) => void>();
  #next = 1;

  private constructor(socket: WebSocket, { onEvent, onEnd }: EventOptions) {
    this.#socket = socket;
    socket.on('message', (data) => {
      const message = JSON.parse(String(data)) as Message;
      if (message.params) {
        onEvent(message.params.event);
        return;
      }
      const { id = 0 } = message;
      this.#answers.get(id)?.(message);
      this.#answers.delete(id);
    });
    socket.on('close', (code, reason) => onEnd(String(reason) || `code ${code}`));
  }

  /** @throws {CliError} `UNAVAILABLE` where no node answers. */
  static async open(options: EventOptions): Promise<ApiEvents> {
    const socket = new WebSocket(`${options.url.replace(/^http/, 'ws')}/rpc`, {
      maxPayload: 256 * 1024 * 1024,
      perMessageDeflate: false,
    });
    const events = new ApiEvents(socket, options);
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', (error) => {
        const message = `no node answers at ${options.url}: ${error.message}`;
        reject(new CliError(EXIT.UNAVAILABLE, message, { cause: error }));
      });
    });
    socket.on('error', () => {});
    return events;
  }

  /** Subscribes. @returns what the node answers. @throws {CliError} `FAILED` with its words. */
  subscribe(parameters: object): Promise<unknown> {
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#answers.set(id, ({ result, error }) => {
        if (error) reject(new CliError(EXIT.FAILED, error.message));
        else resolve(result);
      });
      const message = { jsonrpc: '2.0', id, method: 'subscribe', params: parameters };
      this.#socket.send(JSON.stringify(message));
    });
  }

  close(): void {
    this.#socket.removeAllListeners('close');
    this.#socket.terminate();
  }
}
