import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Exhibit, Trial } from '../../docker/kit/museum.ts';
import { simulatedTrial } from '../../docker/kit/testing/simulated-trial.ts';
import type { Result } from '../../harness/record/result.ts';
import { root, type Found } from './museums.ts';

export interface Asked {
  /** The first; the others follow in a row. */
  readonly seed: number;
  readonly runs: number;
  readonly runtime: string;
}

/** What came of one exhibit, or of one trial of the correct protocol, over all its runs. */
export interface Examined {
  readonly protocol: string;
  readonly role: 'bug' | 'flaw' | 'clean';
  /** The name of the bug or flaw; `correct` otherwise. */
  readonly what: string;
  /** What it is, in a sentence. */
  readonly about: string;
  /** The command of the first run that found it; of the first run, where none did. */
  readonly command: string;
  readonly runs: number;
  /** In how many a violation was found. */
  readonly found: number;
  /** In how many it passed. */
  readonly passed: number;
  /** The kinds of anomaly that were seen, most often first. */
  readonly kinds: readonly string[];
  /** Of the runs that found it: from the command to the verdict. */
  readonly medianSeconds: number | undefined;
  /** A bug was found at least once, and as what it is known for; a correct protocol never was. */
  readonly good: boolean;
}

interface Run {
  readonly verdict: Result['verdict'];
  readonly kinds: readonly string[];
  readonly seconds: number;
  readonly command: string;
}

/** Runs everything in a museum, exhibit by exhibit. */
export async function* examine(
  { protocol, museum, mistakes }: Found,
  asked: Asked,
): AsyncGenerator<Examined> {
  const { bugs, flaws = {}, clean } = museum;
  const todo = [
    ...Object.entries(bugs).map(([bug, exhibit]) => ({
      role: 'bug' as const,
      what: bug,
      about: mistakes[bug] ?? '',
      trial: exhibit,
    })),
    ...Object.entries(flaws).map(([flaw, exhibit]) => ({
      role: 'flaw' as const,
      what: flaw,
      about: exhibit.about,
      trial: exhibit,
    })),
    ...clean.map((trial) => ({ role: 'clean' as const, what: 'correct', about: '', trial })),
  ];
  for (const { role, what, about, trial } of todo) {
    const runs: Run[] = [];
    for (let seed = asked.seed; seed < asked.seed + asked.runs; seed++)
      runs.push(
        await run({ protocol, trial, bug: role === 'bug' ? what : undefined, runtime: asked.runtime, seed }),
      );
    const shows = 'shows' in trial ? (trial as Exhibit).shows : undefined;
    yield { protocol, role, what, about, ...sum(runs, shows) };
  }
}

/** One run of `labrys test`. */
interface Wanted {
  readonly protocol: string;
  readonly trial: Trial;
  readonly bug: string | undefined;
  readonly runtime: string;
  readonly seed: number;
}

/** A simulated run is the same without the command line around it, and takes a third of the time. */
async function run(wanted: Wanted): Promise<Run> {
  const argv = words(wanted);
  const began = performance.now();
  const { verdict, kinds } = wanted.runtime === 'sim' ? await simulated(wanted) : await asUser(argv);
  return {
    verdict,
    kinds,
    seconds: (performance.now() - began) / 1000,
    command: `npx labrys ${argv.join(' ')}`,
  };
}

type Came = Pick<Run, 'verdict' | 'kinds'>;

async function simulated({ protocol, trial, bug, seed }: Wanted): Promise<Came> {
  const { verdicts, kinds, lacks } = await simulatedTrial(protocol, trial, seed, bug);
  const broken = verdicts.some(({ valid }) => valid === false);
  const proven = verdicts.every(({ valid }) => valid === true) && lacks.length === 0;
  return { verdict: broken ? 'violation' : proven ? 'pass' : 'undecided', kinds };
}

async function asUser(argv: readonly string[]): Promise<Came> {
  const results = mkdtempSync(join(tmpdir(), 'labrys-calibrate-'));
  const bin = join(root, 'harness/cli/bin.js');
  try {
    // A violation is an exit code, and no failure of this.
    const text = await new Promise<string>((resolve) => {
      const flags = ['--json', '--quiet', '--results', results];
      execFile(process.execPath, [bin, ...argv, ...flags], { maxBuffer: 2 ** 28 }, (_, stdout) =>
        resolve(stdout),
      );
    });
    const { verdict, checks = [] } = JSON.parse(text) as Partial<Result> & Pick<Result, 'verdict'>;
    return { verdict, kinds: checks.flatMap(({ anomalies }) => anomalies.map(({ kind }) => kind)) };
  } finally {
    rmSync(results, { recursive: true, force: true });
  }
}

function words({ protocol, trial, bug, runtime, seed }: Wanted): string[] {
  const { workload, nemesis, time = '60s', nodes, rate, quorum, options = {}, with: some = {} } = trial;
  const flag = (name: string, value: string | number | undefined): string[] =>
    value === undefined ? [] : [name, String(value)];
  const pairs = (name: string, given: Readonly<Record<string, string>>): string[] =>
    Object.entries(given).flatMap(([key, value]) => [name, `${key}=${value}`]);
  return [
    'test',
    protocol,
    '-w',
    workload,
    ...flag('--bug', bug),
    ...pairs('--option', options),
    ...flag('--nemesis', nemesis),
    ...flag('--nodes', nodes),
    ...flag('--rate', rate),
    ...flag('--quorum', quorum),
    ...pairs('--with', some),
    '--time',
    time,
    '--runtime',
    runtime,
    '--seed',
    String(seed),
  ];
}

function sum(
  runs: readonly Run[],
  shows: readonly string[] | undefined,
): Omit<Examined, 'protocol' | 'role' | 'what' | 'about'> {
  const violations = runs.filter(({ verdict }) => verdict === 'violation');
  const times = violations.map(({ seconds }) => seconds).toSorted((a, b) => a - b);
  const counts = new Map<string, number>();
  for (const { kinds } of violations)
    for (const kind of new Set(kinds)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const kinds = [...counts].toSorted((a, b) => b[1] - a[1]).map(([kind]) => kind);
  const passed = runs.filter(({ verdict }) => verdict === 'pass').length;
  return {
    command: (violations[0] ?? runs[0])?.command ?? '',
    runs: runs.length,
    found: violations.length,
    passed,
    kinds,
    medianSeconds: times[times.length >> 1],
    good:
      shows === undefined
        ? violations.length === 0 && passed > 0
        : kinds.some((kind) => shows.includes(kind)),
  };
}
