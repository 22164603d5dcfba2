import { count } from '../../words.ts';
import { button, make } from './dom.ts';
import type { Run } from './load.ts';
import type { Timeline } from './timeline.ts';
import { at, faultsDuring, nodeOf, outcomes, sayOperation, took } from './words.ts';

/** Of a row, as the style has it, in pixels; so many rows are there at a time, and so many at most can be scrolled to. */
const HEIGHT = 28;
const THERE = 40;
const MOST = 100_000;
/** A picture that is being moved is not read. */
const SETTLED_MS = 150;

const columns = ['Operation', 'Outcome', 'Client', 'Called', 'Took', 'During'] as const;

/**
 * The operations in view as a table, for those who would rather read them, or have them read out. Only the rows that can
 * be seen are there; the rest is room to scroll through.
 */
export class Table {
  readonly element: HTMLDetailsElement;
  readonly #timeline: Timeline;
  readonly #summary = make('summary');
  readonly #body = make('tbody');
  readonly #table: HTMLTableElement;
  readonly #scroller: HTMLElement;
  #rows: readonly number[] = [];
  #seen = '';
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(timeline: Timeline) {
    this.#timeline = timeline;
    const head = make(
      'tr',
      { 'aria-rowindex': '1' },
      ...columns.map((name) => make('th', { scope: 'col' }, name)),
    );
    this.#table = make('table', { class: 'tbl' }, make('thead', {}, head), this.#body);
    const attributes = { class: 'rows', tabindex: '0', role: 'region', 'aria-label': 'Operations in view' };
    this.#scroller = make('div', attributes, this.#table);
    this.element = make('details', { class: 'table' }, this.#summary, this.#scroller);
    this.#summary.textContent = 'Operations in view, as a table';
    this.element.addEventListener('toggle', () => this.changed());
    this.#scroller.addEventListener('scroll', () => this.#show());
  }

  get open(): boolean {
    return this.element.open;
  }

  /** The view may have changed. */
  changed(): void {
    if (!this.open) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#look(), SETTLED_MS);
  }

  #look(): void {
    const { run, from, to, mask, selected } = this.#timeline;
    const seen = [from, to, selected, mask === undefined ? '' : this.#timeline.kept].join();
    if (seen === this.#seen) return;
    this.#seen = seen;
    this.#rows = rowsIn(run, from, to, mask);
    const all = count(this.#rows.length);
    this.#summary.textContent = `Operations in view, as a table: ${this.#rows.length < MOST ? all : `the first ${all}`}`;
    this.#table.setAttribute('aria-rowcount', String(this.#rows.length + 1));
    this.#show();
  }

  #show(): void {
    const first = Math.max(
      0,
      Math.min(this.#rows.length - THERE, Math.floor(this.#scroller.scrollTop / HEIGHT) - 10),
    );
    const shown = this.#rows.slice(first, first + THERE);
    this.#body.replaceChildren(
      room(first),
      ...shown.map((row, i) => this.#row(row, first + i)),
      room(this.#rows.length - first - shown.length),
    );
  }

  #row(row: number, place: number): HTMLElement {
    const { run, selected } = this.#timeline;
    const node = nodeOf(run, row);
    const outcome = run.outcome[row] as number;
    const cells = [
      button(sayOperation(run, row), () => this.#timeline.select(row), { class: 'text' }),
      outcomes[outcome] ?? '',
      `${run.process[row]}${node === '' ? '' : ` → ${node}`}`,
      at(run.start[row] as number, 6),
      outcome === 2 ? 'never known' : took(run, row),
      faultsDuring(run, row),
    ];
    const attributes = {
      'aria-rowindex': String(place + 2),
      ...(row === selected && { 'aria-current': 'true' }),
    };
    return make('tr', attributes, ...cells.map((cell) => make('td', {}, cell)));
  }
}

/** Rows that are not there, as high as they would be. */
function room(rows: number): HTMLElement {
  const cell = make('td', { colspan: String(columns.length) });
  const row = make('tr', { class: 'room', 'aria-hidden': 'true' }, cell);
  cell.style.height = `${rows * HEIGHT}px`;
  row.hidden = rows <= 0;
  return row;
}

function rowsIn(run: Run, from: number, to: number, mask: Uint8Array | undefined): number[] {
  const rows: number[] = [];
  for (let row = 0; row < run.start.length && rows.length < MOST; row++) {
    if ((run.start[row] as number) > to) break;
    if ((run.end[row] as number) >= from && (mask === undefined || mask[row] === 1)) rows.push(row);
  }
  return rows;
}
