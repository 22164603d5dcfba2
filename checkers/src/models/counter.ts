import { ILLEGAL, type Model } from '../model.ts';

export type CounterOps = {
  readonly add: { in: number; out: unknown };
  readonly read: { in: void; out: number };
};

/** A number that starts at 0 and is added to. */
export const counter: Model<CounterOps, number> = {
  name: 'counter',
  initial: 0,
  anonymous: true,
  step(total, op) {
    if (op.f === 'add') return total + (op.input as number);
    return op.outcome !== 'ok' || op.output === total ? total : ILLEGAL;
  },
  readOnly: (op) => op.f === 'read',
  describe: String,
  explain: (total, op) => `can't read ${String(op.output)}: it is ${total}`,
  /** A read sees every addition before it, so only those called after the last kept read may go. */
  closure: (all) => (kept) => {
    const inside = new Set(kept.map((op) => op.id));
    const until = Math.max(
      -1,
      ...kept.filter((op) => op.f === 'read' && op.outcome === 'ok').map((op) => op.return),
    );
    return all.filter(
      (op) => inside.has(op.id) || (op.f === 'add' && op.outcome !== 'fail' && op.call < until),
    );
  },
};
