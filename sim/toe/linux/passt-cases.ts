// SPDX-License-Identifier: Apache-2.0
// A card behind passt, whose connections are sockets of this host: from the host to the card, and back.

import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import { promisify } from 'node:util';
import type { Bench } from './bench.ts';
import {
  bad,
  type Case,
  compare,
  compareWithCard,
  type Finding,
  type Sizes,
  timed,
} from './case.ts';
import { receiveFromSource, sendToSink } from './client.ts';
import { HOST_OF_CARD, HTTP } from './passt.ts';
import type { Ports } from './services.ts';

const run = promisify(execFile);

/** Bytes that the card sends on one connection, at most. */
const PIECE = 2_000_000;
/** Bytes of a page at most. */
const PAGE = 2 ** 20;

/** The first that is bad, or what both say. */
function both(to: Finding, from: Finding): Finding {
  if (!to.ok) return { ...to, detail: `to the card: ${to.detail}` };
  if (!from.ok) return { ...from, detail: `from the card: ${from.detail}` };
  return { ok: true, detail: `to the card ${to.detail}; from it ${from.detail}` };
}

/** A client of this host, services of the card behind forwarded ports. */
async function hostToCard(bench: Bench, { bytes, seed }: Sizes): Promise<Finding> {
  const [sent, sending] = await timed(bench.peer.send(bytes, seed));
  const [received, receiving] = await timed(bench.peer.receive(bytes, seed + 1));
  return both(
    compareWithCard(bench, sent, bytes, sending),
    compareWithCard(bench, received, bytes, receiving),
  );
}

/**
 * A client on the card, services of this host at its own 127.0.0.1.
 *
 * What the card sends goes in pieces, a connection each: a passt of early 2023 resets who only sends after half
 * a minute, because it goes on waiting for the acknowledgement of its SYN-ACK.
 */
async function cardToHost({ accelerator, peer }: Bench, sizes: Sizes): Promise<Finding> {
  const { bytes, seed } = sizes;
  const ports: Ports = await peer.serve();
  const connect = (port: number) => accelerator.transport.connect({ host: HOST_OF_CARD, port });
  const source = await connect(ports.source);
  const [here, receiving] = await timed(receiveFromSource(source, bytes, seed + 1));
  const [there] = await peer.passed();
  const to = compare(here, there, bytes, receiving);
  const began = performance.now();
  for (let at = 0; at < bytes; at += PIECE) {
    const size = Math.min(PIECE, bytes - at);
    const [sent, seconds] = await timed(sendToSink(await connect(ports.sink), size, seed + at));
    const [received] = await peer.passed();
    const from = compare(sent, received, size, seconds);
    if (!from.ok) return both(to, from);
  }
  const sending = (performance.now() - began) / 1000;
  const rate = (bytes / sending / 1e6).toFixed(2);
  const pieces = Math.ceil(bytes / PIECE);
  const detail = `${bytes} bytes on ${pieces} connections, the same SHA-256 each, ${rate} MB/s`;
  return both(to, { ok: true, detail });
}

/** node:http on the card, curl of this host at 127.0.0.1. */
async function curl({ accelerator, site }: Bench, { bytes, seed }: Sizes): Promise<Finding> {
  const body = Buffer.alloc(Math.min(bytes, PAGE), `page ${seed} `);
  const http = createServer((_, response) => response.end(body));
  const listener = await accelerator.transport.listen(
    { host: site.card, port: HTTP },
    (socket) => void http.emit('connection', socket),
  );
  try {
    const url = `http://${site.host}:${HTTP + site.shift}/`;
    const options = { encoding: 'buffer', maxBuffer: 4 * PAGE } as const;
    const { stdout } = await run('curl', ['-sS', url, url], options);
    if (!stdout.equals(Buffer.concat([body, body]))) {
      return bad(`expected ${2 * body.length} bytes of the page twice, got ${stdout.length}`);
    }
    return { ok: true, detail: `two pages of ${body.length} bytes` };
  } finally {
    http.closeAllConnections();
    await listener.close();
  }
}

/** Cases behind passt. */
export const PASST_CASES: readonly Case[] = [
  {
    name: 'passt-host-to-card',
    about: "passt: bytes both ways, a client of Linux at the card's forwarded ports",
    site: 'passt',
    programs: ['passt'],
    run: hostToCard,
  },
  {
    name: 'passt-card-to-host',
    about: 'passt: bytes both ways, a client on the card at services of Linux',
    site: 'passt',
    programs: ['passt'],
    run: cardToHost,
  },
  {
    name: 'passt-curl',
    about: 'passt: curl at a forwarded port, node:http on the card',
    site: 'passt',
    programs: ['passt', 'curl'],
    run: curl,
  },
];
