// SPDX-License-Identifier: Apache-2.0
// toe_half_open beside a list.

import { expect, test } from 'vitest';
import { simulate } from '../../src/testbench/index.ts';

type Place = 'first' | 'last' | 'between' | 'only';

test.each<[number, number, number, Place[]]>([
  [1, 2, 0.5, ['first', 'last', 'only']],
  [4, 16, 0.5, ['first', 'last', 'between', 'only']],
  [4, 16, 0.6, ['first', 'last', 'between']],
  [6, 5, 0.5, ['first', 'last', 'between', 'only']],
])(
  '2^%i sessions, up to %i in the list: the oldest is the one that entered first',
  async (log2, most, grows, places) => {
    const sim = await simulate('hdl/toe/toe_half_open.sv', { parameters: { SESSIONS_LOG2: log2 } });
    const { ports } = sim;
    sim.reset();
    const list: number[] = [];
    const left: Record<Place, number> = { first: 0, last: 0, between: 0, only: 0 };
    for (let i = 0; i < 4_000; i++) {
      const enters = list.length === 0 || (list.length < most && sim.random.chance(grows));
      if (enters) {
        const free = Array.from({ length: 2 ** log2 }, (_, n) => n).filter(
          (n) => !list.includes(n),
        );
        list.push(sim.random.pick(free));
      }
      const at = sim.random.int(list.length);
      if (!enters) {
        if (list.length === 1) left.only++;
        else if (at === 0) left.first++;
        else if (at === list.length - 1) left.last++;
        else left.between++;
      }
      const session = enters ? list.at(-1)! : list.splice(at, 1)[0]!;
      Object.assign(ports, {
        s_session: session,
        s_enter: Number(enters),
        s_leave: Number(!enters),
      });
      sim.cycles(1);
      Object.assign(ports, { s_enter: 0, s_leave: 0, s_session: sim.random.int(2 ** log2) });
      sim.cycles(1 + (sim.random.chance(0.2) ? sim.random.int(4) : 0));
      expect(ports.oldest_valid).toBe(Number(list.length > 0));
      if (list.length > 0) expect(ports.oldest).toBe(list[0]);
    }
    for (const place of places) expect(left[place]).toBeGreaterThan(20);
  },
);

test('reset empties it', async () => {
  const sim = await simulate('hdl/toe/toe_half_open.sv', { parameters: { SESSIONS_LOG2: 4 } });
  const { ports } = sim;
  sim.reset();
  Object.assign(ports, { s_session: 3, s_enter: 1 });
  sim.cycles(1);
  ports.s_enter = 0;
  sim.cycles(1);
  expect([ports.oldest_valid, ports.oldest]).toEqual([1, 3]);
  sim.reset();
  expect(ports.oldest_valid).toBe(0);
});
