import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Checker, Verdict } from './checker.ts';
import type { History } from './history.ts';
import {
  casRegister,
  kv,
  linearizable,
  listAppend,
  monitor,
  multiRegisterFrom,
  mutex,
  readHistory,
  sessions,
  setFull,
  verify,
} from './index.ts';
import { plenty } from './linearizable/testing.ts';
import { eventsOf } from './monitor/testing.ts';

/**
 * Recorded histories of public projects whose verdicts are known. They are not part of the repository: the environment
 * variable LABRYS_HISTORIES says where they lie, with a MANIFEST.json that names each file and its verdict.
 */
const folder = process.env['LABRYS_HISTORIES'];
const manifest = folder === undefined ? '' : join(folder, 'MANIFEST.json');

interface Entry {
  readonly set: string;
  readonly file: string;
  readonly model: string;
  readonly expected: Readonly<Record<string, boolean>>;
}

if (!existsSync(manifest)) {
  test.skip('recorded histories (skipped: LABRYS_HISTORIES names no folder with a MANIFEST.json)', () => {});
} else {
  const { entries } = JSON.parse(readFileSync(manifest, 'utf8')) as { readonly entries: readonly Entry[] };
  const objects = entries.flatMap((entry) => {
    const found = checker(entry);
    return found ? [{ ...entry, ...found }] : [];
  });

  describe.each(Object.entries(Object.groupBy(objects, ({ set }) => set)))('%s', (_, of) => {
    // One file is a picture of a history in HTML.
    test.each((of ?? []).filter(({ file }) => !file.endsWith('.html')))(
      '$file',
      ({ file, expected, judge, model }) => {
        const { history } = readHistory(readFileSync(join(folder as string, file)), { file });
        const verdict = judge.check(history, plenty()) as Verdict;
        expect(verdict.valid).toBe(Object.values(expected)[0]);
        if (verdict.checker === 'linearizable') expect(verify(verdict, history, model)).toBeUndefined();
      },
    );
  });

  describe('watched as they came', () => {
    const said = { agreed: 0, undecided: 0 };
    test.each(entries.filter(({ file }) => /\.(edn|log)$/.test(file)))('$file', async ({ file }) => {
      const { history } = readHistory(readFileSync(join(folder as string, file)), { file });
      for (const promise of promisesOf(history)) {
        const watching = monitor(promise);
        for (const event of eventsOf(history)) watching.observe(event);
        const { valid, because } = watching.verdict();
        const verdict = await promise.check(history, plenty());
        if (valid === 'unknown' && because !== undefined) said.undecided++;
        else {
          expect([promise.name, valid]).toEqual([promise.name, verdict.valid]);
          said.agreed++;
        }
      }
    });
    test('those whose values are written once come to a verdict by that alone', () => {
      expect(said.agreed).toBeGreaterThan(0);
    });
  });
}

/** What a history is about, of what can be watched. */
function promisesOf(history: History): readonly Checker[] {
  const names = new Set(history.names);
  if (names.has('txn')) return [listAppend(), sessions()];
  if (names.has('acquire')) return [linearizable(mutex) as unknown as Checker];
  return names.has('read') && names.has('write')
    ? [linearizable(casRegister) as unknown as Checker, sessions()]
    : [];
}

function checker({
  set,
  file,
  model,
}: Entry): { readonly judge: Checker; readonly model: never } | undefined {
  const own =
    set === 'porcupine-kv'
      ? kv
      : model.startsWith('multi-register')
        ? multiRegisterFrom({ x: 0, y: 0 })
        : casRegister;
  // Each model has operations of its own; that the file's are those is what the test finds out.
  if (['porcupine-etcd', 'porcupine-kv', 'knossos'].includes(set))
    return { judge: linearizable(own as never) as Checker, model: own as never };
  if (model === 'set' && file.endsWith('.edn')) return { judge: setFull(), model: undefined as never };
  return undefined;
}
