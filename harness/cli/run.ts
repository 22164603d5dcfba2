import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { drive } from '../drive/drive.ts';
import { firstOf, LabrysError } from '../errors.ts';
import { judge } from '../judge/judge.ts';
import type { CutShort } from '../judge/survey.ts';
import type { Plan } from '../plan/plan.ts';
import { noJournal, openHealJournal } from '../record/heal-journal.ts';
import { followLogs } from '../record/log-times.ts';
import { openMailLog } from '../record/mail-log.ts';
import { memoryRecorder, openRecorder } from '../record/recorder.ts';
import type { Result } from '../record/result.ts';
import { monitorsOf, watched } from '../record/watched.ts';
import { openRunLog, type Log } from '../record/run-log.ts';
import { junitXml } from '../report/junit.ts';
import { addToTrend } from '../report/nights/trend.ts';
import { renderRun } from '../report/report.ts';
import { renderResults } from '../report/results-page.ts';
import { visible } from '../report/words.ts';
import type { Interrupts } from './interrupt.ts';
import type { KeepData, Prepared } from './prepare.ts';
import type { Screen } from './screen.ts';
import { said } from './said.ts';
import { Standing } from './standing.ts';

export interface Ran {
  readonly plan: Plan;
  readonly folder: string;
  readonly result: Result;
  readonly interrupted: boolean;
}

/**
 * One run, stage by stage. Each stage reads only what earlier ones wrote, so that whatever happens, what was written
 * can be judged and drawn later: `labrys check`, `labrys report`. The plan is in the folder already.
 */
export async function runTest(
  prepared: Prepared,
  folder: string,
  screen: Screen,
  interrupts: Interrupts,
  keepData: KeepData = 'violation',
): Promise<Ran> {
  const { plan, workload, workloadFile: file } = prepared;
  using runLog = openRunLog(folder, prepared.world.time);
  const { log } = runLog;
  // Until it is known whether the data of its nodes is wanted.
  await using standing = new Standing(log, screen);
  let cutShort: CutShort | undefined;
  try {
    await record(prepared, folder, log, screen, interrupts, standing);
  } catch (thrown) {
    const error = firstOf(thrown);
    if (!(error instanceof LabrysError) && !interrupts.abandon.aborted) throw error;
    cutShort = interrupts.stop.aborted
      ? { why: 'interrupted', message: 'it was interrupted' }
      : { why: 'failed', message: said(error as LabrysError) };
    log({ message: 'could not run', error: cutShort.message });
    if (thrown instanceof SuppressedError)
      log({ message: 'clean-up failed', reason: (thrown.error as Error).message });
  }
  const stopped = standing.stop();
  const result = await judge(folder, {
    workload,
    file,
    plan,
    signal: interrupts.abandon,
    ...(cutShort && { cutShort }),
  });
  await stopped;
  const wanted = keepData === 'always' || (keepData === 'violation' && result.verdict === 'violation');
  if (wanted && !interrupts.abandon.aborted) await standing.keepData();
  await standing.takeDown();
  await draw(folder, { plan, result }, screen);
  return { plan, folder, result, interrupted: interrupts.stop.aborted };
}

/** Provision and drive. When this returns or throws, the history is on disk; the cluster still stands, if it came up. */
async function record(
  prepared: Prepared,
  folder: string,
  log: Log,
  screen: Screen,
  interrupts: Interrupts,
  standing: Standing,
): Promise<void> {
  const { plan, system, workload, faults, settings, world } = prepared;
  const simulated = plan.runtime === 'sim';
  const memory = simulated ? memoryRecorder(world.time) : undefined;
  const written = memory ?? openRecorder(folder, world.time);
  const violation = new AbortController();
  const recorder = plan.stopsOnViolation
    ? watched(written, monitorsOf(workload.checkers(plan.workload.options)), world.time, {
        raise: ({ kind, explanation }) => {
          log({ message: 'violation', kind, explanation });
          screen.say(`Violation: ${visible(explanation)} Stopping, healing, judging what was recorded.`);
          // Not in the middle of writing down what was seen.
          queueMicrotask(() => violation.abort(new Error('a violation was seen')));
        },
        lost: ({ message }) => log({ message: 'a monitor gave up', reason: message }),
      })
    : written;
  // The simulation knows when its nodes said what, and writes it down itself.
  using mailLog = simulated ? undefined : openMailLog(folder);
  using _logs = simulated ? undefined : followLogs(folder, plan.nodes, world.time);
  using journal = simulated ? { ...noJournal, [Symbol.dispose]: () => {} } : openHealJournal(folder);
  try {
    await world.run(async () => {
      const cluster = await world.runtime.provision(
        {
          run: plan.run,
          folder,
          nodes: plan.nodes,
          ports: system.ports,
          failingDisks: [...faults.values()].some(({ needs }) => needs.includes('disk')),
          recipe: (self, members) => system.recipe(self, members, settings),
          log: (line) => {
            log(line);
            if (typeof line['progress'] === 'string') screen.say(line['progress']);
          },
        },
        interrupts.abandon,
      );
      standing.cluster = cluster;
      try {
        const { failure } = await drive({
          plan,
          system,
          settings,
          workload,
          faults: [...faults.values()],
          cluster,
          time: world.time,
          recorder,
          ...(mailLog && { mailLog }),
          journal,
          log,
          signal: AbortSignal.any([interrupts.stop, violation.signal]),
          onProgress: (now) => screen.progress(now),
        });
        if (failure !== undefined) recorder.mark('failed', said(failure));
        else if (interrupts.stop.aborted) recorder.mark('interrupted', 'it was interrupted');
        else if (violation.signal.aborted) recorder.mark('interrupted', 'it was stopped at a violation');
      } finally {
        // In the simulation there is nothing to keep, and its nodes' logs are written when they end.
        if (simulated) await standing.takeDown();
      }
    });
  } finally {
    recorder.close();
    if (memory) writeFileSync(join(folder, 'history.jsonl'), memory.text());
  }
}

/** The verdict is on disk: whatever fails here is said, and changes nothing. */
export async function draw(
  folder: string,
  run: { plan: Plan; result: Result },
  screen: Pick<Screen, 'say'>,
): Promise<void> {
  try {
    writeFileSync(join(folder, 'junit.xml'), junitXml([run]));
    await addToTrend(dirname(folder), run.plan, run.result);
    await renderRun(folder);
    await renderResults(dirname(folder));
  } catch (error) {
    screen.say(`The report could not be drawn: ${(error as Error).message}`);
    screen.say(`The verdict stands; try \`npx labrys report ${folder}\`.`);
  }
}
