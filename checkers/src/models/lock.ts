import { ILLEGAL, type Model } from '../model.ts';
import { grouped } from '../grouped.ts';
import type { Operation } from '../history.ts';

export type LockOps = {
  /** The fencing token that came with the lock, or `false`: somebody else holds it. */
  readonly acquire: { in: void; out: number | false };
  readonly release: { in: void; out: unknown };
};

export interface LockState {
  /** The process that holds it. */
  readonly holder: number | undefined;
  /** The largest token seen so far. */
  readonly token: number;
}

/**
 * A lock that knows its holder and hands out a fencing token, larger every time, so that what the lock
 * protects can turn away a holder who has been replaced without noticing.
 */
export const lock: Model<LockOps, LockState> = {
  name: 'lock',
  initial: { holder: undefined, token: -Infinity },
  lock: { acquire: 'acquire', release: 'release', owned: true },
  step({ holder, token }, op) {
    const known = op.outcome === 'ok';
    const refused = known && op.output === false;
    if (op.f === 'release') {
      const works = holder === op.process;
      if (known && works === refused) return ILLEGAL;
      return works ? { holder: undefined, token } : { holder, token };
    }
    const works = holder === undefined;
    if (known && works === refused) return ILLEGAL;
    if (!works) return { holder, token };
    if (typeof op.output !== 'number') return { holder: op.process, token };
    return op.output > token ? { holder: op.process, token: op.output } : ILLEGAL;
  },
  readOnly: (op) => op.output === false,
  equals: (a, b) => a.holder === b.holder && a.token === b.token,
  describe: ({ holder, token }) =>
    `${holder === undefined ? 'free' : `held by ${holder}`}, last token ${token === -Infinity ? '∅' : token}`,
  explain(state, op) {
    const is = state.holder === undefined ? 'nobody holds it' : `${state.holder} holds it`;
    if (op.output === false) return `can't refuse to ${op.f} to ${op.process}: ${is}`;
    if (op.f === 'acquire' && state.holder === undefined)
      return `can't hand out token ${String(op.output)} after ${state.token}`;
    return `${op.process} can't ${op.f}: ${is}`;
  },
  closure: (whole) => (kept) => holds(kept, whole),
};

/**
 * A hold is left out whole: its acquire and its release. With an acquire that was refused stays every hold that may have been
 * the reason. Of a process that goes on after an operation of unknown outcome nobody can tell its holds apart.
 */
function holds(
  kept: readonly Operation<LockOps>[],
  all: readonly Operation<LockOps>[],
): readonly Operation<LockOps>[] {
  const inside = new Set(kept.map((op) => op.id));
  const refused = kept.filter(({ f, output }) => f === 'acquire' && output === false);
  for (const own of grouped(all, ({ process }) => process).values())
    for (const whole of apart(own.filter(({ outcome, output }) => outcome !== 'fail' && output !== false))) {
      const [first, ...others] = whole as [Operation<LockOps>, ...Operation<LockOps>[]];
      const until =
        others.length === 0 ? Infinity : whole.reduce((last, op) => Math.max(last, op.return), -1);
      const wanted =
        whole.some(({ id }) => inside.has(id)) ||
        refused.some((op) => first.call < op.return && op.call < until);
      if (wanted) for (const { id } of whole) inside.add(id);
    }
  return all.filter((op) => inside.has(op.id));
}

/** The holds of one process. */
function apart(own: readonly Operation<LockOps>[]): readonly (readonly Operation<LockOps>[])[] {
  if (own.slice(0, -1).some(({ outcome }) => outcome === 'info')) return [own];
  const holds: Operation<LockOps>[][] = [];
  for (const op of own) {
    const last = holds.at(-1);
    if (op.f === 'acquire' || !last) holds.push([op]);
    else last.push(op);
  }
  return holds;
}
