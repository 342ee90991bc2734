// SPDX-License-Identifier: Apache-2.0

import { AccelError, attachAccelerator, selfTest } from '../../driver/index.ts';
import { type AccelName, type BackendOptions, cardOptions, requireDevice } from '../backends.ts';
import { askPart, makeWorkload } from '../bench/workload.ts';
import { CliError, EXIT, type ExitCode } from '../exit.ts';
import type { Terminal } from '../terminal.ts';

/** Signatures of the last step. */
const SIGNATURES = 64;

/** Options of `hpb card check`. */
export interface CheckOptions extends BackendOptions {
  readonly accel: AccelName;
}

/** Tries a card step by step, up to signatures; stops at the first step that fails. */
export async function checkCommand(
  options: CheckOptions,
  { stdout, interrupt }: Terminal,
): Promise<ExitCode> {
  const tell = (step: string, found: string) => stdout.write(`${step.padEnd(10)}  ${found}\n`);
  const device = await requireDevice(options.accel, options);
  let close = () => device.close();
  try {
    for await (const { step, found } of selfTest(device)) await tell(step, found);
    const accelerator = await attachAccelerator(device, cardOptions(options.accel));
    close = () => accelerator.close();
    for (const operation of ['verify', 'recover'] as const) {
      const workload = await makeWorkload(operation, SIGNATURES, interrupt);
      for (const count of [1, SIGNATURES]) await askPart(accelerator, workload, 0, count);
      await tell(operation, `${SIGNATURES} signatures, all answers as expected`);
    }
    return EXIT.OK;
  } catch (cause) {
    if (interrupt.aborted) throw new CliError(EXIT.INTERRUPTED, 'interrupted', { cause });
    if (!(cause instanceof AccelError)) throw cause;
    throw new CliError(EXIT.FAILED, `the card fails here: ${cause.message}`, { cause });
  } finally {
    await close();
  }
}
