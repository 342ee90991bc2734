// SPDX-License-Identifier: Apache-2.0
// A browser and an http server whose sockets are the card's, on a TAP interface: a page with a style, a
// script and many images arrives whole, over several connections.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { crc32, deflateSync } from 'node:zlib';
import type { Browser } from 'playwright-core';
import { expect, test } from 'vitest';
import { makeTap } from '../../sim/toe/linux/tap.ts';
import { type Accelerator, openAccelerator } from '../../src/driver/index.ts';
import { testRandom } from '../../src/testbench/index.ts';
import { load, noBrowser, openBrowser } from '../helpers/browser.ts';

const IMAGES = 12;
const SIDE = 128;
/** Marks of the last rule and line: what is cut off misses them. */
const COLOUR = 'rgb(1, 2, 3)';
const random = testRandom('browser');

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

/** A picture of noise, which no compression makes smaller: as a file, and its pixels in RGBA. */
function noise(): { readonly png: Buffer; readonly pixels: Buffer } {
  const rows: Buffer[] = [];
  const pixels: Buffer[] = [];
  for (let y = 0; y < SIDE; y++) {
    const row = Buffer.from(random.bytes(3 * SIDE));
    rows.push(Buffer.from([0]), row);
    for (let x = 0; x < SIDE; x++) pixels.push(row.subarray(3 * x, 3 * x + 3), Buffer.from([255]));
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(SIDE, 0);
  header.writeUInt32BE(SIDE, 4);
  header.set([8, 2], 8); // bits, RGB
  const png = Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.concat(rows))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
  return { png, pixels: Buffer.concat(pixels) };
}

/** Fills a style or a script to some 200 kB of comment. */
const filler = (text: string) => `/* ${'x'.repeat(200_000)} */\n${text}`;

/** The pixels of all images, in base64. */
const PIXELS = `[...document.images].map((image) => {
  const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight);
  const context = canvas.getContext('2d');
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  return btoa(Array.from(data, (byte) => String.fromCharCode(byte)).join(''));
})`;

test('a page of 12 images, a style and a script comes whole, on several connections', async (context) => {
  if (noBrowser !== undefined) context.skip(noBrowser);
  const site = await makeTap().catch((error: Error) => context.skip(error.message));
  const images = Array.from({ length: IMAGES }, noise);
  const files = new Map<string, readonly [type: string, body: Buffer | string]>([
    ['/style.css', ['text/css', filler(`h1 { color: ${COLOUR}; }`)]],
    ['/script.js', ['text/javascript', filler('document.body.dataset.ran = "to its end";')]],
    ...images.map(({ png }, i) => [`/${i}.png`, ['image/png', png]] as const),
    [
      '/',
      [
        'text/html',
        `<!doctype html><link rel="stylesheet" href="style.css"><link rel="icon" href="data:,">
        <h1>from the card</h1>${images.map((_, i) => `<img src="${i}.png">`).join('')}
        <script src="script.js"></script>`,
      ],
    ],
  ]);
  const asked: string[] = [];
  const web = createServer((request: IncomingMessage, response: ServerResponse) => {
    asked.push(request.url!);
    const [type, body] = files.get(request.url!) ?? ['text/plain', undefined];
    response.writeHead(body === undefined ? 404 : 200, {
      'Content-Type': type,
      'Cache-Control': 'no-store',
    });
    response.end(body);
  });
  let accelerator: Accelerator | undefined;
  let browser: Browser | undefined;
  try {
    accelerator = await openAccelerator({ kind: 'verilator', link: site.link, ip: site.ip });
    let [now, most] = [0, 0];
    await accelerator.transport.listen({ host: site.card, port: 80 }, (socket) => {
      most = Math.max(most, ++now);
      socket.once('close', () => now--);
      web.emit('connection', socket);
    });
    browser = await openBrowser();
    const page = await browser.newPage();
    const problems: string[] = [];
    page.on('console', (message) => problems.push(message.text()));
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('requestfailed', (request) => {
      problems.push(`${request.url()}: ${request.failure()?.errorText}`);
    });
    await load(page, `http://${site.card}/`, () => {
      problems.length = asked.length = 0;
    });

    expect(await page.textContent('h1')).toBe('from the card');
    expect(await page.evaluate('getComputedStyle(document.querySelector("h1")).color')).toBe(
      COLOUR,
    );
    expect(await page.evaluate('document.body.dataset.ran')).toBe('to its end');
    expect(await page.evaluate(PIXELS)).toEqual(
      images.map(({ pixels }) => pixels.toString('base64')),
    );
    expect(problems).toEqual([]);
    expect(asked.sort()).toEqual([...files.keys()].sort());
    expect(most).toBeGreaterThan(1);
  } finally {
    await browser?.close();
    await accelerator?.close();
    await site.remove();
  }
});
