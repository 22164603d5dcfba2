import type { DrawnOperation } from '../record/result.ts';
import type { Semantics } from './replay.ts';
import { keyName, list, plural, value } from './words.ts';

/** The object that these operations act on, where it is one that a picture can show; judged by their names alone. */
export function semanticsOf(operations: readonly DrawnOperation[]): Semantics | undefined {
  const names = new Set(operations.map(({ f }) => f));
  const keys = new Set(operations.map(({ key }) => key));
  if (keys.size !== 1) return undefined;
  if (subset(names, ['read', 'write', 'cas'])) return register(operations);
  if (subset(names, ['add', 'read']) && names.has('add'))
    return answers(operations).every((answer) => typeof answer === 'number')
      ? counter(operations)
      : membership(operations);
  if (subset(names, ['transact', 'outcome', 'settled'])) return transaction(operations);
  if (subset(names, ['propose', 'learned'])) return decision(operations);
  return undefined;
}

/** Whatever was in the register before the first drawn write, when no drawn operation says that it was empty. */
const OLDER = 'older';

/** One register. A state is the value as JSON, or {@link OLDER}. */
function register(operations: readonly DrawnOperation[]): Semantics {
  const emptyWasSeen = operations.some(
    ({ f, output, outcome }) => f === 'read' && outcome === 'ok' && output === null,
  );
  const initial = emptyWasSeen ? 'null' : OLDER;
  return {
    subject: keyName(operations[0]?.key) || 'the register',
    initial,
    until: 'the next write',
    step(state, { f, input, output, outcome }) {
      if (f === 'write') return json(input);
      if (f === 'read') return outcome !== 'ok' || json(output) === state ? state : undefined;
      const [from, to] = Array.isArray(input) ? (input as unknown[]) : [];
      const matches = json(from) === state;
      if (outcome !== 'ok') return matches ? json(to) : state;
      if (output === false) return matches ? undefined : state;
      return matches ? json(to) : undefined;
    },
    show: (states, limit) => alternatives(states.map(printed), limit),
  };
}

/** A counter, from nothing: a state is the sum so far. */
function counter(operations: readonly DrawnOperation[]): Semantics {
  return {
    subject: keyName(operations[0]?.key) || 'the counter',
    initial: '0',
    until: 'the next add',
    step(state, { f, input, output, outcome }) {
      if (f === 'add') return typeof input === 'number' ? String(Number(state) + input) : undefined;
      return outcome !== 'ok' || String(output) === state ? state : undefined;
    },
    show: alternatives,
  };
}

/**
 * One transaction, as far as it is decided: `open`, `refused` (a node votes no, so that only abort is left), `commit` or
 * `abort`. Whoever tells of a decision may be the first to know it.
 */
function transaction(operations: readonly DrawnOperation[]): Semantics {
  return {
    subject: keyName(operations[0]?.key) || 'the transaction',
    initial: 'open',
    step(state, { f, input, output, outcome }) {
      const asked = f === 'transact';
      const refused = asked && Array.isArray(input) && input[1] !== null;
      const now = refused && state === 'open' ? 'refused' : state;
      if (outcome !== 'ok') return now;
      const [says, has] = asked ? [output, undefined] : Array.isArray(output) ? (output as unknown[]) : [];
      if (says === 'commit')
        return has !== null && (now === 'open' || now === 'commit') ? 'commit' : undefined;
      if (typeof has === 'number') return undefined;
      return says === 'abort' ? (now === 'commit' ? undefined : 'abort') : now;
    },
    show: (states, limit) =>
      alternatives(
        states.map((state) => ({ open: 'open', refused: 'an abort' })[state] ?? state),
        limit,
      ),
  };
}

/** One instance of consensus: `open`, or what was decided, as JSON. Whoever tells of a decision may be the first to know it. */
function decision(operations: readonly DrawnOperation[]): Semantics {
  return {
    subject: keyName(operations[0]?.key) || 'the decision',
    initial: 'open',
    step(state, { output, outcome }) {
      if (outcome !== 'ok' || output === null || output === undefined) return state;
      return state === 'open' || state === json(output) ? json(output) : undefined;
    },
    show: alternatives,
  };
}

/** What was read. */
function answers(operations: readonly DrawnOperation[]): unknown[] {
  return operations.filter(({ f, outcome }) => f === 'read' && outcome === 'ok').map(({ output }) => output);
}

/**
 * A set, as far as the drawn additions go: a state is the sorted list of those elements that are in.
 * With one addition, that is whether the element is in.
 */
function membership(operations: readonly DrawnOperation[]): Semantics {
  const added = new Set(operations.filter(({ f }) => f === 'add').map(({ input }) => json(input)));
  const one = added.size === 1 ? value(JSON.parse([...added][0] as string), 24) : undefined;
  return {
    subject: one === undefined ? 'the set' : `element ${one}`,
    initial: '[]',
    step(state, { f, input, output, outcome }) {
      const elements = JSON.parse(state) as string[];
      if (f === 'add') return JSON.stringify([...new Set([...elements, json(input)])].toSorted());
      if (outcome !== 'ok' || !Array.isArray(output)) return state;
      const seen = (output as unknown[]).map(json).filter((element) => added.has(element));
      return JSON.stringify([...new Set(seen)].toSorted()) === state ? state : undefined;
    },
    answered({ f, output, outcome }) {
      if (f !== 'read' || outcome !== 'ok' || !Array.isArray(output) || one === undefined) return undefined;
      const there = (output as unknown[]).some((element) => added.has(json(element)));
      return `${plural(output.length, 'element')}, ${there ? 'with' : 'without'} ${one}`;
    },
    show(states, limit) {
      const shown = states.map((state) => JSON.parse(state) as string[]);
      if (one !== undefined)
        return alternatives(
          shown.map((in_) => (in_.length > 0 ? 'present' : 'absent')),
          limit,
        );
      return alternatives(
        shown.map((in_) => value(in_.map((element) => JSON.parse(element) as unknown))),
        limit,
      );
    },
  };
}

function printed(state: string): string {
  return state === OLDER ? OLDER : value(JSON.parse(state) as unknown, 24);
}

/** `only 15`, `14 or 15`, `one of 7 values`. */
function alternatives(states: readonly string[], limit: number): string {
  if (states.length === 1) return states[0] === OLDER ? 'an older value' : `only ${states[0]}`;
  const all = list(states, 'or');
  return all.length <= limit ? all : `one of ${states.length} values`;
}

function json(of: unknown): string {
  return JSON.stringify(of ?? null);
}

function subset(names: ReadonlySet<string>, of: readonly string[]): boolean {
  return [...names].every((name) => of.includes(name));
}
