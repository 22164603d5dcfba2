import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { imageOf, machines } from './fixtures/image.ts';
import { memoryOf } from './local-memory.ts';
import { NotAVdso, parseVdso, type Vdso, withoutSections } from './vdso.ts';

const name = fc.stringMatching(/^[a-z_]{1,24}$/);
const drawn = fc.record({
  machine: fc.constantFrom(...machines),
  functions: fc.uniqueArray(fc.record({ name, length: fc.integer({ min: 1, max: 300 }) }), {
    selector: (one) => one.name,
    maxLength: 8,
  }),
  counted: fc.boolean(),
  sections: fc.nat({ max: 20 }),
  pages: fc.constantFrom(2, 3),
  base: fc.constantFrom(0n, 0xffffffff700000n),
});

test('every function is found where it is, and nothing that is used is called spare', () => {
  fc.assert(
    fc.property(drawn, (shape) => {
      const { bytes, at, loaded, end } = imageOf(shape);
      const vdso = parseVdso(bytes);
      expect(vdso.architecture.machine).toBe(shape.machine);
      for (const { name, length } of shape.functions)
        expect(vdso.functions.get(name)).toEqual({ at: at.get(name), length });
      expect(vdso.spare.at).toBeGreaterThanOrEqual(end);
      expect(vdso.spare.at - end).toBeLessThan(16);
      expect(vdso.withHeaders.at - loaded).toBeLessThan(16);
      for (const { at, length } of [vdso.spare, vdso.withHeaders]) expect(at + length).toBe(bytes.length);
    }),
  );
});

test('an image that has given up its section headers has the same functions, and their room', () => {
  fc.assert(
    fc.property(drawn, (shape) => {
      const { bytes } = imageOf(shape);
      const before = parseVdso(bytes);
      withoutSections(bytes).copy(bytes);
      const after = parseVdso(bytes);
      expect(after.functions).toEqual(before.functions);
      expect(after.spare).toEqual(before.withHeaders);
    }),
  );
});

test('an image damaged anywhere is read or refused, and never runs away', () => {
  const damage = fc.array(fc.tuple(fc.nat({ max: 600 }), fc.nat({ max: 255 })), {
    minLength: 1,
    maxLength: 12,
  });
  fc.assert(
    fc.property(drawn, damage, fc.nat({ max: 8192 }), (shape, bytes, length) => {
      const image = imageOf(shape).bytes.subarray(0, length);
      for (const [at, value] of bytes) if (at < image.length) image[at] = value;
      expect(readOrRefused(image)).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test('bytes that are no image at all are refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 4096 }), (bytes) => {
      expect(() => parseVdso(Buffer.from(bytes))).toThrow(NotAVdso);
    }),
  );
});

const here = process.platform === 'linux' && readFileSync('/proc/self/maps', 'utf8').includes('[vdso]');
describe.skipIf(!here)(`this kernel’s own${here ? '' : ' (skipped: this process has no vDSO)'}`, () => {
  test('has a clock_gettime, and room for what we add', async () => {
    const vdso = await own();
    const [first] = vdso.architecture.entries;
    expect(vdso.functions.get(first?.name ?? '')?.length).toBeGreaterThan(50);
    expect(vdso.withHeaders.length).toBeGreaterThan(vdso.architecture.places.configuration + 336);
  });
});

async function own(): Promise<Vdso> {
  const memory = memoryOf(process.pid);
  const { at, length } = (await memory.vdso()) ?? { at: 0, length: 0 };
  const image = await memory.read(at, length);
  memory.close();
  return parseVdso(image);
}

function readOrRefused(image: Buffer): boolean {
  try {
    const { functions } = parseVdso(image);
    return [...functions.values()].every(({ at, length }) => at > 0 && at + length <= image.length);
  } catch (error) {
    return error instanceof NotAVdso;
  }
}
