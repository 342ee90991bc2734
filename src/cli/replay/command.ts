// SPDX-License-Identifier: Apache-2.0

import { type Command, Option } from 'commander';
import {
  AccelError,
  type Difference,
  RecordingReader,
  type ReplayResult,
  replayOnDevice,
  replayOnEngine,
} from '../../driver/index.ts';
import {
  ACCEL_NAMES,
  type AccelName,
  type BackendOptions,
  isCard,
  requireBackend,
  requireDevice,
} from '../backends.ts';
import { CliError, EXIT, type ExitCode } from '../exit.ts';
import { formatCount, formatNumber } from '../format.ts';
import type { Terminal } from '../terminal.ts';

const REPLAY_HELP = `
A card gets the register accesses, descriptors and inputs of the recording again, in the same order;
software and native are asked for the answers alone. What depends on time is not compared.

Exit code: 0 no difference, 1 a difference (or the backend failed), 2 the recording is damaged or
cannot be repeated, 69 the backend does not work here, 130 Ctrl-C.

Examples:
  hpb verify --accel verilator --record run.hpbrec signatures.jsonl
  hpb replay run.hpbrec
  hpb replay run.hpbrec --accel software --json | jq .difference
  hpb replay run.hpbrec --library /elsewhere/build/native/libhpbcard.so
`;

/** Options of `hpb replay`. */
export interface ReplayOptions extends BackendOptions {
  readonly accel: AccelName;
  readonly json: boolean;
}

/** What `hpb replay --json` prints. */
export interface ReplayReport extends ReplayResult {
  readonly backend: AccelName;
  readonly equal: boolean;
}

/** Adds the command; `finish` gets its exit code. */
export function addReplayCommand(
  program: Command,
  terminal: Terminal,
  finish: (code: ExitCode) => void,
): void {
  program
    .command('replay')
    .description('repeat a recorded run of a card elsewhere and show the first difference')
    .argument('<file>', 'recording, made with --record')
    .addOption(
      new Option('--accel <backend>', 'where to repeat it')
        .choices(ACCEL_NAMES)
        .default('verilator'),
    )
    .option('--device <address>', 'card of pcie: 0000:01:00.0, or vfio-user:PATH')
    .option('--library <path>', 'another build of the emulated card')
    .option('--json', 'JSON on standard output', false)
    .addHelpText('after', REPLAY_HELP)
    .action(async (file: string, options: ReplayOptions) =>
      finish(await replayCommand(file, options, terminal)),
    );
}

/** Repeats a recording and prints how it went. */
export async function replayCommand(
  file: string,
  options: ReplayOptions,
  { stdout, interrupt }: Terminal,
): Promise<ExitCode> {
  const recording = openRecording(file);
  try {
    const result = await replay(recording, options, interrupt);
    const { accel: backend, json } = options;
    const report = { backend, equal: result.difference === undefined, ...result };
    await stdout.write(json ? `${JSON.stringify(report, null, 2)}\n` : replayText(report));
    return report.equal ? EXIT.OK : EXIT.FAILED;
  } finally {
    recording.close();
  }
}

function openRecording(file: string): RecordingReader {
  try {
    return new RecordingReader(file);
  } catch (cause) {
    throw new CliError(EXIT.INPUT, (cause as Error).message, { cause });
  }
}

async function replay(
  recording: RecordingReader,
  options: ReplayOptions,
  signal: AbortSignal,
): Promise<ReplayResult> {
  if (isCard(options.accel)) {
    const device = await requireDevice(options.accel, options);
    return explained(
      replayOnDevice(recording, device, { signal }).finally(() => device.close()),
      signal,
    );
  }
  const accelerator = await requireBackend(options.accel, options);
  return explained(
    replayOnEngine(recording, accelerator.signatures, { signal }).finally(() =>
      accelerator.close(),
    ),
    signal,
  );
}

async function explained<T>(work: Promise<T>, interrupt: AbortSignal): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    if (interrupt.aborted) throw new CliError(EXIT.INTERRUPTED, 'interrupted', { cause });
    if (!(cause instanceof AccelError)) throw cause;
    const { code, message } = cause;
    if (code === 'ACCEL_ARGUMENT') throw new CliError(EXIT.INPUT, message, { cause });
    throw new CliError(EXIT.FAILED, `the backend failed (${code}): ${message}`, { cause });
  }
}

function replayText(report: ReplayReport): string {
  const { recorded, backend, accesses, compared, records, unanswered, skipped, notes } = report;
  const parts = [
    `${formatCount(compared, 'descriptor')} with ${formatCount(records, 'record')} compared`,
    ...(unanswered > 0 ? [`${unanswered} without a recorded answer`] : []),
    ...(skipped > 0 ? [`${skipped} that ${backend} cannot repeat`] : []),
  ];
  const lines = [
    `${formatNumber(accesses)} accesses of ${recorded}, repeated on ${backend}: ${parts.join(', ')}`,
    ...notes.map((note) => `note: ${note}`),
    report.difference ? differenceText(report.difference) : 'no difference',
  ];
  return `${lines.join('\n')}\n`;
}

function differenceText(difference: Difference): string {
  const { access, place, descriptor, id, record, field, expected, got } = difference;
  const where = [
    place,
    ...(descriptor === undefined ? [] : [`descriptor ${descriptor} (id ${id})`]),
    ...(record === undefined ? [] : [`record ${record}`]),
    field,
  ];
  return `first difference at access ${access}: ${where.join(', ')}: recorded ${expected}, got ${got}`;
}
