// SPDX-License-Identifier: Apache-2.0

import type { Access, RecordingHeader } from '../recording/format.ts';
import type { RecordingReader } from '../recording/reader.ts';
import { transfersOf } from '../recording/transfers.ts';
import type { Difference } from './difference.ts';

/** What a recording held, as far as it was read, and how repeating it went. */
export interface ReplayResult {
  /** Device of the recording. */
  readonly recorded: RecordingHeader['kind'];
  /** The recording has its end; without, whoever recorded died, or nobody read so far. */
  readonly complete: boolean;
  readonly accesses: number;
  readonly descriptors: number;
  /** Completions that were compared. */
  readonly compared: number;
  /** Records of the descriptors that were compared. */
  readonly records: number;
  /** Descriptors that have no completion in the recording. */
  readonly unanswered: number;
  /** Descriptors that the target cannot repeat; none on a card. */
  readonly skipped: number;
  /** What is different without being wrong: another build, a recording that is cut short. */
  readonly notes: readonly string[];
  /** The first difference; the replay ended there. */
  readonly difference?: Difference;
}

/** Counts while a recording is repeated. */
export class ReplaySummary {
  readonly notes: string[] = [];
  #accesses = 0;
  #descriptors = 0;
  #completions = 0;
  #compared = 0;
  #records = 0;
  skipped = 0;

  see(event: Access): void {
    this.#accesses = event.access;
    if (event.type === 'descriptor') this.#descriptors++;
    if (event.type === 'completion') this.#completions++;
    if (event.type === 'failure') {
      this.notes.push(`access ${event.access}: the recorded run failed: ${event.message}`);
    }
    if (event.type === 'end' && event.reason === 'limit') {
      this.notes.push('the recording ends at its largest size, before the run ended');
    }
  }

  /** A descriptor was compared. */
  compared(block: number, descriptor: Uint8Array): void {
    this.#compared++;
    this.#records += transfersOf(block, descriptor)?.count ?? 0;
  }

  result(recording: RecordingReader, difference: Difference | undefined): ReplayResult {
    if (!difference && !recording.complete) {
      this.notes.push('the recording is cut short: whoever recorded did not close the card');
    }
    return {
      recorded: recording.header.kind,
      complete: recording.complete,
      accesses: this.#accesses,
      descriptors: this.#descriptors,
      compared: this.#compared,
      records: this.#records,
      unanswered: this.#descriptors - this.#completions,
      skipped: this.skipped,
      notes: this.notes,
      ...(difference && { difference }),
    };
  }
}
