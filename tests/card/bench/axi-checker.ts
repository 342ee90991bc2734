/** Rules of AXI4 and AXI4-Lite that the card has to keep, looked at in every cycle. */
import { type AnyPorts, SETTLED, type Task } from '../../../src/testbench/index.ts';

/** A channel whose valid side the card drives. */
interface Channel {
  readonly name: string;
  readonly valid: string;
  readonly ready: string;
  readonly payload: readonly string[];
}

const CHANNELS: readonly Channel[] = [
  channel('m_axi_ar', ['id', 'addr', 'len', 'size', 'burst']),
  channel('m_axi_aw', ['id', 'addr', 'len', 'size', 'burst']),
  channel('m_axi_w', ['data', 'strb', 'last']),
  channel('s_axil_b', ['resp']),
  channel('s_axil_r', ['data', 'resp']),
];

const MAX_BEATS = 32;

/**
 * Watches the card's buses, as a task that never ends.
 *
 * @throws when a rule is broken; the message says which.
 */
export function* checkBuses(ports: AnyPorts): Task<never> {
  const stalled = new Map<string, unknown[]>();
  let writeBeatsOwed = 0; // beats announced by AW less beats seen on W
  let registerWrites = 0; // AXI4-Lite writes accepted and not answered: address, data
  let registerData = 0;
  let registerReads = 0;
  for (;;) {
    yield SETTLED;
    if (ports.rst) {
      stalled.clear();
      writeBeatsOwed = registerWrites = registerData = registerReads = 0;
      yield;
      continue;
    }
    for (const { name, valid, ready, payload } of CHANNELS) {
      const before = stalled.get(name);
      const now = payload.map((port) => ports[port]);
      if (before) {
        // An offer stands, unchanged, until it is taken
        rule(ports[valid] === 1, `${name}: valid fell before ready`);
        rule(
          before.every((value, i) => value === now[i]),
          `${name}: the payload changed before ready: ${before} to ${now}`,
        );
      }
      if (ports[valid] && !ports[ready]) stalled.set(name, now);
      else stalled.delete(name);
    }
    for (const name of ['m_axi_ar', 'm_axi_aw']) {
      if (ports[`${name}valid`]) checkBurst(name, ports);
    }
    if (ports.m_axi_awvalid && ports.m_axi_awready) writeBeatsOwed += ports.m_axi_awlen + 1;
    if (ports.m_axi_wvalid && ports.m_axi_wready) {
      writeBeatsOwed--;
      rule(ports.m_axi_wstrb === 255, 'm_axi_w: a strobe is missing');
      rule(writeBeatsOwed >= -MAX_BEATS, 'm_axi_w: data without an address');
    }
    rule(
      !ports.s_axil_bvalid || (registerWrites > 0 && registerData > 0),
      's_axil_b: no write to answer',
    );
    rule(!ports.s_axil_rvalid || registerReads > 0, 's_axil_r: no read to answer');
    if (ports.s_axil_bvalid && ports.s_axil_bready) {
      registerWrites--;
      registerData--;
    }
    if (ports.s_axil_rvalid && ports.s_axil_rready) registerReads--;
    if (ports.s_axil_awvalid && ports.s_axil_awready) registerWrites++;
    if (ports.s_axil_wvalid && ports.s_axil_wready) registerData++;
    if (ports.s_axil_arvalid && ports.s_axil_arready) registerReads++;
    yield;
  }
}

function checkBurst(name: string, ports: AnyPorts): void {
  const addr = BigInt(ports[`${name}addr`]);
  const beats = ports[`${name}len`] + 1;
  const last = addr + BigInt(beats * 8 - 1);
  rule(ports[`${name}size`] === 3, `${name}: beats are not 8 bytes`);
  rule(ports[`${name}burst`] === 1, `${name}: the burst is not incrementing`);
  rule(addr % 8n === 0n, `${name}: address ${addr.toString(16)} is not aligned`);
  rule(beats <= MAX_BEATS, `${name}: a burst of ${beats} beats`);
  rule(addr >> 12n === last >> 12n, `${name}: ${beats} beats at ${addr.toString(16)} cross 4 KiB`);
}

function channel(name: string, payload: readonly string[]): Channel {
  return {
    name,
    valid: `${name}valid`,
    ready: `${name}ready`,
    payload: payload.map((field) => `${name}${field}`),
  };
}

function rule(holds: boolean, text: string): void {
  if (!holds) throw new Error(`bus rule broken: ${text}`);
}
