/** What tests/card/hdl/sigv_top.sv answers, computed here again: the scoreboard's truth. */
import {
  FlagCode,
  OpCode,
  ReasonCode,
  RecoverInputLayout,
  RecoverResultLayout,
  VerifyInputLayout,
  VerifyResultLayout,
} from '../../../src/driver/generated/registers.ts';

export type Op = (typeof OpCode)[keyof typeof OpCode];

/** Bytes of an operation's input and result records. */
export function recordBytes(op: Op): { readonly input: number; readonly result: number } {
  return op === OpCode.RECOVER
    ? { input: RecoverInputLayout.BYTES, result: RecoverResultLayout.BYTES }
    : { input: VerifyInputLayout.BYTES, result: VerifyResultLayout.BYTES };
}

/** The result record that the card has to write for an input record. */
export function expectedResult(
  op: Op,
  flags: number,
  input: Uint8Array,
  record: number,
): Uint8Array {
  const isRecover = op === OpCode.RECOVER;
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength);
  const payload = isRecover ? RecoverInputLayout.RECOVERY_ID : VerifyInputLayout.BYTES;
  let fold = 0n;
  for (let at = 0; at < payload; at += 8) {
    fold = (BigInt.asUintN(64, fold << 1n) | (fold >> 63n)) ^ view.getBigUint64(at, true);
  }
  const reason = reasonOf(isRecover, flags, view, fold);
  const result = new Uint8Array(recordBytes(op).result);
  const out = new DataView(result.buffer);
  result[VerifyResultLayout.VALID] = reason === ReasonCode.OK ? 1 : 0;
  result[VerifyResultLayout.REASON] = reason;
  out.setUint32(VerifyResultLayout.RECORD, record, true);
  if (isRecover && reason === ReasonCode.OK) {
    for (let i = 0; i < 8; i++) {
      out.setBigUint64(RecoverResultLayout.X + i * 8, fold ^ BigInt(i), true);
    }
  }
  return result;
}

function reasonOf(isRecover: boolean, flags: number, view: DataView, fold: bigint): ReasonCode {
  if (isRecover) {
    for (let at = RecoverInputLayout.ZERO; at < RecoverInputLayout.BYTES; at++) {
      if (view.getUint8(at) !== 0) return ReasonCode.MALFORMED;
    }
    if (view.getUint8(RecoverInputLayout.RECOVERY_ID) > 3) return ReasonCode.RECOVERY_ID;
  }
  const allowHighS = (flags & FlagCode.ALLOW_HIGH_S) !== 0;
  if ((fold & 8n) !== 0n && !allowHighS) return ReasonCode.HIGH_S;
  return (fold & 1n) !== 0n ? ReasonCode.OK : ReasonCode.MISMATCH;
}
