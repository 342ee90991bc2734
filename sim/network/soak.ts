// SPDX-License-Identifier: Apache-2.0
// Long campaigns: networks of real nodes under load, with a verdict.
//
//   make soak ARGS="kill --kills 200"

import { randomInt } from 'node:crypto';
import { Command } from 'commander';
import type { AccelName } from '../../src/cli/backends.ts';
import { EXIT, type ExitCode } from '../../src/cli/exit.ts';
import { number } from '../../src/cli/number-option.ts';
import { runProgram } from '../../src/cli/program.ts';
import type { Terminal } from '../../src/cli/terminal.ts';
import { Random } from '../../src/testbench/random.ts';
import { type KillOptions, killScenario } from './soak/kill.ts';
import { type MemoryOptions, memoryScenario } from './soak/memory.ts';
import { type MixedOptions, mixedScenario } from './soak/mixed.ts';
import { SoakNetwork } from './soak/network.ts';
import { isGood, type Outcome, outcomeText, writeOutcome } from './soak/outcome.ts';
import type { Scenario, SoakOptions } from './soak/scenario.ts';

const HELP = `
Every scenario starts processes of \`hpb node\`, as \`hpb devnet\` does, and stops them. Ctrl-C stops it, and
prints what was found so far. What is checked: docs/node.md, Campaigns.

Exit code: 0 everything held, 1 something did not, 64 wrong usage, 130 Ctrl-C.

Examples:
  make soak ARGS="kill --kills 20 --seed 7"
  make soak ARGS="mixed --seconds 600 --json"
  make soak ARGS="memory --seconds 3600 --rate 500"
`;

const MIXED: readonly AccelName[] = ['native', 'software', 'verilator', 'verilator'];

/** Runs a scenario in a network of its own, and tells the outcome. */
async function campaign<Options extends SoakOptions>(
  name: string,
  accels: readonly AccelName[],
  scenario: Scenario<Options>,
  options: Options,
  { stdout, stderr, interrupt }: Terminal,
): Promise<ExitCode> {
  const start = performance.now();
  const began = new Date().toISOString();
  const say = (text: string) => void stderr.write(`${name}: ${text}\n`);
  const random = new Random(options.seed, name);
  say(`seed ${options.seed}`);
  const network = await SoakNetwork.start({ accels, slotMs: options.slotMs, random });
  const ended = new AbortController();
  const stop = AbortSignal.any([interrupt, ended.signal]);
  let keep = true;
  try {
    const failures = network.nodes.map((node) => node.watch(stop));
    for (const failure of failures) failure.catch(() => {});
    const found = await Promise.race([
      scenario({ network, random, interrupt: stop, say }, options),
      ...failures,
    ]);
    const outcome: Outcome = {
      scenario: name,
      options: { ...options, accels },
      began,
      seconds: (performance.now() - start) / 1000,
      complete: !interrupt.aborted,
      ...found,
    };
    const path = writeOutcome(outcome, options.out);
    await stdout.write(options.json ? `${JSON.stringify(outcome)}\n` : outcomeText(outcome));
    say(`written to ${path}`);
    keep = !isGood(outcome);
    if (keep) return EXIT.FAILED;
    return interrupt.aborted ? EXIT.INTERRUPTED : EXIT.OK;
  } finally {
    ended.abort(); // what goes on after a failure
    await network.stop(keep);
    if (keep) say(`logs are in ${network.folder}`);
  }
}

/** Options of every scenario. */
function scenario(program: Command, name: string, about: string, defaults: [number, number]) {
  const [seconds, rate] = defaults;
  return program
    .command(name)
    .description(about)
    .option('--seconds <seconds>', 'of load', number(1, 864_000), seconds)
    .option('--rate <per second>', 'transfers a second', number(0.1, 1e5, false), rate)
    .option('--seed <seed>', 'of what is random', number(0, 2 ** 32 - 1), randomInt(2 ** 32))
    .option('--slot-ms <milliseconds>', 'length of a slot', number(50, 600_000), 3000)
    .option('--out <file>', 'where the outcome goes, JSON (build/soak/SCENARIO.json)')
    .option('--json', 'JSON on standard output', false)
    .addHelpText('after', HELP);
}

function makeProgram(terminal: Terminal, finish: (code: ExitCode) => void): Command {
  const program = new Command('soak')
    .description('Long campaigns: networks of real nodes under load, with a verdict.')
    .addHelpText('after', HELP)
    .showHelpAfterError('(add --help for all options)')
    .exitOverride();
  scenario(program, 'kill', 'kill -9 of random nodes of four', [86_400, 300])
    .option('--kills <count>', 'so many', number(1, 1e5), 200)
    .option('--limit <seconds>', 'until a killed node follows the head', number(1, 600, false), 5)
    .action(async (options: KillOptions) =>
      finish(await campaign('kill', Array(4).fill('native'), killScenario, options, terminal)),
    );
  scenario(program, 'mixed', 'native, software and two simulated cards in one network', [600, 200])
    .option('--idle-seconds <seconds>', 'then without load', number(1, 86_400), 60)
    .action(async (options: MixedOptions) =>
      finish(await campaign('mixed', MIXED, mixedScenario, options, terminal)),
    );
  scenario(program, 'memory', 'memory of one node under load', [3600, 500])
    .option('--limit <MiB>', "most of the node's own memory", number(1, 1e6), 1024)
    .action(async (options: MemoryOptions) =>
      finish(await campaign('memory', ['native'], memoryScenario, options, terminal)),
    );
  return program;
}

await runProgram('soak', makeProgram);
