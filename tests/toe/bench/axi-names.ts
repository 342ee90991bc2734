// SPDX-License-Identifier: Apache-2.0
// The engine's ports to card memory, and the names of their signals, put together once.

/** Of what is received, of what is to be sent. */
export const MEMORY_PORTS = ['m_rx_axi', 'm_tx_axi'] as const;

const SIGNALS = [
  ...(['arvalid', 'arready', 'araddr', 'arlen', 'rvalid', 'rready', 'rdata', 'rresp'] as const),
  ...(['rlast', 'awvalid', 'awready', 'awaddr', 'awlen', 'wvalid', 'wready', 'wdata'] as const),
  ...(['wstrb', 'wlast', 'bvalid', 'bready', 'bresp'] as const),
];

export type AxiNames = Readonly<Record<(typeof SIGNALS)[number], string>>;

export function axiNames(prefix: string): AxiNames {
  const names = SIGNALS.map((signal) => [signal, `${prefix}_${signal}`]);
  return Object.fromEntries(names) as AxiNames;
}
