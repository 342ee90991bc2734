// SPDX-License-Identifier: Apache-2.0
// Who may do what: a pure function of a transaction, the keys that signed it, and authorities.
//
// Authorities are those of the block's parent: an update counts from the next block on. So the
// answers for the transactions of a block do not depend on one another, and can be had in parallel.

import type {
  AccountName,
  Authority,
  Operation,
  OperationType,
  PublicKey,
  Role,
  Transaction,
} from '../protocol/types.ts';
import type { LedgerErrorCode } from './errors.ts';

/** A named role: its authority, and what it may do. */
export interface NamedAuthority {
  readonly role: Role;
  readonly authority: Authority;
  /** At least one; never `updateAuthority`. */
  readonly operations: readonly OperationType[];
}

/** The authorities of an account. */
export interface Authorities {
  readonly owner: Authority;
  readonly active: Authority;
  /** Ascending by role. */
  readonly named: readonly NamedAuthority[];
}

export type AuthorityLookup = (account: AccountName) => Authorities | undefined;

export type AuthorityVerdict =
  | { readonly ok: true }
  | { readonly ok: false; readonly code: LedgerErrorCode; readonly message: string };

/** How deep accounts may stand for accounts. */
export const MAX_DEPTH = 6;
/** Most authorities that one transaction may make us look at. */
export const MAX_VISITS = 256;

const OK: AuthorityVerdict = { ok: true };

/** Whose consent an operation needs. */
export function actorOf(operation: Operation): AccountName {
  switch (operation.type) {
    case 'transfer':
      return operation.from;
    case 'createAccount':
      return operation.creator;
    case 'reportDoubleProduction':
    case 'reportDoubleVote':
      return operation.reporter;
    default:
      return operation.account;
  }
}

/**
 * Whether the signers may do what the transaction does.
 *
 * Each operation needs its actor: `updateAuthority` by `owner`; the others by `active`, else by a
 * role that lists the operation (roles in order), else by `owner`. Who pays the fee without acting
 * consents by `active`, a role that lists every operation of the transaction, or `owner`.
 * Weights are added in the order of the authority, keys first, until the threshold is reached;
 * a signature that no authority came to need is refused.
 *
 * @param signers - the key of each signature.
 */
export function checkAuthority(
  transaction: Transaction,
  signers: readonly PublicKey[],
  lookup: AuthorityLookup,
): AuthorityVerdict {
  const search = new Search(signers, lookup);
  if (search.twice !== undefined) {
    return refuse(
      'LEDGER_SIGNATURES',
      `expected each key to sign once, ${search.twice} does twice`,
    );
  }
  const { operations, account: payer } = transaction;
  let payerActs = false;
  const asked = new Set<string>();
  for (const operation of operations) {
    const actor = actorOf(operation);
    payerActs ||= actor === payer;
    if (operations.length > 1) {
      const question = `${operation.type} ${actor}`;
      if (asked.has(question)) continue;
      asked.add(question);
    }
    if (!search.consents(actor, [operation.type])) return denied(actor, operation.type, search);
  }
  if (!payerActs) {
    const types = operations.map((operation) => operation.type);
    // A fee is less than an authority: `active` suffices even where an operation asks for `owner`.
    if (!search.consents(payer, types, true)) return denied(payer, 'the fee', search);
  }
  const unused = search.unused();
  if (unused !== undefined) {
    return refuse('LEDGER_SIGNATURES', `expected no signature without need, got one of ${unused}`);
  }
  return OK;
}

function refuse(code: LedgerErrorCode, message: string): AuthorityVerdict {
  return { ok: false, code, message };
}

function denied(account: AccountName, what: string, search: Search): AuthorityVerdict {
  if (!search.knows(account)) return refuse('LEDGER_ACCOUNT', `no account ${account}`);
  const why = search.exhausted ? `more than ${MAX_VISITS} authorities asked` : 'got too little';
  return refuse('LEDGER_AUTHORITY', `expected consent of ${account} to ${what}; ${why}`);
}

/** One transaction's walk through authorities. */
class Search {
  /** A key that signed twice. */
  readonly twice: PublicKey | undefined;
  readonly #lookup: AuthorityLookup;
  readonly #signers: readonly PublicKey[];
  /** Bit per signer: needed by an authority that was satisfied. */
  #used = 0;
  #visits = 0;

  constructor(signers: readonly PublicKey[], lookup: AuthorityLookup) {
    this.#lookup = lookup;
    this.#signers = signers;
    this.twice =
      signers.length < 2 ? undefined : signers.find((key, i) => signers.indexOf(key) !== i);
  }

  get exhausted(): boolean {
    return this.#visits > MAX_VISITS;
  }

  knows(account: AccountName): boolean {
    return this.#lookup(account) !== undefined;
  }

  unused(): PublicKey | undefined {
    return this.#signers.find((_, i) => (this.#used & (1 << i)) === 0);
  }

  consents(account: AccountName, types: readonly OperationType[], fee = false): boolean {
    const authorities = this.#lookup(account);
    if (!authorities) return false;
    if (fee || !types.includes('updateAuthority')) {
      if (this.#satisfies(authorities.active, 0)) return true;
      for (const { authority, operations } of authorities.named) {
        const lists = types.every((type) => operations.includes(type));
        if (lists && this.#satisfies(authority, 0)) return true;
      }
    }
    return this.#satisfies(authorities.owner, 0);
  }

  /** Marks the signers that it took, and only if they sufficed. */
  #satisfies(authority: Authority, depth: number): boolean {
    if (++this.#visits > MAX_VISITS) return false;
    const before = this.#used;
    let weight = 0;
    for (const entry of authority.keys) {
      const signer = this.#signers.indexOf(entry.key);
      if (signer < 0) continue;
      this.#used |= 1 << signer;
      weight += entry.weight;
      if (weight >= authority.threshold) return true;
    }
    if (depth < MAX_DEPTH) {
      for (const entry of authority.accounts) {
        const inner = authorityOf(this.#lookup(entry.account), entry.role);
        if (!inner || !this.#satisfies(inner, depth + 1)) continue;
        weight += entry.weight;
        if (weight >= authority.threshold) return true;
      }
    }
    this.#used = before;
    return false;
  }
}

/** The authority of a role, if there is one. */
export function authorityOf(
  authorities: Authorities | undefined,
  role: Role,
): Authority | undefined {
  if (!authorities) return undefined;
  if (role === 'owner') return authorities.owner;
  if (role === 'active') return authorities.active;
  return authorities.named.find((named) => named.role === role)?.authority;
}
