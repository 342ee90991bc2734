// SPDX-License-Identifier: Apache-2.0
// Transactions when connections come and go, and nodes restart.

import { expect, test } from 'vitest';
import { WholeNet } from './helpers/whole-net.ts';

test('a transaction taken in while no peer was there reaches the producer that comes back', async () => {
  const net = await WholeNet.open({ producers: 1, nodes: [undefined, 'producer1'] });
  const [follower] = net.nodes;
  await net.run(2);
  await net.stop(1);
  await net.begin();
  const { id, bytes } = net.transfer();
  expect(await follower!.view.submit([bytes])).toEqual([{ accepted: true, id, known: false }]);
  await net.begin();
  await net.start(1);
  await net.connected();
  await net.run(4, { lag: 3 });
  await net.until(() => follower!.view.status(id)?.state === 'final');
});

test('the pool ends with the process: what was seen is not found afterwards, what was final is final', async () => {
  const net = await WholeNet.open({ producers: 1, nodes: ['producer1'] });
  const [one, other] = [net.transfer(), net.transfer()];
  await net.get(0).view.submit([one.bytes]);
  await net.run(3);
  await net.get(0).view.submit([other.bytes]);
  const states = () => Promise.all([one, other].map(({ id }) => stateOf(net, id)));
  expect(await states()).toEqual(['final', 'seen']);
  await net.stop(0);
  await net.start(0);
  expect(await states()).toEqual(['final', 404]);
  await net.get(0).view.submit([other.bytes]);
  await net.run(3, { lag: 3 });
  await net.until(() => net.get(0).view.status(other.id)?.state === 'final');
});

test('who is told of a block finds its transactions included, not waiting any more', async () => {
  const net = await WholeNet.open({ producers: 1, nodes: ['producer1', undefined] });
  const { id, bytes } = net.transfer();
  const told = net.nodes.map((node) => {
    const states: unknown[] = [];
    node!.view.subscribe((event) => {
      if (event.type !== 'block' || event.block.transactions.length === 0) return;
      states.push(node!.view.status(id)?.state);
    });
    return states;
  });
  await net.get(0).view.submit([bytes]);
  await net.run(3);
  // Its only producer may have confirmed it by then
  const included = expect.stringMatching(/^(included|confirmed|final)$/);
  expect(told).toEqual([[included], [included]]);
});

/** What the API of node 0 says: a state, or the status of an error. */
async function stateOf(net: WholeNet, id: string): Promise<unknown> {
  const answer = await fetch(`${net.get(0).api.url}/v1/transactions/${id}/status`);
  if (!answer.ok) return answer.status;
  return ((await answer.json()) as { readonly state: unknown }).state;
}
