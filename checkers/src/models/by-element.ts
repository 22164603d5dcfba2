import type { Operation, Operations } from '../history.ts';
import { print } from './print.ts';

/**
 * The closure of containers: an element is kept or left out whole. `elements` names what an operation puts in,
 * takes out or sees. With an element stays every operation that may have put it in or taken it out.
 */
export function byElement<Ops extends Operations>(
  kept: readonly Operation<Ops>[],
  all: readonly Operation<Ops>[],
  elements: (operation: Operation<Ops>) => {
    readonly changes?: readonly unknown[];
    readonly sees?: readonly unknown[];
    /** Takes out something, nobody knows what. */
    readonly takesAny?: boolean;
  },
): readonly Operation<Ops>[] {
  const wanted = new Set<string>();
  for (const op of kept) {
    const { changes = [], sees = [] } = elements(op);
    for (const element of changes) wanted.add(print(element));
    for (const element of sees) wanted.add(print(element));
  }
  const inside = new Set(kept.map((op) => op.id));
  return all.filter((op) => {
    if (inside.has(op.id)) return true;
    if (op.outcome === 'fail') return false;
    const { changes = [], takesAny = false } = elements(op);
    return takesAny || changes.some((element) => wanted.has(print(element)));
  });
}
