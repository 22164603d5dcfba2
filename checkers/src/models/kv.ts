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
  step(text, op) {
    if (op.f === 'put') return op.input as string;
    if (op.f === 'append') return text + (op.input as string);
    return op.outcome !== 'ok' || op.output === text ? text : ILLEGAL;
  },
  readOnly: (op) => op.f === 'get',
  describe: print,
  explain: (text, op) => `can't get ${print(op.output)} from ${print(text)}`,
};
