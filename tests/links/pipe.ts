/** link_pipe as an object: frames in, frames out, what it said. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

export const PIPE = 'build/native/link_pipe';

export interface Counters {
  readonly sent: number;
  readonly received: number;
  readonly dropped: number;
  readonly frames: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly reordered: number;
  readonly corrupted: number;
}

export class Pipe {
  readonly frames: Buffer[] = [];
  errors = '';
  readonly process: ChildProcess;
  #bytes = Buffer.alloc(0);
  readonly #ended: Promise<unknown>;

  /** @param command - the program and its arguments; link_pipe is among them. */
  constructor(command: readonly string[], env: NodeJS.ProcessEnv = process.env) {
    this.process = spawn(command[0]!, command.slice(1), { env, stdio: 'pipe' });
    this.process.stdout!.on('data', (bytes: Buffer) => this.#read(bytes));
    this.process.stderr!.on('data', (bytes: Buffer) => {
      this.errors += bytes.toString();
    });
    this.process.stdin!.on('error', () => {}); // it has ended; its message says why
    this.#ended = once(this.process, 'close');
  }

  static async open(link: string, options: readonly string[] = []): Promise<Pipe> {
    const pipe = new Pipe([PIPE, link, ...options]);
    await pipe.ready();
    return pipe;
  }

  async ready(): Promise<void> {
    await this.#wait(() => this.errors.includes('ready\n'), 'link_pipe to be ready');
  }

  send(...frames: readonly Uint8Array[]): void {
    for (const frame of frames) {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(frame.length);
      this.process.stdin!.write(Buffer.concat([length, frame]));
    }
  }

  /** Waits until so many frames have come. */
  async receive(count: number): Promise<Buffer[]> {
    await this.#wait(() => this.frames.length >= count, `${count} frames`);
    return this.frames;
  }

  /** Ends the input; what it counted. */
  async end(): Promise<Counters> {
    this.process.stdin!.end();
    await this.#ended;
    // passt may say something, too.
    const line = /^\{.*\}$/m.exec(this.errors)?.[0];
    if (line === undefined) throw new Error(`expected counters in JSON, got "${this.errors}"`);
    return JSON.parse(line) as Counters;
  }

  /** Waits until it ends by itself. */
  async exit(): Promise<{ code: number | null; errors: string }> {
    await this.#ended;
    return { code: this.process.exitCode, errors: this.errors };
  }

  async #wait(isTrue: () => boolean, what: string): Promise<void> {
    const deadline = Date.now() + 30_000;
    while (!isTrue()) {
      if (this.process.exitCode !== null || Date.now() > deadline) {
        throw new Error(`waited for ${what}, got ${this.frames.length} frames; ${this.errors}`);
      }
      await sleep(5);
    }
  }

  #read(bytes: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    while (this.#bytes.length >= 4 && this.#bytes.length >= 4 + this.#bytes.readUInt32BE(0)) {
      const end = 4 + this.#bytes.readUInt32BE(0);
      this.frames.push(this.#bytes.subarray(4, end));
      this.#bytes = this.#bytes.subarray(end);
    }
  }
}

/** An Ethernet frame of a local experimental type between two addresses, given by their last byte. */
export function frameOf(to: number | 'all', from: number, payload: Uint8Array): Buffer {
  const target = to === 'all' ? Buffer.alloc(6, 0xff) : Buffer.from([2, 0, 0, 0, 0, to]);
  return Buffer.concat([target, Buffer.from([2, 0, 0, 0, 0, from, 0x88, 0xb5]), payload]);
}

/** Asks who has an address: the frame that every IPv4 host answers. */
export function arpRequest(from: number, ip: readonly number[], target: readonly number[]): Buffer {
  const mac = [2, 0, 0, 0, 0, from];
  const arp = [0, 1, 8, 0, 6, 4, 0, 1, ...mac, ...ip, 0, 0, 0, 0, 0, 0, ...target];
  const head = [255, 255, 255, 255, 255, 255, ...mac, 8, 6];
  return Buffer.concat([Buffer.from([...head, ...arp]), Buffer.alloc(18)]);
}
