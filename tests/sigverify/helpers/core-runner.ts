/** Drives sigv_core with digit lists of the test's own and any points in the table of G. */
import type { MicrocodeEntry, MicrocodeJob } from '../../../hdl/sigverify/microcode/interpreter.js';
import { type PortsOf, type Simulation, simulate } from '../../../src/testbench/index.ts';
import { invert, P } from './scalars.ts';
import type { Affine } from './small-groups.ts';

/** Points of each half of the table, at a window of 8 bits. */
export const HALF_TABLE = 64;
const G_WINDOW = 8;
const INDEX_BITS = G_WINDOW - 2;

/** A list goes from its last entry to its first: 2^dbl (sum so far +- point). */
export interface CoreJob extends MicrocodeJob {
  readonly list: readonly MicrocodeEntry[];
}

export interface CoreResult {
  readonly reason: number;
  /** The point of a recovery that succeeded. */
  readonly point: Affine | undefined;
}

type Ports = PortsOf<'tests/sigverify/hdl/core_group.sv'>;

export class CoreRunner {
  readonly #sim: Simulation<Ports>;
  readonly #contexts: number;

  constructor(sim: Simulation<Ports>, contexts: number) {
    this.#sim = sim;
    this.#contexts = contexts;
  }

  /** Writes a point of the table: kind 2 or 3, and its index. */
  writePoint(kind: number, idx: number, { x, y }: Affine): void {
    const dut = this.#sim.ports;
    for (const [at, value] of [x, y].entries()) {
      dut.table_we = 1;
      dut.table_addr = (((kind - 2) << INDEX_BITS) | idx) * 2 + at;
      dut.table_data = value;
      this.#sim.cycles(1);
    }
    dut.table_we = 0;
  }

  /**
   * Runs jobs, as many at once as there are contexts; results in their order.
   *
   * @param late - cycles between a job and its digit list.
   */
  run(jobs: readonly CoreJob[], { late = 0 }: { readonly late?: number } = {}): CoreResult[] {
    const sim = this.#sim;
    const dut = sim.ports;
    const free = Array.from({ length: this.#contexts }, (_, ctx) => ctx);
    const jobOf = new Map<number, number>();
    const results: CoreResult[] = [];
    let [offered, answered, cycle] = [0, 0, 0];
    /** What is left to write of the lists of the jobs, in their order. */
    const lists: { readonly due: number; readonly writes: (() => void)[] }[] = [];

    const takeResult = () => {
      const ctx = dut.m_result_ctx as number;
      const index = jobOf.get(ctx);
      if (index === undefined) throw new Error(`context ${ctx} answers without a job`);
      const isKey = jobs[index]?.recovery === true && dut.m_result_reason === 0;
      const point = isKey ? { x: dut.m_key_x, y: dut.m_key_y } : undefined;
      results[index] = { reason: dut.m_result_reason, point };
      dut.m_key_taken = isKey ? 1 : 0;
      jobOf.delete(ctx);
      free.push(ctx);
      answered++;
    };
    const answerInversion = () => {
      Object.assign(dut, { m_inv_ready: 1, s_inv_valid: 1, s_inv_ctx: dut.m_inv_ctx });
      dut.s_inv_value = invert(dut.m_inv_value, P);
    };
    const offerNext = () => {
      if (dut.s_job_valid) return;
      const job = jobs[offered];
      const ctx = free.shift();
      if (job === undefined || ctx === undefined) return;
      jobOf.set(ctx, offered++);
      Object.assign(dut, { s_job_valid: 1, s_job_ctx: ctx, s_job_recovery: job.recovery ? 1 : 0 });
      Object.assign(dut, { s_job_id: job.id, s_job_wraps: job.wraps ? 1 : 0 });
      Object.assign(dut, { s_job_x: job.x, s_job_y: job.y, s_job_r: job.r });
      lists.push({ due: cycle + late, writes: listWrites(dut, ctx, job.list) });
    };

    while (answered < jobs.length) {
      const canOffer = !dut.s_job_valid && free.length > 0 && offered < jobs.length;
      if (lists.length === 0 && !canOffer) sim.until('activity', { max: 500_000 });
      if (dut.m_result_valid) takeResult();
      if (dut.m_inv_valid) answerInversion();
      if (dut.s_job_taken) dut.s_job_valid = 0;
      const list = lists[0];
      if (list === undefined || late > 0) offerNext();
      if (list !== undefined && list.due <= cycle) {
        list.writes.shift()?.();
        if (list.writes.length === 0) lists.shift();
      }
      sim.cycles(1);
      cycle++;
      Object.assign(dut, { s_list_we: 0, s_done_valid: 0 });
      Object.assign(dut, { m_inv_ready: 0, s_inv_valid: 0, m_key_taken: 0 });
    }
    return results;
  }
}

function listWrites(dut: Ports, ctx: number, list: CoreJob['list']): (() => void)[] {
  if (list.length > 127) throw new Error(`list: expected at most 127 entries, got ${list.length}`);
  const writes = list.map(({ dbl, kind, neg, idx }, address) => () => {
    const low = (neg ? 1 << INDEX_BITS : 0) | idx;
    const data = (dbl << (INDEX_BITS + 3)) | (kind << (INDEX_BITS + 1)) | low;
    Object.assign(dut, { s_list_we: 1, s_list_ctx: ctx, s_list_addr: address, s_list_data: data });
  });
  const done = () => {
    Object.assign(dut, { s_done_valid: 1, s_done_ctx: ctx, s_done_count: list.length });
  };
  return [...writes, done];
}

export async function openCore(contexts = 32, mulIi = 1): Promise<CoreRunner> {
  const sim = await simulate('tests/sigverify/hdl/core_group.sv', {
    parameters: { CONTEXTS: contexts, MUL_II: mulIi, G_WINDOW },
  });
  sim.reset();
  return new CoreRunner(sim as Simulation<Ports>, contexts);
}
