import type { Checker, Monitor } from '../checker.ts';
import type { Operations } from '../history.ts';
import type { LinearizableChecker } from '../linearizable/linearizable.ts';
import type { Model } from '../model.ts';
import { lock, mutex } from '../models/index.ts';
import { FollowingMonitor, type Watch } from './following.ts';
import { HoldFollower } from './holds.ts';
import { RegisterFollower } from './register.ts';

/**
 * Watches an object as its history is written, and says at once which event shows that it broke its promise. The answers
 * are those of the checker afterwards, on the same events; memory is bounded by what is still open.
 *
 * - a register, also with compare-and-set: every value must be written once. A value that comes again while the first is
 *   remembered leaves its key `unknown`.
 * - a {@link mutex} or a {@link lock} with tokens: clients must release only what they hold, and be retired when they
 *   have crashed.
 * - a {@link listAppend} at strict serializability: every element must be appended once.
 * - {@link sessions}, but for PRAM: every value must be written once to its key. The last 50,000 operations are remembered, and
 *   a read of something older leaves all `unknown`: who has seen nothing newer may read it.
 * - {@link uniqueIds}: every id is remembered, as it may be given again.
 *
 * A call that never ends, not even by `info`, is open for ever; and so is a write of unknown outcome that nobody has seen.
 */
export function monitor<Ops extends Operations, State>(of: Model<Ops, State> | Checker<Ops>): Monitor {
  if ('monitor' in of && of.monitor) return of.monitor();
  // A state comes from the model and goes back to it; nobody else looks into one.
  const model = ('check' in of ? (of as Partial<LinearizableChecker<Ops>>).model : of) as
    | Model<Operations, unknown>
    | undefined;
  const follow = model && followerOf(model);
  if (!follow)
    throw new TypeError(
      `${of.name} cannot be monitored: what can is registers that are read and written, mutexes, locks, session guarantees but for PRAM, unique ids, and list-append at strict serializability`,
    );
  return new FollowingMonitor({
    checker: 'linearizable',
    promise: 'linearizable',
    model: model.name,
    byKey: true,
    ...follow,
  });
}

function followerOf(model: Model<Operations, unknown>): Pick<Watch, 'algorithm' | 'follow'> | undefined {
  const { register, step, initial } = model;
  for (const kind of [mutex, lock])
    if ((kind.step as unknown) === step)
      return {
        algorithm: 'holds',
        follow: (key) => new HoldFollower(key, kind === mutex ? 'mutex' : 'lock'),
      };
  return register && Object.values(register).includes('read')
    ? { algorithm: 'zones', follow: (key) => new RegisterFollower(key, register, initial) }
    : undefined;
}
