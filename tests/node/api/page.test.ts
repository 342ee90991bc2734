// SPDX-License-Identifier: Apache-2.0
// The status page in a real browser: what it shows, that it follows the node, and that it loads
// nothing from elsewhere.

import type { Browser, Page } from 'playwright-core';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { renderStatusPage } from '../../../src/node/api/page.ts';
import { type ApiServer, openApi } from '../../../src/node/api/server.ts';
import { load, NETWORK_CHANGED, noBrowser, openBrowser } from '../../helpers/browser.ts';
import { FakeNode, idOf } from './helpers/fake-node.ts';
import { fakeTransfer } from './helpers/transactions.ts';

const browserTest = test.runIf(noBrowser === undefined);

describe('without a browser', () => {
  test('the page carries all its scripts and styles, and allows no others', () => {
    const { html, policy } = renderStatusPage();
    const foreign = /<script src|<link rel="stylesheet"|@import|url\(/.exec(html);
    expect(foreign?.[0]).toBeUndefined();
    expect(html.match(/<script>/g)?.length).toBe(5);
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('unsafe');
  });

  test('looking at it takes Chromium', (context) => {
    if (noBrowser !== undefined) context.skip(noBrowser);
  });
});

describe.each(['light', 'dark'] as const)('in a browser, %s', (colorScheme) => {
  const node = new FakeNode();
  const problems: string[] = [];
  const requested: string[] = [];
  let api: ApiServer;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    if (noBrowser !== undefined) return;
    node.peerViews = [
      {
        nodeKey: `02${idOf('peer')}`,
        address: '127.0.0.1:<b>9001</b>',
        direction: 'in',
        version: '0.1.0',
        height: 3,
        connectedSince: node.time,
        bytesIn: 1000,
        bytesOut: 2_500_000,
        queued: 0,
        score: 0,
      },
    ];
    for (let i = 0; i < 3; i++) node.produce();
    for (let i = 0; i < 3; i++) node.confirm();
    node.finalize(2);
    api = await openApi({ node, metrics: new Registry() });
    browser = await openBrowser();
    page = await browser.newPage({ colorScheme, viewport: { width: 1280, height: 900 } });
    page.on('console', (message) => {
      if (!message.text().includes(NETWORK_CHANGED)) problems.push(message.text());
    });
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('request', (request) => requested.push(new URL(request.url()).origin));
    await load(page, api.url);
    await page.waitForSelector('body[data-ready]');
    await page.locator('#blocks tbody tr').nth(2).waitFor();
  });
  afterAll(async () => {
    await browser?.close();
    await api?.close();
  });

  const cell = (table: string, row: number, column: number) =>
    page.textContent(`#${table} tbody tr:nth-child(${row}) td:nth-child(${column})`);

  browserTest('says what the node is and how it is', async () => {
    expect(await page.textContent('h1')).toBe('fake');
    expect(await page.textContent('#about')).toContain('devnet, DPOS · produces for alpha');
    expect(await page.textContent('#health')).toBe('healthy');
    const tiles = (await page.textContent('#tiles')) ?? '';
    expect(tiles).toContain('Head3');
    expect(tiles).toContain('Final21 block behind');
    expect(tiles).toContain('Spilled40');
  });

  browserTest('shows blocks, producers, the accelerator and peers', async () => {
    expect(await cell('blocks', 1, 1)).toBe('3');
    expect(await cell('blocks', 1, 6)).toBe('confirmed by 3');
    expect(await cell('blocks', 2, 6)).toBe('final');
    expect(await cell('producers', 1, 2)).toBe('alpha');
    expect(await cell('producers', 1, 4)).toBe('400,000');
    const accelerator = (await page.textContent('#accelerator')) ?? '';
    expect(accelerator).toContain('cycles a signature1,979'); // those with a job in the engine
    expect(accelerator).toContain('sessions on the card3');
    expect(accelerator).toContain('address of the card10.77.0.2');
    expect(accelerator).toMatch(/received by the card.*in 1,200 frames/);
    expect(accelerator).toContain('spilled40 to native');
    // What a peer calls itself is text, not markup.
    expect(await cell('peers', 1, 1)).toBe('127.0.0.1:<b>9001</b>');
    expect(await page.locator('#slots li').count()).toBeGreaterThan(8);
  });

  browserTest('draws four charts', async () => {
    expect(await page.locator('.chart canvas').count()).toBe(4);
  });

  browserTest('follows the node by itself', async () => {
    await node.submit([fakeTransfer(1).bytes]);
    node.produce();
    // Not waitForFunction: it evaluates text in the page, which the page's policy refuses.
    await expect.poll(() => cell('blocks', 1, 1)).toBe('4');
    expect(await cell('blocks', 1, 4)).toBe('1');
    node.confirm();
    await expect
      .poll(() => page.locator('#blocks td:nth-child(6)').first().textContent())
      .toBe('1 of 3');
    node.healthy = false;
    await expect
      .poll(() => page.locator('#health').first().textContent())
      .toBe('head: head is 40 slots old');
  });

  browserTest('has the colours of its scheme, and nothing sticks out', async () => {
    const background = await page.evaluate('getComputedStyle(document.body).backgroundColor');
    expect(background).toBe(colorScheme === 'dark' ? 'rgb(21, 24, 27)' : 'rgb(252, 252, 250)');
    for (const width of [1280, 420]) {
      await page.setViewportSize({ width, height: 900 });
      // Charts are drawn anew for the new width.
      await expect
        .poll(() => page.evaluate('document.documentElement.scrollWidth - innerWidth'))
        .toBeLessThanOrEqual(0);
    }
  });

  browserTest('no message in the console, no request to elsewhere', () => {
    expect(problems).toEqual([]);
    expect([...new Set(requested)].filter((origin) => origin !== api.url)).toEqual([]);
  });
});
