import { count, span } from '../../words.ts';
import { control } from './controls.ts';
import { button, make } from './dom.ts';
import { filter } from './filter.ts';
import type { Grouping } from './lanes.ts';
import { follow, linkTo } from './link.ts';
import { load, type Run } from './load.ts';
import { panel } from './panel.ts';
import { Table } from './table.ts';
import { Timeline } from './timeline.ts';
import { at, nodeOf, outcomes, sayOperation, took } from './words.ts';

/** Puts the explorer into the place that the page keeps for it, once the history is unpacked. */
async function start(host: HTMLElement): Promise<void> {
  const run = await load();
  const { anomalies } = run.about;
  const says = `The history, ${count(run.about.length)} operations, ${anomalies.length} anomalies. Arrows move, plus and minus zoom, n goes to the next anomaly, 0 shows the whole run.`;
  const canvas = make('canvas', { tabindex: '0', role: 'application', 'aria-label': says });
  const hint = make('div', { class: 'hint', hidden: '' });
  const side = make('aside', { class: 'detail', 'aria-live': 'polite' });
  const stage = make('div', { class: 'stage' }, canvas, hint);
  const bar = make('div', { class: 'bar' });
  const both = make('div', { class: 'both' }, stage, side);
  host.replaceChildren(bar, both, legend(run));

  const timeline = new Timeline(run, canvas);
  const table = new Table(timeline);
  host.append(table.element);
  let looked = -1;
  const next = (by: number): void => {
    if (anomalies.length === 0) return;
    looked = (looked + by + anomalies.length) % anomalies.length;
    timeline.look(looked);
  };
  const tools = toolbar(
    timeline,
    table,
    (i) => {
      looked = i;
      timeline.look(i);
    },
    () => next(1),
  );
  bar.append(...tools.parts.filter((part) => part !== false));
  let selected = Number.NaN;
  timeline.changed = () => {
    tools.update();
    table.changed();
    if (selected !== timeline.selected) side.replaceChildren(...panel(timeline));
    selected = timeline.selected;
  };
  control(timeline, (row, x, y) => hover(timeline, hint, row, x, y), next);
  const go = () => {
    tools.filter(follow(timeline, location.hash, table.element));
    // A place with parameters is no place that a browser knows.
    if (location.hash.startsWith('#explore?')) host.parentElement?.scrollIntoView();
  };
  go();
  addEventListener('hashchange', go);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => timeline.repaint());
  document.querySelector('.theme')?.addEventListener('change', () => timeline.repaint());
  host.dataset['ready'] = 'true';
}

/** What colours and shapes mean; each operation has its own, and no two differ by colour alone where it matters. */
function legend(run: Run): HTMLElement {
  return make(
    'ul',
    { class: 'legend' },
    ...run.about.names.map((name, i) => sample(`k-${run.about.tokens[i] ?? 'other'}`, name)),
    sample('k-outline', 'failed'),
    sample('k-unknown', 'unknown outcome, may have taken effect'),
    ...(run.about.anomalies.length > 0 ? [sample('k-broken', 'completes an anomaly')] : []),
    make(
      'li',
      { class: 'keys' },
      'drag or ← → to move, scroll or + − to zoom, shift and drag to measure, n next anomaly, l fold lanes, m messages, 0 whole run, / filter',
    ),
  );
}

function sample(kind: string, text: string): HTMLElement {
  return make('li', {}, make('i', { class: kind }), text);
}

interface Tools {
  readonly parts: readonly (HTMLElement | false)[];
  update(): void;
  filter(text: string): void;
}

/** So many anomalies have a button of their own. */
const SHORTCUTS = 5;

function toolbar(timeline: Timeline, table: Table, look: (anomaly: number) => void, next: () => void): Tools {
  const groupings = (['client', 'node', 'key'] as const).map(
    (by) =>
      [by, button(`by ${by}`, () => timeline.group(by))] as const satisfies readonly [Grouping, HTMLElement],
  );
  const input = make('input', {
    id: 'explorer-filter',
    'aria-label': 'Filter',
    placeholder: 'filter: key:x f:write is:info lat>100 !client:5',
    spellcheck: 'false',
  });
  const matches = make('output', { class: 'quiet' });
  const view = make('span', { class: 'quiet mono' });
  const unfocus = button('', () => timeline.unfocus());
  const apply = (text: string) => {
    const filtered = text.trim() === '' ? undefined : filter(timeline.run, text);
    matches.textContent =
      filtered === undefined
        ? ''
        : 'unknown' in filtered
          ? `what is ${filtered.unknown}?`
          : `${count(filtered.count)} match`;
    timeline.keep(filtered !== undefined && 'mask' in filtered ? filtered.mask : undefined);
  };
  input.addEventListener('input', () => apply(input.value));
  const copy = button('Copy link', () => {
    history.replaceState(null, '', linkTo(timeline, input.value, table.open) || '#explore');
    void navigator.clipboard?.writeText(location.href).catch(() => undefined);
  });
  const { anomalies: all } = timeline.run.about;
  const anomalies = [
    ...(all.length > 0
      ? [make('span', { class: 'quiet apart' }, all.length > 1 ? 'anomalies' : 'anomaly')]
      : []),
    ...all.slice(0, SHORTCUTS).map((_, i) => {
      const place = `anomaly ${i + 1}`;
      return button(String(i + 1), () => look(i), { class: 'bad', 'aria-label': place, title: place });
    }),
    ...(all.length > SHORTCUTS
      ? [button('›', next, { class: 'bad', 'aria-label': `next of ${all.length} anomalies` })]
      : []),
  ];
  const fold = button('fold lanes', () => timeline.fold(!timeline.folded), {
    title: 'Leave only the lanes in which something is to be seen now',
  });
  const letters =
    timeline.run.about.around.letters > 0 &&
    button('messages', () => timeline.showLetters(!timeline.letters));
  const whole = button('Whole run', () => timeline.fly(0, timeline.run.lasts));
  return {
    parts: [
      make(
        'span',
        { class: 'choice', role: 'group', 'aria-label': 'Lanes' },
        ...groupings.map(([, element]) => element),
      ),
      fold,
      letters,
      input,
      matches,
      unfocus,
      make('span', { class: 'gap' }),
      view,
      ...anomalies,
      whole,
      copy,
    ],
    update() {
      for (const [by, element] of groupings) element.setAttribute('aria-pressed', String(by === timeline.by));
      fold.setAttribute('aria-pressed', String(timeline.folded));
      if (letters) letters.setAttribute('aria-pressed', String(timeline.letters));
      const key = timeline.run.about.keys[timeline.focus];
      unfocus.hidden = key === undefined;
      unfocus.textContent = `focus ${key ?? ''} ✕`;
      view.textContent = `${at(timeline.from)} – ${at(timeline.to)} · ${span((timeline.to - timeline.from) / 1e6)}`;
    },
    filter(text) {
      if (text === input.value) return;
      input.value = text;
      apply(text);
    },
  };
}

function hover(timeline: Timeline, hint: HTMLElement, row: number, x: number, y: number): void {
  const { run, canvas } = timeline;
  hint.hidden = row < 0;
  canvas.style.cursor = row < 0 ? 'default' : 'pointer';
  if (row < 0) return;
  hint.replaceChildren(
    make('b', {}, sayOperation(run, row)),
    make(
      'span',
      {},
      `client ${run.process[row]} ${nodeOf(run, row)} · ${outcomes[run.outcome[row] as number] ?? ''} · ${took(run, row)}`,
    ),
    make('span', {}, `from ${at(run.start[row] as number, 6)}`),
  );
  const left = x + 270 > canvas.clientWidth ? x - 262 : x + 14;
  hint.style.transform = `translate(${Math.max(0, left)}px, ${y + 14}px)`;
}

const host = document.getElementById('explorer');
if (host !== null)
  start(host).catch((error: unknown) => {
    host.textContent = `The history cannot be shown here: ${String(error)}`;
  });
