/** An AXI4-Lite master: register reads and writes as tasks, channels in random order. */
import { type AnyPorts, type Random, SETTLED, type Task } from '../../../src/testbench/index.ts';

export interface RegisterAnswer {
  readonly data: number;
  /** Whether the access was answered with OKAY. */
  readonly isOkay: boolean;
}

export class RegisterMaster {
  readonly #ports: AnyPorts;
  readonly #random: Random;
  /** Most cycles that a channel waits before it begins, and before it takes an answer. */
  maxDelay = 0;

  constructor(ports: AnyPorts, random: Random) {
    this.#ports = ports;
    this.#random = random;
  }

  /** Writes and expects OKAY. */
  *write(addr: number, data: number): Task {
    const { isOkay } = yield* this.tryWrite(addr, data);
    if (!isOkay) throw new Error(`write to 0x${addr.toString(16)} was refused`);
  }

  /** Reads and expects OKAY. */
  *read(addr: number): Task<number> {
    const { data, isOkay } = yield* this.tryRead(addr);
    if (!isOkay) throw new Error(`read of 0x${addr.toString(16)} was refused`);
    return data;
  }

  *tryWrite(addr: number, data: number, strobes = 15): Task<RegisterAnswer> {
    const ports = this.#ports;
    const wait = () => this.#random.int(0, this.maxDelay);
    let [addressIn, dataIn, answerIn] = [wait(), wait(), wait()];
    let [addressDone, dataDone] = [false, false];
    for (;;) {
      if (!addressDone && addressIn-- <= 0) {
        ports.s_axil_awaddr = addr;
        ports.s_axil_awvalid = 1;
      }
      if (!dataDone && dataIn-- <= 0) {
        ports.s_axil_wdata = data >>> 0;
        ports.s_axil_wstrb = strobes;
        ports.s_axil_wvalid = 1;
      }
      ports.s_axil_bready = addressDone && dataDone && answerIn-- <= 0 ? 1 : 0;
      yield SETTLED;
      const addressTaken = ports.s_axil_awvalid && ports.s_axil_awready;
      const dataTaken = ports.s_axil_wvalid && ports.s_axil_wready;
      const answered = ports.s_axil_bvalid && ports.s_axil_bready;
      const isOkay = ports.s_axil_bresp === 0;
      yield;
      if (addressTaken) {
        addressDone = true;
        ports.s_axil_awvalid = 0;
      }
      if (dataTaken) {
        dataDone = true;
        ports.s_axil_wvalid = 0;
      }
      if (answered) {
        ports.s_axil_bready = 0;
        return { data: 0, isOkay };
      }
    }
  }

  *tryRead(addr: number): Task<RegisterAnswer> {
    const ports = this.#ports;
    for (let i = this.#random.int(0, this.maxDelay); i > 0; i--) yield;
    ports.s_axil_araddr = addr;
    ports.s_axil_arvalid = 1;
    for (;;) {
      yield SETTLED;
      const taken = ports.s_axil_arready;
      yield;
      if (taken) break;
    }
    ports.s_axil_arvalid = 0;
    for (let i = this.#random.int(0, this.maxDelay); i > 0; i--) yield;
    ports.s_axil_rready = 1;
    for (;;) {
      yield SETTLED;
      const { s_axil_rvalid: answered, s_axil_rdata: data, s_axil_rresp: response } = ports;
      yield;
      if (!answered) continue;
      ports.s_axil_rready = 0;
      return { data, isOkay: response === 0 };
    }
  }
}
