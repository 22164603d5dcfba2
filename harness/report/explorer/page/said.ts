import type { LogLine } from '../manifest.ts';
import { make } from './dom.ts';
import type { Run } from './load.ts';
import { at, nodeOf } from './words.ts';

/** So much before and after an operation its nodes' lines are shown, in microseconds; those nearest to it if there are many. */
const NEAR = 700_000;
const CLOSE = 20_000;
const MOST = 30;

/** What the nodes wrote around an operation, its own node's lines in bold, those within 20 ms of it marked. */
export function saidAround(run: Run, row: number): Node[] {
  const { lines, about } = run;
  if (lines.length === 0) return [];
  const [from, to] = [run.start[row] as number, run.end[row] as number];
  const away = ([, time]: LogLine) => Math.max(0, from - time, time - to);
  const near = lines
    .slice(firstFrom(lines, from - NEAR), firstFrom(lines, to + NEAR))
    .toSorted((a, b) => away(a) - away(b))
    .slice(0, MOST)
    .toSorted((a, b) => a[1] - b[1]);
  const own = nodeOf(run, row);
  const items = near.map((line) => {
    const [place, time, text] = line;
    const node = about.around.places[place] ?? '';
    return make(
      'li',
      away(line) <= CLOSE ? { class: 'close' } : {},
      `${at(time)} `,
      node === own ? make('b', {}, node) : node,
      ` ${text}`,
    );
  });
  return [
    make('h3', {}, 'What nodes wrote around it'),
    items.length > 0
      ? make('ol', { class: 'near said' }, ...items)
      : make(
          'p',
          {},
          `Nothing${about.around.logsCut ? ' that is kept here: their logs are with the run' : ''}.`,
        ),
  ];
}

function firstFrom(lines: readonly LogLine[], time: number): number {
  let [low, high] = [0, lines.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((lines[middle] as LogLine)[1] < time) low = middle + 1;
    else high = middle;
  }
  return low;
}
