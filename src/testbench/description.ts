/** What a module looks like from outside, whichever Verilator said it. */
export interface ModuleDescription {
  readonly name: string;
  readonly ports: readonly PortDescription[];
  readonly parameters: readonly ParameterDescription[];
  /** Every source file read, as Verilator names it. */
  readonly files: readonly string[];
}

export interface PortDescription {
  readonly name: string;
  readonly direction: 'input' | 'output' | 'inout';
  /** Width in bits; packed arrays and structs are flattened, unpacked ones are not supported. */
  readonly width: number;
  readonly signed: boolean;
}

export interface ParameterDescription {
  readonly name: string;
  /** The value as Verilog text, for example `32'sh40`. */
  readonly value: string;
  readonly isLocal: boolean;
}
