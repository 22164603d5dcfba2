import { ILLEGAL, type Model } from '../model.ts';
import { registerClosure } from './register-closure.ts';

export type MutexOps = {
  /** `ok` without an output, or with any but `false`, acquired it; `false` means that it was taken. */
  readonly acquire: { in: void; out: unknown };
  readonly release: { in: void; out: unknown };
};

/**
 * Taken or free. Whoever may release it: a mutex knows nothing of its holder, as in Knossos. Seen as a
 * register, acquiring swaps `false` for `true` and releasing swaps it back.
 */
export const mutex: Model<MutexOps, boolean> = {
  name: 'mutex',
  initial: false,
  anonymous: true,
  register: { acquire: [false, true], release: [true, false] },
  lock: { acquire: 'acquire', release: 'release', owned: false },
  step(held, op) {
    const acquires = op.f === 'acquire';
    const works = held !== acquires;
    if (op.outcome === 'ok' && works !== (op.output !== false)) return ILLEGAL;
    return works ? acquires : held;
  },
  readOnly: (op) => op.output === false,
  describe: (held) => (held ? 'held' : 'free'),
  explain: (held, op) =>
    `can't ${op.f}${op.output === false ? ' in vain' : ''}: it is ${held ? 'held' : 'free'}`,
  closure: (whole) => registerClosure(whole, (f) => (f === 'acquire' ? [false, true] : [true, false])),
};
