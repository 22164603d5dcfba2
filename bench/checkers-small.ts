/**
 * How fast small and crowded histories are judged, counterexample included, each with its answer asserted inside the timing.
 *
 *     node bench/checkers-small.ts [rows]
 *
 * Logs of etcd as Jepsen left them, some 85 operations of five clients on a register of five values, of which some crash; and texts
 * that fifty clients append to. Both are made by `checkers/src/generate`, seeded; where LABRYS_HISTORIES names a folder of
 * recorded ones (with a MANIFEST.json), those are judged as well, and PORCUPINE may name the `test_data` of a checkout of Porcupine.
 *
 * All are loaded first. Then every history is judged {@link ROUNDS} times; told are the first round, with everything still
 * to be compiled, and for the others the average and the worst of the histories' medians.
 */
import { strict as assert } from 'node:assert';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import {
  casRegister,
  kv,
  linearizable,
  readHistory,
  type Checker,
  type History,
  type Verdict,
} from 'knossos-js';
import { growingHistory } from '../checkers/src/generate/growing-history.ts';
import { registerHistory } from '../checkers/src/generate/register-history.ts';
import { linearize } from '../checkers/src/linearizable/reference.ts';

const ROUNDS = 15;

interface Sample {
  readonly name: string;
  readonly history: History;
  readonly valid: boolean;
}

interface Row {
  readonly name: string;
  readonly checker: Checker;
  readonly samples: () => readonly Sample[];
  readonly promised: { readonly average: number; readonly worst: number };
}

// Each model has operations of its own; a checker of any history is told which are there by the history.
const ofRegisters = linearizable(casRegister) as unknown as Checker;
const ofTexts = linearizable(kv) as unknown as Checker;
const etcd = { average: 0.6, worst: 10 };
const appending = { average: 20, worst: 20 };

const rows: readonly Row[] = [
  { name: 'logs of etcd’s kind, 52 generated', checker: ofRegisters, samples: generatedLogs, promised: etcd },
  {
    name: 'logs of etcd, recorded',
    checker: ofRegisters,
    samples: () => recorded('porcupine-etcd', 'jepsen', /etcd_\d+\.log$/),
    promised: etcd,
  },
  {
    name: 'kv with append, 50 clients, generated',
    checker: ofTexts,
    samples: generatedTexts,
    promised: appending,
  },
  {
    name: 'kv with append, up to 50 clients, recorded',
    checker: ofTexts,
    samples: () => recorded('porcupine-kv', 'kv', /ok\.txt$/),
    promised: appending,
  },
  {
    name: 'kv with append, broken on up to nine keys, recorded',
    checker: ofTexts,
    samples: () => recorded('porcupine-kv', 'kv', /bad\.txt$/),
    promised: { average: Infinity, worst: Infinity },
  },
];

const wanted = process.argv[2] ?? '';
for (const { name, checker, samples, promised } of rows) {
  if (!name.includes(wanted)) continue;
  const all = samples();
  if (all.length === 0) continue;
  const times = all.map((): number[] => []);
  for (let round = 0; round < ROUNDS; round++)
    for (const [i, { history, valid, name: which }] of all.entries()) {
      const began = performance.now();
      const verdict = checker.check(history, {
        deadline: began + 10_000,
        now: () => performance.now(),
        memoryBytes: 1e9,
      }) as Verdict;
      assert.equal(verdict.valid, valid, which);
      times[i]?.push(performance.now() - began);
    }
  const first = mean(times.map(([cold = 0]) => cold));
  const medians = times.map((own) => own.slice(1).toSorted((a, b) => a - b)[(ROUNDS - 1) >> 1] as number);
  const worst = medians.indexOf(Math.max(...medians));
  console.log(
    `${name}: ${all.length} histories, ${mean(medians).toFixed(2)} ms on average (promised ${promised.average}), ` +
      `${(medians[worst] as number).toFixed(1)} ms at worst (${all[worst]?.name}, promised ${promised.worst}); ${first.toFixed(1)} ms on average the first time`,
  );
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, n) => sum + n, 0) / numbers.length;
}

/** Half of them with a stale read; whether another order explains it brute force knows. */
function generatedLogs(): Sample[] {
  return Array.from({ length: 52 }, (_, seed) => {
    const load = {
      operations: 85,
      clients: 5,
      values: 5,
      cas: true,
      crashed: 0.05,
      seed,
      stale: 2 * (seed % 2),
    };
    const { history } = registerHistory(load);
    const answer = linearize(casRegister, [...history], 1e7);
    assert(answer !== undefined);
    return { name: `seed ${seed}`, history: history as unknown as History, valid: answer !== false };
  });
}

function generatedTexts(): Sample[] {
  return [0, 1].map((stale) => {
    const history = growingHistory({ operations: 1700, clients: 50, keys: 10, seed: 1, stale });
    return { name: `${stale} stale`, history: history as unknown as History, valid: stale === 0 };
  });
}

/** Files of a set whose verdicts are known: by the manifest, or, of Porcupine's own, by name or by its tests. */
function recorded(set: string, folder: string, names: RegExp): Sample[] {
  const { LABRYS_HISTORIES: histories, PORCUPINE: porcupine } = process.env;
  if (porcupine !== undefined && existsSync(join(porcupine, folder))) {
    const expected = verdictsOf(join(porcupine, '..', 'porcupine_test.go'));
    return readdirSync(join(porcupine, folder))
      .filter((file) => names.test(file) && expected(file) !== undefined)
      .map((file) => sample(join(porcupine, folder, file), expected(file) === true));
  }
  if (histories === undefined) return [];
  const { entries } = JSON.parse(readFileSync(join(histories, 'MANIFEST.json'), 'utf8')) as {
    readonly entries: readonly {
      readonly set: string;
      readonly file: string;
      readonly expected: { readonly linearizable?: boolean };
    }[];
  };
  return entries
    .filter((entry) => entry.set === set && names.test(entry.file))
    .map(({ file, expected }) => sample(join(histories, file), expected.linearizable === true));
}

/** What Porcupine's tests expect: `checkJepsen(t, 0, false)`, and of texts what their names say. */
function verdictsOf(tests: string): (file: string) => boolean | undefined {
  const expected = new Map(
    [...readFileSync(tests, 'utf8').matchAll(/checkJepsen\(t, (\d+), (true|false)\)/g)].map(
      ([, number, answer]) => [Number(number), answer === 'true'] as const,
    ),
  );
  return (file) => {
    const number = /\d+/.exec(file)?.[0];
    return file.endsWith('.log') ? expected.get(Number(number)) : file.endsWith('ok.txt');
  };
}

function sample(file: string, valid: boolean): Sample {
  return { name: basename(file), history: readHistory(readFileSync(file), { file }).history, valid };
}
