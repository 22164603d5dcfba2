import type { Evidence, Field } from '../harness/fault.ts';
import { right } from '../harness/clock.ts';
import { CLIENTS, type Capability, type Link, type Node, type NodeState } from '../harness/runtime.ts';
import { evidenceOfSkew, readClocks } from './clock-evidence.ts';
import { confirmed, evidenceOfState, indeterminate, messageOf } from './evidence.ts';
import { everyone } from './everyone.ts';
import { allLinks } from './shapes.ts';
import { keepsQuorum, leaderAmong } from './targets.ts';

/** What a play can do. Nodes and links stay as it leaves them until it undoes that, or is over. See {@link scenario}. */
export interface Stage extends Pick<Field, 'nodes' | 'random'> {
  /** Whether a majority has to stay up and connected. */
  readonly sparing: boolean;
  /** Stop nodes where they are, within a millisecond or so: what is sent to them waits in their sockets. */
  freeze(...nodes: readonly Node[]): Promise<void>;
  thaw(...nodes: readonly Node[]): Promise<void>;
  kill(...nodes: readonly Node[]): Promise<void>;
  /** Start killed nodes, and wait until they are ready. */
  restart(...nodes: readonly Node[]): Promise<void>;
  /** Lose what is sent over these links, until it is undone: link by link, where it was called for each. */
  cut(links: readonly Link[]): Promise<Undo>;
  /** Keep what carries data on these links, and let acknowledgements pass. When undone, all of it arrives, in order. */
  hold(links: readonly Link[]): Promise<Undo>;
  /** Let no client ask these nodes anything; whoever has asked already waits for its answer. */
  hush(nodes: readonly Node[]): Promise<Undo>;
  /** Let these nodes' monotonic clocks run at this pace, until it is undone. */
  pace(rate: number, ...nodes: readonly Node[]): Promise<Undo>;
  /** For each link, whether something sent over it arrives now. Takes a tenth of a second where it does not. */
  probe(links: readonly Link[]): Promise<readonly boolean[]>;
  sleep(ms: number): Promise<void>;
  /** Ask again and again until there is an answer. Breaks the play off if there is none for so long. */
  until<T>(what: string, look: () => T | undefined | Promise<T | undefined>, withinMs: number): Promise<T>;
  /** Wait until one of these nodes leads; all, unless it says. Those that are frozen or dead are not asked. */
  leader(among?: readonly Node[], withinMs?: number): Promise<Node>;
  /** Wait until so many operations that change something have been acknowledged, from now on. */
  writes(count: number, withinMs?: number): Promise<void>;
}

export type Undo = () => Promise<void>;

/** What the play waited for did not come, or the time for faults was over: it has not been played, and nothing is wrong. */
export class BrokenOff extends Error {
  override readonly name = 'BrokenOff';
}

/** The links between a node and these others, from the first to each of the others. */
export function linksFrom(from: Node, to: readonly Node[]): readonly Link[] {
  return to.filter((node) => node !== from).map((node) => ({ from: from.name, to: node.name }));
}

export function linksTo(to: Node, from: readonly Node[]): readonly Link[] {
  return from.filter((node) => node !== to).map((node) => ({ from: node.name, to: to.name }));
}

const LEADER_MS = 5000;
const WRITES_MS = 3000;
const LOOK_AGAIN_MS = 15;

/** A stage on a field, and the way to clear it: answers what could not be undone, and may be called again for that. */
export async function openStage(field: Field, needs: readonly Capability[]) {
  const { nodes, time, signal, random, network } = field;
  const pending = new Map<object, Undo>();
  const down = new Set<Node>();
  const hit = new Set<string>();
  const seen: string[] = [];
  const doubts: string[] = [];
  const probes: Promise<void>[] = [];

  /** A shaper that has still to be started would come late to its first cue. */
  if (needs.includes('shape')) await (await field.shape(allLinks(nodes.map(({ name }) => name))))();

  const act = async (
    what: string,
    on: readonly Node[],
    does: (node: Node) => Promise<void>,
  ): Promise<void> => {
    if (on.length === 0) return;
    const refused = await everyone(on, does);
    if (refused.length > 0) throw new Error(`could not ${what} ${refused.join('; ')}`);
  };
  const note = (what: string, on: readonly { readonly name: string }[]): void =>
    field.note(`${what} ${on.map(({ name }) => name).join(' ')}`, [...new Set(on.map(({ name }) => name))]);
  const mark = (on: readonly Node[]): void => on.forEach(({ name }) => hit.add(name));

  /** Down, until `back` is done; the operating system says whether it is. */
  const takeDown = async (
    verb: string,
    on: readonly Node[],
    state: NodeState,
    does: (node: Node) => Promise<void>,
    back: (node: Node) => Promise<void>,
  ): Promise<void> => {
    if (on.length === 0) return;
    for (const node of on) {
      down.add(node);
      pending.set(node, async () => {
        await back(node);
        down.delete(node);
      });
    }
    mark(on);
    await act(verb, on, does);
    note(verb, on);
    const evidence = await evidenceOfState(time, on, state);
    if (evidence.outcome === 'confirmed') seen.push(...on.map(({ name }) => `${name} ${state}`));
    else doubts.push(evidence.because);
  };
  const bringBack = async (verb: string, on: readonly Node[]): Promise<void> => {
    const some = on.filter((node) => down.has(node));
    await act(verb, some, async (node) => {
      await pending.get(node)?.();
      pending.delete(node);
    });
    if (some.length > 0) note(verb, some);
  };

  /** Links, until it is undone; while they are so, a probe looks whether anything arrives. */
  const onLinks = async (verb: string, links: readonly Link[], does: () => Promise<Undo>): Promise<Undo> => {
    if (links.length === 0) return async () => {};
    const undo = await does();
    const says = links.map(({ from, to }) => `${from}→${to}`).join(' ');
    const ends = [...new Set(links.flatMap(({ from, to }) => [from, to]))].filter((end) => end !== CLIENTS);
    const key = {};
    const mend = async (): Promise<void> => {
      if (!pending.has(key)) return;
      await undo();
      pending.delete(key);
      field.note(`let ${says} pass`, ends);
    };
    pending.set(key, mend);
    field.note(`${verb} ${says}`, ends);
    probes.push(
      network.probe(links).then(
        (arrives) => {
          // One that was mended meanwhile may well have let it through.
          if (!pending.has(key)) return;
          if (arrives.includes(true)) doubts.push(`${says} still let something through`);
          else seen.push(`${says} blocked`);
        },
        (error: unknown) => void doubts.push(`the probe failed: ${messageOf(error)}`),
      ),
    );
    return mend;
  };

  const sleep = async (ms: number): Promise<void> => {
    await time.sleep(ms, signal).catch(() => {
      throw new BrokenOff('the time for faults was over');
    });
  };
  const until: Stage['until'] = async (what, look, withinMs) => {
    for (const end = time.now() + withinMs * 1e6; ; await sleep(LOOK_AGAIN_MS)) {
      const found = await look();
      if (found !== undefined) return found;
      if (time.now() >= end) throw new BrokenOff(`${what} did not happen in ${withinMs} ms`);
    }
  };

  const stage: Stage = {
    nodes: nodes.filter(({ name }) => !field.impaired.has(name)),
    random,
    sparing: keepsQuorum(field),
    freeze: (...on) =>
      takeDown(
        'freeze',
        on,
        'paused',
        (node) => node.pause(),
        (node) => node.resume(),
      ),
    thaw: (...on) => bringBack('thaw', on),
    kill: (...on) =>
      takeDown(
        'kill',
        on,
        'dead',
        (node) => node.kill(),
        (node) => field.restart(node),
      ),
    restart: (...on) => bringBack('restart', on),
    cut: (links) => onLinks('cut', links, () => field.cut(links)),
    hold: (links) =>
      onLinks('hold', links, () => field.shape(links.map((link) => ({ ...link, hold: true })))),
    hush: async (on) => {
      const key = {};
      const speak = field.hush(on.map(({ name }) => name));
      const end = async (): Promise<void> => {
        speak();
        pending.delete(key);
      };
      pending.set(key, end);
      return end;
    },
    pace: async (rate, ...on) => {
      const back = async (): Promise<void> => {
        await act('put right the clock of', on, async (node) => node.clock?.set('monotonic', right));
        pending.delete(back);
      };
      pending.set(back, back);
      mark(on);
      const before = await readClocks(on).catch(() => []);
      await act('bend the clock of', on, async (node) => {
        if (node.clock === undefined) throw new Error(`the clock of ${node.name} is out of reach`);
        await node.clock.set('monotonic', { rate });
      });
      note(`let the clock run at ${rate.toFixed(2)} of its pace on`, on);
      const evidence = await evidenceOfSkew(time, on, { clock: 'monotonic', skew: { rate }, before });
      if (evidence.outcome === 'confirmed') seen.push(evidence.how);
      else doubts.push(evidence.because);
      return back;
    },
    probe: (links) => network.probe(links),
    sleep,
    until,
    leader: (among = stage.nodes, withinMs = LEADER_MS) =>
      until(
        `that ${among.map(({ name }) => name).join(' or ')} leads`,
        async () => {
          const asked = among.filter((node) => !down.has(node));
          const found = await leaderAmong(field, asked);
          return 'none' in found ? undefined : found.node;
        },
        withinMs,
      ),
    writes: async (count, withinMs = WRITES_MS) => {
      const enough = field.acknowledged() + count;
      await until(
        `that ${count} writes are acknowledged`,
        () => (field.acknowledged() >= enough ? true : undefined),
        withinMs,
      );
    },
  };

  return {
    stage,
    hit,
    /** What probes saw of it all. */
    seen: (): Evidence => {
      if (doubts.length > 0) return indeterminate(doubts.slice(0, 3).join('; '));
      if (seen.length === 0) return indeterminate('nothing of it was seen to take effect');
      return confirmed(`probed: ${[...new Set(seen)].slice(0, 8).join(', ')}`);
    },
    clear: async (): Promise<readonly string[]> => {
      const failures: string[] = [];
      for (const [key, undo] of [...pending].toReversed()) {
        try {
          await undo();
          pending.delete(key);
        } catch (error) {
          failures.push(messageOf(error));
        }
      }
      await Promise.all(probes);
      return failures;
    },
  };
}
