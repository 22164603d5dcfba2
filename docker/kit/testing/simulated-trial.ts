import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readJsonl, type Verdict } from 'knossos-js';
import { prepare, type TestOptions } from '../../../harness/cli/prepare.ts';
import { drive } from '../../../harness/drive/drive.ts';
import { findings } from '../../../harness/judge/evidence.ts';
import { survey } from '../../../harness/judge/survey.ts';
import { memoryRecorder } from '../../../harness/record/recorder.ts';
import type { Trial } from '../museum.ts';

/** What came of one simulated run. */
export interface Outcome {
  readonly seed: number;
  readonly verdicts: readonly Verdict[];
  /** The kinds of anomaly that were found, each once. */
  readonly kinds: readonly string[];
  /** What a pass would have needed and the run did not have. */
  readonly lacks: readonly string[];
  /** What nodes threw by mistake. */
  readonly mistakes: readonly string[];
}

/** One trial in the simulation, from the words of the command line to the verdict, without a file that is left. */
export async function simulatedTrial(
  system: string,
  trial: Trial,
  seed: number,
  bug?: string,
): Promise<Outcome> {
  const prepared = await prepare(system, {
    ...optionsOf(trial),
    runtime: 'sim',
    seed: String(seed),
    ...(bug !== undefined && { bug }),
  });
  const { plan, workload, settings, world, faults } = prepared;
  const { time, runtime } = world;
  const folder = mkdtempSync(join(tmpdir(), 'labrys-trial-'));
  const recorder = memoryRecorder(time);
  const { signal } = new AbortController();
  try {
    await world.run(async () => {
      await using cluster = await runtime.provision(
        {
          run: plan.run,
          folder,
          nodes: plan.nodes,
          ports: prepared.system.ports,
          recipe: (self, members) => prepared.system.recipe(self, members, settings),
          log: () => {},
        },
        signal,
      );
      const { failure } = await drive({
        plan,
        system: prepared.system,
        settings,
        workload,
        faults: [...faults.values()],
        cluster,
        time,
        recorder,
        log: () => {},
        signal,
      });
      if (failure !== undefined) recorder.mark('failed', failure.message);
    });
    const { history, marks } = readJsonl(recorder.text());
    const now = (): number => performance.now();
    const verdicts: Verdict[] = [];
    for (const checker of workload.checkers(plan.workload.options))
      verdicts.push(await checker.check(history, { now, deadline: now() + 20_000, memoryBytes: 2 ** 29 }));
    const seen = survey(history, marks, workload, plan.workload.options);
    return {
      seed,
      verdicts,
      kinds: [...new Set(verdicts.flatMap(({ anomalies }) => anomalies.map(({ kind }) => kind)))],
      lacks: findings(plan, seen, seen.cutShort).flatMap(({ enough, lack }) => (enough ? [] : [lack])),
      mistakes: mistakesIn(folder),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function optionsOf({
  workload,
  nemesis,
  time = '60s',
  nodes,
  rate,
  quorum,
  options = {},
  with: some = {},
}: Trial): TestOptions {
  const pairs = (given: Readonly<Record<string, string>>): string[] =>
    Object.entries(given).map(([name, value]) => `${name}=${value}`);
  return {
    workload,
    time,
    ...(nemesis !== undefined && { nemesis }),
    ...(nodes !== undefined && { nodes: String(nodes) }),
    ...(rate !== undefined && { rate: String(rate) }),
    ...(quorum !== undefined && { quorum }),
    option: pairs(options),
    with: pairs(some),
  };
}

/** A node that throws what is neither `NotApplied` nor `Unreachable` says so in its log. */
function mistakesIn(folder: string): string[] {
  return readdirSync(join(folder, 'nodes')).flatMap((node) =>
    readFileSync(join(folder, 'nodes', node, 'stdout.log'), 'utf8')
      .split('\n')
      .filter((line) => line.includes('"error":')),
  );
}
