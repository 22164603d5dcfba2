import type { Monitor } from '../checker.ts';
import type { Operations } from '../history.ts';
import type { Model, RegisterMove } from '../model.ts';
import { FollowingMonitor } from './following.ts';
import { RegisterFollower } from './register.ts';

/**
 * Watches an object as its history is written, and says at once which event shows that it broke its promise. The answers
 * are those of the checker afterwards, on the same events; memory is bounded by what is still open.
 *
 * - a register, also with compare-and-set: every value must be written once. A value that comes again while the first is
 *   remembered leaves its key `unknown`.
 *
 * A call that never ends, not even by `info`, is open for ever; and so is a write of unknown outcome that nobody has seen.
 */
export function monitor<Ops extends Operations, State>(model: Model<Ops, State>): Monitor {
  const moves = model.register as Readonly<Record<string, RegisterMove>> | undefined;
  if (moves && Object.values(moves).includes('read'))
    return new FollowingMonitor({
      checker: 'linearizable',
      model: model.name,
      algorithm: 'zones',
      byKey: true,
      follow: (key) => new RegisterFollower(key, moves, model.initial),
    });
  throw new TypeError(`${model.name} cannot be monitored: only registers that are read and written can`);
}
