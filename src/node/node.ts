// SPDX-License-Identifier: Apache-2.0
// A node: ledger, consensus, chain, pool, network and API on one accelerator.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Accelerator } from '../driver/index.ts';
import type { ApiLimits } from './api/limits.ts';
import { NodeEvents } from './api/node-events.ts';
import { type ApiServer, openApi } from './api/server.ts';
import { Chain, type ChainEvent } from './chain/index.ts';
import {
  consensusOf,
  type Evidence,
  fileSafetyStore,
  lockSafetyRecord,
  parametersOf,
  type ReleaseLock,
} from './consensus/index.ts';
import { EvidenceReporter, type Reporter } from './evidence-reporter.ts';
import type { Genesis } from './genesis/index.ts';
import { openLedger } from './ledger/index.ts';
import { nodeMetrics } from './metrics.ts';
import { type Clock, createNetwork, type Network } from './network/index.ts';
import { NodeFacade } from './node-facade.ts';
import { Intake, KnownTransactions, Pool, type PoolLimits } from './pool/index.ts';
import type { SecretKey } from './protocol/index.ts';
import type { AccountName, Milliseconds } from './protocol/types.ts';
import { type OpenEngine, SignaturePipeline } from './signatures/index.ts';
import { Totals } from './totals.ts';
import { TransactionFlow } from './transaction-flow.ts';

/** What a node is made of. */
export interface NodeOptions {
  readonly genesis: Genesis;
  /** A directory of its own; made where it does not exist. */
  readonly dataPath: string;
  readonly name: string;
  /** Of the software. */
  readonly version: string;
  /** Closed with the node. */
  readonly accelerator: Accelerator;
  /** What confirms a card, and stands in for it. */
  readonly openStandIn: () => Promise<OpenEngine>;
  /** Let it stand in for a card that is late (default true). */
  readonly spill?: boolean;
  readonly nodeSecret: SecretKey;
  /** Where peers connect; nowhere if not given. */
  readonly listen?: { readonly host: string; readonly port: number };
  readonly peers?: readonly string[];
  readonly outbound?: number;
  readonly allowPrivate?: boolean;
  /** Networks without limits per subnet and bans of addresses. */
  readonly exempt?: readonly string[];
  readonly api: {
    readonly host: string;
    readonly port: number;
    readonly limits?: Partial<ApiLimits>;
  };
  /** Whom the node produces for, and the key that signs. */
  readonly producer?: { readonly account: AccountName; readonly secret: SecretKey };
  /** Who reports producers that contradict themselves. */
  readonly reporter?: Reporter;
  readonly pool?: Partial<PoolLimits>;
  readonly log: Logger;
  /** The wall clock. */
  readonly now?: () => Milliseconds;
  /** Of the network; the machine's if not given. */
  readonly clock?: Clock;
}

/** A node that runs. */
export interface RunningNode {
  readonly view: NodeFacade;
  readonly chain: Chain;
  readonly network: Network;
  readonly api: ApiServer;
  /** Ends what is under way, in order, and closes everything. Idempotent. */
  close(): Promise<void>;
}

/** What has been opened, to be closed in reverse. */
class Opened {
  readonly #closers: { readonly name: string; readonly close: () => Promise<void> }[] = [];
  readonly #log: Logger;
  #closing: Promise<void> | undefined;

  constructor(log: Logger) {
    this.#log = log;
  }

  add(name: string, close: () => Promise<void>): void {
    this.#closers.push({ name, close });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    for (const { name, close } of this.#closers.reverse()) {
      try {
        await close();
        this.#log.debug({ part: name }, 'closed');
      } catch (error) {
        this.#log.error({ err: error }, `${name} did not close`);
      }
    }
  }
}

/**
 * Opens a node; it runs from then on.
 *
 * @throws what its parts throw when they cannot be opened; those that were are closed again.
 */
export async function openNode(options: NodeOptions): Promise<RunningNode> {
  const opened = new Opened(options.log);
  opened.add('accelerator', () => options.accelerator.close());
  try {
    return await assemble(options, opened);
  } catch (error) {
    await opened.close();
    throw error;
  }
}

async function assemble(options: NodeOptions, opened: Opened): Promise<RunningNode> {
  const { genesis, dataPath, accelerator, log, producer } = options;
  const now = options.now ?? Date.now;
  await mkdir(dataPath, { recursive: true });
  const safety = producer && (await openSafety(options, producer.account, opened));
  const consensus = consensusOf(parametersOf(genesis));
  const ledger = await openLedger({ path: join(dataPath, 'ledger'), genesis, consensus });
  opened.add('ledger', () => ledger.close());
  const signatures = new SignaturePipeline({
    accelerator,
    openStandIn: options.openStandIn,
    spill: options.spill ?? true,
    log: log.child({ part: 'signatures' }),
  });
  opened.add('signatures', () => signatures.close());

  const events = new NodeEvents();
  const totals = new Totals();
  const pool = new Pool(options.pool);
  const known = new KnownTransactions();
  let network: Network;
  let chain: Chain;
  let reporter: EvidenceReporter | undefined;
  const nextSlot = () => Math.max(ledger.head.slot + 1, consensus.slotAt(now()));
  const flow = new TransactionFlow({
    ledger,
    pool,
    known,
    events,
    totals,
    now,
    publish: (transactions, except) =>
      network.publishTransactions(transactions, except === undefined ? {} : { except }),
    punish: (peer, reason, points) => network.punish(peer, reason, points),
  });
  const intake = new Intake({
    genesis,
    ledger,
    pool,
    known,
    signatures,
    now,
    nextSlot,
    calm: () => chain.core.blocksFirst.calm(),
    onSeen: (transactions) => flow.seen(transactions),
    onEvicted: (candidates) => flow.drop(candidates, 'POOL_FULL'),
  });
  flow.intake = intake;
  let facade: NodeFacade;
  const reportingFailed = (error: unknown) => log.warn({ err: error }, 'evidence is not reported');
  chain = await Chain.open({
    genesis,
    consensus,
    ledger,
    signatures,
    known,
    log: log.child({ part: 'chain' }),
    now,
    network: {
      publishBlock: (...args) => network.publishBlock(...args),
      announceBlock: (...args) => network.announceBlock(...args),
      publishVotes: (...args) => network.publishVotes(...args),
      punish: (...args) => network.punish(...args),
      catchUp: () => network.catchUp(),
      setStatus: (status) => network.setStatus(status),
    },
    emit: (event: ChainEvent) => {
      facade.handle(event);
      flow.handle(event);
    },
    onEvidence: (evidence: Evidence) => {
      totals.evidence += 1;
      const { type, producer: guilty } = evidence;
      log.warn({ type, producer: guilty }, 'a producer contradicted itself');
      reporter?.report(evidence).catch(reportingFailed);
    },
    candidates: () => pool.candidates(),
    onRejected: (rejected) => flow.rejected(rejected),
    onSlot: (slot) => {
      flow.slot(slot);
      reporter?.slot().catch(reportingFailed);
    },
    ...(producer && safety && { producer: { ...producer, safety } }),
  });
  network = createNetwork({
    accelerator,
    secretKey: options.nodeSecret,
    chainId: genesis.chainId,
    agent: `hpb/${options.version}`.slice(0, 32),
    maxBlockBytes: genesis.block.maxBytes,
    bookPath: join(dataPath, 'peers.json'),
    allowPrivate: options.allowPrivate ?? false,
    peers: options.peers ?? [],
    exempt: options.exempt ?? [],
    ...(options.listen && { listen: options.listen }),
    ...(options.outbound !== undefined && { outbound: options.outbound }),
    ...(options.clock && { clock: options.clock }),
    log: log.child({ part: 'network' }),
    sync: chain.imports,
    handlers: {
      onTransactions: (peer, transactions) => flow.fromPeer(peer, transactions),
      onBlock: (peer, block) => chain.imports.onBlock(peer, block),
      onVotes: (peer, votes) => chain.voting.onVotes(peer, votes),
      onAnnounce: (peer, header) => chain.imports.onAnnounce(peer, header),
      blockAt: (height) => chain.blockAt(height),
      blockById: (id) => chain.blockById(id),
      onPeer: (_peer, event) => {
        if (event === 'connected') chain.voting.greet();
      },
    },
  });
  facade = new NodeFacade({
    options,
    now,
    consensus,
    ledger,
    chain,
    pool,
    network,
    signatures,
    events,
    totals,
    flow,
  });
  if (options.reporter) {
    reporter = new EvidenceReporter({
      genesis,
      reporter: options.reporter,
      now,
      head: () => ledger.head,
      final: () => chain.core.final,
      isConvicted: (name) =>
        ledger
          .producers()
          .some(({ account, status }) => account === name && status === 'convicted'),
      isWaiting: (id) => pool.has(id),
      submit: async (transaction) => (await flow.submit([transaction]))[0],
      log,
    });
  }
  opened.add('chain', () => chain.close());
  await network.start();
  opened.add('network', () => network.close());
  await chain.start();
  const metrics = nodeMetrics({ facade, network, chain, signatures });
  const api = await openApi({
    node: facade,
    metrics,
    ...options.api,
    logger: log.child({ part: 'api' }),
  });
  opened.add('api', () => api.close());
  log.info(
    {
      api: api.url,
      peers: network.port,
      accelerator: facade.accelerator().services,
      producer: producer?.account,
      head: ledger.head.height,
      final: ledger.final.height,
      chainId: genesis.chainId,
    },
    'node runs',
  );
  return { view: facade, chain, network, api, close: () => opened.close() };
}

async function openSafety({ dataPath, genesis }: NodeOptions, account: string, opened: Opened) {
  const path = join(dataPath, `safety-${account}.json`);
  const release: ReleaseLock = await lockSafetyRecord(path);
  opened.add('safety record', release);
  return fileSafetyStore({ path, chainId: genesis.chainId, producer: account });
}
