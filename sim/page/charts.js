// Draws the page's charts, again whenever the width or the colour scheme changes.
(() => {
  const { curves, batchSizes } = JSON.parse(document.getElementById('data').textContent);
  const TITLES = {
    software: 'software',
    native: 'native (libsecp256k1)',
    verilator: 'the card, simulated',
  };
  const FORMAT = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 4 });
  const format = (value) => (value == null ? '' : FORMAT.format(value));
  const colour = (name) =>
    getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

  function axis(label, extra) {
    return {
      label,
      stroke: colour('muted'),
      grid: { stroke: colour('line'), width: 1 },
      ticks: { stroke: colour('line'), width: 1 },
      font: '12px system-ui, sans-serif',
      labelFont: '12px system-ui, sans-serif',
      ...extra,
    };
  }

  // On a logarithmic axis, only powers of ten get a line and a number.
  const isPower = (value) => Math.abs(Math.log10(value) % 1) < 1e-6;
  const onlyPowers = (_, splits) => splits.map((value) => (isPower(value) ? value : null));

  function draw(id, unit, lines, low) {
    const element = document.getElementById(id);
    const options = {
      width: element.clientWidth,
      height: 320,
      scales: {
        x: { time: false, distr: 3, log: 2 },
        y: {
          distr: 3,
          log: 10,
          range: (_, min, max) => [
            10 ** Math.floor(Math.log10(min) - low),
            10 ** Math.ceil(Math.log10(max)),
          ],
        },
      },
      axes: [
        axis('signatures in a batch', { splits: () => batchSizes, values: (_, ticks) => ticks }),
        axis(unit, {
          size: 70,
          filter: onlyPowers,
          grid: { stroke: colour('line'), width: 1, filter: onlyPowers },
          ticks: { stroke: colour('line'), width: 1, filter: onlyPowers },
          values: (_, ticks) => ticks.map(format),
        }),
      ],
      series: [
        { label: 'batch', value: (_, value) => format(value) },
        ...lines.map(({ backend }) => ({
          label: TITLES[backend],
          stroke: colour(backend),
          width: 2,
          points: { show: true, size: 6, fill: colour(backend) },
          value: (_, value) => format(value),
        })),
      ],
      cursor: { drag: { x: false, y: false } },
    };
    element.replaceChildren();
    return new uPlot(options, [batchSizes, ...lines.map(({ values }) => values)], element);
  }

  function drawAll() {
    const wall = curves.map(({ backend, wallPerSecond }) => ({ backend, values: wallPerSecond }));
    draw('chart-wall', 'signatures a second', wall, 0);
    const cycles = curves
      .filter(({ cyclesPerSignature }) => cyclesPerSignature)
      .map(({ backend, cyclesPerSignature }) => ({ backend, values: cyclesPerSignature }));
    draw('chart-cycles', 'cycles a signature', cycles, 0);
  }

  drawAll();
  let width = innerWidth;
  addEventListener('resize', () => {
    if (innerWidth === width) return;
    width = innerWidth;
    drawAll();
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawAll);
})();
