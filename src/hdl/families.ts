// SPDX-License-Identifier: Apache-2.0
// The chips that yosys maps to, and which of their cells make up a column of the resource table.

export const FAMILIES = ['xcup', 'ecp5', 'ice40'] as const;
export type Family = (typeof FAMILIES)[number];

export const RESOURCES = ['LUT', 'FF', 'CARRY', 'DSP', 'BRAM'] as const;
export type Resource = (typeof RESOURCES)[number];

/** Cells of each kind. */
export type Counts = Readonly<Record<Resource, number>>;

interface FamilyDescription {
  /** For people. */
  readonly title: string;
  /** yosys' command, without the top. */
  readonly synth: string;
  readonly cells: Readonly<Record<Resource, RegExp>>;
}

export const FAMILY: Readonly<Record<Family, FamilyDescription>> = {
  xcup: {
    title: 'UltraScale+',
    synth: 'synth_xilinx -family xcup -noiopad -flatten',
    cells: {
      // LUT RAM and shift registers take LUTs, too.
      LUT: /^LUT\d|^RAM(32|64)|^SRL/,
      FF: /^FD[RSCP]E/,
      CARRY: /^CARRY[48]/,
      DSP: /^DSP48/,
      BRAM: /^RAMB/,
    },
  },
  ecp5: {
    title: 'ECP5',
    synth: 'synth_ecp5',
    cells: {
      LUT: /^LUT4|^TRELLIS_DPR16X4/,
      FF: /^TRELLIS_FF/,
      CARRY: /^CCU2C/,
      DSP: /^MULT18X18D|^ALU54B/,
      BRAM: /^DP16KD|^PDPW16KD/,
    },
  },
  ice40: {
    title: 'iCE40 UltraPlus',
    synth: 'synth_ice40 -device u -dsp',
    cells: {
      LUT: /^SB_LUT4/,
      FF: /^SB_DFF/,
      CARRY: /^SB_CARRY/,
      DSP: /^SB_MAC16/,
      BRAM: /^SB_RAM/,
    },
  },
};

/** The column that a cell type counts in; undefined for wires, buffers and multiplexers. */
export function resourceOf(family: Family, cell: string): Resource | undefined {
  return RESOURCES.find((resource) => FAMILY[family].cells[resource].test(cell));
}

export function noCounts(): Record<Resource, number> {
  return { LUT: 0, FF: 0, CARRY: 0, DSP: 0, BRAM: 0 };
}
