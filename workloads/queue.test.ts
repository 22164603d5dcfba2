import * as fc from 'fast-check';
import { printEvent, readJsonl, type Key, type Operation } from 'knossos-js';
import { expect, test } from 'vitest';
import { seeded } from '../harness/random.ts';
import { workloadConformance } from './conformance/conformance.ts';
import { simulate, type Reference } from './conformance/simulate.ts';
import queue, { type QueueOps } from './queue.ts';

/** Queues that now and then lose what was put in, give it again, or give the next but one. */
function queues(flaw?: 'loses' | 'repeats' | 'overtakes', every = 50): Reference<QueueOps> {
  const held = new Map<Key | undefined, number[]>();
  let asked = 0;
  return (key, f, input) => {
    const mine = held.get(key) ?? [];
    held.set(key, mine);
    const odd = ++asked % every === 0;
    if (f === 'enqueue') return void (flaw === 'loses' && odd ? undefined : mine.push(input as number));
    if (flaw === 'repeats' && odd) return mine[0] ?? null;
    return (flaw === 'overtakes' && odd && mine.length > 1 ? mine.splice(1, 1)[0] : mine.shift()) ?? null;
  };
}

const lossy = { loses: () => queues('loses'), repeats: () => queues('repeats') };
workloadConformance(queue, {
  reference: () => queues(),
  mistakes: { ...lossy, overtakes: () => queues('overtakes') },
});
workloadConformance(queue, { options: { promise: 'total' }, reference: () => queues(), mistakes: lossy });

/** Every order that keeps real time, tried one by one; an operation of unknown outcome may also never happen. */
function bruteForce(left: readonly Operation<QueueOps>[], held: readonly number[] = []): boolean {
  if (left.every(({ outcome }) => outcome === 'info')) return true;
  const firstReturn = Math.min(
    ...left.map(({ outcome, return: at }) => (outcome === 'info' ? Infinity : at)),
  );
  return left.some((op) => {
    const { f, outcome, input, output } = op;
    if (op.call > firstReturn) return false;
    if (f === 'dequeue' && outcome === 'ok' && output !== (held[0] ?? null)) return false;
    const others = left.filter((other) => other !== op);
    return bruteForce(others, f === 'enqueue' ? [...held, input as number] : held.slice(1));
  });
}

test('the checker and trying every order come to the same answer, also where answers are lost', async () => {
  const answers = new Set<unknown>();
  const flaws = fc.constantFrom(undefined, 'loses', 'repeats', 'overtakes' as const);
  const options = { ...queue.defaults, queues: 1 };
  const [checker] = queue.checkers(options);
  await fc.assert(
    fc.asyncProperty(fc.nat(1e6), flaws, fc.integer({ min: 2, max: 5 }), async (seed, flaw, every) => {
      const settings = { seed, operations: 8, clients: 3, lost: 0.25, reads: [] };
      const events = simulate(queue.main(options, seeded(seed)), queues(flaw, every), settings);
      const { history } = readJsonl<QueueOps>(events.map((event) => `${printEvent(event)}\n`).join(''));
      const context = { now: () => 0, deadline: 1e9, memoryBytes: 2 ** 28 };
      const verdict = await checker?.check(history, context);
      answers.add(verdict?.valid);
      expect(verdict?.valid).toBe(bruteForce([...history].filter(({ outcome }) => outcome !== 'fail')));
    }),
    { numRuns: 1500 },
  );
  expect(answers).toEqual(new Set([true, false]));
});

test('options that make no sense are refused, every reason at once', () => {
  expect(() => queue.main({ queues: 0, enqueue: 1, promise: 'none' as 'total' }, seeded(1))).toThrow(
    'workload queue: queues should be a whole number from 1; enqueue should be a share above 0, below 1; promise should be linearizable or total',
  );
});
