import { NOTHING, WORD } from '../columns.ts';
import { span } from '../../words.ts';
import type { Run } from './load.ts';

/** Operations in words, for labels, hints and the panel. All of it is shown as text and as nothing else. */

export const outcomes = ['ok', 'failed', 'unknown outcome'] as const;

export function clientOf(run: Run, row: number): number {
  return (run.process[row] as number) % run.about.clients;
}

function fOf(run: Run, row: number): string {
  return run.about.names[run.f[row] as number] ?? '';
}

export function keyOf(run: Run, row: number): string {
  return run.about.keys[run.key[row] as number] ?? '';
}

export function nodeOf(run: Run, row: number): string {
  return run.about.nodes[run.node[row] as number] ?? '';
}

export function valueOf(run: Run, code: number): string {
  if (code === NOTHING) return '';
  return code < WORD ? String(code) : (run.about.words[code - WORD] ?? '');
}

/** `read x246 → 14`, `write x246 15`. */
export function sayOperation(run: Run, row: number): string {
  const second = valueOf(run, run.second[row] as number);
  const input = valueOf(run, run.input[row] as number) + (second === '' ? '' : ` → ${second}`);
  const output = run.outcome[row] === 0 ? valueOf(run, run.output[row] as number) : '';
  const told = output === '' || (output === 'nothing' && input !== '') ? '' : `→ ${output}`;
  return [fOf(run, row), keyOf(run, row), input, told].filter((part) => part !== '').join(' ');
}

export function took(run: Run, row: number): string {
  return span(((run.end[row] as number) - (run.start[row] as number)) / 1e6);
}

export function at(micros: number, digits = 3): string {
  return `${(micros / 1e6).toFixed(digits)} s`;
}

/** The faults that were in force while the operation was under way. */
export function faultsDuring(run: Run, row: number): string {
  const [from, to] = [(run.start[row] as number) / 1e6, (run.end[row] as number) / 1e6];
  const during = run.about.faults.filter((fault) => fault.from < to && fault.to > from);
  return during.map(({ what }) => what).join(', ') || 'no fault';
}
