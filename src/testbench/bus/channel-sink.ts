// SPDX-License-Identifier: Apache-2.0
import { isPaused, type Pause } from '../pauses.ts';
import type { Random } from '../random.ts';
import type { Channel, ChannelEnd } from './channel.ts';

/** What a sink does with a transfer, and whether it may accept one now. */
export interface SinkHooks {
  /** The payload is taken; called before the edge that takes it. */
  readonly take: () => void;
  /** Asked each cycle; always, unless given. */
  readonly mayTake?: () => boolean;
}

/** Drives a channel's READY, pausing at random, and takes what comes. */
export class ChannelSink implements ChannelEnd {
  /** When it pauses; may be changed at any time. */
  pause: Pause;
  readonly channel: Channel;
  readonly #random: Random;
  readonly #hooks: SinkHooks;

  constructor(channel: Channel, random: Random, pause: Pause, hooks: SinkHooks) {
    this.channel = channel;
    this.#random = random;
    this.pause = pause;
    this.#hooks = hooks;
    channel.ready?.bits.set(0);
  }

  drive(): void {
    const mayTake = this.#hooks.mayTake?.() ?? true;
    const isReady = mayTake && !isPaused(this.pause, this.#random);
    this.channel.ready?.bits.set(isReady ? 1 : 0);
  }

  sample(): void {
    if (this.channel.isTransfer) this.#hooks.take();
  }

  /** Reset: READY falls. */
  rest(): void {
    this.channel.ready?.bits.set(0);
  }
}
