// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { applyMutation, findMutations } from '../../src/hdl/mutations.ts';

const TEXT = `// a + b
module m #(
    parameter int W = 8 + 1
) (
    input wire clk
);
  if (W < 2) $error("W + 1");
  assign q = a + b;
  assign r = a == 4'd3 && c;
\`ifdef FORMAL
  assert (a == b);
\`endif
endmodule
`;

describe('changes of a text', () => {
  test('operators and constants of the body, with their lines', () => {
    const found = findMutations(TEXT).map(({ line, what }) => `${line}: ${what}`);
    expect(found).toEqual(['8: + -> -', '9: == -> !=', "9: 4'd3 -> 4'h2", '9: && -> ||']);
  });

  test('one change leaves all else as it is', () => {
    const [first] = findMutations(TEXT);
    expect(applyMutation(TEXT, first!)).toBe(TEXT.replace('q = a + b', 'q = a - b'));
  });

  test('comments, checks, declarations and properties are left alone', () => {
    const lines = findMutations(TEXT).map(({ line }) => line);
    for (const line of [1, 3, 7, 11]) expect(lines).not.toContain(line);
  });
});
