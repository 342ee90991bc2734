// The charts: made once, drawn anew when the width or the colour scheme changes.
(() => {
  const HEIGHT = 190;

  const colour = (name) =>
    getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

  /** A counter's growth a second, over the four slots before each sample: blocks come in steps. */
  function rates(samples, key) {
    // Half a second more: samples are not exactly a second apart.
    const window = 500 + 4 * (hpb.state?.status?.slotMilliseconds ?? 3000);
    let from = 0;
    return samples.map((sample) => {
      while (sample.time - samples[from].time > window) from++;
      const seconds = (sample.time - samples[from].time) / 1000;
      return seconds > 0 ? Math.max(0, (sample[key] - samples[from][key]) / seconds) : null;
    });
  }

  const values = (samples, key) => samples.map((sample) => sample[key]);

  const CHARTS = [
    {
      id: 'chart-transactions',
      lines: [
        { label: 'included', colour: 'blue', of: (s) => rates(s, 'included') },
        { label: 'final', colour: 'good', of: (s) => rates(s, 'final') },
      ],
    },
    {
      id: 'chart-signatures',
      lines: [
        { label: 'checked', colour: 'violet', of: (s) => rates(s, 'signatures') },
        { label: 'of these, spilled', colour: 'orange', of: (s) => rates(s, 'spilled') },
      ],
    },
    {
      id: 'chart-queue',
      lines: [
        { label: 'signatures', colour: 'violet', of: (s) => values(s, 'queued') },
        { label: 'transactions', colour: 'blue', of: (s) => values(s, 'pool') },
      ],
    },
    {
      id: 'chart-finality',
      lines: [
        {
          label: 'blocks',
          colour: 'good',
          of: (s) => s.map(({ height, finalHeight }) => height - finalHeight),
          stepped: true,
        },
      ],
    },
  ];

  function axis(extra) {
    return {
      stroke: colour('muted'),
      grid: { stroke: colour('line'), width: 1 },
      ticks: { stroke: colour('line'), width: 1 },
      font: '11px system-ui, sans-serif',
      ...extra,
    };
  }

  /** A legend's value: under the cursor, else the latest. */
  function shown(format) {
    return (chart, value, series) => {
      const at = value ?? chart.data[series].at(-1);
      return at == null ? '' : format(at);
    };
  }

  function make({ id, lines }) {
    const element = document.getElementById(id);
    const options = {
      width: element.clientWidth,
      height: HEIGHT,
      padding: [8, 8, 0, 0],
      scales: { y: { range: (_, _low, high) => [0, Math.max(4, (high ?? 0) * 1.1)] } },
      axes: [
        axis({ space: 80, values: (_, ticks) => ticks.map((tick) => hpb.clock(1000 * tick)) }),
        axis({
          size: 52,
          space: 36,
          incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 1e6],
          values: (_, ticks) => ticks.map(hpb.short),
        }),
      ],
      series: [
        {
          label: 'time',
          value: shown((time) => hpb.clock(1000 * time)),
        },
        ...lines.map((line) => ({
          label: line.label,
          stroke: colour(line.colour),
          fill: `${colour(line.colour)}1c`,
          width: 2,
          points: { show: false },
          value: shown(hpb.rate),
          ...(line.stepped && { paths: uPlot.paths.stepped({ align: 1 }) }),
        })),
      ],
      cursor: { drag: { x: false, y: false } },
    };
    element.replaceChildren();
    return new uPlot(options, [[], ...lines.map(() => [])], element);
  }

  let charts = [];
  let samples = [];

  function fill() {
    const times = samples.map(({ time }) => time / 1000);
    charts.forEach((chart, i) => {
      chart.setData([times, ...CHARTS[i].lines.map(({ of }) => of(samples))]);
    });
  }

  function makeAll() {
    charts = CHARTS.map(make);
    fill();
  }

  /** Adds samples, drops what is older than ten minutes. */
  hpb.addSamples = (more) => {
    samples = [...samples, ...more].slice(-600);
    fill();
  };

  /** The latest figure of a counter's growth. */
  hpb.currentRate = (key) => rates(samples, key).at(-1) ?? 0;
  hpb.lastSampleTime = () => samples.at(-1)?.time ?? 0;

  makeAll();
  let width = innerWidth;
  addEventListener('resize', () => {
    if (innerWidth === width) return;
    width = innerWidth;
    makeAll();
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', makeAll);
})();
