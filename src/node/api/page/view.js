// What is known of the node, as elements.
(() => {
  const { state, count, rate, short, age, size, share, things, element, text } = hpb;
  const now = () => Date.now() - state.lag;

  function tile(name, value, note, kind) {
    return element(
      'div',
      {},
      element('dt', {}, name),
      element('dd', { class: 'value' }, value),
      element('dd', { class: `note ${kind ?? ''}` }, note),
    );
  }

  function renderHead() {
    const { name, chainName, consensus, version, health, sync, producer, head } = state.status;
    text('name', name);
    document.title = `${head.height} · ${name}`;
    const role = producer ? `produces for ${producer}` : 'follows the chain';
    text('about', `${chainName}, ${consensus.toUpperCase()} · ${role} · hpb-accel ${version}`);
    const broken = health.checks.find(({ ok }) => !ok);
    if (broken) text('health', `${broken.name}: ${broken.detail}`, 'pill bad');
    else if (sync.state === 'syncing') {
      text('health', `syncing, ${count(head.height)} of ${count(sync.target ?? 0)}`, 'pill warn');
    } else text('health', 'healthy', 'pill good');
  }

  function renderTiles() {
    const { head, final, pool, genesisTime, slotMilliseconds, accelerator, totals } = state.status;
    const headAge = now() - (genesisTime + head.slot * slotMilliseconds);
    const behind = head.height - final.height;
    const { spill, signatures } = accelerator;
    const spilling = spill.active ? 'spilling now' : things(spill.episodes, 'episode');
    const tiles = [
      tile(
        'Head',
        count(head.height),
        `${head.producer}, ${age(headAge)} ago`,
        headAge > 4 * slotMilliseconds ? 'warn' : '',
      ),
      tile(
        'Final',
        count(final.height),
        `${things(behind, 'block')} behind`,
        behind > 6 ? 'warn' : '',
      ),
      tile(
        'Transactions/s',
        rate(hpb.currentRate('included')),
        `${short(totals.transactionsFinal)} final so far`,
      ),
      tile('Pool', short(pool.transactions), `${share(pool.bytes / pool.capacityBytes)} full`),
      tile(
        'Signatures/s',
        rate(hpb.currentRate('signatures')),
        `${accelerator.backend}, ${short(signatures.queued)} wait`,
      ),
      tile(
        'Spilled',
        short(spill.signatures),
        spill.enabled ? spilling : 'spill is off',
        spill.active ? 'warn' : '',
      ),
      tile(
        'Peers',
        count(state.peers.count),
        state.peers.count === 0 ? 'alone' : 'connected',
        state.peers.count === 0 ? 'warn' : '',
      ),
    ];
    document.getElementById('tiles').replaceChildren(...tiles);
  }

  function renderSlots() {
    const { genesisTime, slotMilliseconds, slot, producer } = state.status;
    const current = { slot, time: genesisTime + slot * slotMilliseconds, now: true };
    current.producer = shownSlot(slot)?.producer ?? '';
    const later = state.slots.filter((each) => each.slot > slot);
    const items = [current, ...later].slice(0, 12).map((each) => {
      const own = producer !== undefined && each.producer === producer;
      const label = each.now ? 'now' : `in ${age(each.time - now() + 999)}`;
      return element(
        'li',
        { class: `${each.now ? 'now' : ''} ${own ? 'own' : ''}`, title: `slot ${each.slot}` },
        element('span', {}, each.producer || '—'),
        element('small', {}, label),
        each.now ? element('i') : '',
      );
    });
    document.getElementById('slots').replaceChildren(...items);
    const seconds = slotMilliseconds / 1000;
    text('slots-note', `${seconds} s each${producer ? `, own in violet` : ''}`);
    remember();
  }

  /** The schedule tells of later slots only: what it said of this one is kept. */
  const told = new Map();
  const shownSlot = (slot) => told.get(slot);
  function remember() {
    for (const each of state.slots) told.set(each.slot, each);
    for (const slot of told.keys()) if (slot < state.status.slot - 1) told.delete(slot);
  }

  function moveSlot() {
    const bar = document.querySelector('.slots li.now i');
    if (bar && state.status) {
      const { genesisTime, slotMilliseconds } = state.status;
      const into = ((now() - genesisTime) % slotMilliseconds) / slotMilliseconds;
      bar.style.transform = `scaleX(${into.toFixed(3)})`;
    }
    requestAnimationFrame(moveSlot);
  }

  function confirmationCell({ confirmations }) {
    if (!confirmations) return '';
    const { count: have, needed, final } = confirmations;
    const meter = element('meter', {
      min: 0,
      max: needed,
      value: final ? needed : Math.min(have, needed),
      class: final ? 'done' : '',
      'aria-label': `${have} of ${needed}`,
    });
    let label = `${have} of ${needed}`;
    if (final) label = element('span', { class: 'tag good' }, 'final');
    else if (have >= needed) label = element('span', { class: 'tag blue' }, `confirmed by ${have}`);
    return [meter, label];
  }

  hpb.renderBlocks = () => {
    const rows = state.blocks.map((block) => [
      [count(block.height), 'strong'],
      [block.producer, 'text'],
      [age(now() - block.time)],
      [count(block.transactionCount)],
      [size(block.bytes)],
      [confirmationCell(block), 'text'],
      [hpb.id(block.id), 'text mono muted'],
    ]);
    hpb.rows('blocks', rows, 'no block yet');
  };

  function renderProducers() {
    const { producers } = state.producers;
    const rows = producers.map((each) => [
      [count(each.rank)],
      [each.account, 'text strong'],
      [
        element('span', { class: `tag ${each.state === 'active' ? 'good' : ''}` }, each.state),
        'text',
      ],
      [hpb.amount(each.weight)],
      [count(each.produced)],
      [count(each.missed), each.missed > 0 ? 'warn' : ''],
      [each.lastBlock ? count(each.lastBlock.height) : '—'],
    ]);
    hpb.rows('producers', rows, 'nobody stands for election');
    const { producers: active, confirmations } = state.status;
    text('producers-note', `${active} at a time, ${confirmations} confirmations needed`);
  }

  function fact(name, value, kind) {
    return element('div', {}, element('dt', {}, name), element('dd', { class: kind }, value));
  }

  function cardFacts(card) {
    if (!card) return [];
    const troubles = card.timeouts + card.resets + card.lostInterrupts;
    // With TCP on the card, too, its other cycles are not spent on signatures.
    const cycles = card.transport ? card.busyCycles : card.cycles;
    const perSignature = card.signatures > 0 ? count(cycles / card.signatures) : '—';
    const awake =
      card.awakeSeconds === undefined ? [] : [fact('model ran', age(1000 * card.awakeSeconds))];
    return [
      fact('cycles', short(card.cycles)),
      ...awake,
      fact('cycles a signature', perSignature),
      fact('engine busy', card.cycles > 0 ? share(card.busyCycles / card.cycles) : '—'),
      fact(
        'timeouts, resets, lost interrupts',
        `${card.timeouts}, ${card.resets}, ${card.lostInterrupts}`,
        troubles > 0 ? 'warn' : '',
      ),
    ];
  }

  function transportFacts(transport) {
    if (!transport) return [];
    const { address, sessions, bytesIn, bytesOut, framesIn, framesOut } = transport;
    return [
      fact('address of the card', address),
      fact('sessions on the card', count(sessions)),
      fact('received by the card', `${size(bytesIn)} in ${things(framesIn, 'frame')}`),
      fact('sent by the card', `${size(bytesOut)} in ${things(framesOut, 'frame')}`),
      fact(
        'segments sent again, frames dropped',
        `${count(transport.retransmitted)}, ${count(transport.framesDropped)}`,
        transport.framesDropped > 0 ? 'warn' : '',
      ),
    ];
  }

  function renderAccelerator() {
    const { backend, services, signatures, spill, card } = state.status.accelerator;
    const facts = [
      fact('signatures', services.signatures),
      fact('transport', services.transport),
      fact('broadcast', services.broadcast),
      fact('signatures checked', count(signatures.checked)),
      fact('refused', count(signatures.refused)),
      fact('waiting', count(signatures.queued)),
      fact(
        'mean batch',
        signatures.batches > 0 ? rate(signatures.checked / signatures.batches) : '—',
      ),
      fact('busy', age(1000 * signatures.busySeconds)),
      fact('spilled', spill.enabled ? `${count(spill.signatures)} to ${spill.to ?? '—'}` : 'off'),
      fact('spill episodes', count(spill.episodes), spill.active ? 'warn' : ''),
      fact('refusals asked again', count(spill.confirmed)),
      fact(
        'contradicted by software',
        count(spill.contradicted),
        spill.contradicted > 0 ? 'bad' : '',
      ),
      ...cardFacts(card),
      ...transportFacts(card?.transport),
    ];
    document.getElementById('accelerator').replaceChildren(...facts);
    text('accelerator-note', card ? `${backend}: ${card.title}` : backend);
  }

  function renderPeers() {
    const { count: connected, peers } = state.peers;
    const rows = peers.map((peer) => [
      [peer.address, 'text strong'],
      [hpb.id(peer.nodeKey), 'text mono muted'],
      [peer.direction === 'in' ? 'inbound' : 'outbound', 'text'],
      [count(peer.height)],
      [peer.roundTripMilliseconds === undefined ? '—' : `${rate(peer.roundTripMilliseconds)} ms`],
      [size(peer.bytesIn)],
      [size(peer.bytesOut)],
      [count(peer.queued), peer.queued > 100 ? 'warn' : ''],
      [age(now() - peer.connectedSince)],
    ]);
    hpb.rows('peers', rows, 'connected to nobody');
    text('peers-note', connected > peers.length ? `${peers.length} of ${connected}` : '');
  }

  hpb.render = () => {
    renderHead();
    remember();
    renderTiles();
    renderSlots();
    hpb.renderBlocks();
    renderProducers();
    renderAccelerator();
    renderPeers();
    document.body.dataset.ready = 'yes';
  };

  moveSlot();
  hpb.start();
})();
