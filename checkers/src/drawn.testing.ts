import type { History, HistoryEvent } from './history.ts';
import { tabulate } from './table/tabulate.ts';

/**
 * The history that a picture shows. A line is a client, a column is a millisecond:
 *
 * ```
 * A    |── write 1 ──|       |─ x: write 3 ─?
 * n2         |── read → 1 ──|
 * ```
 *
 * An operation reaches from `|` to `|`, to `?` if nobody knows how it ended, or to `✗` if it did not happen. What it acts
 * on stands before it with a colon. Values are JSON, `∅` is null, what is no JSON is a text. Clients are numbered from the
 * top; one called `n2` speaks to the node of that name.
 */
export function drawn(picture: string): History {
  const lines = picture.split('\n').filter((line) => line.includes('|'));
  const events = lines.flatMap((line, process) => [...operations(line, process)]);
  // At the same moment what begins comes first, so that the two overlap.
  const order = { invoke: 0, ok: 1, fail: 1, info: 1 } as const;
  events.sort((a, b) => a.time - b.time || order[a.type] - order[b.type] || a.process - b.process);
  return tabulate(events.map((event, index) => ({ ...event, index }))).history;
}

function* operations(
  line: string,
  process: number,
): Iterable<HistoryEvent & { type: 'invoke' | 'ok' | 'fail' | 'info' }> {
  const label = line.trim().split(/\s/)[0] ?? '';
  const node = /^n\d+$/.test(label) ? { node: label } : {};
  for (const { 0: text, 1: inside, 2: end, index } of line.matchAll(/\|([^|]*?)(\||─\?|─✗)/g)) {
    const what = (inside as string).replaceAll('─', ' ').trim();
    const { f, key, input, output } = parse(what);
    const common = { index: 0, process, f, ...(key !== undefined && { key }) };
    yield {
      ...common,
      ...node,
      time: index * 1e6,
      type: 'invoke',
      ...(input !== undefined && { value: input }),
    };
    yield {
      ...common,
      time: (index + text.length - 1) * 1e6,
      type: end === '|' ? 'ok' : end === '─?' ? 'info' : 'fail',
      ...(output !== undefined && { value: output }),
    };
  }
}

function parse(what: string): { f: string; key?: string; input?: unknown; output?: unknown } {
  const [, key, f, input, output] = /^(?:(\w+):\s*)?([\w-]+)\s*(.*?)\s*(?:→\s*(.*))?$/u.exec(what) ?? [];
  if (f === undefined) throw new Error(`no operation: ${what}`);
  return {
    f,
    ...(key !== undefined && { key }),
    ...(input && { input: value(input) }),
    ...(output !== undefined && { output: value(output.trim()) }),
  };
}

function value(text: string): unknown {
  if (text === '∅') return null;
  try {
    return JSON.parse(text.replaceAll('∅', 'null'));
  } catch {
    return text;
  }
}
