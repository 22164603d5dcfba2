import type { Precedence } from '../checker.ts';
import type { Class, Family } from '../transactions/levels.ts';
import { NOTHING } from './recorded.ts';
import type { Row, Step } from './recorded.ts';
import { inFamily } from './try-orders.ts';

/** What a circle of precedences shows, once it is known that there is one. */
export interface Shown {
  readonly family: Family;
  readonly class: Class;
}

/**
 * Checks a claimed circle: that it closes, and that each of its steps follows from what was recorded of the operations. Says
 * what is wrong, or what kind of circle it is by Adya's names.
 */
export function circle(steps: readonly Precedence[], rows: readonly Row[]): Shown | string {
  for (const [i, { from, to, kind }] of steps.entries()) {
    if (to !== steps[(i + 1) % steps.length]?.from) return 'its circle does not close';
    const a = rows.find(({ id }) => id === from);
    const b = rows.find(({ id }) => id === to);
    if (!a || !b) return `its circle leads through operation ${a ? to : from}, which it does not name`;
    if (!(REASONS[kind]?.(a, b, rows) ?? false))
      return `nothing shows that operation ${from} comes before operation ${to} (${kind})`;
  }
  const kinds = steps.map(({ kind }) => kind);
  const anti = kinds.filter((kind) => kind === 'rw').length;
  const adjacent = kinds.some((kind, i) => kind === 'rw' && kinds[(i + 1) % kinds.length] === 'rw');
  return {
    family: kinds.includes('real time') ? 'realtime' : kinds.includes('session') ? 'process' : 'data',
    class:
      anti === 0
        ? kinds.includes('wr')
          ? 'dirty read'
          : 'dirty write'
        : anti === 1
          ? 'single'
          : adjacent
            ? 'any'
            : 'fork',
  };
}

type Reason = (a: Row, b: Row, rows: readonly Row[]) => boolean;

const REASONS: Readonly<Record<string, Reason>> = {
  session: (a, b, rows) => inFamily('process', rows)(a, b),
  'real time': (a, b) => a.return < b.call,
  wr: (a, b) => pairs(a, b).some(([write, read]) => isWrite(write) && sees(read, write.value as string)),
  ww: (a, b, rows) =>
    pairs(a, b).some(
      ([first, second]) =>
        isWrite(first) && isWrite(second) && (isFirst(a, first) || inOrder(first, second, rows)),
    ),
  rw: (a, b, rows) =>
    pairs(a, b).some(([read, write]) => !isWrite(read) && isWrite(write) && missed(read, write, rows)),
};

/** Steps of one and of another on the same key. */
function pairs(a: Row, b: Row): (readonly [Step, Step])[] {
  return a.steps.flatMap((one) =>
    b.steps.filter(({ key }) => key === one.key).map((other) => [one, other] as const),
  );
}

const isWrite = ({ f }: Step): boolean => f === 'write' || f === 'append';

function sees(read: Step, value: string): boolean {
  return read.f === 'list' ? read.value.includes(value) : read.f === 'read' && read.value === value;
}

/** Whoever read a register before anything was written there and wrote it then was the first. */
function isFirst({ steps }: Row, { f, key }: Step): boolean {
  const [read] = steps.filter((step) => step.key === key);
  return f === 'write' && read?.f === 'read' && read.value === NOTHING;
}

/** Somebody read a list with the first and without the second behind it; or the second was written on top of the first. */
function inOrder(first: Step, second: Step, rows: readonly Row[]): boolean {
  const one = first.value as string;
  const two = second.value as string;
  if (first.f === 'write') return above(first.key, one, rows).has(two);
  return rows.some(({ steps }) =>
    steps.some(({ f, key, value }) => {
      if (f !== 'list' || key !== first.key) return false;
      const at = value.indexOf(one);
      return at >= 0 && !value.slice(0, at).includes(two);
    }),
  );
}

/** A list without an element was read before it was appended; a register before whatever was written on top of what it held. */
function missed(read: Step, write: Step, rows: readonly Row[]): boolean {
  const written = write.value as string;
  if (read.f === 'list') return !read.value.includes(written);
  if (read.f === 'read' && read.value === written) return false;
  return (
    write.f === 'append' || read.value === NOTHING || above(read.key, read.value as string, rows).has(written)
  );
}

/** What was written to a register by those who had read a value there, and by those who had read that, and so on. */
function above(key: string, value: string, rows: readonly Row[]): Set<string> {
  const known = new Set([value]);
  for (let size = 0; size < known.size;) {
    size = known.size;
    for (const { steps } of rows) {
      const read = steps.findIndex((step) => step.f === 'read' && step.key === key && known.has(step.value));
      const written = steps.findLast((step) => step.f === 'write' && step.key === key);
      if (read >= 0 && written) known.add(written.value as string);
    }
  }
  known.delete(value);
  return known;
}
