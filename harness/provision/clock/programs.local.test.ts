import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { right, type Skew } from '../../clock.ts';
import { seeded } from '../../random.ts';
import { type Agent, type LocalAgent, startAgent } from '../agent.ts';
import { agentClocks } from './agent-clocks.ts';
import { lacking, languages, type Program, run } from './fixtures/program.ts';
import { localClocks } from './local-clocks.ts';
import type { ProcessClocks } from './node-clock.ts';

/** How often the clocks of programs that do nothing but ask for the time are changed, for the whole of it: 1000. */
const changes = Number(process.env['LABRYS_STRESS'] ?? 40);

const folder = mkdtempSync(join(tmpdir(), 'labrys-programs-'));
let helper: LocalAgent;
beforeAll(async () => {
  helper = await startAgent();
});
afterAll(async () => {
  await helper[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

type Reach = (agent: Agent, pids: readonly number[]) => ProcessClocks;
const quiet = (): void => {};
/** As the processes of a local node are reached, and as those of one in a container are. */
const directly: Reach = (agent, pids) => localClocks(agent, () => pids, quiet);
const throughAgent: Reach = (agent, pids) => agentClocks(agent, async () => ({ pids, frozen: false }), quiet);

const cases = languages.flatMap((language, i) => [
  { language, reach: directly, through: '' },
  ...(i === 0 ? [{ language, reach: throughAgent, through: ', reached through an agent' }] : []),
]);
for (const { language, reach, through } of cases) {
  const missing = lacking(language);
  const unless = missing === undefined ? '' : ` (skipped: there is no ${missing})`;

  describe.skipIf(missing !== undefined)(`a program in ${language.name}${through}${unless}`, () => {
    let program: Program;
    let clocks: ProcessClocks;
    let command: readonly string[];
    beforeAll(async () => {
      command = language.make(folder);
      program = await run(command);
      clocks = reach(helper.agent, [program.pid]);
    });
    afterAll(async () => {
      await clocks[Symbol.asyncDispose]();
      await program[Symbol.asyncDispose]();
    });

    test('has the clocks that it is given, while ours stay right, and the truth again afterwards', async () => {
      const { monotonicMs } = await program.ask();
      await clocks.set('wall', { aheadMs: 90_000 });
      await tells(program, { wallMs: 90_000, monotonicMs });
      await clocks.set('wall', { aheadMs: -30_000 });
      await tells(program, { wallMs: -30_000, monotonicMs });
      await clocks.set('monotonic', { jumpMs: 5_000 });
      await tells(program, { wallMs: -30_000, monotonicMs: monotonicMs + 5_000 });
      expect(Math.abs(Date.now() - performance.timeOrigin - performance.now())).toBeLessThan(10_000);
      await clocks.set('monotonic', right);
      await clocks.set('wall', right);
      await tells(program, { wallMs: 0, monotonicMs });
    });

    test.each(['wall', 'monotonic'] as const)(
      'its %s clock counts fast, and goes on from there',
      async (clock) => {
        const start = await program.ask();
        const began = performance.now();
        await clocks.set(clock, { rate: 5 });
        await sleep(100);
        await clocks.set(clock, {});
        const most = 4 * (performance.now() - began);
        const now = await program.ask();
        const gained = now[`${clock}Ms`] - start[`${clock}Ms`];
        expect(gained).toBeGreaterThan(4 * 99 - 2 * now.giveOrTakeMs);
        expect(gained).toBeLessThan(most + 2 * now.giveOrTakeMs);
      },
    );

    test('tells the time that our reader says it would', async () => {
      for (const aheadMs of [0, 1234.5, -50_000]) {
        await clocks.set('wall', { aheadMs });
        const [reading] = await clocks.read();
        const { wallMs, giveOrTakeMs } = await program.ask();
        expect(Math.abs((reading?.wall.aheadMs ?? Infinity) - aheadMs)).toBeLessThan(0.5);
        expect(Math.abs((reading?.wall.aheadMs ?? Infinity) - wallMs)).toBeLessThan(giveOrTakeMs);
      }
      expect(program.complaints).toEqual([]);
    });

    test(`bears ${changes} changes while its threads ask for nothing but the time`, async () => {
      await using busy = await run(command, 8);
      await using its = reach(helper.agent, [busy.pid]);
      const random = seeded(7);
      for (let i = 0; i < changes; i++) {
        await its.set('wall', random.pick(wallSkews));
        // In the first half, code is put back and changed again, as by a fault that comes and goes; a monotonic clock that
        // is ahead never lets go of it.
        if (i >= changes / 2) await its.set('monotonic', random.pick(monotonicSkews));
        else if (i % 2 === 1) await its.set('wall', right);
        await sleep(random.below(10));
        expect(busy.ended()).toBeUndefined();
      }
      await its.set('wall', right);
      const { wallMs, giveOrTakeMs } = await busy.ask();
      expect(Math.abs(wallMs)).toBeLessThan(giveOrTakeMs);
      expect(busy.complaints).toEqual([]);
    });
  });
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

const sleep = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

async function tells(program: Program, wanted: { wallMs: number; monotonicMs: number }): Promise<void> {
  const now = await program.ask();
  expect(Math.abs(now.wallMs - wanted.wallMs)).toBeLessThan(now.giveOrTakeMs);
  expect(Math.abs(now.monotonicMs - wanted.monotonicMs)).toBeLessThan(2 * now.giveOrTakeMs);
}
