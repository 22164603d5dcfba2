import { ILLEGAL, type Model } from '../model.ts';
import { registerClosure } from './register-closure.ts';
import { print } from './print.ts';

export type RegisterOps = {
  readonly read: { in: void; out: unknown };
  readonly write: { in: unknown; out: void };
};

export type CasRegisterOps = RegisterOps & {
  /** A refused compare-and-set is an answer, not a failure: the value was something else. */
  readonly cas: { in: readonly [from: unknown, to: unknown]; out: boolean };
};

const MOVES = { read: 'read', write: 'write', cas: 'cas' } as const;

/**
 * One value, which can be read, written, and replaced if it is what you think it is.
 *
 * ```
 * write 1 ─ read → 1 ─ cas 1→2 true ─ cas 1→3 false ─ read → 2
 * ```
 *
 * Values are compared as JSON. An `ok` compare-and-set without an output counts as one that swapped.
 */
export const casRegister: Model<CasRegisterOps, unknown> = {
  name: 'cas-register',
  initial: null,
  anonymous: true,
  register: MOVES,
  step(value, op) {
    switch (op.f) {
      case 'read':
        return op.outcome !== 'ok' || same(op.output, value) ? value : ILLEGAL;
      case 'write':
        return op.input;
      case 'cas': {
        const [from, to] = op.input;
        const swaps = same(from, value);
        if (op.outcome === 'ok' && swaps !== (op.output !== false)) return ILLEGAL;
        return swaps ? to : value;
      }
    }
  },
  readOnly: (op) => op.f === 'read' || op.output === false,
  equals: same,
  describe: print,
  explain(value, op) {
    if (op.f === 'read') return `can't read ${print(op.output)} from ${print(value)}`;
    const [from, to] = op.input as readonly [unknown, unknown];
    return op.output === false
      ? `can't refuse to replace ${print(from)} by ${print(to)}: it is ${print(value)}`
      : `can't replace ${print(from)} by ${print(to)}: it is ${print(value)}`;
  },
  closure: (whole) => registerClosure(whole, (f) => MOVES[f as 'read']),
};

/** A {@link casRegister} that begins with another value than `null`. */
export function casRegisterFrom(initial: unknown): Model<CasRegisterOps, unknown> {
  return { ...casRegister, initial };
}

/** A {@link casRegister} without compare-and-set. */
export const register: Model<RegisterOps, unknown> = {
  // Operations of a register are operations of one that can do more.
  ...(casRegister as unknown as Model<RegisterOps, unknown>),
  name: 'register',
  register: { read: 'read', write: 'write' },
};

/** A {@link register} that begins with another value than `null`. */
export function registerFrom(initial: unknown): Model<RegisterOps, unknown> {
  return { ...register, initial };
}

function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  return print(a) === print(b);
}
