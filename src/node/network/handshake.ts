// SPDX-License-Identifier: Apache-2.0
// Who is there: three flights that prove both node keys to one another.
//
//   initiator            responder
//     hello         ->                  key, chain, version, fresh nonce
//                   <-  hello, auth     the same of the responder, and its signature
//     auth          ->                  the initiator's signature
//
// Each signs both keys, both nonces, the chain and the version, so a recorded signature fits no other
// connection, and one made for another peer does not fit this one. The responder signs first: whoever
// only repeats what he heard learns a key that is no secret and becomes nobody.
//
// What follows is not encrypted: it is signed by those who made it (transactions, blocks, votes). Who
// sits on the wire can cut or disturb a connection, and cannot forge what matters.

import { randomBytes } from 'node:crypto';
import { verify } from '@noble/secp256k1';
import { AuthChallengeLayout as A, Limit, MessageCode } from '../generated/protocol.ts';
import { readSignature, writeId, writeKey } from '../protocol/fields.ts';
import { asBuffer, fromHex, sha256 } from '../protocol/hex.ts';
import { publicKeyOf, type SecretKey, signDigest } from '../protocol/signing.ts';
import type { Id, PublicKey, Signature } from '../protocol/types.ts';
import { encodeFrame } from './frame.ts';
import type { Frame } from './frame-reader.ts';
import { decodeHello, encodeHello, type GoodbyeReason, type Hello } from './messages.ts';

/** The node's own side of every handshake. */
export class NodeIdentity {
  readonly nodeKey: PublicKey;
  readonly chainId: Id;
  readonly agent: string;
  readonly #secret: SecretKey;

  /** @throws {ProtocolError} `PROTOCOL_KEY`. */
  constructor(options: {
    readonly secretKey: SecretKey;
    readonly chainId: Id;
    readonly agent: string;
  }) {
    this.#secret = options.secretKey;
    this.nodeKey = publicKeyOf(options.secretKey);
    this.chainId = options.chainId;
    this.agent = options.agent;
  }

  /** The first message of a connection. */
  hello(port: number): Hello {
    return {
      protocol: Limit.VERSION,
      port,
      chainId: this.chainId,
      nodeKey: this.nodeKey,
      nonce: randomBytes(32).toString('hex'),
      agent: this.agent,
    };
  }

  /** Signs that this node speaks to that one. */
  prove(own: Hello, peer: Hello): Signature {
    return signDigest(challengeDigest(own, peer), this.#secret);
  }
}

/** SHA-256 of what `signer` signs towards `peer`. */
export function challengeDigest(signer: Hello, peer: Hello): Uint8Array {
  const challenge = Buffer.alloc(A.BYTES);
  challenge.writeUInt32LE(Limit.MAGIC_AUTH, A.MAGIC);
  challenge.writeUInt32LE(signer.protocol, A.PROTOCOL);
  writeId(challenge, A.CHAIN_ID, signer.chainId, 'chain id');
  writeKey(challenge, A.SIGNER_KEY, signer.nodeKey, 'signer');
  writeKey(challenge, A.PEER_KEY, peer.nodeKey, 'peer');
  writeId(challenge, A.SIGNER_NONCE, signer.nonce, 'nonce');
  writeId(challenge, A.PEER_NONCE, peer.nonce, 'nonce');
  return sha256(challenge);
}

/** A handshake that ended without a peer. */
export class HandshakeError extends Error {
  override readonly name = 'HandshakeError';
  readonly reason: GoodbyeReason;

  constructor(reason: GoodbyeReason, message: string) {
    super(message);
    this.reason = reason;
  }
}

/** Options of one handshake. */
export interface HandshakeOptions {
  readonly identity: NodeIdentity;
  /** Own port for connections, 0 for none. */
  readonly port: number;
  readonly initiator: boolean;
  /** Who must answer; anybody if not given. */
  readonly expectedKey?: PublicKey | undefined;
  /** Asked before the signature work, which is what a stranger could make this node waste. */
  readonly accept?: (hello: Hello) => void;
}

/** What one side does next: frames to send, and the peer once it is proven. */
export interface HandshakeStep {
  readonly send: readonly Uint8Array[];
  readonly peer?: Hello;
}

/** One side of a handshake; no input or output of its own. */
export class Handshake {
  readonly #options: HandshakeOptions;
  readonly #own: Hello;
  #peer: Hello | undefined;

  constructor(options: HandshakeOptions) {
    this.#options = options;
    this.#own = options.identity.hello(options.port);
  }

  /** What to send first. */
  start(): readonly Uint8Array[] {
    return this.#options.initiator ? [encodeHello(this.#own)] : [];
  }

  /**
   * Takes the other side's next message.
   *
   * @throws {HandshakeError} with the reason to say goodbye for.
   * @throws {ProtocolError} when the message is malformed.
   */
  receive({ kind, payload }: Frame): HandshakeStep {
    if (kind === MessageCode.HELLO && !this.#peer) return this.#hello(decodeHello(payload));
    if (kind === MessageCode.AUTH && this.#peer) return this.#auth(payload, this.#peer);
    throw new HandshakeError('bad_message', `handshake: message ${kind} out of order`);
  }

  #hello(peer: Hello): HandshakeStep {
    const { identity, initiator, expectedKey, accept } = this.#options;
    if (peer.protocol !== Limit.VERSION) {
      throw new HandshakeError(
        'wrong_version',
        `expected protocol ${Limit.VERSION}, got ${peer.protocol}`,
      );
    }
    if (peer.chainId !== identity.chainId) {
      throw new HandshakeError('wrong_chain', `expected ${identity.chainId}, got ${peer.chainId}`);
    }
    if (peer.nodeKey === identity.nodeKey) throw new HandshakeError('self', 'met itself');
    if (expectedKey !== undefined && peer.nodeKey !== expectedKey) {
      throw new HandshakeError('bad_proof', `expected node ${expectedKey}, got ${peer.nodeKey}`);
    }
    accept?.(peer);
    this.#peer = peer;
    return { send: initiator ? [] : [encodeHello(this.#own), this.#proof(peer)] };
  }

  #auth(payload: Uint8Array, peer: Hello): HandshakeStep {
    const signature = readSignature(asBuffer(payload), 0);
    if (!isSignedBy(peer.nodeKey, challengeDigest(peer, this.#own), signature)) {
      throw new HandshakeError('bad_proof', `the signature is not of node ${peer.nodeKey}`);
    }
    return { send: this.#options.initiator ? [this.#proof(peer)] : [], peer };
  }

  #proof(peer: Hello): Uint8Array {
    return encodeFrame(MessageCode.AUTH, this.#options.identity.prove(this.#own, peer));
  }
}

function isSignedBy(key: PublicKey, digest: Uint8Array, signature: Signature): boolean {
  try {
    return verify(signature.subarray(0, 64), digest, fromHex(key), { prehash: false });
  } catch {
    // Not a point of the curve, or r or s out of range.
    return false;
  }
}
