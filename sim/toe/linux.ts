// SPDX-License-Identifier: Apache-2.0
// The emulated card against Linux TCP, over a TAP interface and behind passt.
//
//   node src/scripts/run.js sim/toe/linux.ts --case sessions --sessions 10000

import { execFileSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { Command } from 'commander';
import { CliError, EXIT } from '../../src/cli/exit.ts';
import { formatSeconds } from '../../src/cli/format.ts';
import { number } from '../../src/cli/number-option.ts';
import { runProgram } from '../../src/cli/program.ts';
import type { Terminal } from '../../src/cli/terminal.ts';
import { Bench } from './linux/bench.ts';
import type { Case, Finding, Sizes } from './linux/case.ts';
import { CASES } from './linux/cases.ts';

const HELP = `
Needs root, for a TAP interface that it makes and removes again; or namespaces of its own, where
/dev/net/tun is open to all: unshare -Urn. Those behind passt need neither. A case whose program is not
installed is skipped, and says so.
Wall-clock figures: what simulating the card costs here, not what the card does.

Exit code: 0 everything held, 1 something did not, 64 wrong usage, 69 no such link here, 130 Ctrl-C.

Examples:
  make linux
  make linux ARGS="--case to-card,from-card --megabytes 1 --json"
`;

interface Options extends Omit<Sizes, 'bytes'> {
  readonly case?: readonly Case[];
  readonly megabytes: number;
  readonly pcap?: string;
  readonly json: boolean;
}

interface Result extends Finding {
  readonly name: string;
  readonly seconds: number;
  readonly skipped?: string;
}

function parseCases(text: string): readonly Case[] {
  return text.split(',').map((name) => {
    const found = CASES.find((each) => each.name === name);
    if (found) return found;
    const names = CASES.map((each) => each.name).join(', ');
    throw new CliError(EXIT.USAGE, `--case: expected some of ${names}, got "${name}"`);
  });
}

function isInstalled(program: string): boolean {
  try {
    execFileSync('/bin/sh', ['-c', 'command -v "$0"', program], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Runs a case on a card of its own. */
async function runCase(one: Case, sizes: Sizes, options: Options, signal: AbortSignal) {
  const began = performance.now();
  const done = (finding: Finding, skipped?: string): Result => ({
    name: one.name,
    seconds: (performance.now() - began) / 1000,
    ...finding,
    ...(skipped !== undefined && { skipped }),
  });
  const missing = one.programs?.find((program) => !isInstalled(program));
  if (missing !== undefined) {
    const why = `no ${missing} here; install the package ${missing}`;
    return done({ ok: true, detail: `skipped: ${why}` }, why);
  }
  let bench: Bench;
  try {
    bench = await Bench.open({
      ...(one.site && { site: one.site }),
      ...(one.impair && { impair: one.impair(sizes) }),
      ...(options.pcap !== undefined && { pcap: `${options.pcap}.${one.name}` }),
    });
  } catch (error) {
    throw new CliError(EXIT.UNAVAILABLE, (error as Error).message, { cause: error });
  }
  try {
    const stopped = new Promise<Finding>((resolve) => {
      signal.addEventListener('abort', () => resolve({ ok: false, detail: 'interrupted' }));
    });
    const finding = await Promise.race([
      one
        .run(bench, sizes)
        .catch((error: Error): Finding => ({ ok: false, detail: error.message })),
      stopped,
    ]);
    const left = await bench.leftovers(signal);
    if (left === undefined || !finding.ok) return done(finding);
    return done({ ...finding, ok: false, detail: `${finding.detail}; left over: ${left}` });
  } finally {
    await bench.close();
  }
}

async function campaign(options: Options, { stdout, stderr, interrupt }: Terminal) {
  const { megabytes, json, pcap: _, case: cases = CASES, ...rest } = options;
  const sizes: Sizes = { ...rest, bytes: Math.round(megabytes * 1e6) };
  stderr.write(`linux: seed ${sizes.seed}\n`);
  const results: Result[] = [];
  for (const one of cases) {
    if (interrupt.aborted) break;
    stderr.write(`linux: ${one.name}: ${one.about}\n`);
    const result = await runCase(one, sizes, options, interrupt);
    results.push(result);
    if (json) continue;
    const word = result.skipped !== undefined ? 'none' : result.ok ? 'good' : 'BAD ';
    await stdout.write(
      `${word}  ${one.name.padEnd(20)}  ${result.detail}  (${formatSeconds(result.seconds)})\n`,
    );
  }
  if (json) await stdout.write(`${JSON.stringify({ sizes, results })}\n`);
  if (interrupt.aborted) return EXIT.INTERRUPTED;
  return results.every(({ ok }) => ok) ? EXIT.OK : EXIT.FAILED;
}

await runProgram('linux', (terminal, finish) =>
  new Command('linux')
    .description('The emulated card against Linux TCP, over a TAP interface and behind passt.')
    .option('--case <names>', 'some of the cases, by commas (default: all)', parseCases)
    .option('--megabytes <count>', 'each way', number(0.001, 1e5, false), 100)
    .option('--sessions <count>', 'at once', number(1, 16_000), 10_000)
    .option('--aborts <count>', 'connects and aborts', number(1, 1e6), 1000)
    .option('--closed <seconds>', 'for which a window stays closed', number(0, 3600), 10)
    .option('--seconds <seconds>', 'of a flood, and of iperf3', number(1, 3600), 10)
    .option('--seed <seed>', 'of what is random', number(0, 2 ** 32 - 1), randomInt(2 ** 32))
    .option('--pcap <file>', 'records all frames in FILE.CASE')
    .option('--json', 'JSON on standard output', false)
    .addHelpText('after', HELP)
    .showHelpAfterError('(add --help for all options)')
    .exitOverride()
    .action(async (options: Options) => {
      finish(await campaign(options, terminal));
    }),
);
