// SPDX-License-Identifier: Apache-2.0
// `hpb hdl regs`: the register map, and the files generated from it.

import { type Command, Option } from 'commander';
import { HdlError } from '../../hdl/errors.ts';
import { loadRegisters, type MappedRegister, runGenerators } from '../../hdl/registers.ts';
import { projectRoot } from '../../testbench/project.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { formatCount } from '../format.ts';
import type { Terminal } from '../terminal.ts';
import type { HdlContext } from './command.ts';
import { finishWith } from './options.ts';

interface RegsOptions {
  readonly json: boolean;
  readonly markdown: boolean;
  readonly write: boolean;
  readonly check: boolean;
}

const HELP = `
The map is hdl/card/registers.json. --write runs every generator of hdl/ (hdl/*/*/generate.js): Verilog
packages, the C header, TypeScript constants, docs/registers.md, and the other descriptions' files; --check
compares, names what differs and ends with code 1.

Examples:
  hpb hdl regs
  hpb hdl regs SIGVERIFY.RING --json | jq '.registers[] | [.address, .name]'
  hpb hdl regs --write
`;

/** Adds `regs` to the group. */
export function addRegsCommand(group: Command, context: HdlContext): void {
  group
    .command('regs')
    .description('the register map as a table, and the files generated from it')
    .argument('[name]', 'part of BLOCK.REGISTER; all unless given')
    .option('--json', 'JSON on standard output', false)
    .addOption(
      new Option('--markdown', 'the whole map as docs/registers.md')
        .default(false)
        .conflicts('json'),
    )
    .addOption(
      new Option('--write', 'write the generated files')
        .default(false)
        .conflicts(['check', 'markdown']),
    )
    .addOption(
      new Option('--check', 'are the generated files up to date?')
        .default(false)
        .conflicts('markdown'),
    )
    .addHelpText('after', HELP)
    .action((name: string | undefined, options: RegsOptions) =>
      finishWith(context, () =>
        options.write || options.check
          ? generate(name, options, context.terminal)
          : show(name, options, context.terminal),
      ),
    );
}

async function generate(
  name: string | undefined,
  { json, check }: RegsOptions,
  { stdout, interrupt }: Terminal,
): Promise<ExitCode> {
  if (name !== undefined) {
    throw new HdlError('HDL_ARGUMENT', `--write and --check: expected no name, got ${name}`);
  }
  const results = await runGenerators(projectRoot(), { check, signal: interrupt });
  const lines = results.map(({ generator, isCurrent, output }) => {
    const verdict = check
      ? isCurrent
        ? 'up to date'
        : 'out of date'
      : isCurrent
        ? 'done'
        : 'failed';
    return `${generator}: ${verdict}\n${output === '' ? '' : `${output}\n`}`;
  });
  await stdout.write(json ? `${JSON.stringify(results, null, 2)}\n` : lines.join(''));
  return results.every(({ isCurrent }) => isCurrent) ? EXIT.OK : EXIT.FAILED;
}

async function show(
  name: string | undefined,
  { json, markdown }: RegsOptions,
  { stdout }: Terminal,
): Promise<ExitCode> {
  const loaded = await loadRegisters(projectRoot());
  if (markdown) {
    if (name !== undefined) {
      throw new HdlError('HDL_ARGUMENT', `--markdown: expected no name, got ${name}`);
    }
    await stdout.write(await loaded.markdown());
    return EXIT.OK;
  }
  const wanted = (name ?? '').toUpperCase();
  const registers = loaded.registers.filter((each) =>
    `${each.block}.${each.name}`.includes(wanted),
  );
  if (registers.length === 0) {
    const blocks = loaded.map.blocks.map((block) => block.name).join(', ');
    throw new HdlError('HDL_TARGET', `expected part of BLOCK.REGISTER (${blocks}), got ${name}`);
  }
  const { version } = loaded.map;
  await stdout.write(
    json
      ? `${JSON.stringify({ version, hash: loaded.hash, registers }, null, 2)}\n`
      : `${registers.map(registerText).join('')}${formatCount(registers.length, 'register')}, ` +
          `map ${version.major}.${version.minor}, hash ${loaded.hash}\n`,
  );
  return EXIT.OK;
}

/** A line for the register, and one for each field. */
function registerText({
  block,
  name,
  address,
  access,
  reset,
  text,
  fields,
}: MappedRegister): string {
  const at = `0x${address.toString(16).padStart(4, '0')}`;
  const start = reset === undefined ? '' : `0x${reset.toString(16).padStart(8, '0')}`;
  const title = `${block}.${name}`.padEnd(28);
  const lines = fields.map((field) => {
    const [high, low] = field.bits;
    const bits = high === low ? `[${high}]` : `[${high}:${low}]`;
    return `        ${bits.padStart(7)} ${field.name.padEnd(20)}                  ${field.text}\n`;
  });
  return `${at}  ${title} ${access.padEnd(3)} ${start.padEnd(10)}  ${text}\n${lines.join('')}`;
}
