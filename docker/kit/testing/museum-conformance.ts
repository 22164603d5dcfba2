import { describe, expect, test } from 'vitest';
import type { System } from '../../../harness/system.ts';
import type { Museum } from '../museum.ts';
import { simulatedTrial } from './simulated-trial.ts';

/** An exhibit that so many seeds do not show is none. */
const SEEDS = 12;
/** The correct protocol stands here for a short while; `npm run calibrate` lets it stand for longer. */
const CLEAN_TIME = '15s';
/** On a busy machine a simulated minute takes seconds. */
const PATIENCE_MS = 120_000;

/**
 * What every museum keeps, in the simulation: each bug and each flaw is found, by an anomaly that it is known to show, and
 * the correct protocol is never accused, and passes.
 */
export function museumConformance(system: System, museum: Museum): void {
  const { name } = system;
  const { bugs, flaws = {}, clean } = museum;

  describe(`the museum of ${name}`, () => {
    test('exhibits every bug that the system offers', () => {
      expect(Object.keys(bugs).toSorted()).toEqual(Object.keys(system.bugs ?? {}).toSorted());
    });

    test.each(Object.keys({ ...bugs, ...flaws }))(
      '%s is found',
      { timeout: PATIENCE_MS },
      async (exhibit) => {
        const { shows, ...trial } = { ...bugs, ...flaws }[exhibit] ?? expect.unreachable();
        const bug = Object.hasOwn(bugs, exhibit) ? exhibit : undefined;
        for (let seed = 1; seed <= SEEDS; seed++) {
          const { verdicts, kinds } = await simulatedTrial(name, trial, seed, bug);
          if (!verdicts.some(({ valid }) => valid === false)) continue;
          expect({ seed, kinds, expected: kinds.some((kind) => shows.includes(kind)) }).toMatchObject({
            expected: true,
          });
          return;
        }
        expect.unreachable(`${SEEDS} seeds, and nobody noticed`);
      },
    );

    test.each(clean.map((trial) => [JSON.stringify(trial), trial] as const))(
      'the correct protocol stands %s',
      { timeout: PATIENCE_MS },
      async (_, trial) => {
        for (const seed of [1, 2]) {
          const short = { ...trial, time: CLEAN_TIME };
          const { verdicts, lacks, mistakes } = await simulatedTrial(name, short, seed);
          expect({ seed, verdicts: verdicts.filter(({ valid }) => valid !== true), lacks, mistakes }).toEqual(
            { seed, verdicts: [], lacks: [], mistakes: [] },
          );
        }
      },
    );
  });
}
