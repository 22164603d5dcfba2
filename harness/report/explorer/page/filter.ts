import type { Run } from './load.ts';
import { clientOf } from './words.ts';

/**
 * The filter language: `key:x246 f:write is:info lat>100 node:n1 !client:5`. All conditions must hold; `!` turns one
 * around; `lat` is in milliseconds. The answer is a mask over the rows, or a word that is not understood.
 */
export type Filtered = { readonly mask: Uint8Array; readonly count: number } | { readonly unknown: string };

export function filter(run: Run, text: string): Filtered {
  const words = text.trim().split(/\s+/).filter(Boolean);
  const mask = new Uint8Array(run.start.length).fill(1);
  for (const word of words) {
    const no = word.startsWith('!');
    const holds = condition(run, no ? word.slice(1) : word);
    if (holds === undefined) return { unknown: word };
    for (let row = 0; row < mask.length; row++) if (mask[row] === 1 && holds(row) === no) mask[row] = 0;
  }
  let count = 0;
  for (const kept of mask) count += kept;
  return { mask, count };
}

function condition(run: Run, word: string): ((row: number) => boolean) | undefined {
  const [, field, operator, value] = /^(\w+)([:<>])(.+)$/.exec(word) ?? [];
  if (field === undefined || value === undefined) return undefined;
  if (field === 'lat') return latency(run, operator, Number(value));
  if (operator !== ':') return undefined;
  const { names, keys, nodes } = run.about;
  switch (field) {
    case 'key':
      return place(run.key, keys.indexOf(value));
    case 'f':
      return place(run.f, names.indexOf(value));
    case 'node':
      return place(run.node, nodes.indexOf(value));
    case 'is':
      return place(run.outcome, ['ok', 'fail', 'info'].indexOf(value));
    case 'client':
      // A client goes on under another number after each outcome that nobody knows.
      return (row) => clientOf(run, row) === Number(value) || run.process[row] === Number(value);
    default:
      return undefined;
  }
}

function place(column: Int32Array | Uint8Array, at: number): (row: number) => boolean {
  return (row) => at >= 0 && column[row] === at;
}

function latency(run: Run, operator: string | undefined, ms: number): ((row: number) => boolean) | undefined {
  if (Number.isNaN(ms) || operator === ':') return undefined;
  const lasted = (row: number) => ((run.end[row] as number) - (run.start[row] as number)) / 1000;
  return operator === '>' ? (row) => lasted(row) > ms : (row) => lasted(row) < ms;
}
