import type { Key, Mark, Outcome } from 'knossos-js';

/*
 * The lines of `history.jsonl`, put together by hand: `JSON.stringify` of an object for each costs three times as much,
 * and at 100,000 events a second that is felt.
 */

/** What a mark may carry besides its name. */
export type MarkExtra = Pick<Mark, 'ends' | 'nodes' | 'details'>;

export function invokeLine(
  index: number,
  now: number,
  process: number,
  node: string,
  f: string,
  key: Key | undefined,
  value: unknown,
): string {
  return `{"index":${index},"time":${now},"process":${process},"node":${quoted(node)},"type":"invoke","f":${quoted(f)}${keyField(key)}${field('value', value)}}\n`;
}

export function endLine(
  index: number,
  now: number,
  process: number,
  type: Outcome,
  f: string,
  key: Key | undefined,
  value: unknown,
  error: string | undefined,
): string {
  const tail = type === 'ok' ? field('value', value) : '';
  const why = error === undefined ? '' : field('error', error);
  return `{"index":${index},"time":${now},"process":${process},"type":"${type}","f":${quoted(f)}${keyField(key)}${tail}${why}}\n`;
}

export function markLine(index: number, now: number, name: string, what: string, extra?: MarkExtra): string {
  return `${JSON.stringify({ index, time: now, type: 'mark', name, what, ...extra })}\n`;
}

/** Names of nodes, operations and keys come again and again; there are few of them, or the oldest are forgotten. */
const quotes = new Map<string, string>();
const quotesLimit = 10_000;

function quoted(text: string): string {
  let quote = quotes.get(text);
  if (quote === undefined) {
    if (quotes.size >= quotesLimit) quotes.clear();
    quotes.set(text, (quote = JSON.stringify(text)));
  }
  return quote;
}

function keyField(key: Key | undefined): string {
  if (key === undefined) return '';
  return `,"key":${typeof key === 'string' ? quoted(key) : JSON.stringify(key)}`;
}

function field(name: string, value: unknown): string {
  if (value === undefined) return '';
  const json = Number.isSafeInteger(value) ? String(value as number) : JSON.stringify(value);
  // A function or a symbol is nothing in JSON.
  return json === undefined ? '' : `,"${name}":${json}`;
}
