// SPDX-License-Identifier: Apache-2.0
/** Where Verilator's C++ keeps ports and marked signals: found in the headers that it has written. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModuleDescription, PortDescription, SignalDescription } from './description.ts';
import { TestbenchError } from './errors.ts';

/** `Vdut_sub  TOP__top__DOT__u_sub;` in the symbol table's class. */
const INSTANCE = /^\s*(Vdut_\w+)\s+(TOP\w*);/gm;
/** A member's name with its separator: `name;`, `name[4];`, `VL_IN8(name,7,0);`, `VL_IN8((&name)[4],..`. */
const MEMBER = /(\w+)(?:\)?\[\d+\])*[;,]/g;

/** Text of the generated `ports.inc` and `signals.inc`: see cpp/model.cpp. */
export interface Members {
  readonly ports: string;
  readonly signals: string;
}

/**
 * Finds the members of a verilated model.
 *
 * @param work - folder that `verilator --cc` has written.
 * @throws {TestbenchError} `TESTBENCH_BUILD` when a marked signal is not there.
 */
export async function findMembers(work: string, description: ModuleDescription): Promise<Members> {
  const header = membersOf(await readFile(join(work, 'Vdut.h'), 'utf8'));
  const ports = description.ports.map((port) => {
    const kind = port.direction === 'output' ? 'OUTPUT' : 'INPUT';
    return `${kind}(${portSymbol(port, header)})\n`;
  });
  const { signals } = description;
  if (signals.length === 0) return { ports: ports.join(''), signals: '' };
  const instances = await readInstances(work);
  const expressions = signals.map(
    (signal) => `SIGNAL(${signalExpression(description.name, signal, instances)})\n`,
  );
  return { ports: ports.join(''), signals: expressions.join('') };
}

/** Words of C++ get a prefix. */
function portSymbol({ symbol }: PortDescription, header: ReadonlySet<string>): string {
  return header.has(`__SYM__${symbol}`) ? `__SYM__${symbol}` : symbol;
}

/** An instance of a module in the symbol table. */
interface Instance {
  /** Name of the member that it is. */
  readonly symbol: string;
  readonly members: ReadonlySet<string>;
}

/** By path, parts joined by two underscores: between modules that were not inlined Verilator does so too. */
async function readInstances(work: string): Promise<Map<string, Instance>> {
  const table = await readFile(join(work, 'Vdut__Syms.h'), 'utf8');
  const names = new Set(await readdir(work));
  const classes = new Map<string, ReadonlySet<string>>();
  const instances = new Map<string, Instance>();
  for (const [, type = '', instance = ''] of table.matchAll(INSTANCE)) {
    if (!names.has(`${type}.h`)) continue;
    let members = classes.get(type);
    if (!members) {
      members = membersOf(await readFile(join(work, `${type}.h`), 'utf8'));
      classes.set(type, members);
    }
    instances.set(instance.replaceAll('__DOT__', '__'), { symbol: instance, members });
  }
  return instances;
}

function membersOf(header: string): ReadonlySet<string> {
  return new Set([...header.matchAll(MEMBER)].map(([, name = '']) => name));
}

/**
 * A module that was inlined has its signals in a module above it, under a longer name; one that was not
 * is an instance of its own. So the path is cut at every place until both halves are there.
 */
function signalExpression(
  top: string,
  { name, symbols }: SignalDescription,
  instances: ReadonlyMap<string, Instance>,
): string {
  const path = [encodeTop(top), ...symbols];
  for (let cut = path.length - 1; cut >= 0; cut--) {
    const instance = instances.get(['TOP', ...path.slice(0, cut)].join('__'));
    const member = path.slice(cut).join('__DOT__');
    for (const found of [member, `__SYM__${member}`, `__PVT__${member}`]) {
      if (instance?.members.has(found)) return `${instance.symbol}.${found}`;
    }
  }
  throw new TestbenchError(
    'TESTBENCH_BUILD',
    `signal ${name} of ${top}: marked, but Verilator has not kept it`,
  );
}

/** Two underscores in a row are Verilator's own sign. */
function encodeTop(top: string): string {
  return top.replaceAll('__', '___05F');
}
