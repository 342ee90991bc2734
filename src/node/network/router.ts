// SPDX-License-Identifier: Apache-2.0

import { MessageCode } from '../generated/protocol.ts';
import { fail } from '../protocol/fields.ts';
import type { BlockExchange } from './block-exchange.ts';
import type { BlockServer } from './block-server.ts';
import { kindName } from './frame.ts';
import type { Frame } from './frame-reader.ts';
import type { Gossip } from './gossip.ts';
import { decodeGoodbye, decodePing, decodeStatus, encodePing, requestOf } from './messages.ts';
import type { Peer } from './peer.ts';
import type { PeerExchange } from './peer-exchange.ts';
import { Queue } from './peer-limits.ts';

/** Where messages go. */
export interface Routes {
  readonly gossip: Gossip;
  readonly blocks: BlockExchange;
  readonly server: BlockServer;
  readonly exchange: PeerExchange;
  punish(reason: string, points: number): void;
}

/** An answer that nobody asked for, or that came too late. */
const UNASKED_POINTS = 10;

/** Hands a frame to whom it concerns. @throws {ProtocolError} when its payload is malformed. */
export function routeFrame(peer: Peer, { kind, payload }: Frame, routes: Routes): void {
  switch (kind) {
    case MessageCode.PING: {
      const pong = encodePing(MessageCode.PONG, decodePing(payload));
      peer.send(MessageCode.PONG, pong, Queue.CONTROL);
      return;
    }
    case MessageCode.PONG:
      peer.pong(decodePing(payload));
      return;
    case MessageCode.TRANSACTIONS:
      routes.gossip.receiveTransactions(peer, payload);
      return;
    case MessageCode.BLOCK:
      routes.blocks.receiveBlock(peer, payload);
      return;
    case MessageCode.ANNOUNCE:
      routes.blocks.receiveAnnounce(peer, payload);
      return;
    case MessageCode.VOTES:
      routes.gossip.receiveVotes(peer, payload);
      return;
    case MessageCode.GET_BLOCKS:
      routes.server.getBlocks(peer, payload);
      return;
    case MessageCode.GET_BLOCK:
      routes.server.getBlock(peer, payload);
      return;
    case MessageCode.BLOCKS:
    case MessageCode.PEERS:
      if (!peer.questions.answer(kind, requestOf(payload), payload)) {
        routes.punish(`unasked ${kindName(kind)}`, UNASKED_POINTS);
      }
      return;
    case MessageCode.GET_PEERS:
      routes.exchange.answer(peer, payload);
      return;
    case MessageCode.STATUS:
      peer.status = decodeStatus(payload);
      return;
    case MessageCode.GOODBYE:
      peer.close(`told ${decodeGoodbye(payload).reason}`);
      return;
    default:
      fail('PROTOCOL_TYPE', 0, `${kindName(kind)} is not expected here`);
  }
}
