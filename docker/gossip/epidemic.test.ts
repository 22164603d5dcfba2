import { expect, test } from 'vitest';
import type { MakeNode, Messages } from '../kit/kit.ts';
import { runIn } from '../kit/sim/loop.ts';
import { timeOf } from '../kit/sim/time.ts';
import { Timeline } from '../kit/sim/timeline.ts';
import { World } from '../kit/sim/world.ts';
import protocol, { ROUND_MS } from './gossip.ts';

interface Epidemic {
  /** Rounds until everybody had heard it, or until there was nothing more to come. */
  readonly rounds: number;
  /** The share of nodes that never heard it. */
  readonly residue: number;
  /** How often it was sent, for each node. */
  readonly copies: number;
}

const LONGEST_ROUNDS = 40;

/** One message on N nodes under calm skies. */
async function epidemic(n: number, options: Record<string, string>, seed: number): Promise<Epidemic> {
  const timeline = new Timeline();
  const time = timeOf(timeline);
  let sent = 0;
  const carries = (it: unknown): number => (Array.isArray(it) ? it.length : 0);
  const make = protocol({ options, bug: undefined }) as unknown as MakeNode<Messages, Messages>;
  const nodes = Array.from({ length: n }, (_, i) => `n${i + 1}`);
  const world = new World({
    timeline,
    seed,
    nodes,
    weather: { jitterMs: 2, syncMs: 2, lossFraction: 0, duplicateFraction: 0 },
    make: (host) => {
      const node = make({
        ...host,
        call: (to, name, body, ...rest) => {
          sent += carries(body);
          return host.call(to, name, body, ...rest);
        },
      });
      return {
        ...node,
        peer: {
          ...node.peer,
          compare: async (body, from) => {
            const answer = (await node.peer['compare']?.(body, from)) as { lacks: unknown };
            sent += carries(answer.lacks);
            return answer;
          },
        },
      };
    },
  });
  return runIn(timeline, async () => {
    for (const machine of world.machines.values()) machine.start();
    await time.sleep(2 * ROUND_MS);
    await world.ask('n1', 'broadcast', 't', 1);
    let heard = 1;
    const began = timeline.now;
    let last = began;
    while (heard < n && timeline.now - began < LONGEST_ROUNDS * ROUND_MS) {
      await time.sleep(ROUND_MS / 4);
      const values = await Promise.all(nodes.map((node) => world.ask(node, 'read', 't', undefined)));
      const now = values.filter((it) => (it as number[]).length > 0).length;
      if (now > heard) last = timeline.now;
      heard = now;
    }
    return { rounds: (last - began) / ROUND_MS, residue: 1 - heard / n, copies: sent / n };
  });
}

const SEEDS = [1, 2, 3, 4, 5];

async function mean(n: number, options: Record<string, string>): Promise<Epidemic> {
  const runs = await Promise.all(SEEDS.map((seed) => epidemic(n, options, seed)));
  const of = (which: keyof Epidemic): number =>
    Math.round((runs.reduce((sum, run) => sum + run[which], 0) / runs.length) * 100) / 100;
  return { rounds: of('rounds'), residue: of('residue'), copies: of('copies') };
}

test.each(['push', 'pull', 'push-pull'])(
  'anti-entropy by %s reaches everybody, in rounds that grow with the logarithm of their number',
  { timeout: 120_000 },
  async (direction) => {
    const seen = new Map<number, Epidemic>();
    for (const n of [5, 10, 25, 50, 100]) seen.set(n, await mean(n, { spread: 'anti-entropy', direction }));
    if (process.env['LABRYS_SHOW']) console.log(direction, Object.fromEntries(seen));
    for (const [n, { residue, rounds }] of seen) {
      expect(residue).toBe(0);
      // Push needs log2 N + ln N rounds (Pittel 1987); these begin at a moment drawn for each node.
      expect(rounds).toBeLessThan(1.5 * (Math.log2(n) + Math.log(n)) + 2);
    }
    // Twenty times as many nodes, and not five times the rounds.
    expect(seen.get(100)?.rounds).toBeLessThan(5 * (seen.get(5)?.rounds ?? 0) + 1);
  },
);

test(
  'rumours leave a residue, the smaller the longer they stay hot, and the more often they are told',
  {
    timeout: 120_000,
  },
  async () => {
    const seen = new Map<number, Epidemic>();
    for (const k of [1, 2, 3, 4]) seen.set(k, await mean(100, { spread: 'rumours', k: String(k) }));
    if (process.env['LABRYS_SHOW']) console.log('rumours', Object.fromEntries(seen));
    const of = (k: number): Epidemic => seen.get(k) ?? expect.unreachable();
    expect(of(1).residue).toBeGreaterThan(0.05);
    expect(of(4).residue).toBeLessThan(0.02);
    expect(of(4).copies).toBeGreaterThan(of(1).copies);
  },
);
