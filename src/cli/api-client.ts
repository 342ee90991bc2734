// SPDX-License-Identifier: Apache-2.0
// The API of a node, as the client commands use it.

import { Agent, request } from 'node:http';
import { ANSWERS, type Answer } from '../node/api/answers.ts';
import { DEFAULT_API_PORT } from '../node/api/limits.ts';
import { CliError, EXIT } from './exit.ts';

/** Where a node of this machine listens, unless told otherwise. */
export const DEFAULT_URL = `http://127.0.0.1:${DEFAULT_API_PORT}`;

/** A node that says nothing for so long is as good as gone. */
const TIMEOUT_MS = 30_000;
const MAX_ANSWER_BYTES = 256 * 1024 * 1024;

interface Reply {
  readonly status: number;
  readonly body: string;
}

/** One node; connections are kept and used again. */
export class ApiClient {
  readonly url: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 8 });

  /** @throws {CliError} `USAGE` for anything but an http URL. */
  constructor(url: string) {
    if (!URL.canParse(url) || new URL(url).protocol !== 'http:') {
      throw new CliError(EXIT.USAGE, `--url: expected an http URL like ${DEFAULT_URL}, got ${url}`);
    }
    this.url = url.replace(/\/+$/, '');
  }

  /**
   * Asks.
   *
   * @param name - the operation, whose answer is checked.
   * @param path - below /v1.
   * @throws {CliError} `UNAVAILABLE` where no node answers, `FAILED` with the node's words.
   */
  async get<Name extends keyof typeof ANSWERS>(name: Name, path: string): Promise<Answer<Name>> {
    return this.#read(name, await this.#send('GET', path));
  }

  /** As `get`; undefined where the node knows no such thing. */
  async find<Name extends keyof typeof ANSWERS>(
    name: Name,
    path: string,
  ): Promise<Answer<Name> | undefined> {
    const reply = await this.#send('GET', path);
    return reply.status === 404 ? undefined : this.#read(name, reply);
  }

  /**
   * Hands in transactions, one after the other.
   *
   * @param verdicts - of which transactions to hear.
   */
  async submit(bytes: Uint8Array, verdicts: 'all' | 'refused'): Promise<Answer<'submit'>> {
    const reply = await this.#send('POST', `/transactions?verdicts=${verdicts}`, bytes);
    return this.#read('submit', reply);
  }

  close(): void {
    this.#agent.destroy();
  }

  #read<Name extends keyof typeof ANSWERS>(name: Name, reply: Reply): Answer<Name> {
    let body: unknown;
    try {
      body = JSON.parse(reply.body);
    } catch {
      throw new CliError(EXIT.FAILED, `${this.url} does not answer as a node does`);
    }
    if (reply.status !== 200) {
      const { message } = (body as { error?: { message?: unknown } }).error ?? {};
      throw new CliError(EXIT.FAILED, String(message ?? `${this.url} answers ${reply.status}`));
    }
    const answer = ANSWERS[name].safeParse(body);
    if (answer.success) return answer.data as Answer<Name>;
    const [issue] = answer.error.issues;
    const where = issue?.path.join('.');
    throw new CliError(EXIT.FAILED, `${this.url} answers otherwise than expected at ${where}`);
  }

  #send(method: 'GET' | 'POST', path: string, body?: Uint8Array): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const fail = (error: Error) => {
        const reason = error.message || (error as NodeJS.ErrnoException).code;
        const message = `no node answers at ${this.url}: ${reason}`;
        reject(new CliError(EXIT.UNAVAILABLE, message, { cause: error }));
      };
      const headers = body && {
        'content-type': 'application/octet-stream',
        'content-length': body.length,
      };
      const options = {
        method,
        agent: this.#agent,
        timeout: TIMEOUT_MS,
        ...(headers && { headers }),
      };
      const sent = request(`${this.url}/v1${path}`, options, (response) => {
        const parts: Buffer[] = [];
        let length = 0;
        response.on('data', (part: Buffer) => {
          length += part.length;
          if (length > MAX_ANSWER_BYTES) sent.destroy(new Error('its answer does not end'));
          parts.push(part);
        });
        response.on('error', fail);
        response.on('end', () => {
          const { statusCode = 0 } = response;
          resolve({ status: statusCode, body: Buffer.concat(parts).toString() });
        });
      });
      sent.on('timeout', () => sent.destroy(new Error(`nothing for ${TIMEOUT_MS / 1000} s`)));
      sent.on('error', fail);
      sent.end(body);
    });
  }
}
