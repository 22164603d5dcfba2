import type { Grouping } from './lanes.ts';
import type { Timeline } from './timeline.ts';

/** A view as a link: `#explore?t=12.025..12.437&by=key&op=43951&filter=key:x246`. */
export function linkTo(timeline: Timeline, filter: string, table: boolean): string {
  const { from, to, selected, by, run, letters, ruler, focus, folded } = timeline;
  const whole = from === 0 && to === run.lasts;
  const parameters = [
    ...(whole ? [] : [`t=${(from / 1e6).toFixed(6)}..${(to / 1e6).toFixed(6)}`]),
    ...(by === 'client' ? [] : [`by=${by}`]),
    ...(focus < 0 ? [] : [`focus=${encodeURIComponent(run.about.keys[focus] ?? '')}`]),
    ...(folded ? ['fold=1'] : []),
    ...(letters ? ['messages=1'] : []),
    ...(ruler ? [`dt=${(ruler.from / 1e6).toFixed(6)}..${(ruler.to / 1e6).toFixed(6)}`] : []),
    ...(table ? ['table=1'] : []),
    ...(selected < 0 ? [] : [`op=${selected}`]),
    ...(filter === '' ? [] : [`filter=${encodeURIComponent(filter)}`]),
  ];
  return parameters.length === 0 ? '' : `#explore?${parameters.join('&')}`;
}

/** Goes where a link says. What it says wrongly is left as it is. Answers the filter. */
export function follow(timeline: Timeline, hash: string, table: HTMLDetailsElement): string {
  const parameters = new URLSearchParams(hash.split('?')[1] ?? '');
  const by = parameters.get('by');
  if (isGrouping(by)) timeline.group(by);
  if (parameters.get('messages') === '1') timeline.showLetters(true);
  const stretch = (name: string): number[] =>
    (parameters.get(name) ?? '').split('..').map((seconds) => Number(seconds) * 1e6);
  const [from, to] = stretch('t');
  const [a, b] = stretch('dt');
  if (a !== undefined && b !== undefined && a < b) timeline.measure(a, b);
  if (parameters.get('table') === '1') table.open = true;
  const row = Number(parameters.get('op') ?? Number.NaN);
  if (Number.isInteger(row) && row >= 0 && row < timeline.run.start.length) timeline.select(row);
  if (from !== undefined && to !== undefined && from < to) timeline.show(from, to);
  const focus = parameters.get('focus');
  if (focus !== null) timeline.focus = timeline.run.about.keys.indexOf(focus);
  if (parameters.get('fold') === '1') timeline.fold(true);
  return parameters.get('filter') ?? '';
}

function isGrouping(by: string | null): by is Grouping {
  return by === 'client' || by === 'node' || by === 'key';
}
