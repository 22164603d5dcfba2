/**
 * How sentences about operations are put together: who did something, on what, when, and how far apart. Anomalies are
 * explained in the same words whichever checker found them.
 */
import type { Operation } from './history.ts';

type Who = Pick<Operation, 'process'>;

/** At the beginning of a sentence. */
export function who({ process }: Who): string {
  return `Client ${process}`;
}

/** In the middle of a sentence. */
export function they({ process }: Who): string {
  return `client ${process}`;
}

export function on({ key }: Pick<Operation, 'key'>): string {
  return key === undefined ? '' : ` ${key}`;
}

/** What an operation is about, after a word of place: ` on x`, ` in q`. */
export function placed({ key }: Pick<Operation, 'key'>, where: 'on' | 'in' | 'of' | 'from'): string {
  return key === undefined ? '' : ` ${where} ${key}`;
}

/** Not every history has times. */
export function at(nanoseconds: number): string {
  return Number.isFinite(nanoseconds) ? ` at ${(nanoseconds / 1e9).toFixed(3)} s` : '';
}

export function apart(nanoseconds: number, way: 'earlier' | 'later'): string {
  return Number.isFinite(nanoseconds) ? `${lasting(nanoseconds)} ${way}` : way;
}

/** `8.2 ms`, `196 ms`, `2.78 s`. */
export function lasting(nanoseconds: number): string {
  const ms = nanoseconds / 1e6;
  if (ms >= 999.5) return `${(ms / 1000).toFixed(ms < 9_995 ? 2 : 1)} s`;
  return `${ms >= 10 ? Math.round(ms) : Number(ms.toPrecision(2))} ms`;
}

/** `1 read`, `2 reads`. */
export function count(number: number, one: string, many: string = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}
