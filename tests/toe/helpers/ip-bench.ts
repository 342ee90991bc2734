/** toe_ip with sources, sinks and counters around it. */
import {
  type AxiStreamSink,
  type AxiStreamSource,
  type Simulation,
  simulate,
  type Task,
} from '../../../src/testbench/index.ts';
import { ip4 } from './frames.ts';
import { type Card, COUNTS, type Count } from './receiver.ts';

export const CARD: Card = {
  mac: 0x02_00_5e_10_00_01,
  ip: ip4('10.77.0.2'),
  prefixLen: 24,
  gateway: ip4('10.77.0.1'),
};

type Ports = Awaited<ReturnType<typeof simulate<'hdl/toe/toe_ip.sv'>>>['ports'];

export class IpBench {
  readonly sim: Simulation<Ports>;
  readonly card: Card;
  /** Frames from the MAC, and to it. */
  readonly rx: AxiStreamSource;
  readonly tx: AxiStreamSink;
  /** Received segments and payloads; segments to send and theirs. */
  readonly segments: AxiStreamSink;
  readonly payloads: AxiStreamSink;
  /** ICMP errors. */
  readonly errors: AxiStreamSink;
  readonly toSend: AxiStreamSource;
  readonly toSendPayload: AxiStreamSource;
  readonly counts: Record<Count, number>;

  constructor(sim: Simulation<Ports>, card: Card) {
    this.sim = sim;
    this.card = card;
    this.rx = sim.source('s_mac_axis');
    this.tx = sim.sink('m_mac_axis');
    this.segments = sim.sink('m_seg');
    this.payloads = sim.sink('m_payload_axis');
    this.errors = sim.sink('m_error');
    this.toSend = sim.source('s_seg');
    this.toSendPayload = sim.source('s_payload_axis');
    this.counts = Object.fromEntries(COUNTS.map((name) => [name, 0])) as Record<Count, number>;
    Object.assign(sim.ports, {
      prefix_len: card.prefixLen,
      ip: card.ip,
      gateway: card.gateway,
      ttl: 64,
    });
    sim.ports.mac = BigInt(card.mac);
    sim.reset();
    sim.ports.enable = 1;
    sim.fork(this.#count());
    sim.cycles(300); // the ARP cache forgets what was in it
  }

  /** Queues a frame from the MAC. */
  receive(frame: Uint8Array, isBad = false): void {
    const beats = Math.ceil(frame.length / 8);
    // tuser means nothing before the last beat
    const user = Array.from({ length: beats }, () => this.sim.random.int(2));
    user[beats - 1] = isBad ? 1 : 0;
    this.rx.enqueue({ data: frame, user });
  }

  /** Runs until the queued frames are in and nothing has moved for a while. */
  settle(quiet = 1500): void {
    this.sim.run(this.rx.drain());
    this.sim.run(this.toSend.drain());
    const seen = () => this.tx.beats + this.segments.beats + this.payloads.beats;
    for (let before = -1; before !== seen(); ) {
      before = seen();
      this.sim.cycles(quiet);
    }
  }

  /** Lets milliseconds go by, `cycles` long each. */
  milliseconds(count: number, cycles = 1000): void {
    for (let i = 0; i < count; i++) {
      this.sim.ports.tick_ms = 1;
      this.sim.cycles(1);
      this.sim.ports.tick_ms = 0;
      this.sim.cycles(cycles - 1);
    }
  }

  /** All that was counted, zeros left out; then forgotten. */
  takeCounts(): Partial<Record<Count, number>> {
    const counted = Object.entries(this.counts).filter(([, count]) => count > 0);
    for (const name of COUNTS) this.counts[name] = 0;
    return Object.fromEntries(counted);
  }

  *#count(): Task {
    for (;;) {
      for (let bits = this.sim.ports.count as number, i = 0; bits !== 0; bits >>>= 1, i++) {
        if (bits & 1) this.counts[COUNTS[i] as Count]++;
      }
      yield;
    }
  }
}

export async function ipBench(
  parameters: Record<string, number> = {},
  card = CARD,
): Promise<IpBench> {
  return new IpBench(await simulate('hdl/toe/toe_ip.sv', { parameters }), card);
}
