import { consensus, type History } from 'knossos-js';
import type { Random } from '../harness/random.ts';
import type { Invocation, Workload } from '../harness/workload.ts';
import { demand, isCount, isShare } from './options.ts';

/** A key is one instance: one decision, for ever. */
export type ConsensusOps = {
  /** Returns what was decided: this, or what somebody else had proposed. */
  propose: { in: number; out: number };
  /** What one node has learned; null where it does not know. */
  learned: { in: void; out: number | null };
};

export interface ConsensusOptions {
  /** About how many proposals an instance gets. The more, the more proposers duel. */
  readonly proposals: number;
  /** How many instances are open at a time. */
  readonly open: number;
  /** The share of operations that ask what was learned. */
  readonly learned: number;
}

/** One proposal in so many goes to any instance that ever was: what was decided must not be forgotten, however late. */
const REVISIT = 1 / 6;
/** When all is healed, so many instances are proposed to once more, one in so many. */
const REVISITED = 300;
const STRIDE = 5;

const workload: Workload<ConsensusOps, ConsensusOptions> = {
  name: 'consensus',
  about: 'proposals, several for each instance; one value is decided, and it is one that was proposed',
  defaults: { proposals: 6, open: 2, learned: 0.5 },
  reads: ['learned'],
  main(options, random) {
    const { proposals, open, learned } = options;
    demand('consensus', {
      'proposals should be a whole number from 1': isCount(proposals),
      'open should be a whole number from 1': isCount(open),
      'learned should be a share from 0, below 1': isShare(learned) && learned < 1,
    });
    return propose(options, random);
  },
  final: () => proposeAgain(),
  checkers: () => [consensus()],
  sometimes: ({ proposals, learned }) => ({
    ...(proposals > 1 && { 'somebody else’s proposal was decided': outbid }),
    ...(learned > 0 && { 'a node had learned a decision': learnedSomething }),
  }),
};

export default workload;

function* propose(
  { proposals, open, learned }: ConsensusOptions,
  random: Random,
): Iterable<Invocation<ConsensusOps>> {
  for (let value = 1; ;) {
    const latest = Math.floor(value / proposals);
    const proposes = random.fraction() >= learned;
    // Whoever asks what was learned looks a little further back, where it is decided by now.
    const back = random.below(proposes ? open : 3 * open);
    const number = random.fraction() < REVISIT ? random.below(latest + 1) : Math.max(0, latest - back);
    if (proposes) yield { f: 'propose', key: `x${number}`, value: value++ };
    else yield { f: 'learned', key: `x${number}` };
  }
}

/** Values below 0, so that none was proposed before. Keys count up from 0, and nobody says how many there were. */
function* proposeAgain(): Iterable<Invocation<ConsensusOps>> {
  for (let i = 0; i < REVISITED; i++) {
    const key = `x${i * STRIDE}`;
    yield { f: 'propose', key, value: -1 - i };
    for (let node = 0; node < 3; node++) yield { f: 'learned', key };
  }
}

function outbid(history: History<ConsensusOps>): boolean {
  for (const operation of history)
    if (operation.f === 'propose' && operation.outcome === 'ok' && operation.output !== operation.input)
      return true;
  return false;
}

function learnedSomething(history: History<ConsensusOps>): boolean {
  for (const { f, outcome, output } of history)
    if (f === 'learned' && outcome === 'ok' && output !== null) return true;
  return false;
}
