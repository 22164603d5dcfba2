import { ILLEGAL, type Model } from '../model.ts';
import { byElement } from './by-element.ts';
import { print } from './print.ts';
import { hashTexts, sameTexts } from './set.ts';

export type AppendListOps = {
  readonly append: { in: unknown; out: unknown };
  readonly read: { in: void; out: readonly unknown[] | null };
};

/** A list that only grows, at its end. An `ok` read of `null` saw the empty list. */
export const appendList: Model<AppendListOps, readonly string[]> = {
  name: 'append-list',
  initial: [],
  anonymous: true,
  growth: { append: 'append', read: 'read', contents: 'list' },
  step(elements, op) {
    if (op.f === 'append') return [...elements, print(op.input)];
    return op.outcome !== 'ok' || sameTexts(seen(op.output).map(print), elements) ? elements : ILLEGAL;
  },
  readOnly: (op) => op.f === 'read',
  equals: sameTexts,
  hash: hashTexts,
  describe: (elements) => `[${elements.join(', ')}]`,
  explain: (elements, op) => `can't read ${print(op.output)} from [${elements.join(', ')}]`,
  closure: (all) =>
    byElement(all, (op) =>
      op.f === 'append' ? { changes: [op.input] } : { sees: op.outcome === 'ok' ? seen(op.output) : [] },
    ),
};

function seen(output: unknown): readonly unknown[] {
  return (output ?? []) as readonly unknown[];
}
