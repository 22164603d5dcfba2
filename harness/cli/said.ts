import { LabrysError, NodeError } from '../errors.ts';

/** What happened, what the node that it happened to had to say about it, and what to do now: a sentence each. */
export function said(error: Error): string {
  const line = error instanceof NodeError ? tellingLine(error.lastLines) : undefined;
  const hint = error instanceof LabrysError ? error.hint : undefined;
  return [error.message, line === undefined ? '' : `It said “${line}”`, hint ?? '']
    .map(sentence)
    .join(' ')
    .trim();
}

/**
 * The line to show where there is room for one: the last that names an error, as programs of most languages do, else
 * the last. Node's own ends with its version, Python's stack with the error, Go's panic begins with it.
 */
export function tellingLine(lines: readonly string[]): string | undefined {
  const said = lines.map((line) => line.trim()).filter((line) => line !== '');
  return said.findLast((line) => names.test(line)) ?? said.at(-1);
}

const names = /^(\S+ )?([\w.]*(Error|Exception)( \[\w+\])?|panic|fatal|FATAL|ERROR):? \S/;

function sentence(text: string): string {
  const trimmed = text.trim();
  return trimmed === '' || /[.!?]$/.test(trimmed) ? trimmed : `${trimmed}.`;
}
