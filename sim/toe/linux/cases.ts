// SPDX-License-Identifier: Apache-2.0
// What a card has to hold out against the kernel's TCP. Every case ends with whole pools.

import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Bench } from './bench.ts';
import { bad, type Case, compareWithCard, type Finding, type Sizes, timed } from './case.ts';
import { iperfServer } from './iperf-server.ts';
import { PASST_CASES } from './passt-cases.ts';
import { SCANS } from './scans.ts';
import { PORT } from './services.ts';

const run = promisify(execFile);

/** Of a flood. */
const SYNS_PER_SECOND = 2000;
/** Sessions that open during one. */
const OPENED_IN_FLOOD = 20;

async function toCard(bench: Bench, { bytes, seed }: Sizes): Promise<Finding> {
  const [here, seconds] = await timed(bench.peer.send(bytes, seed));
  return compareWithCard(bench, here, bytes, seconds);
}

async function fromCard(bench: Bench, { bytes, seed }: Sizes): Promise<Finding> {
  const [here, seconds] = await timed(bench.peer.receive(bytes, seed + 1));
  return compareWithCard(bench, here, bytes, seconds);
}

const impair = ({ seed }: Sizes) => `loss=0.05,reorder=0.1,duplicate=0.01,seed=${seed}`;

/** All cases, in order. */
export const CASES: readonly Case[] = [
  { name: 'to-card', about: 'bytes from Linux to the card', run: toCard },
  { name: 'from-card', about: 'bytes from the card to Linux', run: fromCard },
  {
    name: 'to-card-impaired',
    about: 'the same with 5 % loss, 10 % reordering, 1 % duplication',
    impair,
    run: toCard,
  },
  { name: 'from-card-impaired', about: 'and the other way', impair, run: fromCard },
  {
    name: 'linux-closes-window',
    about: 'Linux does not read for a while',
    async run(bench, { bytes, closed, seed }) {
      const [here, seconds] = await timed(bench.peer.receive(bytes, seed, 1000 * closed));
      if (seconds < closed) return bad(`expected at least ${closed} s, got ${seconds}`);
      return compareWithCard(bench, here, bytes, seconds);
    },
  },
  {
    name: 'card-closes-window',
    about: 'the card does not read for a while',
    async run(bench, { bytes, closed, seed }) {
      bench.services.sinkPause = 1000 * closed;
      try {
        const [here, seconds] = await timed(bench.peer.send(bytes, seed));
        if (seconds < closed) return bad(`expected at least ${closed} s, got ${seconds}`);
        return compareWithCard(bench, here, bytes, seconds);
      } finally {
        bench.services.sinkPause = 0;
      }
    },
  },
  {
    name: 'sessions',
    about: 'many sessions open at once, 64 bytes echoed on each, closed',
    async run({ peer }, { sessions, seed }) {
      const { opened, failed, failure, seconds } = await peer.sessions(sessions, seed);
      if (opened !== sessions || failed > 0) {
        return bad(`expected ${sessions} sessions, got ${opened}; ${failed} failed: ${failure}`);
      }
      const rate = (time: number) => `${Math.round(sessions / time)}/s`;
      return {
        ok: true,
        detail: `${sessions} at once: opened ${rate(seconds.open)}, echoed ${rate(seconds.echo)}, closed ${rate(seconds.close)}`,
        figures: { sessions, ...seconds },
      };
    },
  },
  {
    name: 'aborts',
    about: 'connects and aborts at random moments',
    async run({ peer }, { aborts, seed }) {
      const { connected } = await peer.aborts(aborts, seed);
      if (connected === 0) return bad(`expected some of ${aborts} connected, got none`);
      return { ok: true, detail: `${aborts}, of which ${connected} were connected before` };
    },
  },
  {
    name: 'flood',
    about: 'a SYN flood (hping3), a session alive beside it, and some that open meanwhile',
    programs: ['hping3'],
    async run({ peer, site }, { seconds, seed }) {
      await peer.hold(seed);
      // More than the card may have half open; no more than a simulated card takes from its link.
      const rate = ['--interval', `u${1e6 / SYNS_PER_SECOND}`];
      const options = ['--syn', ...rate, '--rand-source', '--quiet', '-p', String(PORT.echo)];
      const flood = run('hping3', [...options, site.card]);
      const told = flood.catch((error: { stderr: string }) => error); // it says so by its code
      const end = delay(1000 * seconds);
      await delay(500); // more are half open than there is room for
      const opening = timed(peer.sessions(OPENED_IN_FLOOD, seed + 1));
      const [opened, openSeconds] = await opening.finally(async () => {
        await end;
        flood.child.kill('SIGINT');
      });
      const during = await peer.release();
      const { stderr } = await told;
      const sent = Number(/(\d+) packets transmitted/.exec(stderr)?.[1] ?? 0);
      if (sent < (SYNS_PER_SECOND * seconds) / 4) {
        return bad(`expected a flood, got ${sent} SYNs: ${stderr.trim()}`);
      }
      if (during.rounds < 2) return bad(`expected echoes beside it, got ${during.rounds}`);
      if (opened.opened !== OPENED_IN_FLOOD || opened.failed > 0) {
        return bad(
          `expected ${OPENED_IN_FLOOD} sessions opened in it, got ${opened.opened}; ${opened.failed} failed: ${opened.failure}`,
        );
      }
      return {
        ok: true,
        detail: `${sent} SYNs in ${seconds} s; ${during.rounds} echoes beside it, the slowest ${Math.round(during.worstMs)} ms; ${OPENED_IN_FLOOD} sessions opened, echoed and closed in ${openSeconds.toFixed(1)} s`,
        figures: { sent, ...during, openSeconds },
      };
    },
  },
  {
    name: 'curl',
    about: 'node:http on the card, curl as its client',
    programs: ['curl'],
    async run({ accelerator, site }, { bytes, seed }) {
      const body = Buffer.alloc(Math.min(bytes, 2 ** 20), `page ${seed} `);
      const http = createServer((request, response) => {
        if (request.method === 'POST') request.pipe(response);
        else response.end(body);
      });
      const listener = await accelerator.transport.listen(
        { host: site.card, port: 80 },
        (socket) => void http.emit('connection', socket),
      );
      try {
        const url = `http://${site.card}/`;
        const options = { encoding: 'buffer', maxBuffer: 2 ** 26 } as const;
        // Two requests on one connection, and one that is answered with what it brought.
        const { stdout } = await run('curl', ['-sS', url, url], options);
        if (!stdout.equals(Buffer.concat([body, body]))) {
          return bad(`expected ${2 * body.length} bytes of the page twice, got ${stdout.length}`);
        }
        const posted = run('curl', ['-sS', '--data-binary', '@-', url], options);
        posted.child.stdin!.end(body);
        const back = (await posted).stdout;
        if (!back.equals(body))
          return bad(`expected ${body.length} bytes back, got ${back.length}`);
        return { ok: true, detail: `two pages of ${body.length} bytes, and as much posted` };
      } finally {
        http.closeAllConnections();
        await listener.close();
      }
    },
  },
  ...([false, true] as const).map(
    (reverse): Case => ({
      name: reverse ? 'iperf3-reverse' : 'iperf3',
      about: `iperf3 as a client, two streams ${reverse ? 'from' : 'to'} the card`,
      programs: ['iperf3'],
      async run({ accelerator, site }, { seconds }) {
        const listener = await iperfServer(accelerator.transport, site.card);
        try {
          const args = ['-c', site.card, '-t', String(seconds), '-P', '2', '--json'];
          const { stdout } = await run('iperf3', reverse ? [...args, '-R'] : args);
          const { end, error } = JSON.parse(stdout);
          if (error !== undefined) return bad(`iperf3: ${error}`);
          const { bytes } = end.sum_received;
          if (!(bytes > 0)) return bad(`expected bytes received, got ${bytes}`);
          const rate = bytes / seconds / 1e6;
          return {
            ok: true,
            detail: `${bytes} bytes in ${seconds} s, ${rate.toFixed(2)} MB/s`,
            figures: { bytes, seconds },
          };
        } finally {
          await listener.close();
        }
      },
    }),
  ),
  {
    name: 'nmap',
    about: 'nmap finds the open ports, and no others',
    programs: ['nmap'],
    async run({ site }) {
      const open = [PORT.echo, PORT.sink, PORT.source];
      for (const scan of ['-sT', '-sS']) {
        const args = [
          scan,
          '-n',
          '-Pn',
          '-p',
          '1-1000',
          '--max-retries',
          '3',
          '-oG',
          '-',
          site.card,
        ];
        const { stdout } = await run('nmap', args);
        const found = [...stdout.matchAll(/(\d+)\/open\//g)].map(([, port]) => Number(port));
        if (String(found) !== String(open)) {
          return bad(`${scan}: expected ports ${open} open, got ${found}`);
        }
        if (/filtered/.test(stdout) && !/closed/.test(stdout)) {
          return bad(`${scan}: expected the others closed, got: ${stdout.trim()}`);
        }
      }
      return { ok: true, detail: `${open} of 1,000 ports open, by connect and by SYN` };
    },
  },
  ...SCANS,
  ...PASST_CASES,
];
