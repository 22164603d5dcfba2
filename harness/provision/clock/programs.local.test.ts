import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { right, type Skew } from '../../clock.ts';
import { seeded } from '../../random.ts';
import { type LocalAgent, startAgent } from '../agent.ts';
import { lacking, languages, type Program, run } from './fixtures/program.ts';
import { localClocks } from './local-clocks.ts';
import type { ProcessClocks } from './node-clock.ts';

/** How often the clocks of programs that do nothing but ask for the time are changed, for the whole of it: 1000. */
const changes = Number(process.env['LABRYS_STRESS'] ?? 40);

let helper: LocalAgent;
beforeAll(async () => {
  helper = await startAgent();
});
afterAll(() => helper[Symbol.asyncDispose]());

const clocksOf = ({ pid }: Program): ProcessClocks =>
  localClocks(
    helper.agent,
    () => [pid],
    () => {},
  );
const sleep = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

for (const language of languages) {
  const missing = lacking(language);
  describe.skipIf(missing !== undefined)(
    `a program in ${language.name}${missing === undefined ? '' : ` (skipped: there is no ${missing})`}`,
    () => {
      test('has the clocks that it is given, while ours stay right, and the truth again afterwards', async () => {
        await using program = await run(language);
        await using clocks = clocksOf(program);
        const before = await program.ask();
        await clocks.set('wall', { aheadMs: 90_000 });
        await told(program, { wallMs: 90_000, monotonicMs: before.monotonicMs });
        await clocks.set('wall', { aheadMs: -30_000 });
        await told(program, { wallMs: -30_000, monotonicMs: before.monotonicMs });
        await clocks.set('monotonic', { jumpMs: 5_000 });
        await told(program, { wallMs: -30_000, monotonicMs: before.monotonicMs + 5_000 });
        expect(Math.abs(Date.now() - performance.timeOrigin - performance.now())).toBeLessThan(10_000);
        await clocks.set('monotonic', right);
        await clocks.set('wall', right);
        await told(program, { wallMs: 0, monotonicMs: before.monotonicMs });
        expect(program.complaints).toEqual([]);
      });

      test('counts fast, and slow, and goes on from there', async () => {
        await using program = await run(language);
        await using clocks = clocksOf(program);
        const start = await program.ask();
        for (const clock of ['wall', 'monotonic'] as const) {
          const began = performance.now();
          await clocks.set(clock, { rate: 5 });
          await sleep(100);
          await clocks.set(clock, {});
          const most = 4 * (performance.now() - began);
          const now = await program.ask();
          const gained = clock === 'wall' ? now.wallMs : now.monotonicMs - start.monotonicMs;
          expect(gained).toBeGreaterThan(4 * 95 - now.giveOrTakeMs);
          expect(gained).toBeLessThan(most + now.giveOrTakeMs);
        }
      });

      test('reads what our own reader says that it does', async () => {
        await using program = await run(language);
        await using clocks = clocksOf(program);
        for (const skew of [right, { aheadMs: 1234.5 }, { aheadMs: -50_000 }]) {
          await clocks.set('wall', skew);
          const [reading] = await clocks.read();
          const { wallMs, giveOrTakeMs } = await program.ask();
          expect(Math.abs((reading?.wall.aheadMs ?? Infinity) - (skew.aheadMs ?? 0))).toBeLessThan(0.1);
          expect(Math.abs((reading?.wall.aheadMs ?? Infinity) - wallMs)).toBeLessThan(giveOrTakeMs);
        }
      });

      test(`bears ${changes} changes while its threads ask for nothing but the time`, async () => {
        await using program = await run(language, 8);
        await using clocks = clocksOf(program);
        const random = seeded(7);
        for (let i = 0; i < changes; i++) {
          await clocks.set('wall', random.pick(wallSkews));
          // In the first half, code is put back and changed again, as by a fault that comes and goes; a monotonic clock that
          // is ahead never lets go of it.
          if (i >= changes / 2) await clocks.set('monotonic', random.pick(monotonicSkews));
          else if (i % 2 === 1) await clocks.set('wall', right);
          await sleep(random.below(10));
          expect(program.ended()).toBeUndefined();
        }
        await clocks.set('wall', right);
        const { wallMs, giveOrTakeMs } = await program.ask();
        expect(Math.abs(wallMs)).toBeLessThan(giveOrTakeMs);
        expect(program.complaints).toEqual([]);
      });
    },
  );
}

const wallSkews: readonly Skew[] = [
  { aheadMs: 3_000 },
  { jumpMs: -60_000 },
  { rate: 3 },
  { rate: 0.2 },
  { aheadMs: 0, strobe: { everyMs: 3, byMs: 500 } },
];
/** None that would make it go back. */
const monotonicSkews: readonly Skew[] = [{}, { rate: 4 }, { rate: 0.3 }, { jumpMs: 250 }];

async function told(program: Program, wanted: { wallMs: number; monotonicMs: number }): Promise<void> {
  const now = await program.ask();
  expect(Math.abs(now.wallMs - wanted.wallMs)).toBeLessThan(now.giveOrTakeMs);
  expect(Math.abs(now.monotonicMs - wanted.monotonicMs)).toBeLessThan(2 * now.giveOrTakeMs);
}
