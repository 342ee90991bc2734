// SPDX-License-Identifier: Apache-2.0
// Chains with real ledgers in one process, over links that the test cuts, on a clock that it steps.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterEach } from 'vitest';
import { Chain, type ChainEvent, type ChainNetwork } from '../../../../src/node/chain/index.ts';
import {
  consensusOf,
  type Evidence,
  fileSafetyStore,
  parametersOf,
} from '../../../../src/node/consensus/index.ts';
import { type DevGenesis, devGenesis } from '../../../../src/node/genesis/index.ts';
import { recoverInSoftware } from '../../../../src/node/ledger/evidence.ts';
import { type Candidate, idPrefix, openLedger } from '../../../../src/node/ledger/index.ts';
import { KnownTransactions, Pool } from '../../../../src/node/pool/index.ts';
import {
  type Operation,
  publicKeyOf,
  type SignedTransaction,
  signTransaction,
} from '../../../../src/node/protocol/index.ts';
import type { PublicKey } from '../../../../src/node/protocol/types.ts';
import type { Signatures, Signed } from '../../../../src/node/signatures/index.ts';

export const SLOT = 1000;
const TIME = 1_700_000_000_000;

const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

const recovered = new Map<string, PublicKey | undefined>();

/** All chains of a test look at the same signatures. */
function recoverOnce({ id, signature }: Signed): PublicKey | undefined {
  const key = `${id} ${Buffer.from(signature).toString('hex')}`;
  if (!recovered.has(key)) recovered.set(key, recoverInSoftware(id, signature));
  return recovered.get(key);
}

/** Checks at once; a test may make it a card that is wrong. */
export class FakeSignatures implements Signatures {
  doubtful = false;
  readonly counters: Signatures['counters'] = {
    checked: 0,
    refused: 0,
    batches: 0,
    busySeconds: 0,
    spilled: 0,
    episodes: 0,
    confirmed: 0,
    contradicted: 0,
    failures: 0,
  };
  readonly queued = 0;
  readonly backlogSeconds = 0;
  readonly spilling = false;
  readonly spill = { enabled: false };
  /** What the card says instead of a key. */
  lie: ((key: PublicKey) => PublicKey | undefined) | undefined;

  async recover(items: readonly Signed[]): Promise<(PublicKey | undefined)[]> {
    this.counters.checked += items.length;
    const keys = items.map(recoverOnce);
    const { lie } = this;
    return lie ? keys.map((key) => (key === undefined ? undefined : lie(key))) : keys;
  }

  async confirm(items: readonly Signed[]): Promise<(PublicKey | undefined)[]> {
    this.counters.confirmed += items.length;
    return items.map(recoverOnce);
  }

  contradicted(count: number): void {
    this.counters.contradicted += count;
  }

  async close(): Promise<void> {}
}

/** A chain and what belongs to it. */
export interface TestChain {
  readonly name: string;
  readonly chain: Chain;
  readonly pool: Pool;
  readonly signatures: FakeSignatures;
  readonly events: ChainEvent[];
  readonly evidence: Evidence[];
  readonly punished: { readonly peer: string; readonly reason: string; readonly points: number }[];
  /** Times it asked to catch up. */
  caughtUp: number;
}

const nets = new Set<TestNet>();

afterEach(async () => {
  for (const net of nets) await net.close();
  nets.clear();
});

/** A network of chains; producer i is on chain i. */
export class TestNet {
  readonly dev: DevGenesis;
  readonly folder = mkdtempSync(join(tmpdir(), 'chain-'));
  readonly chains: (TestChain | undefined)[] = [];
  readonly #cut = new Set<string>();
  readonly #listeners = new Map<number, (votes: readonly Uint8Array[]) => void>();
  #under = 0;
  slot = 0;
  now = TIME;
  #nonce = 0;

  private constructor(dev: DevGenesis) {
    this.dev = dev;
  }

  static async open(
    producers: number,
    options: { readonly kind?: 'dpos' | 'poa'; readonly followers?: number } = {},
  ): Promise<TestNet> {
    const { kind = 'poa', followers = 0 } = options;
    const consensus = { slotMilliseconds: SLOT };
    const net = new TestNet(
      devGenesis({ producers, users: 4, time: TIME, kind, consensus, seed: 'test' }),
    );
    nets.add(net);
    for (let i = 0; i < producers + followers; i++) await net.start(i);
    return net;
  }

  get(i: number): TestChain {
    return this.chains[i]!;
  }

  /** Opens chain `i` on what is in its folder. */
  async start(i: number): Promise<TestChain> {
    const { genesis } = this.dev;
    const consensus = consensusOf(parametersOf(genesis));
    const path = join(this.folder, `${i}`);
    const ledger = await openLedger({ path: join(path, 'ledger'), genesis, consensus });
    const account = `producer${i + 1}`;
    const isProducer = genesis.producers.some((each) => each.account === account);
    const signatures = new FakeSignatures();
    const pool = new Pool();
    const events: ChainEvent[] = [];
    const evidence: Evidence[] = [];
    const punished: TestChain['punished'] = [];
    const own: { caughtUp: number } = { caughtUp: 0 };
    const network: ChainNetwork = {
      publishBlock: (bytes, { except } = {}) => this.#toAll(i, except, 'onBlock', bytes),
      announceBlock: (bytes, { except } = {}) => this.#toAll(i, except, 'onBlock', bytes),
      publishVotes: (votes, { except } = {}) => this.#toAll(i, except, 'onVotes', votes),
      punish: (peer, reason, points) => punished.push({ peer, reason, points }),
      catchUp: () => {
        own.caughtUp += 1;
      },
      setStatus() {},
    };
    const chain = await Chain.open({
      genesis,
      consensus,
      ledger,
      signatures,
      known: new KnownTransactions(),
      network,
      log: SILENT,
      now: () => this.now,
      emit: (event) => {
        events.push(event);
        if (event.type === 'block') {
          for (const { id } of event.block.transactions) pool.remove(id);
        }
      },
      onEvidence: (found) => evidence.push(found),
      candidates: () => pool.candidates(),
      onRejected() {},
      onSlot() {},
      ...(isProducer && {
        producer: {
          account,
          secret: this.dev.signingSecretOf(account),
          safety: fileSafetyStore({
            path: join(path, 'safety.json'),
            chainId: genesis.chainId,
            producer: account,
          }),
        },
      }),
    });
    await chain.core.lock.run(() => chain.core.advance());
    const made: TestChain = Object.assign(own, {
      name: `${i}`,
      chain,
      pool,
      signatures,
      events,
      evidence,
      punished,
    });
    this.chains[i] = made;
    return made;
  }

  /** Ends chain `i`; what is on its disk stays. */
  async stop(i: number): Promise<void> {
    const { chain } = this.get(i);
    this.chains[i] = undefined;
    await chain.close();
    await chain.core.parts.ledger.close();
  }

  /** Hears the votes that reach chain `i`. */
  listen(i: number, onVotes: (votes: readonly Uint8Array[]) => void): void {
    this.#listeners.set(i, onVotes);
  }

  /** Cuts or mends links: chains of one group hear one another. */
  partition(...groups: readonly (readonly number[])[]): void {
    this.#cut.clear();
    for (const [a, one] of groups.entries()) {
      for (const other of groups.slice(a + 1)) {
        for (const i of one) {
          for (const j of other) this.#cut.add(`${i} ${j}`).add(`${j} ${i}`);
        }
      }
    }
  }

  /** Lets so many slots pass. */
  async run(slots: number): Promise<void> {
    for (let i = 0; i < slots; i++) {
      this.slot += 1;
      this.now = TIME + this.slot * SLOT;
      for (const each of this.chains) await each?.chain.production.runSlot(this.slot);
      await this.settle();
      await this.#catchUp();
    }
  }

  /** Whoever hears of a higher chain fetches it, as range sync does. */
  async #catchUp(): Promise<void> {
    for (const to of this.chains.keys()) {
      for (const from of this.chains.keys()) {
        const [low, high] = [this.chains[to], this.chains[from]];
        if (!low || !high || this.#cut.has(`${from} ${to}`)) continue;
        const { ledger } = high.chain.core.parts;
        if (ledger.head.height < low.chain.imports.next()) continue;
        await this.sync(to, from);
      }
    }
  }

  /** Waits until nothing is on its way. */
  async settle(): Promise<void> {
    do await setImmediate();
    while (this.#under > 0);
    for (const each of this.chains) {
      await each?.chain.core.lock.idle();
      await each?.chain.core.flushed();
    }
  }

  /** What range sync does: hands the blocks of one chain to another. */
  async sync(to: number, from: number): Promise<void> {
    const [target, source] = [this.get(to).chain, this.get(from).chain];
    let next = target.imports.next();
    for (let i = 0; i < 16; i++) {
      const blocks: Uint8Array[] = [];
      for (let height = next; blocks.length < 64; height++) {
        const bytes = source.blockAt(height);
        if (!bytes) break;
        blocks.push(bytes);
      }
      if (blocks.length === 0) break;
      next = await target.imports.import(`${from}`, next, blocks);
    }
    await this.settle();
  }

  /** A signed transfer, ready for a pool. */
  candidate(from = 'user1', to = 'user2', amount = 1n): Candidate {
    const operation: Operation = { type: 'transfer', from, to, amount, memo: new Uint8Array() };
    return this.candidateOf(from, [operation]);
  }

  candidateOf(account: string, operations: readonly Operation[]): Candidate {
    const { genesis } = this.dev;
    const secret = this.dev.secretOf(account);
    const transaction: SignedTransaction = signTransaction(
      {
        chainId: genesis.chainId,
        refHeight: 0,
        refPrefix: idPrefix(genesis.chainId),
        expiry: Math.floor(this.now / 1000) + 600,
        nonce: this.#nonce++,
        account,
        fee: 100_000n,
        operations,
      },
      [secret],
    );
    return { transaction, signers: [publicKeyOf(secret)] };
  }

  /** Heads, finals and state roots of those that run. */
  get states() {
    return this.chains.flatMap((each) => {
      if (!each) return [];
      const { ledger } = each.chain.core.parts;
      return [{ head: ledger.head, final: ledger.final, stateRoot: ledger.stateRoot }];
    });
  }

  async close(): Promise<void> {
    for (const [i, each] of this.chains.entries()) if (each) await this.stop(i);
    rmSync(this.folder, { recursive: true, force: true });
  }

  #toAll(
    from: number,
    except: string | undefined,
    what: 'onBlock' | 'onVotes',
    payload: Uint8Array | readonly Uint8Array[],
  ): void {
    for (const [i, each] of this.chains.entries()) {
      if (!each || i === from || `${i}` === except || this.#cut.has(`${from} ${i}`)) continue;
      this.#under += 1;
      if (what === 'onVotes') this.#listeners.get(i)?.(payload as readonly Uint8Array[]);
      const { imports, voting } = each.chain;
      const work =
        what === 'onBlock'
          ? imports.onBlock(`${from}`, payload as Uint8Array)
          : voting.onVotes(`${from}`, payload as readonly Uint8Array[]);
      void work.finally(() => {
        this.#under -= 1;
      });
    }
  }
}
