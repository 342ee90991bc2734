// SPDX-License-Identifier: Apache-2.0

import type { Consensus, ConsensusEvent, ConsensusState } from '../consensus/contract.ts';
import { ConsensusError } from '../consensus/errors.ts';
import type { Evidence } from '../consensus/evidence.ts';
import { EvidenceLog } from '../consensus/evidence.ts';
import type { FinalityView } from '../consensus/finality-view.ts';
import type { Genesis } from '../genesis/index.ts';
import { type AppliedBlock, type Ledger, LedgerError } from '../ledger/index.ts';
import type { Network } from '../network/index.ts';
import type { KnownTransactions } from '../pool/index.ts';
import type { Block, BlockRef, Id, Milliseconds } from '../protocol/types.ts';
import type { Signatures } from '../signatures/index.ts';
import { BlocksFirst } from './blocks-first.ts';
import { ComingBlock } from './coming-block.ts';
import { ChainError } from './errors.ts';
import type { ChainListener, FinalBlock } from './events.ts';
import { HeldBlocks } from './held-blocks.ts';
import { Lock } from './lock.ts';
import { confirmBlock, type PreparedBlock } from './prepared-block.ts';

/** The ledger as a node has it. */
export type NodeLedger = Ledger<ConsensusState, ConsensusEvent>;

/** pino's methods, as far as used. */
export interface ChainLog {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** What the chain asks of the network. */
export type ChainNetwork = Pick<
  Network,
  'publishBlock' | 'announceBlock' | 'publishVotes' | 'punish' | 'catchUp' | 'setStatus'
>;

/** What a chain is made of. */
export interface ChainParts {
  readonly genesis: Genesis;
  readonly consensus: Consensus;
  readonly ledger: NodeLedger;
  readonly view: FinalityView;
  readonly signatures: Signatures;
  readonly known: KnownTransactions;
  readonly network: ChainNetwork;
  readonly log: ChainLog;
  /** The wall clock. */
  readonly now: () => Milliseconds;
  readonly emit: ChainListener;
  readonly onEvidence: (evidence: Evidence) => void;
}

/** Failures of this node, not of a block. */
const OWN_FAILURES: ReadonlySet<string> = new Set([
  'LEDGER_STORAGE',
  'LEDGER_CORRUPT',
  'LEDGER_SUPPLY',
  'LEDGER_CLOSED',
  'LEDGER_FINAL',
]);
/** Refusals that rest on keys, not on a block's content. */
const OF_KEYS: ReadonlySet<string> = new Set(['LEDGER_AUTHORITY', 'LEDGER_SIGNATURES']);
/** Blocks remembered as invalid. */
const MAX_BAD = 1024;
/** Blocks whose last number of confirmations is remembered. */
const MAX_COUNTS = 512;
/** A block older than this many slots is not announced: whoever lacks it catches up. */
const ANNOUNCED_SLOTS = 8;
const INVALID_POINTS = 50;

/**
 * The chain as this node has it: brings the ledger to the head that consensus names, and says what is
 * final. Everything that changes it runs under `lock`.
 */
export class ChainCore {
  readonly parts: ChainParts;
  readonly lock = new Lock();
  /** Of blocks as they come, not of ranges: those take minutes. */
  readonly blocksFirst = new BlocksFirst();
  readonly evidence = new EvidenceLog();
  readonly #held: HeldBlocks;
  readonly #bad = new Set<Id>();
  readonly #counts = new Map<Id, number>();
  #coming: ComingBlock | undefined;
  #justified: Id;
  #told = '';
  /** On disk, and about to be. */
  #final: BlockRef;
  #finalising: number;
  #finality: Promise<void> = Promise.resolve();
  /** Votes for what was executed; whether that may have changed something. */
  voting: (() => Promise<boolean>) | undefined;
  /** Why this node does not follow, while it does not. */
  fault: Error | undefined;

  constructor(parts: ChainParts) {
    this.parts = parts;
    this.#justified = parts.view.justified.id;
    this.#final = parts.ledger.final;
    this.#finalising = this.#final.height;
    this.#held = new HeldBlocks(8 * parts.genesis.block.maxBytes);
  }

  /** The last final block; survives whatever happens to this machine. */
  get final(): BlockRef {
    return this.#final;
  }

  /** Settles when all that is final so far is on disk, or could not be written. */
  async flushed(): Promise<void> {
    await this.#finality;
  }

  isBad(id: Id): boolean {
    return this.#bad.has(id);
  }

  /** A block above the last final one that is in memory. */
  held(id: Id): Block | undefined {
    return this.#held.get(id)?.block;
  }

  /** What is being written, if anything is. */
  get coming(): ComingBlock | undefined {
    return this.#coming;
  }

  /** Votes for a block that is on the chain or about to be. */
  confirmations({ height, id }: BlockRef) {
    const { ledger, view, genesis } = this.parts;
    if (ledger.blockId(height) !== id && this.#coming?.ref.id !== id) return undefined;
    const final = height <= this.#final.height;
    const votes = view.confirmations(id);
    const needed = votes?.needed ?? genesis.consensus.confirmations;
    const count = Math.max(votes?.count ?? 0, this.#counts.get(id) ?? 0, final ? needed : 0);
    return { count, needed, final };
  }

  /**
   * Takes a block whose keys are known; the ledger follows with `advance`.
   *
   * @throws {ChainError} `CHAIN_ORPHAN`, `CHAIN_PRODUCER`, `CHAIN_SIGNATURE`, `CHAIN_INVALID`.
   */
  async add(prepared: PreparedBlock): Promise<'added' | 'known' | 'stale'> {
    const { view, signatures } = this.parts;
    const { signedHeader, votes } = prepared.block;
    const { header, id } = signedHeader;
    if (view.has(id)) return 'known';
    const state = view.state(header.parent);
    if (state === undefined) throw new ChainError('CHAIN_ORPHAN', `parent ${header.parent}`);
    let block = prepared;
    try {
      this.#checkKeys(block, state);
    } catch (error) {
      if (!block.doubtful || !(error instanceof ChainError) || error.code !== 'CHAIN_SIGNATURE') {
        throw error;
      }
      block = await confirmBlock(block, signatures);
      this.#checkKeys(block, state);
    }
    this.#note(this.evidence.header(signedHeader));
    let outcome: ReturnType<typeof view.add>;
    try {
      outcome = view.add({ id, header, votes });
    } catch (error) {
      if (!(error instanceof ConsensusError)) throw error;
      throw this.#invalid(id, error.message, error);
    }
    if (outcome === 'orphan') throw new ChainError('CHAIN_ORPHAN', `parent ${header.parent}`);
    if (outcome !== 'added') return outcome;
    for (const vote of votes) this.#note(this.evidence.vote(vote));
    for (const evicted of this.#held.put(block)) view.remove(evicted);
    this.tellConfirmations(votes.map(({ vote }) => vote.target.id));
    return 'added';
  }

  /** Brings the ledger to the head, votes, and says what is final. Under the lock. */
  async advance(produced?: Id): Promise<void> {
    try {
      do {
        await this.#follow(produced);
        this.#settle();
      } while (await this.voting?.());
      if (this.fault) this.parts.log.info({}, 'the chain goes on');
      this.fault = undefined;
    } catch (error) {
      if (!this.fault) this.parts.log.error({ err: error }, 'the chain does not go on');
      this.fault = error as Error;
    }
    this.#tellStatus();
  }

  /** Tells of votes that were counted for these blocks. */
  tellConfirmations(targets: Iterable<Id>): void {
    const { ledger, view, emit } = this.parts;
    for (const id of new Set(targets)) {
      const height = ledger.heightOf(id);
      const votes = height === undefined ? undefined : view.confirmations(id);
      if (height === undefined || !votes || votes.count <= (this.#counts.get(id) ?? 0)) continue;
      this.#counts.set(id, votes.count);
      if (this.#counts.size > MAX_COUNTS) deleteOldest(this.#counts);
      emit({ type: 'confirmed', block: { height, id }, ...votes });
    }
  }

  #note(evidence: Evidence | undefined): void {
    if (evidence) this.parts.onEvidence(evidence);
  }

  noteEvidence(evidence: Evidence | undefined): void {
    this.#note(evidence);
  }

  /** @throws {ChainError} unless header and votes are signed by whom `state` says. */
  #checkKeys({ block, keys }: PreparedBlock, state: ConsensusState): void {
    const { consensus, ledger } = this.parts;
    const { header, id } = block.signedHeader;
    if (header.height !== state.height + 1 || header.slot <= state.slot) {
      const expected = `height ${state.height + 1} and a slot after ${state.slot}`;
      throw this.#invalid(id, `expected ${expected}, got ${header.height} and ${header.slot}`);
    }
    const producer = consensus.producerOf(header.slot, state);
    let signingKey: string | undefined = producer.signingKey;
    if (producer.account !== header.producer) {
      if (!state.provisional) {
        const message = `slot ${header.slot}: expected ${producer.account}, got ${header.producer}`;
        throw this.#invalid(id, message);
      }
      // Whose slot it is is only known once the parent is executed, and is asked again then.
      const standing = ledger.producers();
      signingKey = standing.find(({ account }) => account === header.producer)?.signingKey;
    }
    if (state.provisional && keys.header !== signingKey) throw undecided(id);
    if (keys.header === undefined || keys.header !== signingKey) {
      const message = `header: expected the key ${signingKey} of ${header.producer}`;
      throw new ChainError('CHAIN_SIGNATURE', `${message}, got ${keys.header ?? 'nobody'}`);
    }
    for (const [i, { vote }] of block.votes.entries()) {
      const key = consensus.voterKey(state, vote);
      if (key === undefined && !state.provisional) {
        throw this.#invalid(id, `vote ${i} of ${vote.producer}: must not be carried`);
      }
      if (state.provisional && key !== keys.votes[i]) throw undecided(id);
      if (key === undefined || key !== keys.votes[i]) {
        const message = `vote ${i}: expected the key ${key ?? 'of a producer'} of ${vote.producer}`;
        throw new ChainError('CHAIN_SIGNATURE', `${message}, got ${keys.votes[i] ?? 'nobody'}`);
      }
    }
  }

  #invalid(id: Id, message: string, cause?: Error): ChainError {
    this.#bad.add(id);
    if (this.#bad.size > MAX_BAD) deleteOldest(this.#bad);
    return new ChainError('CHAIN_INVALID', message, { cause });
  }

  /** @throws when this node cannot follow, which is no fault of a block. */
  async #follow(produced: Id | undefined): Promise<void> {
    const { ledger, view } = this.parts;
    while (view.head.id !== ledger.head.id) {
      const { common, blocks } = view.path(ledger.head.id, view.head.id);
      while (ledger.head.height > common.height) await this.#revert();
      for (const { id } of blocks) {
        const prepared = this.#held.get(id);
        if (prepared === undefined) {
          // Its memory was needed for others: it has to come again.
          view.remove(id);
          this.parts.network.catchUp();
          break;
        }
        if (!(await this.#execute(prepared, id === produced))) break;
      }
    }
  }

  async #revert(): Promise<void> {
    const { ledger, view, emit, log } = this.parts;
    const block = await ledger.revert();
    const { id, header } = block.signedHeader;
    view.revert(id);
    const held = this.#held.get(id);
    this.#held.undone(id);
    this.#counts.delete(id);
    log.info({ height: header.height, id }, 'block undone');
    const candidates = held
      ? held.block.transactions.map((transaction, i) => ({
          transaction,
          signers: held.keys.signers[i]!,
        }))
      : [];
    emit({ type: 'reverted', block: held?.block ?? block, candidates });
  }

  /** Whether the block is on the chain now; if not, it is out of the view. */
  async #execute(prepared: PreparedBlock, produced: boolean): Promise<boolean> {
    const { ledger, view, emit, consensus, now, log } = this.parts;
    const { block } = prepared;
    const { id, header } = block.signedHeader;
    let applied: AppliedBlock<ConsensusEvent>;
    try {
      applied = await this.#apply(prepared);
    } catch (error) {
      if (this.#coming) {
        this.#coming = undefined;
        emit({ type: 'withdrawn', block });
      }
      this.#refuse(prepared, error);
      return false;
    }
    this.#coming = undefined;
    view.execute(id, ledger.consensusState);
    this.#held.executed(id);
    emit({ type: 'block', block, produced, consensus: applied.events });
    const late = now() - consensus.slotStart(header.slot);
    log.debug({ height: header.height, id, produced, milliseconds: late }, 'block written');
    this.tellConfirmations([id]);
    return true;
  }

  /** Others are told while the disk works: they need not wait for it. */
  #tellExecuted({ block, from }: PreparedBlock): void {
    const { emit, network, consensus, now, log } = this.parts;
    const { id, header } = block.signedHeader;
    const { slotMilliseconds } = consensus.parameters;
    const age = now() - consensus.slotStart(header.slot);
    this.#coming = new ComingBlock(block);
    try {
      if (from !== undefined && age < ANNOUNCED_SLOTS * slotMilliseconds) {
        network.announceBlock(block.bytes, { except: from });
      }
      emit({ type: 'executed', block });
    } catch (error) {
      log.error({ err: error, height: header.height, id }, 'a block could not be told');
    }
    const late = now() - consensus.slotStart(header.slot);
    log.debug({ height: header.height, id, milliseconds: late }, 'block told');
  }

  async #apply(prepared: PreparedBlock): Promise<AppliedBlock<ConsensusEvent>> {
    const { ledger, signatures } = this.parts;
    try {
      this.#checkKeys(prepared, ledger.consensusState);
      const { block, keys } = prepared;
      return await ledger.apply(block, keys.signers, () => this.#tellExecuted(prepared));
    } catch (error) {
      if (!prepared.doubtful || !restsOnKeys(error)) throw error;
      return this.#apply(await confirmBlock(prepared, signatures));
    }
  }

  /** @throws what is no fault of the block. */
  #refuse({ block, from }: PreparedBlock, error: unknown): void {
    const { view, network, log } = this.parts;
    const { id, header } = block.signedHeader;
    const known = error instanceof ChainError || error instanceof LedgerError;
    if (!known || OWN_FAILURES.has(error.code)) throw error;
    log.warn(
      { height: header.height, id, from, code: error.code, reason: error.message },
      'block refused',
    );
    view.remove(id);
    this.#held.delete(id);
    if (!restsOnKeys(error)) this.#invalid(id, error.message);
    if (from === undefined) return;
    network.punish(from, 'invalid block', INVALID_POINTS);
    network.catchUp();
  }

  /** What is justified and final now. */
  #settle(): void {
    const { ledger, view, emit } = this.parts;
    const { justified, final } = view;
    if (justified.id !== this.#justified) {
      this.#justified = justified.id;
      emit({ type: 'justified', block: justified });
    }
    if (final.height <= this.#finalising) return;
    const refs: BlockRef[] = [];
    for (let height = this.#finalising + 1; height <= final.height; height++) {
      refs.push({ height, id: ledger.blockId(height)! });
    }
    const blocks = refs.map((ref) => ({ ref, block: this.#held.get(ref.id)?.block }));
    this.#held.final(final.height);
    this.#finalise(final, blocks);
  }

  /** Nobody waits for the disk here; nobody is told before it has answered. */
  #finalise(final: BlockRef, blocks: readonly FinalBlock[]): void {
    const { ledger, emit, log } = this.parts;
    this.#finalising = final.height;
    const written = ledger.finalize(final);
    written.catch(() => {}); // told below
    this.#finality = this.#finality.then(async () => {
      try {
        await written;
      } catch (error) {
        // It is tried again when the chain moves.
        this.#finalising = Math.min(this.#finalising, this.#final.height);
        this.fault = error as Error;
        log.error({ err: error }, 'finality cannot be written');
        return;
      }
      if (final.height <= this.#final.height) return;
      this.#final = final;
      emit({ type: 'final', block: final, blocks });
      this.#tellStatus();
    });
  }

  #tellStatus(): void {
    const { ledger, network } = this.parts;
    const { head } = ledger;
    const final = this.#final;
    const told = `${head.id} ${final.id}`;
    if (told === this.#told) return;
    this.#told = told;
    const { height, id } = head;
    network.setStatus({ head: { height, id }, final });
  }
}

/** Nobody can say before its parent is executed. */
function undecided(id: Id): ChainError {
  return new ChainError('CHAIN_ORPHAN', `block ${id} waits until its parent is executed`);
}

function restsOnKeys(error: unknown): boolean {
  if (error instanceof ChainError) return error.code === 'CHAIN_SIGNATURE';
  return error instanceof LedgerError && OF_KEYS.has(error.code);
}

function deleteOldest(from: Set<Id> | Map<Id, unknown>): void {
  for (const oldest of from.keys()) {
    from.delete(oldest);
    return;
  }
}
