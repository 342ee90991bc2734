// SPDX-License-Identifier: Apache-2.0
// A top around a module for place and route, with four pins however many ports there are.
//
// Inputs come from a shift register, outputs go into registers and from there into another one, so that
// every path of the module begins and ends in a flip-flop, as it does in a design, and no pin decides about
// the clock. Two more flip-flops at either end let the shift registers stay near the module.

import type { ModuleDescription, PortDescription } from '../testbench/index.ts';
import { HdlError } from './errors.ts';

/** Name of the harness, and of the module's instance in it. */
export const HARNESS = 'hpb_harness';
export const INSTANCE = 'dut';

export interface Harness {
  /** Verilog text. */
  readonly text: string;
  /** The module's clocks, which are ports of the harness under the same name. */
  readonly clocks: readonly string[];
  /** Flip-flops that the harness adds. */
  readonly flipFlops: number;
}

/** What a clock's port is called where nobody says so. */
const CLOCK_NAME = /^(i_)?(clk|clock|aclk)(_i)?$/i;
/** Flip-flops between pin and shift register. */
const MARGIN = 2;

/**
 * Writes the harness of a module.
 *
 * @param parameters - as Verilog text, for the instance.
 * @param wanted - ports that are clocks; the one with a clock's name unless given. A module without any is
 *   combinational, and measured between the harness' registers.
 * @throws {HdlError} `HDL_ARGUMENT` for a clock that is no input of one bit, for inout ports, and for unpacked arrays,
 *   which yosys does not read as ports.
 */
export function writeHarness(
  { name, ports }: ModuleDescription,
  parameters: Readonly<Record<string, string>>,
  wanted: readonly string[] = [],
): Harness {
  const bidirectional = ports.find(({ direction }) => direction === 'inout');
  if (bidirectional) {
    const message = `${name}: expected inputs and outputs, got inout ${bidirectional.name}`;
    throw new HdlError('HDL_ARGUMENT', message);
  }
  const array = ports.find(({ unpacked }) => unpacked.length > 0);
  if (array) {
    const bounds = array.unpacked.map(({ left, right }) => `[${left}:${right}]`).join('');
    const message = `${name}: expected ports that are bits, got the array ${array.name} ${bounds}`;
    throw new HdlError('HDL_ARGUMENT', `${message}; yosys reads none as a port`);
  }
  const clocks = findClocks(name, ports, wanted);
  const inputs = ports.filter((p) => p.direction === 'input' && !clocks.includes(p.name));
  const outputs = ports.filter((p) => p.direction === 'output');
  const [main = 'hpb_clk'] = clocks;
  const width = (list: readonly PortDescription[]) => list.reduce((sum, p) => sum + p.width, 0);
  const inBits = Math.max(1, width(inputs));
  const outBits = Math.max(1, width(outputs));
  const connections = [
    ...clocks.map((clock) => `.${clock}(${clock})`),
    ...connect(inputs, 'hpb_in_q'),
    ...connect(outputs, 'hpb_out'),
  ];
  const set = Object.entries(parameters).map(([key, value]) => `.${key}(${value})`);
  const clockPorts = clocks.length > 0 ? clocks : [main];
  const text = `// Written by hpb hdl fmax around ${name}
module ${HARNESS} (
${clockPorts.map((clock) => `    input  wire ${clock},`).join('\n')}
    input  wire hpb_si,
    output wire hpb_so
);
  reg  [${MARGIN - 1}:0] hpb_first_q, hpb_last_q;
  reg  [${inBits - 1}:0] hpb_in_q;
  wire [${outBits - 1}:0] hpb_out;
  reg  [${outBits - 1}:0] hpb_out_q, hpb_shift_q;
  always @(posedge ${main}) begin
    hpb_first_q <= {hpb_first_q, hpb_si};
    hpb_in_q    <= {hpb_in_q, hpb_first_q[${MARGIN - 1}]};
    hpb_out_q   <= hpb_out;
    // Every bit of the outputs changes what comes out.
    hpb_shift_q <= {hpb_shift_q, ${inputs.length > 0 ? `hpb_in_q[${inBits - 1}]` : "1'b0"}} ^ hpb_out_q;
    hpb_last_q  <= {hpb_last_q, hpb_shift_q[${outBits - 1}]};
  end
  assign hpb_so = hpb_last_q[${MARGIN - 1}];
${outputs.length === 0 ? "  assign hpb_out = 1'b0;\n" : ''}  ${name} ${
    set.length > 0 ? `#(${set.join(', ')}) ` : ''
  }${INSTANCE} (
    ${connections.join(',\n    ')}
  );
endmodule
`;
  return { text, clocks: clockPorts, flipFlops: 2 * MARGIN + inBits + 2 * outBits };
}

function findClocks(
  module: string,
  ports: readonly PortDescription[],
  wanted: readonly string[],
): readonly string[] {
  for (const clock of wanted) {
    const port = ports.find(({ name }) => name === clock);
    if (port?.direction === 'input' && port.width === 1) continue;
    const inputs = ports.filter((p) => p.direction === 'input' && p.width === 1);
    const got = inputs.map(({ name }) => name).join(', ') || 'none';
    throw new HdlError(
      'HDL_ARGUMENT',
      `${module}: expected clock ${JSON.stringify(clock)} among the inputs of one bit, ${got}`,
    );
  }
  if (wanted.length > 0) return wanted;
  const found = ports.find(
    (p) => p.direction === 'input' && p.width === 1 && CLOCK_NAME.test(p.name),
  );
  return found ? [found.name] : [];
}

/** Ports side by side in one vector, the first lowest. */
function connect(ports: readonly PortDescription[], vector: string): string[] {
  let at = 0;
  return ports.map(({ name, width }) => {
    const low = at;
    at += width;
    return `.${name}(${vector}[${at - 1}:${low}])`;
  });
}
