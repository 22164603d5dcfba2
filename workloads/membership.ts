import { membership, type History } from 'knossos-js';
import type { Invocation, OperationGenerator, Source, Turn, Workload } from '../harness/workload.ts';
import { demand, isCount, isShare } from './options.ts';

export type MembershipOps = {
  /** Whom the node that is asked believes to be there, itself too. */
  members: { in: void; out: readonly string[] };
  /** The same, once every fault is healed. */
  settled: { in: void; out: readonly string[] };
  /** The node that is asked falls silent towards all others for so many milliseconds, as if it had died; then it joins again. */
  silence: { in: number; out: void };
};

export interface MembershipOptions {
  /** One node falls silent every so many milliseconds. */
  readonly every: number;
  /** For so many milliseconds. */
  readonly lasting: number;
  /** How many milliseconds it may take until everybody has noticed that one is gone, or back. */
  readonly within: number;
}

/** Between two questions to the same node at the end. */
const APART_MS = 500;

const workload: Workload<MembershipOps, MembershipOptions> = {
  name: 'membership',
  about: 'nodes that fall silent and come back; everybody comes to know who is there',
  defaults: { every: 5000, lasting: 3000, within: 5000 },
  reads: ['members', 'settled'],
  main({ every, lasting, within }) {
    demand('membership', {
      'every should be a whole number of milliseconds from 1': isCount(every),
      'lasting should be a whole number of milliseconds from 1': isCount(lasting),
      'within should be a number of milliseconds from 0': isShare(within),
    });
    return silences(every, lasting);
  },
  final: ({ within, lasting }) => oneGoesAndComesBack(within, lasting),
  checkers: ({ within }) => [membership({ withinMs: within })],
  sometimes: () => ({
    'a silence was noticed': noticed,
    'everybody was there': (history) => everybody(history),
  }),
};

export default workload;

function silences(every: number, lasting: number): OperationGenerator<MembershipOps> {
  let next = every;
  return {
    next({ time }) {
      if (time < next * 1e6) return { f: 'members' };
      next = time / 1e6 + every;
      return { f: 'silence', value: lasting };
    },
  };
}

/**
 * When whatever went before has settled, everybody is asked whom they see; then one node falls silent, and everybody is asked
 * when they must have noticed; then it comes back, and everybody is asked again.
 */
function oneGoesAndComesBack(within: number, lasting: number): Source<MembershipOps> {
  const settledAfter = within + lasting;
  const goneFor = within + 3 * APART_MS;
  const asking = [
    { from: settledAfter, to: settledAfter + APART_MS },
    { from: settledAfter + 2 * APART_MS + within, to: settledAfter + APART_MS + goneFor },
    {
      from: settledAfter + 2 * APART_MS + goneFor + within,
      to: settledAfter + 3 * APART_MS + goneFor + within,
    },
  ];
  let began: number | undefined;
  let silenced = false;
  const last = new Map<number, number>();
  return {
    next({ process, time }: Turn): Invocation<MembershipOps> | 'wait' | 'done' {
      began ??= time;
      const now = (time - began) / 1e6;
      if (now > (asking[2]?.to as number)) return 'done';
      if (!silenced && now >= (asking[0]?.to as number)) {
        silenced = true;
        return { f: 'silence', value: goneFor };
      }
      const asks = asking.some(({ from, to }) => now >= from && now < to);
      if (!asks || now - (last.get(process) ?? -Infinity) < APART_MS) return 'wait';
      last.set(process, now);
      return { f: 'settled' };
    },
  };
}

function noticed(history: History<MembershipOps>): boolean {
  const silent = new Map<number, number>();
  for (const { id, f, outcome, output } of history) {
    if (f === 'silence' && outcome === 'ok') silent.set(history.node[id] as number, id);
    else if (outcome === 'ok' && Array.isArray(output))
      for (const node of silent.keys()) if (!output.includes(history.nodes[node])) return true;
  }
  return false;
}

function everybody(history: History<MembershipOps>): boolean {
  for (const { f, outcome, output } of history)
    if (
      f !== 'silence' &&
      outcome === 'ok' &&
      Array.isArray(output) &&
      output.length === history.nodes.length
    )
      return true;
  return false;
}
