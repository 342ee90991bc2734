/** The simulations of the current test, for what happens when it ends: src/testbench/vitest.ts. */

interface Noted {
  readonly description: { readonly name: string };
  readonly seed: number;
  readonly wavesPath: string | undefined;
  flush(): void;
  record(): void;
  close(): void;
}

const noted = new Set<WeakRef<Noted>>();

/** Remembers a simulation while it is in use. */
export function noteSimulation(simulation: Noted): void {
  noted.add(new WeakRef(simulation));
}

/** The simulations started and not yet garbage. */
export function* notedSimulations(): Generator<Noted> {
  for (const reference of noted) {
    const simulation = reference.deref();
    if (simulation) yield simulation;
    else noted.delete(reference);
  }
}
