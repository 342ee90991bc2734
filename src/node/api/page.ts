// SPDX-License-Identifier: Apache-2.0
// The status page: one file, nothing to fetch but the node's own API.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { packageRoot } from '../../driver/paths.ts';

export interface StatusPage {
  readonly html: string;
  /** Content-Security-Policy: the page's own scripts and styles, its own node, nothing else. */
  readonly policy: string;
}

/** The page's own parts; sources that no compiler touches. */
function readPart(name: string): string {
  return readFileSync(join(packageRoot(), 'src', 'node', 'api', 'page', name), 'utf8');
}

function readUplot(name: string): string {
  const folder = dirname(createRequire(import.meta.url).resolve('uplot/package.json'));
  return readFileSync(join(folder, 'dist', name), 'utf8');
}

const hashOf = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** Puts the page together; done once. */
export function renderStatusPage(): StatusPage {
  const styles = [readUplot('uPlot.min.css'), readPart('style.css')];
  const scripts = [readUplot('uPlot.iife.min.js'), ...SCRIPTS.map(readPart)];
  const parts: Record<string, string> = {
    styles: styles.map((text) => `<style>${text}</style>`).join('\n'),
    scripts: scripts.map((text) => `<script>${text}</script>`).join('\n'),
  };
  const html = readPart('page.html').replaceAll(
    /\{\{(\w+)\}\}/g,
    (_, name: string) => parts[name]!,
  );
  const policy = [
    "default-src 'none'",
    `script-src ${scripts.map(hashOf).join(' ')}`,
    `style-src ${styles.map(hashOf).join(' ')}`,
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
  return { html, policy };
}

const SCRIPTS = ['format.js', 'charts.js', 'live.js', 'view.js'];
