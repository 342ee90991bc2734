// SPDX-License-Identifier: Apache-2.0
// hpb genesis, as a command on streams.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { Command, CommanderError } from 'commander';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CliError } from '../../src/cli/exit.ts';
import { addGenesisCommands } from '../../src/cli/genesis/command.ts';
import { Output } from '../../src/cli/terminal.ts';
import {
  devSecret,
  type GenesisInput,
  genesisToJson,
  parseGenesis,
} from '../../src/node/genesis/index.ts';
import { publicKeyOf } from '../../src/node/protocol/index.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hpb-genesis-'));
  file = join(folder, 'genesis.json');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const key = (label: string) => publicKeyOf(devSecret('test', label));
const FUND = ['--fund-key', key('fund')];
const producer = (name: string) => ['--producer', `${name}:${key(`${name}/s`)}:${key(name)}`];
const NETWORK = [
  '--name',
  'harbour',
  ...FUND,
  ...['alice', 'bob', 'carol', 'dave'].flatMap(producer),
];
const AT = ['--time', '2030-01-31T12:00:00Z'];

/** Runs `hpb genesis ...`. */
async function genesis(...args: readonly string[]) {
  const { signal } = new AbortController();
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const terminal = { stdin: new PassThrough(), stdout: new Output(stdout, signal), stderr };
  const program = new Command('hpb').exitOverride();
  program.configureOutput({ writeErr: () => {}, writeOut: (text) => stdout.write(text) });
  let code: number | undefined;
  addGenesisCommands(program, { ...terminal, interrupt: signal }, (value) => {
    code = value;
  });
  let message = '';
  try {
    await program.parseAsync(['genesis', ...args], { from: 'user' });
  } catch (error) {
    if (error instanceof CliError) code = error.exitCode;
    else if (error instanceof CommanderError) code = error.exitCode === 0 ? 0 : 64;
    else throw error;
    ({ message } = error);
  }
  return { code, message, stdout: String(stdout.read() ?? '') };
}

const read = () => JSON.parse(readFileSync(file, 'utf8')) as GenesisInput;

/** Writes a plan, or anything else. */
function write(name: string, value: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof value === 'string' ? value : JSON.stringify(value));
  return path;
}

const PLAN = {
  name: 'harbour',
  fundKey: key('fund'),
  producers: [{ account: 'alice', signingKey: key('alice/s'), owner: key('alice') }],
};

describe('new', () => {
  test('writes a complete genesis; new, check and show say the same chain id', async () => {
    const made = await genesis('new', file, ...NETWORK, ...AT);
    expect(made).toMatchObject({ code: 0, message: '' });
    const parsed = parseGenesis(read());
    expect(made.stdout).toBe(`${parsed.chainId}\n`);
    expect(genesisToJson(parsed)).toEqual(read());
    expect(parsed).toMatchObject({
      name: 'harbour',
      time: Date.UTC(2030, 0, 31, 12),
      consensus: { kind: 'dpos', slotMilliseconds: 3000, producers: 4, confirmations: 3 },
    });
    expect((await genesis('check', file)).stdout).toBe(made.stdout);
    expect((await genesis('show', file)).stdout).toContain(parsed.chainId);
  });

  test('the same plan of a file and of flags is the same chain', async () => {
    const plan = {
      ...PLAN,
      time: Date.UTC(2030, 0, 31, 12),
      producers: ['alice', 'bob', 'carol', 'dave'].map((account) => ({
        account,
        signingKey: key(`${account}/s`),
        owner: key(account),
      })),
    };
    const made = await genesis('new', file, '--plan', write('plan.json', plan));
    const flags = await genesis('new', join(folder, 'other.json'), ...NETWORK, ...AT);
    expect(made.code).toBe(0);
    expect(made.stdout).toBe(flags.stdout);
  });

  test('flags replace what the plan says', async () => {
    const plan = write('plan.json', { ...PLAN, slotMilliseconds: 500, consensus: 'dpos' });
    const args = ['--plan', plan, '--slot-ms', '1000', '--consensus', 'poa', '--json'];
    const { stdout } = await genesis('new', file, ...args);
    expect(JSON.parse(stdout)).toEqual({ file, chainId: parseGenesis(read()).chainId });
    expect(read().consensus).toMatchObject({ kind: 'poa', slotMilliseconds: 1000, producers: 1 });
  });

  test('the allocation is the white paper’s, producers and accounts have theirs out of it', async () => {
    const plan = write('plan.json', {
      ...PLAN,
      supply: '1000000',
      accounts: [
        { name: 'erin', owner: key('erin'), balance: '5.25', stake: '0.5' },
        { name: 'founder', owner: key('erin'), balance: '50000', allocation: 'founders' },
        { name: 'all.early', owner: key('erin'), balance: '100000', allocation: 'early' },
      ],
    });
    expect((await genesis('new', file, '--plan', plan, ...AT)).code).toBe(0);
    const { accounts } = parseGenesis(read());
    const of = (name: string) => accounts.find((account) => account.name === name);
    expect(of('erin')).toMatchObject({ balance: 525_000_000n, stake: 50_000_000n });
    expect(of('hpb.crowdfunding')?.balance).toBe((360_000n - 2000n) * 10n ** 8n - 575_000_000n);
    expect(of('hpb.early')).toBeUndefined();
    const quarter = 12_500n * 10n ** 8n;
    expect(of('founder')?.vesting.map(({ amount }) => amount)).toEqual(Array(4).fill(quarter));
    expect(of('hpb.founders')?.balance).toBe(150_000n * 10n ** 8n);
  });

  test('a fund may be several people’s: 2 of 3 keys', async () => {
    const keys = ['one', 'two', 'three'].map((name) => ({ key: key(name), weight: 1 }));
    const owner = { threshold: 2, keys };
    const plan = write('plan.json', { ...PLAN, funds: { reserve: { owner, active: key('one') } } });
    expect(await genesis('new', file, '--plan', plan)).toMatchObject({ code: 0 });
    const reserve = parseGenesis(read()).accounts.find(({ name }) => name === 'hpb.reserve');
    expect(reserve?.owner).toMatchObject({ threshold: 2, keys });
    expect(reserve?.active.threshold).toBe(1);
  });

  test('without a time slot 0 begins now', async () => {
    const before = Date.now() - 1000;
    await genesis('new', file, ...NETWORK);
    expect(read().time).toBeGreaterThan(before);
    expect(read().time).toBeLessThanOrEqual(Date.now());
  });

  test('an existing file is left alone', async () => {
    write('genesis.json', 'mine');
    const { code, message } = await genesis('new', file, ...NETWORK);
    expect(code).toBe(74);
    expect(message).toContain('is there already');
    expect(readFileSync(file, 'utf8')).toBe('mine');
  });
});

describe('error: new', () => {
  test.each<[args: readonly string[], code: number, message: RegExp]>([
    [[], 64, /^plan\.name \(--name or --plan\): expected string; got nothing/],
    [['--name', 'x', ...FUND], 64, /^plan\.producers \(--producer or --plan\)/],
    [['--name', 'x', ...producer('alice')], 64, /^plan\.fundKey \(--fund-key\).*got nothing/],
    [['--name', 'x', '--fund-key', '0x1', ...producer('alice')], 64, /^plan\.fundKey: .*"0x1"/],
    [['--producer', 'alice'], 64, /Expected account:signingKey:owner, got "alice"/],
    [['--name', 'x', ...FUND, ...producer('al')], 64, /^plan\.producers\.0\.account: .*got "al"/],
    [[...NETWORK, ...producer('alice')], 2, /alice stands twice/],
    [[...NETWORK, '--account', `erin:1e3:${key('e')}`], 64, /plan\.accounts\.0\.balance: .*"1e3"/],
    [[...NETWORK, '--account', `erin:0.001:${key('e')}`], 2, /at least 1000000 for erin, got 1000/],
    [[...NETWORK, '--slot-ms', '5'], 2, /slotMilliseconds: .* from 50 to 600000; got 5$/],
    [[...NETWORK, '--slot-ms', '1e3'], 64, /Expected an integer, got 1e3/],
    [[...NETWORK, '--seats', '5'], 2, /producers: expected at least 5, got 4/],
    [[...NETWORK, '--seats', '2', '--consensus', 'poa'], 2, /expected exactly 2, got 4/],
    [[...NETWORK, '--supply', '1000'], 2, /^plan\.supply: .* crowdfunding; .* 7,640 GXN too much/],
    [[...NETWORK, '--supply', '0.00000001'], 2, /^plan\.supply/],
    [[...NETWORK, '--time', 'soon'], 64, /^plan\.time: expected a time like "2030.*; got "soon"/],
    [[...NETWORK, '--consensus', 'pow'], 64, /Allowed choices are dpos, poa/],
    [[...NETWORK, '--plan', '/nowhere/plan.json'], 2, /\/nowhere\/plan\.json: ENOENT/],
  ])('%j', async (args, code, message) => {
    const outcome = await genesis('new', file, ...args);
    expect(outcome.message).toMatch(message);
    expect(outcome).toMatchObject({ code, stdout: '' });
    expect(() => readFileSync(file)).toThrow(/ENOENT/);
  });

  const [alice] = PLAN.producers;
  test.each<[plan: unknown, message: RegExp]>([
    ['{', /plan\.json: .*JSON/],
    [[], /plan\.json: expected an object/],
    [{ ...PLAN, fundkey: 'x' }, /plan\.fundkey \(.*plan\.json\): unknown key/],
    [{ ...PLAN, supply: 5 }, /plan\.supply \(.*\): expected GXN as text, like "5\.25"; got 5$/],
    [{ ...PLAN, funds: { mine: {} } }, /plan\.funds/],
    [{ ...PLAN, producers: [{ ...alice, owner: '02' }] }, /producers\.0\.owner .*; got "02"$/],
    [{ ...PLAN, producers: [{ ...alice, owner: 5 }] }, /producers\.0\.owner .*authority; got 5$/],
    [
      {
        ...PLAN,
        producers: [{ ...alice, owner: { threshold: 1, keys: [{ key: '02', weight: 1 }] } }],
      },
      /producers\.0\.owner\.keys\.0\.key .*; got "02"$/,
    ],
    [
      {
        ...PLAN,
        producers: [{ ...alice, owner: { threshold: 2, keys: [{ key: key('a'), weight: 1 }] } }],
      },
      /accounts\.5\.owner: /,
    ],
    [
      {
        ...PLAN,
        accounts: [
          { name: 'erin', owner: key('e'), balance: '5', stake: '5', allocation: 'reserve' },
        ],
      },
      /accounts\.6\.stake: allocation reserve is locked/,
    ],
  ])('a plan %j', async (plan, message) => {
    const outcome = await genesis('new', file, '--plan', write('plan.json', plan));
    expect(outcome.message).toMatch(message);
    expect(outcome).toMatchObject({ code: 2, stdout: '' });
  });

  test('a folder that is not there', async () => {
    const outcome = await genesis('new', join(folder, 'no', 'genesis.json'), ...NETWORK);
    expect(outcome).toMatchObject({ code: 74, stdout: '' });
  });
});

describe('check', () => {
  /** The genesis with one thing changed, checked. */
  async function changed(change: (json: GenesisInput) => void) {
    await genesis('new', file, ...NETWORK);
    const json = read();
    change(json);
    const path = write('changed.json', json);
    const { code, message, stdout } = await genesis('check', path, '--json');
    const answer = JSON.parse(stdout);
    expect(code).toBe(2);
    expect(answer).toEqual({ valid: false, key: answer.key, message });
    return answer as { key: string; message: string };
  }

  test('--json has the chain id', async () => {
    await genesis('new', file, ...NETWORK);
    const { chainId } = parseGenesis(read());
    const { stdout } = await genesis('check', file, '--json');
    expect(JSON.parse(stdout)).toEqual({ valid: true, chainId });
  });

  test('error: the key is named', async () => {
    const wrongK = await changed((json) => {
      json.consensus.confirmations = 2;
    });
    expect(wrongK.key).toBe('consensus.confirmations');
    expect(wrongK.message).toMatch(
      /changed\.json: genesis\.consensus\.confirmations: .* 3, got 2$/,
    );
    const supply = await changed((json) => {
      json.accounts[0]!.balance = '5000000';
    });
    expect(supply.key).toBe('allocation.0');
  });

  test('error: what only a node would notice: too many lock-ups of one account', async () => {
    const outcome = await changed((json) => {
      json.allocation = [];
      for (const account of json.accounts) delete account.allocation;
      json.accounts[0]!.vesting = Array.from({ length: 65 }, (_, i) => ({ time: i, amount: '1' }));
    });
    expect(outcome.message).toMatch(/expected at most 64 tranches, got 65/);
  });

  test.each(['check', 'show'])('error: %s of what is no genesis, or not there', async (command) => {
    expect(await genesis(command, join(folder, 'no.json'))).toMatchObject({ code: 2, stdout: '' });
    expect(await genesis(command, folder)).toMatchObject({ code: 2, stdout: '' });
    const { code, message } = await genesis(command, write('bad.json', '{'));
    expect(code).toBe(2);
    expect(message).toMatch(/bad\.json: genesis: expected JSON/);
    expect((await genesis(command)).code).toBe(64);
  });
});

describe('show', () => {
  beforeEach(async () => {
    await genesis('new', file, ...NETWORK, ...AT, '--account', `erin:5.25:${key('erin')}`);
  });

  test('for people: parameters, producers, K, allocation, lock-ups', async () => {
    const { stdout } = await genesis('show', file);
    for (const text of [
      /^slot 0 +2030-01-31 12:00:00 UTC$/m,
      /^consensus +dpos, slots of 3 seconds$/m,
      /^K +3 of 4 confirmations make final; 1 may be missing$/m,
      /^dropped +a producer without a block for 1 day$/m,
      /^supply +100,000,000 GXN$/m,
      new RegExp(`^alice +1,000 GXN +${key('alice/s')}$`, 'm'),
      /^founders +20 +20,000,000 GXN +1$/m,
      /^erin +5\.25 GXN +0 GXN +0 GXN +crowdfunding$/m,
      /^hpb\.founders +5,000,000 GXN +2031-08-02 00:00:00 UTC$/m,
      /^hpb\.reserve +19,000,000 GXN +2032-01-31 12:00:00 UTC$/m,
    ]) {
      expect(stdout).toMatch(text);
    }
  });

  test('--json: the genesis, its chain id and what is released when', async () => {
    const shown = JSON.parse((await genesis('show', file, '--json')).stdout);
    expect(shown.chainId).toBe(parseGenesis(shown.genesis).chainId);
    expect(shown.genesis).toEqual(read());
    expect(
      shown.releases.filter((each: { account: string }) => each.account === 'hpb.reserve'),
    ).toEqual([
      { account: 'hpb.reserve', time: Date.UTC(2032, 0, 31, 12), amount: '1900000000000000' },
    ]);
  });
});

test.each(['new', 'check', 'show'])('genesis %s --help has an example', async (command) => {
  const { code, stdout } = await genesis(command, '--help');
  expect(code).toBe(0);
  expect(stdout).toMatch(new RegExp(`Examples:\n {2}hpb genesis ${command} `));
});
