// SPDX-License-Identifier: Apache-2.0
// A new module with its test and, in a new folder, its README: a place to start that passes lint and test.

import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { HdlError } from './errors.ts';
import { unitFiles } from './target.ts';
import { SOURCE_FILE } from './verilog-text.ts';

/** What was written, relative to the project. */
export interface Scaffold {
  readonly name: string;
  readonly module: string;
  readonly test: string;
  /** Undefined where the folder has one already. */
  readonly readme: string | undefined;
}

/** Words that a module cannot be called, of those that match {@link NAME}. */
const RESERVED = new Set(
  `accept_on alias always and assert assign assume automatic before begin bind bins binsof bit break
  buf bufif0 bufif1 byte case casex casez cell chandle checker class clocking cmos config const
  constraint context continue cover covergroup coverpoint cross deassign default defparam design
  disable dist do edge else end endcase endchecker endclass endclocking endconfig endfunction
  endgenerate endgroup endinterface endmodule endpackage endprimitive endprogram endproperty
  endsequence endspecify endtable endtask enum event eventually expect export extends extern final
  first_match for force foreach forever fork forkjoin function generate genvar global if iff ifnone
  ignore_bins illegal_bins implements implies import incdir include initial inout input inside
  instance int integer interconnect interface intersect join join_any join_none large let liblist
  library local localparam logic longint macromodule matches medium modport module nand negedge
  nettype new nexttime nmos nor noshowcancelled not notif0 notif1 null or output package packed
  parameter pmos posedge primitive priority program property protected pull0 pull1 pulldown pullup
  pulsestyle_ondetect pulsestyle_onevent pure rand randc randcase randsequence rcmos real realtime
  ref reg reject_on release repeat restrict return rnmos rpmos rtran rtranif0 rtranif1 s_always
  s_eventually s_nexttime s_until s_until_with scalared sequence shortint shortreal showcancelled
  signed small soft solve specify specparam static string strong strong0 strong1 struct super
  supply0 supply1 sync_accept_on sync_reject_on table tagged task this throughout time timeprecision
  timeunit tran tranif0 tranif1 tri tri0 tri1 triand trior trireg type typedef union unique unique0
  unsigned until until_with untyped use uwire var vectored virtual void wait wait_order wand weak
  weak0 weak1 while wildcard wire with within wor xnor xor`.match(/\w+/g),
);
const NAME = /^[a-z][a-z0-9_]{0,63}$/;

/**
 * Writes a stream module that passes its beats on, a test of it, and a README where the folder has none.
 *
 * @param folder - relative to the project, in hdl/; `hdl/<name>` unless given.
 * @throws {HdlError} `HDL_ARGUMENT` for a name or folder that cannot be, or is taken; `HDL_OUTPUT`.
 */
export function scaffold(root: string, name: string, folder = `hdl/${name}`): Scaffold {
  if (!NAME.test(name) || RESERVED.has(name)) {
    throw new HdlError(
      'HDL_ARGUMENT',
      `expected a name of lower case letters, digits and _ that is no keyword, got ${JSON.stringify(name)}`,
    );
  }
  const place = relative(root, resolve(root, folder));
  const subject = /^hdl\/((?:[\w-]+\/)*[\w-]+)$/.exec(place)?.[1];
  if (subject === undefined) {
    throw new HdlError('HDL_ARGUMENT', `expected a folder in hdl/, got ${JSON.stringify(folder)}`);
  }
  const taken = unitFiles(root).find((path) => basename(path).replace(SOURCE_FILE, '') === name);
  if (taken !== undefined) {
    throw new HdlError('HDL_ARGUMENT', `expected a new name, got ${relative(root, taken)}`);
  }
  const module = join(place, `${name}.sv`);
  const test = join('tests', subject, `${name}.test.ts`);
  const readme = join(place, 'README.md');
  for (const path of [module, test]) {
    if (!existsSync(join(root, path))) continue;
    throw new HdlError('HDL_ARGUMENT', `${path} is there already`);
  }
  const isNewFolder = !existsSync(join(root, readme));
  write(join(root, module), moduleText(name));
  write(join(root, test), testText(module, testbenchOf(root, test)));
  if (isNewFolder) write(join(root, readme), readmeText(name, place, test));
  return { name, module, test, readme: isNewFolder ? readme : undefined };
}

function write(path: string, text: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text, { flag: 'wx' });
  } catch (error) {
    throw new HdlError('HDL_OUTPUT', `cannot write ${path}: ${(error as Error).message}`);
  }
}

/** What the test imports: this project's own sources, or the package. */
function testbenchOf(root: string, test: string): string {
  const own = 'src/testbench/index.ts';
  return existsSync(join(root, own)) ? relative(dirname(test), own) : 'hpb-accel/testbench';
}

function moduleText(name: string): string {
  return `// SPDX-License-Identifier: Apache-2.0
// ${name}: passes an AXI4-Stream on, unchanged.
//
// One beat per cycle, latency one cycle. m_axis_tready reaches s_axis_tready within the cycle. Reset
// forgets the beat inside.
\`default_nettype none

module ${name} #(
    // Data width in bits, at least 1
    parameter int unsigned DATA_W = 32
) (
    input  wire logic              clk,
    input  wire logic              rst,            // synchronous, active high

    // Stream in
    input  wire logic [DATA_W-1:0] s_axis_tdata,
    input  wire logic              s_axis_tvalid,
    output wire logic              s_axis_tready,
    input  wire logic              s_axis_tlast,

    // Stream out
    output wire logic [DATA_W-1:0] m_axis_tdata,
    output wire logic              m_axis_tvalid,
    input  wire logic              m_axis_tready,
    output wire logic              m_axis_tlast
);
  if (DATA_W == 0) $error("DATA_W=%0d is below 1", DATA_W);

  logic [DATA_W-1:0] data_q;
  logic              last_q;
  logic              valid_q;

  // No beat is inside, or it leaves in this cycle
  wire logic take = !valid_q || m_axis_tready;

  always_ff @(posedge clk) begin
    if (take) begin
      data_q  <= s_axis_tdata;
      last_q  <= s_axis_tlast;
      valid_q <= s_axis_tvalid;
    end
    if (rst) valid_q <= 1'b0;
  end

  assign s_axis_tready = take;
  assign m_axis_tdata  = data_q;
  assign m_axis_tlast  = last_q;
  assign m_axis_tvalid = valid_q;
endmodule

\`default_nettype wire
`;
}

function testText(file: string, testbench: string): string {
  const imports = [
    `import { expect, test } from 'vitest';`,
    `import { simulate } from '${testbench}';`,
  ];
  // Packages before paths, each by name.
  if (!testbench.startsWith('.')) imports.reverse();
  return `// SPDX-License-Identifier: Apache-2.0

${imports.join('\n')}

const FILE = '${file}';

test.for([
  { source: 0, sink: 0 },
  { source: 0.5, sink: 0 },
  { source: 0, sink: 0.5 },
  { source: 0.3, sink: 0.6 },
])('frames come out as they went in; pauses: source $source, sink $sink', async (pause) => {
  const sim = await simulate(FILE, { parameters: { DATA_W: 16 } });
  const source = sim.source('s_axis', { pause: pause.source });
  const sink = sim.sink('m_axis', { pause: pause.sink });
  sim.reset();
  const sent = Array.from({ length: 50 }, () => sim.random.bytes(2 * sim.random.int(1, 20)));
  for (const data of sent) source.enqueue({ data });
  const received = sim.run(sink.receiveMany(sent.length));
  expect(received.map(({ data }) => data)).toEqual(sent);
});

test('a beat comes out after one cycle, and beats follow one another without gaps', async () => {
  const sim = await simulate(FILE, { parameters: { DATA_W: 16 } });
  const source = sim.source('s_axis');
  const sink = sim.sink('m_axis');
  sim.reset();
  const start = sim.cycle;
  source.enqueue({ data: new Uint8Array(200) });
  const frame = sim.run(sink.receive());
  expect([frame.firstCycle - start, frame.lastCycle - frame.firstCycle]).toEqual([1, 99]);
});

test('a reset forgets the beat inside', async () => {
  const sim = await simulate(FILE, { parameters: { DATA_W: 16 } });
  sim.reset();
  sim.ports.s_axis_tvalid = 1;
  sim.cycles(2);
  sim.ports.s_axis_tvalid = 0;
  expect(sim.ports.m_axis_tvalid).toBe(1);
  sim.reset();
  expect(sim.ports.m_axis_tvalid).toBe(0);
});

test('error: a width of 0 stops the build', async () => {
  const building = simulate(FILE, { parameters: { DATA_W: 0 } });
  await expect(building).rejects.toThrow('DATA_W=0 is below 1');
});
`;
}

function readmeText(name: string, folder: string, test: string): string {
  return `# ${folder}: ${name}

What it is for, in a sentence.

| module | parameters | contract in a sentence |
|---|---|---|
| \`${name}\` | \`DATA_W\` | passes a stream on: one beat a cycle, latency 1 |

## Ports

    ${name}   clk rst  s_axis_{tdata tvalid tready tlast}  m_axis_{tdata tvalid tready tlast}

## Verification

\`${test}\`: random frames with pauses of source and sink crossed, throughput and latency, reset, an illegal
parameter. \`hpb hdl test ${name}\` runs it, \`hpb hdl watch ${name}\` on each save.

## Limits

None known.
`;
}
