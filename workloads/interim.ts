import { ILLEGAL, type Checker, type History, type Model, type Operation, type Verdict } from 'knossos-js';

/** Stands in until the checkers of knossos-js are there: exact, and slow where much is concurrent. */
type RegisterOps = {
  read: { in: void; out: number | null };
  write: { in: number; out: void };
  cas: { in: readonly [number, number]; out: boolean };
};

export const casRegister: Model<RegisterOps, number | null> = {
  name: 'cas-register',
  initial: null,
  step(value, op) {
    if (op.f === 'read') return op.outcome !== 'ok' || op.output === value ? value : ILLEGAL;
    if (op.f === 'write') return op.input;
    const [from, to] = op.input;
    if (op.outcome === 'ok' && op.output !== (from === value)) return ILLEGAL;
    return from === value ? to : value;
  },
};

export function linearizable(model: Model<RegisterOps, number | null>): Checker<RegisterOps> {
  return {
    name: 'linearizable',
    check(history, { deadline, now }): Verdict {
      const facts = { operations: history.length };
      for (const [key, one] of history.byKey()) {
        const stuck = stuckAt(one, model, () => now() > deadline);
        if (stuck === 'unknown')
          return {
            checker: 'linearizable',
            valid: 'unknown',
            because: `out of time on key ${key}`,
            anomalies: [],
            facts,
          };
        if (stuck !== undefined)
          return {
            checker: 'linearizable',
            valid: false,
            facts,
            anomalies: [
              {
                kind: 'not linearizable',
                key,
                operations: [...one].map(({ id }) => one.origin?.[id] as number),
                explanation: `operation ${one.origin?.[stuck]} fits nowhere`,
              },
            ],
          };
      }
      return { checker: 'linearizable', valid: true, anomalies: [], facts };
    },
  };
}

interface Configuration {
  readonly state: number | null;
  readonly done: ReadonlySet<number>;
}

function stuckAt(
  history: History<RegisterOps>,
  model: Model<RegisterOps, number | null>,
  late: () => boolean,
): number | 'unknown' | undefined {
  const ops = [...history].filter((op) => op.outcome === 'ok' || (op.outcome === 'info' && op.f !== 'read'));
  const events = ops
    .flatMap((op) => [
      { at: op.call, op, returns: false },
      { at: op.return, op, returns: true },
    ])
    .filter(({ at }) => at < Infinity)
    .sort((a, b) => a.at - b.at);
  const open = new Map<number, Operation<RegisterOps>>();
  let all = new Map<string, Configuration>([['', { state: model.initial, done: new Set() }]]);
  for (const { op, returns } of events) {
    if (!returns) {
      open.set(op.id, op);
      continue;
    }
    if (late()) return 'unknown';
    const next = new Map<string, Configuration>();
    const seen = new Set<string>();
    const todo = [...all.values()];
    for (let one = todo.pop(); one !== undefined; one = todo.pop()) {
      if (one.done.has(op.id)) {
        const done = new Set(one.done);
        done.delete(op.id);
        next.set(`${one.state}:${[...done].sort().join()}`, { state: one.state, done });
        continue;
      }
      for (const pending of open.values()) {
        if (one.done.has(pending.id)) continue;
        const state = model.step(one.state, pending);
        if (state === ILLEGAL) continue;
        const done = new Set(one.done).add(pending.id);
        const name = `${state}:${[...done].sort().join()}`;
        if (!seen.has(name)) todo.push({ state, done });
        seen.add(name);
      }
    }
    open.delete(op.id);
    if (next.size === 0) return op.id;
    all = next;
  }
  return undefined;
}

type SetOps = {
  add: { in: number; out: void };
  read: { in: void; out: readonly number[] };
};

export function setFull(): Checker<SetOps> {
  return {
    name: 'set-full',
    check(history): Verdict {
      const anomalies = [];
      const facts = { operations: history.length };
      for (const [key, one] of history.byKey()) {
        const adds = [...one].filter((op) => op.f === 'add' && op.outcome === 'ok');
        for (const read of one) {
          if (read.f !== 'read' || read.outcome !== 'ok') continue;
          const there = new Set(read.output as readonly number[]);
          const missing = adds.find((op) => op.return < read.call && !there.has(op.input as number));
          if (missing)
            anomalies.push({
              kind: 'lost',
              key,
              operations: [one.origin?.[missing.id] as number, one.origin?.[read.id] as number],
              explanation: `${missing.input} is missing`,
            });
        }
      }
      return { checker: 'set-full', valid: anomalies.length === 0, anomalies, facts };
    },
  };
}
