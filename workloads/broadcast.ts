import { convergence, type History } from 'knossos-js';
import type { Random } from '../harness/random.ts';
import type { Invocation, Source, Workload } from '../harness/workload.ts';
import { demand, isCount, isShare } from './options.ts';

/** A key is a topic. */
export type BroadcastOps = {
  /** Tell everybody. It is taken once the node that was asked will not forget it. */
  broadcast: { in: number; out: void };
  /** What the node that is asked has heard. */
  read: { in: void; out: readonly number[] };
};

export interface BroadcastOptions {
  /** How many topics. */
  readonly topics: number;
  /** The share of operations that read. Reads grow with the topic, so a few go a long way. */
  readonly read: number;
  /** How many milliseconds after the last broadcast, with every fault healed, all nodes have to have heard everything. */
  readonly within: number;
}

/** How often a process asks for the last contents of a topic before it leaves it at that. */
const TRIES = 5;

const workload: Workload<BroadcastOps, BroadcastOptions> = {
  name: 'broadcast',
  about: 'messages that everybody is to hear; some time after the faults every node has all of them',
  defaults: { topics: 2, read: 0.03, within: 5000 },
  reads: ['read'],
  main({ topics, read, within }, random) {
    demand('broadcast', {
      'topics should be a whole number from 1': isCount(topics),
      'read should be a share from 0 to 1': isShare(read) && read <= 1,
      'within should be a number of milliseconds from 0': isShare(within),
    });
    return broadcasts(topics, read, random);
  },
  final: ({ topics, within }) => everyTopic(topics, within),
  checkers: ({ within }) => [convergence({ withinMs: within })],
  sometimes: () => ({ 'a node had heard what another was told': heardOfAnother }),
};

export default workload;

function* broadcasts(topics: number, read: number, random: Random): Iterable<Invocation<BroadcastOps>> {
  for (let value = 1; ;) {
    const key = topicName(random.below(topics));
    yield random.fraction() < read ? { f: 'read', key } : { f: 'broadcast', key, value: value++ };
  }
}

/** When the time has passed, what every client can see through whatever node it speaks to. */
function everyTopic(topics: number, within: number): Source<BroadcastOps> {
  const left = new Map<number, { readonly topic: number; tries: number }[]>();
  let began: number | undefined;
  return {
    next({ process, time }) {
      began ??= time;
      if (time - began < within * 1e6) return 'wait';
      const mine =
        left.get(process) ?? Array.from({ length: topics }, (_, topic) => ({ topic, tries: TRIES }));
      left.set(process, mine);
      const [first] = mine;
      return first === undefined ? 'done' : { f: 'read', key: topicName(first.topic) };
    },
    observe({ process, type }) {
      const mine = left.get(process);
      const first = mine?.[0];
      if (mine === undefined || first === undefined || type === 'invoke') return;
      if (type === 'ok' || --first.tries === 0) mine.shift();
    },
  };
}

const topicName = (number: number): string => `t${number}`;

function heardOfAnother(history: History<BroadcastOps>): boolean {
  const toldAt = new Map<unknown, number>();
  for (const { id, f, input } of history)
    if (f === 'broadcast') toldAt.set(input, history.node[id] as number);
  for (const { id, f, outcome, output } of history)
    if (f === 'read' && outcome === 'ok' && Array.isArray(output))
      if (output.some((value) => toldAt.get(value) !== history.node[id])) return true;
  return false;
}
