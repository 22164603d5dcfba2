import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { commandPath } from '../command-path.ts';
import { encode, layout, type Segment, shown } from './segments.ts';
import { build, compilerOf, type Target } from './stub/build.ts';
import { built } from './stub/bytes.ts';

/** How a program for it is compiled, and run. */
const machines = {
  x64: { compiler: ['gcc'], emulator: [] },
  arm64: { compiler: ['aarch64-linux-gnu-gcc', '-static'], emulator: ['qemu-aarch64'] },
} as const;

const folder = mkdtempSync(join(tmpdir(), 'labrys-stub-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

for (const target of ['x64', 'arm64'] as const) {
  const missing = lacks(target);
  const unless = missing === undefined ? '' : ` (skipped: there is no ${missing})`;
  const native = process.arch === target || target === 'arm64';

  describe.skipIf(missing !== undefined || !native)(`the stub for ${target}${unless}`, () => {
    test('shows on every clock what the segments say', () => {
      const drive = driverOf(target);
      fc.assert(
        fc.property(fc.array(question, { minLength: 50, maxLength: 200 }), (questions) => {
          expect(drive(questions)).toEqual(questions.map(answer));
        }),
        { numRuns: 20, interruptAfterTimeLimit: 20_000 },
      );
    });
  });

  const other = missing === undefined && compilerOf(target) !== built[target].compiler;
  describe.skipIf(missing !== undefined || other)(
    `the bytes for ${target}${other ? ` (skipped: built by ${built[target].compiler.replaceAll(/[()]/g, '')})` : unless}`,
    () => {
      test('are what its source compiles to', () => {
        const { code, at } = build(target);
        expect(at).toEqual(built[target].at);
        expect(code.toString('base64')).toBe(built[target].code.join(''));
      });
    },
  );
}

const second = 1_000_000_000n;
const time = fc.bigInt({ min: 0n, max: 4n * 10n ** 18n });
const segment: fc.Arbitrary<Segment> = fc.record({
  from: time,
  ahead: fc.bigInt({ min: -3600n * second, max: 3600n * second }),
  rate: fc.oneof(fc.constant(0n), fc.bigInt({ min: -(2n ** 31n), max: 2n ** 32n })),
  every: fc.oneof(fc.constant(0n), fc.bigInt({ min: 1n, max: 10n * second })),
  by: fc.bigInt({ min: -10n * second, max: 10n * second }),
});
const line = fc.record({
  count: fc.nat(),
  ring: fc.array(segment, { minLength: 4, maxLength: 4 }),
});
type Line = { readonly count: number; readonly ring: readonly Segment[] };

/** Real times about a beginning of a segment are where mistakes would be. */
const question = fc
  .record({
    clock: fc.constantFrom(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11),
    wall: line,
    monotonic: line,
    near: fc.nat({ max: 7 }),
    off: fc.bigInt({ min: -100n, max: 100n }),
    anywhere: time,
    where: fc.boolean(),
  })
  .map(({ clock, wall, monotonic, near, off, anywhere, where }) => {
    const begins = [...wall.ring, ...monotonic.ring][near] as Segment;
    const t = where ? anywhere : begins.from + off;
    return { clock, wall, monotonic, t: t < 0n ? 0n : t };
  });
type Question = { clock: number; wall: Line; monotonic: Line; t: bigint };

const walls = new Set([0, 5, 8, 11]);
const monotonics = new Set([1, 4, 6, 7, 9]);

function answer({ clock, wall, monotonic, t }: Question): string {
  const line = walls.has(clock) ? wall : monotonics.has(clock) ? monotonic : undefined;
  const now = line === undefined ? t : shown(inForce(line, t), t);
  const day = shown(inForce(wall, t), t);
  return [now / second, now % second, day / second, (day % second) / 1000n, day / second].join(' ');
}

/** The newest that has begun, of the last three: the fourth may be the next already. */
function inForce({ count, ring }: Line, t: bigint): Segment {
  const newestFirst = [0, 1, 2].map((back) => ring[(count - back + 4) % 4] as Segment);
  return newestFirst.find(({ from }) => from <= t) ?? (newestFirst[2] as Segment);
}

function driverOf(target: Target): (questions: readonly Question[]) => string[] {
  const { code, at } = built[target];
  const stub = join(folder, `${target}.bin`);
  writeFileSync(stub, Buffer.from(code.join(''), 'base64'));
  const program = join(folder, `driver-${target}`);
  const { compiler, emulator } = machines[target];
  const [cc, ...flags] = compiler;
  const source = join(import.meta.dirname, 'fixtures/stub-driver.c');
  execFileSync(cc, [...flags, '-O1', source, '-o', program]);
  const places = [
    at.fakeClockGettime,
    at.fakeGettimeofday,
    at.fakeTime,
    at.realClockGettime,
    at.configuration,
  ];
  const [command, ...argv] = [...emulator, program, stub, ...places.map(String)] as [string, ...string[]];
  return (questions) => {
    const input = questions.map(
      ({ clock, wall, monotonic, t }) =>
        `${clock} ${t / second} ${t % second} ${hex(wall)}${hex(monotonic)}\n`,
    );
    const { stdout, status } = spawnSync(command, argv, { input: input.join(''), encoding: 'utf8' });
    expect(status).toBe(0);
    return stdout.trim().split('\n');
  };
}

function hex({ count, ring }: Line): string {
  const number = Buffer.alloc(layout.ring);
  number.writeUInt32LE(count);
  return Buffer.concat([number, ...ring.map(encode)]).toString('hex');
}

function lacks(target: Target): string | undefined {
  const { compiler, emulator } = machines[target];
  return [compiler[0], ...emulator].find((tool) => commandPath(tool) === undefined);
}
