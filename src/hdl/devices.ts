// SPDX-License-Identifier: Apache-2.0
// Chips that nextpnr places and routes for.

/** A chip, and how yosys and nextpnr are told of it. */
export interface Device {
  readonly title: string;
  readonly nextpnr: 'ecp5' | 'ice40';
  /** yosys' command, without the top. */
  readonly synth: string;
  /** nextpnr's arguments. */
  readonly args: readonly string[];
}

const ecp5 = (size: string, chip: string, speed = '6'): Device => ({
  title: `Lattice ${chip}, speed grade ${speed}`,
  nextpnr: 'ecp5',
  synth: 'synth_ecp5',
  // CABGA381 is what all three sizes come in.
  args: [`--${size}`, '--package', 'CABGA381', '--speed', speed, '--lpf-allow-unconstrained'],
});

export const DEVICES: Readonly<Record<string, Device>> = {
  'ecp5-25k': ecp5('25k', 'LFE5U-25F'),
  'ecp5-45k': ecp5('45k', 'LFE5U-45F'),
  'ecp5-85k': ecp5('85k', 'LFE5U-85F'),
  // The fastest grade
  'ecp5-85k-8': ecp5('85k', 'LFE5U-85F', '8'),
  'ice40-hx8k': {
    title: 'Lattice iCE40HX8K',
    nextpnr: 'ice40',
    synth: 'synth_ice40 -device hx',
    args: ['--hx8k', '--package', 'ct256', '--pcf-allow-unconstrained'],
  },
  'ice40-up5k': {
    title: 'Lattice iCE40UP5K',
    nextpnr: 'ice40',
    synth: 'synth_ice40 -device u -dsp',
    args: ['--up5k', '--package', 'sg48', '--pcf-allow-unconstrained'],
  },
};
