import type { Host } from '../kit/kit.ts';
import type { Bug } from './bugs.ts';
import type { QuorumMessages } from './messages.ts';
import type { Hint, Replica } from './replica.ts';

const EVERY_MS = 500;
const ANSWER_MS = 500;

/** Hinted handoff (DeCandia et al. 2007, §4.6): whatever is here in another's stead goes to the other once it answers again. */
export function handoff(host: Host<QuorumMessages>, replica: Replica, bug: Bug | undefined): void {
  const hand = async (hint: Hint): Promise<void> => {
    const copy = await replica.get(hint.key);
    if (bug === 'drops-hints-early') replica.settled(hint, copy);
    await host.call(hint.owner, 'put', { key: hint.key, copy }, ANSWER_MS);
    replica.settled(hint, copy);
  };
  const round = (): void => {
    void Promise.allSettled(replica.hints.map(hand)).then(() => host.clock.after(EVERY_MS, round));
  };
  host.clock.after(EVERY_MS, round);
}
