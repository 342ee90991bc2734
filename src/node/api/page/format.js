// Numbers and elements; the page's parts share one object.
const hpb = {};

(() => {
  const COUNT = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
  const DECIMAL = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 });
  const SHORT = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 });

  hpb.count = (value) => COUNT.format(value);
  hpb.rate = (value) => (value < 10 ? DECIMAL : COUNT).format(value);
  hpb.short = (value) => (Math.abs(value) < 10_000 ? COUNT : SHORT).format(value);
  hpb.share = (value) => `${DECIMAL.format(100 * value)} %`;

  hpb.size = (bytes) => {
    if (bytes < 1000) return `${bytes} B`;
    if (bytes < 1e6) return `${DECIMAL.format(bytes / 1e3)} kB`;
    if (bytes < 1e9) return `${DECIMAL.format(bytes / 1e6)} MB`;
    return `${DECIMAL.format(bytes / 1e9)} GB`;
  };

  hpb.age = (milliseconds) => {
    const seconds = Math.max(0, milliseconds / 1000);
    if (seconds < 60) return `${Math.floor(seconds)} s`;
    if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
    if (seconds < 86_400) return `${DECIMAL.format(seconds / 3600)} h`;
    return `${DECIMAL.format(seconds / 86_400)} d`;
  };

  /** `1 block`, `2 blocks`. */
  hpb.things = (value, thing) => `${COUNT.format(value)} ${thing}${value === 1 ? '' : 's'}`;

  hpb.clock = (milliseconds) =>
    new Date(milliseconds).toLocaleTimeString('en-GB', { timeStyle: 'medium' });

  /** Base units, a decimal string, as GXN. */
  hpb.amount = (units) => COUNT.format(BigInt(units) / 100_000_000n);

  hpb.id = (id) => `${id.slice(0, 10)}…${id.slice(-6)}`;

  /** An element with attributes and content: text, elements, or several of them. */
  hpb.element = (tag, attributes, ...content) => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes ?? {})) {
      if (value !== undefined) made.setAttribute(name, value);
    }
    made.append(...content.flat());
    return made;
  };

  /** A table's rows: cells are text or elements, with an optional class. */
  hpb.rows = (id, rows, empty) => {
    const body = document.querySelector(`#${id} tbody`);
    const columns = document.querySelectorAll(`#${id} th`).length;
    const made = rows.map((cells) =>
      hpb.element(
        'tr',
        {},
        cells.map(([content, kind]) => hpb.element('td', { class: kind }, content)),
      ),
    );
    if (made.length === 0) {
      const note = hpb.element('td', { class: 'text muted', colspan: columns }, empty);
      made.push(hpb.element('tr', {}, note));
    }
    body.replaceChildren(...made);
  };

  hpb.text = (id, text, kind) => {
    const target = document.getElementById(id);
    target.textContent = text;
    if (kind !== undefined) target.className = kind;
  };
})();
