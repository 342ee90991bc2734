// SPDX-License-Identifier: Apache-2.0
// What `hpb serve` was asked for, checked before anything is opened.

import { statSync } from 'node:fs';
import { InvalidArgumentError } from 'commander';
import type { LocalName } from '../backends.ts';
import { CliError, EXIT } from '../exit.ts';

/** Port and folder of `--http`. */
export interface WebOption {
  readonly port: number;
  readonly folder: string;
}

/** Options of `hpb serve`. */
export interface ServeOptions {
  readonly accel: LocalName;
  readonly host?: string;
  readonly link?: string;
  readonly ip?: string;
  readonly mac?: string;
  readonly gateway?: string;
  readonly pcap?: string;
  readonly impair?: string;
  readonly echo?: number;
  readonly discard?: number;
  readonly chargen?: number;
  readonly http?: WebOption;
  readonly json: boolean;
}

/** A port; 0 lets the system choose. */
export function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError(`Expected a port from 0 to 65535, got ${JSON.stringify(text)}.`);
}

/** `80:DIR`. */
export function parseWeb(text: string): WebOption {
  const [, port, folder] = /^(\d{1,5}):(.+)$/s.exec(text) ?? [];
  if (port === undefined || folder === undefined) {
    throw new InvalidArgumentError(
      `Expected a port and a folder, as 80:site; got ${JSON.stringify(text)}.`,
    );
  }
  return { port: parsePort(port), folder };
}

/** Options that only a card has. */
const CARD_OPTIONS = ['link', 'ip', 'mac', 'gateway', 'pcap', 'impair'] as const;

/**
 * Checks what belongs together.
 *
 * @throws {CliError} `USAGE`, `INPUT` for a folder that is none.
 */
export function checkOptions(options: ServeOptions): void {
  const { accel, echo, discard, chargen, http } = options;
  const ports = [echo, discard, chargen, http?.port].filter((port) => port !== undefined);
  if (ports.length === 0) {
    usage('nothing to serve: expected some of --echo, --discard, --chargen, --http');
  }
  const twice = ports.find((port, i) => port !== 0 && ports.indexOf(port) !== i);
  if (twice !== undefined) usage(`port ${twice}: expected one service, got two`);
  if (accel === 'verilator') {
    if (options.link === undefined || options.ip === undefined) {
      usage('--accel verilator: expected --link and --ip, as --link tap:hpb0 --ip 10.77.0.2/24');
    }
    if (options.host !== undefined) usage('--host: the card has the one address of --ip');
  } else {
    const given = CARD_OPTIONS.find((name) => options[name] !== undefined);
    if (given) usage(`--${given}: only with --accel verilator, got --accel ${accel}`);
  }
  if (http) checkFolder(http.folder);
}

function checkFolder(folder: string): void {
  let isFolder = false;
  try {
    isFolder = statSync(folder).isDirectory();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CliError(EXIT.INPUT, `--http: cannot read the folder ${folder}: ${code}`);
  }
  if (!isFolder) throw new CliError(EXIT.INPUT, `--http: expected a folder, got ${folder}`);
}

function usage(message: string): never {
  throw new CliError(EXIT.USAGE, message);
}
