// SPDX-License-Identifier: Apache-2.0

import type { RingLayout } from '../../device/ring-pair.ts';
import {
  ToeCompletionLayout as Answer,
  Block,
  ToeDescriptorLayout as Request,
  type ToeOpCode,
} from '../../generated/registers.ts';

/** A peer and a port of the card; IPv4 as a number, first octet in the top byte. */
export interface Tuple {
  readonly remoteIp: number;
  readonly remotePort: number;
  readonly localPort: number;
}

/** What the TCP engine is asked; fields that an operation does not name are left out. */
export interface ToeRequest extends Partial<Tuple> {
  readonly op: ToeOpCode;
  readonly session?: number;
  /** Bus address, a multiple of 8. */
  readonly address?: bigint;
  /** Bytes, 1 to 65535; of URGENT 0 is possible, too. */
  readonly length?: number;
  readonly value?: number;
}

/** A request with the id that its answer carries. */
export interface ToeDescriptor extends ToeRequest {
  readonly id: number;
}

/** An answer, or an event (`StatusCode.EVENT`). */
export interface ToeCompletion extends Tuple {
  readonly id: number;
  readonly status: number;
  readonly session: number;
  /** Of an event: positions, 32 bits, that wrap; of an answer `received` is the length. */
  readonly received: number;
  readonly acknowledged: number;
  /** Of an event with URGENT: position behind the last urgent byte; else 0. */
  readonly urgent: number;
  /** Sum of `ToeEventCode`; 0 of an answer. */
  readonly events: number;
}

/** Entries of the TCP engine's rings: 32 bytes both, little-endian. */
export const TOE_RINGS: RingLayout<ToeDescriptor, ToeCompletion> = {
  block: Block.TOE,
  descriptorBytes: Request.BYTES,
  completionBytes: Answer.BYTES,
  index: Answer.INDEX,
  write(view, at, request) {
    view.setUint32(at + Request.ID, request.id, true);
    view.setUint16(at + Request.OP, request.op, true);
    view.setUint16(at + Request.SESSION, request.session ?? 0, true);
    view.setBigUint64(at + Request.ADDRESS, request.address ?? 0n, true);
    view.setUint32(at + Request.REMOTE_IP, request.remoteIp ?? 0, true);
    view.setUint16(at + Request.REMOTE_PORT, request.remotePort ?? 0, true);
    view.setUint16(at + Request.LOCAL_PORT, request.localPort ?? 0, true);
    view.setUint32(at + Request.LENGTH, request.length ?? 0, true);
    view.setUint32(at + Request.VALUE, request.value ?? 0, true);
  },
  read: (view, at) => ({
    id: view.getUint32(at + Answer.ID, true),
    status: view.getUint16(at + Answer.STATUS, true),
    session: view.getUint16(at + Answer.SESSION, true),
    remoteIp: view.getUint32(at + Answer.REMOTE_IP, true),
    remotePort: view.getUint16(at + Answer.REMOTE_PORT, true),
    localPort: view.getUint16(at + Answer.LOCAL_PORT, true),
    received: view.getUint32(at + Answer.RECEIVED, true),
    acknowledged: view.getUint32(at + Answer.ACKNOWLEDGED, true),
    urgent: view.getUint32(at + Answer.URGENT, true),
    events: view.getUint16(at + Answer.EVENTS, true),
  }),
};
