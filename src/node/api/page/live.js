// What the page knows of the node: asked once, then pushed where there is a subscription.
(() => {
  const SHOWN_BLOCKS = 12;
  const RETRY_MS = 2000;
  const state = { blocks: [], status: undefined, producers: [], slots: [], peers: [], lag: 0 };
  hpb.state = state;

  async function get(path) {
    const response = await fetch(`/v1${path}`);
    if (!response.ok) throw new Error(`${path}: ${response.status}`);
    return response.json();
  }

  async function refresh() {
    const [status, figures, producers, schedule, peers] = await Promise.all([
      get('/status'),
      get(`/figures?since=${hpb.lastSampleTime()}`),
      get('/producers?limit=50'),
      get('/schedule?limit=12'),
      get('/peers?limit=50'),
    ]);
    state.status = status;
    state.lag = Date.now() - status.time;
    state.producers = producers;
    state.slots = schedule.slots;
    state.peers = peers;
    hpb.addSamples(figures.samples);
    hpb.render();
  }

  async function loadBlocks() {
    state.blocks = (await get(`/blocks?limit=${SHOWN_BLOCKS}`)).blocks;
    hpb.renderBlocks();
  }

  function onEvent(event) {
    switch (event.type) {
      case 'block':
        state.blocks = [event.block, ...state.blocks].slice(0, SHOWN_BLOCKS);
        break;
      case 'reverted':
        state.blocks = state.blocks.filter(({ id }) => id !== event.block.id);
        break;
      case 'confirmed':
        update(event.block.id, { count: event.count, needed: event.needed, final: false });
        break;
      case 'final':
        for (const block of state.blocks) {
          if (block.height > event.block.height || !block.confirmations) continue;
          block.confirmations = { ...block.confirmations, final: true };
        }
        break;
      case 'lost':
        void loadBlocks();
        break;
    }
    hpb.renderBlocks();
  }

  function update(id, confirmations) {
    const block = state.blocks.find((each) => each.id === id);
    if (block) block.confirmations = confirmations;
  }

  function follow() {
    const socket = new WebSocket(`ws://${location.host}/rpc`);
    socket.addEventListener('open', async () => {
      for (const [i, topic] of ['blocks', 'finality'].entries()) {
        const call = { jsonrpc: '2.0', id: i, method: 'subscribe', params: { topic } };
        socket.send(JSON.stringify(call));
      }
      await loadBlocks();
    });
    socket.addEventListener('message', ({ data }) => {
      const { params } = JSON.parse(data);
      if (params) onEvent(params.event);
    });
    socket.addEventListener('close', () => setTimeout(follow, RETRY_MS));
  }

  async function poll() {
    try {
      await refresh();
    } catch (error) {
      hpb.text('health', 'no answer', 'pill bad');
      console.info(String(error));
    }
    setTimeout(poll, 1000);
  }

  hpb.start = () => {
    follow();
    void poll();
  };
})();
