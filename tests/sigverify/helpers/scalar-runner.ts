/** Streams jobs and inversion requests through sigv_scalar and collects what comes out. */
import { type PortsOf, type Simulation, simulate } from '../../../src/testbench/index.ts';
import { type Entry, type Job, readEntry } from './scalars.ts';

export interface Outcome {
  readonly ctx: number;
  readonly entries: Entry[];
  /** Cycle in which it was seen. */
  readonly cycle: number;
}

export interface Inverse {
  readonly ctx: number;
  readonly value: bigint;
  readonly cycle: number;
}

export interface Windows {
  readonly q: number;
  readonly g: number;
}

/** In the order in which they were taken: the cycle, and whether it was a job. */
export interface Taken {
  readonly isJob: boolean;
  readonly cycle: number;
}

export async function openScalar(windows: Windows = { q: 5, g: 10 }): Promise<ScalarRunner> {
  const sim = await simulate('tests/sigverify/hdl/scalar_capture.sv', {
    parameters: { Q_WINDOW: windows.q, G_WINDOW: windows.g },
    compilerFlags: ['-O3'],
  });
  sim.reset();
  return new ScalarRunner(sim as unknown as Simulation<ScalarPorts>, windows);
}

interface ScalarPorts extends PortsOf<'hdl/sigverify/sigv_scalar.sv'> {
  activity: number;
  writes: number;
  list_misplaced: number;
}

export class ScalarRunner {
  readonly sim: Simulation<ScalarPorts>;
  readonly windows: Windows;
  readonly #list: Uint32Array;

  constructor(sim: Simulation<ScalarPorts>, windows: Windows) {
    this.sim = sim;
    this.windows = windows;
    this.#list = sim.limbs('entries' as keyof ScalarPorts & string);
  }

  /**
   * Runs jobs and requests, each kind in its order and back to back, until all are answered.
   *
   * Contexts count up from 0 modulo 32, for jobs and for requests.
   */
  run(jobs: readonly Job[], requests: readonly bigint[] = []) {
    const { sim } = this;
    const dut = sim.ports;
    const outcomes: Outcome[] = [];
    const inverses: Inverse[] = [];
    const taken: Taken[] = [];
    let nextJob = 0;
    let nextRequest = 0;

    const offer = (): void => {
      const job = jobs[nextJob];
      dut.s_job_valid = job ? 1 : 0;
      if (job) {
        dut.s_job_recover = job.recover ? 1 : 0;
        dut.s_job_ctx = nextJob % 32;
        dut.s_job_z = job.z;
        dut.s_job_r = job.r;
        dut.s_job_s = job.s;
      }
      const request = requests[nextRequest];
      dut.s_inv_valid = request === undefined ? 0 : 1;
      if (request !== undefined) {
        dut.s_inv_ctx = nextRequest % 32;
        dut.s_inv_value = request;
      }
    };

    offer();
    while (outcomes.length < jobs.length || inverses.length < requests.length) {
      sim.until('activity', { max: 5000 });
      const { cycle } = sim;
      if (dut.m_done_valid) {
        outcomes.push({ ctx: dut.m_done_ctx, entries: this.#entries(dut.m_done_count), cycle });
      }
      if (dut.m_inv_valid) inverses.push({ ctx: dut.m_inv_ctx, value: dut.m_inv_value, cycle });
      const isJobTaken = dut.s_job_ready === 1;
      const isRequestTaken = dut.s_inv_ready === 1;
      sim.cycles(1);
      if (isJobTaken) nextJob++;
      if (isRequestTaken) nextRequest++;
      if (isJobTaken || isRequestTaken) {
        taken.push({ isJob: isJobTaken, cycle });
        offer();
      }
    }
    return { outcomes, inverses, taken, isMisplaced: dut.list_misplaced === 1 };
  }

  #entries(count: number): Entry[] {
    const indexBits = Math.max(this.windows.q, this.windows.g) - 2;
    return Array.from(this.#list.subarray(0, count), (word) => readEntry(word, indexBits));
  }
}
