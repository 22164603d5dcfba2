import { make, button } from './dom.ts';
import { saidAround } from './said.ts';
import type { Timeline } from './timeline.ts';
import { at, clientOf, faultsDuring, keyOf, nodeOf, outcomes, sayOperation, took } from './words.ts';

/** How many neighbours on the same key are listed, before and after. */
const NEIGHBOURS = 5;

/** What is known of the selected operation; where none is selected, where to begin. */
export function panel(timeline: Timeline): Node[] {
  return timeline.selected < 0 ? begin(timeline) : about(timeline, timeline.selected);
}

function begin(timeline: Timeline): Node[] {
  const { anomalies } = timeline.run.about;
  return [
    make('h3', {}, 'Nothing selected'),
    make(
      'p',
      {},
      'Press an operation to learn about it. Drag to move, scroll to come closer once the picture has the focus.',
    ),
    make('h3', {}, anomalies.length > 0 ? 'Anomalies' : 'No anomalies'),
    ...anomalies.slice(0, 12).map((anomaly, i) =>
      make(
        'p',
        {},
        button(`${i + 1}. ${anomaly.kind}: ${anomaly.explanation}`, () => timeline.look(i), {
          class: 'text',
        }),
      ),
    ),
  ];
}

function about(timeline: Timeline, row: number): Node[] {
  const { run } = timeline;
  const outcome = run.outcome[row] as number;
  const error = run.about.errors[run.error[row] as number];
  const anomaly = run.about.anomalies.find(({ operations }) => operations.includes(row));
  const node = nodeOf(run, row);
  const facts: readonly (readonly [string, string])[] = [
    ['client', `${run.process[row]}${node === '' ? '' : ` → ${node}`}`],
    ...(clientOf(run, row) === run.process[row] ? [] : ([['lane', `client ${clientOf(run, row)}`]] as const)),
    ['called', at(run.start[row] as number, 6)],
    ['returned', outcome === 2 ? 'never known' : at(run.end[row] as number, 6)],
    ['took', took(run, row)],
    ['during', faultsDuring(run, row)],
    ...(error === undefined ? [] : ([['error', error]] as const)),
  ];
  return [
    make('h3', {}, `operation ${row} · ${outcomes[outcome] ?? ''}`),
    make('p', { class: 'big' }, sayOperation(run, row)),
    ...(anomaly ? [make('p', { class: 'bad' }, `${anomaly.kind}: ${anomaly.explanation}`)] : []),
    make(
      'dl',
      { class: 'kv' },
      ...facts.flatMap(([name, value]) => [make('dt', {}, name), make('dd', {}, value)]),
    ),
    ...(keyOf(run, row) === '' ? [] : neighbours(timeline, row)),
    ...saidAround(run, row),
  ];
}

/** What else was asked of the key around that time, in order of call. */
function neighbours(timeline: Timeline, row: number): Node[] {
  const { run } = timeline;
  const rows: number[] = [row];
  const key = run.key[row];
  for (let other = row - 1; other >= 0 && rows.length <= NEIGHBOURS; other--)
    if (run.key[other] === key) rows.unshift(other);
  const before = rows.length;
  for (let other = row + 1; other < run.key.length && rows.length < before + NEIGHBOURS; other++)
    if (run.key[other] === key) rows.push(other);
  return [
    make('h3', {}, `Around it on ${keyOf(run, row)}`),
    make(
      'ol',
      { class: 'near' },
      ...rows.map((other) =>
        make(
          'li',
          other === row ? { 'aria-current': 'true' } : {},
          button(
            `${at(run.start[other] as number)} ${sayOperation(run, other)}`,
            () => timeline.select(other),
            { class: 'text' },
          ),
          ` ${run.outcome[other] === 0 ? '' : outcomes[run.outcome[other] as number]} c${run.process[other]}`,
        ),
      ),
    ),
  ];
}
