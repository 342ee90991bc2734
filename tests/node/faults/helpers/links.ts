// SPDX-License-Identifier: Apache-2.0

import type { Accelerator, Transport, TransportSocket } from '../../../../src/driver/index.ts';

/** Connections between nodes of one process, told apart by who dials whom, that can be cut. */
export class Links {
  readonly #nodeAt: (port: number) => number;
  readonly #open = new Map<TransportSocket, readonly [from: number, to: number]>();
  #groups: readonly (readonly number[])[] = [];

  /** @param nodeAt - which node listens on a port; -1 for none. */
  constructor(nodeAt: (port: number) => number) {
    this.#nodeAt = nodeAt;
  }

  /** The accelerator of a node, with connections that follow the cuts. */
  through(node: number, accelerator: Accelerator): Accelerator {
    const inner = accelerator.transport;
    const transport: Transport = {
      backend: inner.backend,
      host: inner.host,
      get connections() {
        return inner.connections;
      },
      listen: (...args) => inner.listen(...args),
      connect: async (options) => {
        const to = this.#nodeAt(options.port);
        if (this.#isCut(node, to)) throw new Error('the link is cut');
        const socket = await inner.connect(options);
        this.#open.set(socket, [node, to]);
        socket.once('close', () => this.#open.delete(socket));
        return socket;
      },
      createServer: inner.createServer.bind(inner),
      createConnection: inner.createConnection.bind(inner),
      close: () => inner.close(),
    };
    return { ...accelerator, transport };
  }

  partition(groups: readonly (readonly number[])[]): void {
    this.#groups = groups;
    for (const [socket, [from, to]] of this.#open) {
      if (this.#isCut(from, to)) socket.resetAndDestroy();
    }
  }

  #isCut(from: number, to: number): boolean {
    return this.#groups.some((group) => group.includes(from) !== group.includes(to));
  }
}
