// SPDX-License-Identifier: Apache-2.0
// Chromium, where it is there. It drops what it has under way whenever an interface of this host comes or goes,
// as other tests make them do: that is no finding, and such a page is loaded again.

import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** Why there is no browser, if there is none. */
export const noBrowser = existsSync(CHROMIUM)
  ? undefined
  : `${CHROMIUM} is not there: src/scripts/setup browser, or set CHROMIUM`;

export function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
}

/** How Chromium calls it. */
export const NETWORK_CHANGED = 'net::ERR_NETWORK_CHANGED';
const TRIES = 10;

/**
 * Loads a page, and again where the network changed meanwhile.
 *
 * @param begin - called before each try.
 */
export async function load(page: Page, url: string, begin: () => void = () => {}): Promise<void> {
  for (let left = TRIES; ; left--) {
    let isChanged = false;
    const onFailure = (request: { failure(): { errorText: string } | null }) => {
      isChanged ||= request.failure()?.errorText === NETWORK_CHANGED;
    };
    page.on('requestfailed', onFailure);
    begin();
    try {
      await page.goto(url, { waitUntil: 'load', timeout: 120_000 });
    } catch (error) {
      if (!isChanged && !String(error).includes(NETWORK_CHANGED)) throw error;
      isChanged = true;
    } finally {
      page.off('requestfailed', onFailure);
    }
    if (!isChanged) return;
    if (left === 1) throw new Error(`${url}: the network changed in each of ${TRIES} tries`);
    await page.goto('about:blank'); // nothing of this try is under way in the next
  }
}
