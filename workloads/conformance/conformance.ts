import { printEvent, readJsonl, type History, type Operations, type Verdict } from 'knossos-js';
import { describe, expect, test } from 'vitest';
import { seeded } from '../../harness/random.ts';
import type { Workload } from '../../harness/workload.ts';
import { simulate, type Reference, type SimulateOptions } from './simulate.ts';

export interface WorkloadConformance<Ops extends Operations, Options> {
  readonly options?: Partial<Options>;
  /** A correct object, new each time. */
  readonly reference: () => Reference<Ops>;
  /** Mistakes by name, each of which a checker must object to: what an object with the mistake answers. */
  readonly mistakes: Readonly<Record<string, () => Reference<Ops>>>;
  readonly operations?: number;
}

const SEEDS = [1, 2, 3, 4, 5];

/** What every workload keeps: a workload's own test calls this, and adds what is special about it. */
export function workloadConformance<Ops extends Operations, Options extends object>(
  workload: Workload<Ops, Options>,
  { options: some, reference, mistakes, operations = 2000 }: WorkloadConformance<Ops, Options>,
): void {
  const options: Options = { ...workload.defaults, ...some };
  const settings = { operations, clients: 8, lost: 0.04, reads: workload.reads };

  describe(`workload ${workload.name}`, () => {
    test('says what it is in one line', () => {
      expect(workload.name).toMatch(/^[a-z][a-z0-9-]*$/);
      expect(workload.about).toMatch(/^[^\n]{10,100}$/);
    });

    test('has options that survive JSON, for they are written into the plan', () => {
      expect(JSON.parse(JSON.stringify(options))).toEqual(options);
    });

    test.each(SEEDS)('the same seed asks the same operations (%i)', (seed) => {
      expect(run(seed)).toEqual(run(seed));
    });

    test('different seeds ask different operations', () => {
      expect(run(1)).not.toEqual(run(2));
    });

    test('every operation survives JSON, and its key suits a path', () => {
      const text = run(1);
      const { history } = readJsonl(text);
      expect(history.length).toBeGreaterThan(100);
      for (const key of history.keys) expect(String(key)).toMatch(/^[A-Za-z0-9][A-Za-z0-9_-]*$/);
    });

    test('the final phase ends', () => {
      expect(run(1, reference(), 'final').length).toBeGreaterThan(0);
    });

    test.each(SEEDS)(
      'what a correct system answers is valid, and all that must happen does (%i)',
      async (seed) => {
        const { history } = readJsonl<Ops>(run(seed));
        for (const verdict of await judge(history)) expect(verdict).toMatchObject({ valid: true });
        for (const [what, seen] of Object.entries(workload.sometimes?.(options) ?? {}))
          expect({ what, seen: seen(history) }).toEqual({ what, seen: true });
      },
    );

    test.each(Object.keys(mistakes))('a system with a mistake is caught: %s', async (name) => {
      const { history } = readJsonl<Ops>(run(1, mistakes[name]?.()));
      expect((await judge(history)).map(({ valid }) => valid)).toContain(false);
    });
  });

  /** The main phase, then the final one on the same object. */
  function run(seed: number, object = reference(), only?: 'final'): string {
    const main = only === 'final' ? [] : phase('main', { ...settings, seed });
    const final = phase('final', { ...settings, seed, operations: 10_000 });
    const end = main.at(-1)?.time ?? 0;
    const later = final.map((event, i) => ({
      ...event,
      index: main.length + i,
      time: end + 1 + event.time,
      // Nobody who was retired asks again.
      process: event.process + 1_000_000,
    }));
    return [...main, ...later].map((event) => `${printEvent(event)}\n`).join('');

    function phase(name: 'main' | 'final', how: SimulateOptions) {
      const source = workload[name]?.(options, seeded(seed).fork(name));
      return source === undefined ? [] : simulate(source, object, how);
    }
  }

  async function judge(history: History<Ops>): Promise<Verdict[]> {
    const context = {
      now: () => performance.now(),
      deadline: performance.now() + 20_000,
      memoryBytes: 2 ** 29,
    };
    const verdicts: Verdict[] = [];
    for (const checker of workload.checkers(options)) verdicts.push(await checker.check(history, context));
    return verdicts;
  }
}
