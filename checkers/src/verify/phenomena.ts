import type { Class } from '../transactions/levels.ts';
import { nameOf } from './part.ts';
import type { Part } from './part.ts';
import { NOTHING } from './recorded.ts';
import type { Row, Step } from './recorded.ts';

/**
 * What is wrong with some transactions without putting them into any order, as the literature defines it: each class of what
 * levels forbid that some of them show.
 */
export function phenomena(part: Part): ReadonlySet<Class> {
  const found = new Set<Class>();
  const note = (kind: Class): void => void found.add(kind);
  const lists = new Map<string, (readonly string[])[]>();
  for (const row of part.whole) {
    ownReads(row, note);
    for (const step of row.steps) {
      if (step.f !== 'read' && step.f !== 'list') continue;
      const values = step.f === 'list' ? step.value : step.value === NOTHING ? [] : [step.value];
      for (const value of values) cameFrom(part, step, value, note);
      intermediate(part, row, step, note);
      if (step.f === 'list') {
        if (values.some((value, at) => values.indexOf(value) < at && isUnique(part, step, value)))
          note('dirty write');
        ownOrder(part, step, note);
        for (const other of lists.get(step.key) ?? [])
          if (!isPrefix(other, values) && !isPrefix(values, other)) note('dirty read');
        lists.set(step.key, [...(lists.get(step.key) ?? []), values]);
      }
    }
  }
  return found;
}

/** Whether two transactions read the same version and both replaced it. Causality alone does not forbid that. */
export function hasLostUpdate(part: Part): boolean {
  const updated = new Map<string, number>();
  for (const row of part.whole)
    for (const i of row.steps.keys()) {
      const state = replaced(part, row, i);
      if (state === undefined) continue;
      if ((updated.get(state) ?? row.id) !== row.id) return true;
      updated.set(state, row.id);
    }
  return false;
}

type Note = (kind: Class) => void;

const isWrite = ({ f }: Step): boolean => f === 'write' || f === 'append';

/** The version that a transaction read with this step, from others, and replaced by one of its own; if it did. */
function replaced(part: Part, { id, steps }: Row, i: number): string | undefined {
  const step = steps[i] as Step;
  if (isWrite(step)) return undefined;
  const own = (value: string): boolean =>
    (part.writers.get(nameOf(step.key, value)) ?? []).some((row) => row.id === id);
  const writes = (some: readonly Step[]): boolean =>
    some.some((other) => other.key === step.key && isWrite(other));
  if (step.f === 'list') {
    const known = step.value.slice(0, step.value.findLastIndex((value) => !own(value)) + 1);
    const unique = known.every((value) => isUnique(part, step, value));
    return unique && writes(steps.slice(i + 1)) ? nameOf(step.key, known.join(' ')) : undefined;
  }
  const unique = step.f === 'read' && (step.value === NOTHING || isUnique(part, step, step.value));
  return unique && !writes(steps.slice(0, i)) && writes(steps) ? nameOf(step.key, step.value) : undefined;
}

/** Whether all reads of a value are of the same version. */
function isUnique({ writers }: Part, { key }: Step, value: string): boolean {
  return (writers.get(nameOf(key, value)) ?? []).length <= 1;
}

/** Out of thin air, or of a transaction that failed. */
function cameFrom({ writers }: Part, step: Step, value: string, note: Note): void {
  const by = writers.get(nameOf(step.key, value)) ?? [];
  if (by.length === 0) note('dirty write');
  else if (by.every(({ outcome }) => outcome === 'fail')) note('dirty read');
}

/** The last that was read of a key, but for one's own, is not the last that its only writer wrote there. */
function intermediate({ writers }: Part, row: Row, step: Step, note: Note): void {
  const own = (element: string): boolean =>
    (writers.get(nameOf(step.key, element)) ?? []).some(({ id }) => id === row.id);
  const value = step.f === 'list' ? step.value.findLast((element) => !own(element)) : step.value;
  if (value === undefined || value === NOTHING) return;
  const [writer, ...more] = writers.get(nameOf(step.key, value as string)) ?? [];
  if (!writer || more.length > 0 || writer.id === row.id) return;
  const last = writer.steps.findLast((other) => other.key === step.key && isWrite(other));
  if (last?.value !== value) note('dirty read');
}

/** What one transaction appended is there in its order, from its first element on. */
function ownOrder(part: Part, list: Step & { readonly f: 'list' }, note: Note): void {
  for (const { steps, outcome } of part.whole) {
    if (outcome === 'fail') continue;
    let before = -1;
    let missing = false;
    for (const { f, key, value } of steps) {
      if (f !== 'append' || key !== list.key || !isUnique(part, list, value)) continue;
      const at = list.value.indexOf(value);
      if (at >= 0 && (missing || at < before)) note('dirty write');
      if (at < 0) missing = true;
      else before = at;
    }
  }
}

/** What a transaction reads of a key that it has touched before follows from what it did; and it cannot see what it does later. */
function ownReads({ steps }: Row, note: Note): void {
  steps.forEach((step, i) => {
    if (isWrite(step)) return;
    const later = steps.slice(i + 1);
    const lastRead = step.f === 'list' ? step.value.at(-1) : step.value;
    if (later.some((other) => isWrite(other) && other.key === step.key && other.value === lastRead))
      note('dirty write');
    const before = steps.slice(0, i).filter(({ key }) => key === step.key);
    const known = before.findLast(({ f }) => f !== 'append');
    if (step.f !== 'list') {
      const wrote = before.findLast(({ f }) => f === 'write');
      if (wrote && wrote.value !== step.value) note('dirty write');
      else if (known && known.value !== step.value) note('single');
      return;
    }
    const own = before.slice(known ? before.indexOf(known) + 1 : 0).map(({ value }) => value as string);
    const others = step.value.length - own.length;
    const appended = before.flatMap(({ f, value }) => (f === 'append' ? [value as string] : []));
    if (!same(appended, appended.length === 0 ? [] : step.value.slice(-appended.length))) note('dirty write');
    if (others < 0 || own.some((element, j) => step.value[others + j] !== element)) note('dirty write');
    else if (known && !same(known.f === 'list' ? known.value : [], step.value.slice(0, Math.max(0, others))))
      note('single');
  });
}

function isPrefix(short: readonly string[], long: readonly string[]): boolean {
  return short.length <= long.length && short.every((element, i) => element === long[i]);
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && isPrefix(a, b);
}
