// Applies the blocks of a file to a ledger, saying what it has done, until somebody kills it or the
// disk is full.
// Plain JavaScript on build/js: it runs in a process of its own.

import { readFileSync } from 'node:fs';
import { deserialize } from 'node:v8';
import { openLedger } from '../../../../build/js/src/node/ledger/index.js';
import { decodeBlock } from '../../../../build/js/src/node/protocol/index.js';

const [path, file] = process.argv.slice(2);
const { genesis, blocks } = deserialize(readFileSync(file));
const say = (line) => process.stdout.write(`${line}\n`);

// As fakeConsensus() of consensus.ts, without its faults.
const consensus = {
  genesisState: () => ({ height: 0, slot: 0, elected: [] }),
  advance: (_state, { header }, view) => {
    const elected = [...view.candidates()]
      .sort((a, b) => (a.weight === b.weight ? 0 : a.weight > b.weight ? -1 : 1))
      .map(({ account }) => account);
    return { state: { height: header.height, slot: header.slot, elected }, events: [] };
  },
  encodeState: (state) => Buffer.from(JSON.stringify(state)),
  decodeState: (bytes) => JSON.parse(Buffer.from(bytes).toString()),
};

const ledger = await openLedger({ path, genesis, consensus });
say(`open ${ledger.head.height}`);
try {
  while (ledger.head.height < blocks.length) {
    const { bytes, signers } = blocks[ledger.head.height];
    await ledger.apply(decodeBlock(bytes), signers);
    const { height } = ledger.head;
    say(`applied ${height}`);
    if (height % 5 === 0) {
      say(`reverting ${height}`);
      const block = await ledger.revert();
      await ledger.apply(block, signers);
      say(`applied ${height}`);
    }
    if (height % 3 === 0) {
      const final = height - 2;
      await ledger.finalize({ height: final, id: ledger.blockId(final) });
      say(`final ${final}`);
    }
  }
  say('done');
} catch (error) {
  say(`error ${error.code}`);
}
await ledger.close();
