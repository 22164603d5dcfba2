import type { Operation, Operations } from '../history.ts';
import { print } from './print.ts';

/** What an operation has to do with elements. */
interface Touch {
  /** What it puts in or takes out. */
  readonly changes?: readonly unknown[];
  readonly sees?: readonly unknown[];
  /** It takes out what it changes, rather than putting it in. */
  readonly takes?: boolean;
  /** It takes out something, nobody knows what. */
  readonly takesAny?: boolean;
}

/**
 * The closure of containers: an element is kept or left out whole. With an element stays every operation that may have
 * put it in or taken it out.
 *
 * Who takes out nobody knows what may have taken an element that was put in more often than it is known to have come out, but
 * not if it was called when all else was over: then nobody can tell whether it did.
 */
export function byElement<Ops extends Operations>(
  all: readonly Operation<Ops>[],
  touch: (operation: Operation<Ops>) => Touch,
): (kept: readonly Operation<Ops>[]) => readonly Operation<Ops>[] {
  const touched = new Map(
    all.map((op) => {
      const { changes = [], sees = [], takes = false, takesAny = false } = touch(op);
      return [op.id, { changes: changes.map(print), sees: sees.map(print), takes, takesAny }];
    }),
  );
  /** How often an element may have gone in, less how often it certainly came out. */
  const left = new Map<string, number>();
  for (const op of all) {
    const { changes = [], takes = false } = touched.get(op.id) ?? {};
    if (op.outcome === 'fail' || (takes && op.outcome !== 'ok')) continue;
    for (const element of changes) left.set(element, (left.get(element) ?? 0) + (takes ? -1 : 1));
  }
  return (kept) => {
    const wanted = new Set(
      kept.flatMap(({ id }) => [...(touched.get(id)?.changes ?? []), ...(touched.get(id)?.sees ?? [])]),
    );
    const inside = new Set(kept.map(({ id }) => id));
    const chosen = all.filter(
      (op) =>
        inside.has(op.id) ||
        (op.outcome !== 'fail' && touched.get(op.id)?.changes.some((element) => wanted.has(element))),
    );
    if (![...wanted].some((element) => (left.get(element) ?? 0) > 0)) return chosen;
    const end = chosen.reduce((last, op) => (op.outcome === 'ok' ? Math.max(last, op.return) : last), -1);
    const late = new Set(chosen.map(({ id }) => id));
    return all.filter(
      (op) =>
        late.has(op.id) || (op.outcome !== 'fail' && touched.get(op.id)?.takesAny === true && op.call < end),
    );
  };
}
