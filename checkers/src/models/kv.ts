import { ILLEGAL, type Model } from '../model.ts';
import { print } from './print.ts';

export type KvOps = {
  readonly get: { in: void; out: string };
  readonly put: { in: string; out: unknown };
  readonly append: { in: string; out: unknown };
};

/** A text that can be read, replaced and appended to, empty in the beginning: the store that many a course has built. */
export const kv: Model<KvOps, string> = {
  name: 'kv',
  initial: '',
  anonymous: true,
  growth: { append: 'append', read: 'get', put: 'put', contents: 'text' },
  step(text, op) {
    if (op.f === 'put') return op.input as string;
    if (op.f === 'append') return text + (op.input as string);
    return op.outcome !== 'ok' || op.output === text ? text : ILLEGAL;
  },
  readOnly: (op) => op.f === 'get',
  describe: print,
  explain: (text, op) => `can't get ${print(op.output)} from ${print(text)}`,
  /**
   * What is not part of the text that a get returned cannot have been in it: it was overwritten before, or came later. All else
   * stays with that get.
   */
  closure: (all) => (kept) => {
    const inside = new Set(kept.map((op) => op.id));
    const texts = kept.flatMap((op) => (op.f === 'get' && op.outcome === 'ok' ? [op.output] : []));
    const within = (part: string): boolean =>
      texts.some((text) => typeof text !== 'string' || text.includes(part));
    return all.filter(
      (op) => inside.has(op.id) || (op.f !== 'get' && op.outcome !== 'fail' && within(op.input)),
    );
  },
};
