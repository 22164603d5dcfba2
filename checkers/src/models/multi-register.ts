import { grouped } from '../grouped.ts';
import type { Operation } from '../history.ts';
import { ILLEGAL, type Model } from '../model.ts';
import { print } from './print.ts';

/** A step of a transaction. What a read saw stands in the output; in the input it is `null`. */
export type RegisterStep = readonly [f: 'r' | 'w', register: string | number, value: unknown];

export type MultiRegisterOps = {
  readonly txn: { in: readonly RegisterStep[]; out: readonly RegisterStep[] };
};

export type Registers = Readonly<Record<string, unknown>>;

/** Several registers, read and written together in transactions that take effect at once. */
export const multiRegister: Model<MultiRegisterOps, Registers> = {
  name: 'multi-register',
  initial: {},
  anonymous: true,
  step(registers, op) {
    let after: Record<string, unknown> | undefined;
    for (const [f, register, value] of microOperations(op)) {
      const now = (after ?? registers)[register] ?? null;
      if (f === 'w') (after ??= { ...registers })[register] = value;
      else if (op.outcome === 'ok' && print(value) !== print(now)) return ILLEGAL;
    }
    return after ?? registers;
  },
  readOnly: (op) => microOperations(op).every(([f]) => f === 'r'),
  equals: (a, b) => print(a) === print(b),
  describe: print,
  explain: (registers, op) => `can't do ${print(op.output ?? op.input)} in ${print(registers)}`,
  closure(all) {
    const writes = all
      .filter((op) => op.outcome !== 'fail')
      .flatMap((op) =>
        microOperations(op).map(([f, register, value]) => ({ op, f, what: print([register, value]) })),
      );
    const writers = grouped(
      writes.filter(({ f }) => f === 'w'),
      ({ what }) => what,
    );
    return (kept) => {
      const inside = new Map(kept.map((op) => [op.id, op]));
      const work = kept.filter((op) => op.outcome === 'ok');
      for (let op = work.pop(); op; op = work.pop()) {
        for (const [f, register, value] of microOperations(op)) {
          if (f === 'w') continue;
          for (const { op: writer } of writers.get(print([register, value])) ?? []) {
            if (inside.has(writer.id)) continue;
            inside.set(writer.id, writer);
            if (writer.outcome === 'ok') work.push(writer);
          }
        }
      }
      return [...inside.values()];
    };
  },
};

/** A {@link multiRegister} whose registers begin with these values; any other begins with `null`. */
export function multiRegisterFrom(initial: Registers): Model<MultiRegisterOps, Registers> {
  return { ...multiRegister, initial };
}

function microOperations(op: Operation<MultiRegisterOps>): readonly RegisterStep[] {
  return (op.outcome === 'ok' && op.output ? op.output : op.input) as readonly RegisterStep[];
}
