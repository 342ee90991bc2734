import { test } from 'vitest';
import { simulate } from '../../src/testbench/index.ts';

test('builds', async () => {
  (await simulate('hdl/common/rr_arbiter.sv')).close();
});
