import { join, resolve } from 'node:path';
import { LabrysError } from '../../errors.ts';
import { writePlan } from '../../plan/files.ts';
import { enterNamespace } from '../../provision/namespace.ts';
import type { RunVerdict } from '../../record/result.ts';
import { interrupts } from '../interrupt.ts';
import { prepare, type TestOptions } from '../prepare.ts';
import { nearest, printResult } from '../print.ts';
import { runTest } from '../run.ts';
import { openScreen } from '../screen.ts';

interface Scene {
  readonly says: string;
  readonly bug?: string;
  readonly expected: RunVerdict;
}

const scenes: readonly Scene[] = [
  {
    says: '1  A Raft with a planted bug: a leader that has been deposed, and does not know it, still answers reads.',
    bug: 'stale-read',
    expected: 'violation',
  },
  { says: '2  The same test, with the correct Raft.', expected: 'pass' },
];

/** `labrys demo`: real nodes, a real partition, a bug that is caught, and its correction that is not. */
export async function demo(options: { results?: string; json?: boolean; quiet?: boolean }): Promise<number> {
  const runtime = wherever();
  await using screen = await openScreen({ quiet: options.quiet === true });
  using pressed = interrupts((line) => screen.say(line));
  if (runtime.because !== undefined)
    screen.say(`${runtime.because}\nTherefore the nodes of this demo live in the simulation.`);
  const seen: { expected: RunVerdict; verdict: RunVerdict; report: string }[] = [];
  for (const { says, bug, expected } of scenes) {
    if (pressed.stop.aborted) return 130;
    screen.say(`\n${says}`);
    const test: TestOptions = {
      nemesis: 'partition:leader',
      time: '20s',
      seed: '1',
      runtime: runtime.name,
      ...(bug ? { bug } : {}),
    };
    const prepared = await prepare('raft', test);
    const { folder, plan } = writePlan(resolve(options.results ?? 'results'), prepared.plan);
    const { result } = await runTest({ ...prepared, plan }, folder, screen, pressed);
    if (!options.json) printResult(plan, result, folder, {});
    seen.push({ expected, verdict: result.verdict, report: join(folder, 'index.html') });
  }
  return conclude(seen, options.json === true);
}

function conclude(
  seen: readonly { expected: RunVerdict; verdict: RunVerdict; report: string }[],
  json: boolean,
): number {
  const asExpected = seen.every(({ expected, verdict }) => expected === verdict);
  if (json) process.stdout.write(`${JSON.stringify({ asExpected, runs: seen })}\n`);
  else {
    const lines = seen.map(
      ({ expected, verdict, report }) =>
        `  ${verdict === expected ? '✓' : '✗'} ${verdict}, as ${verdict === expected ? 'it should be' : `against ${expected}`}: ${nearest(report)}`,
    );
    process.stdout.write(
      `\n${asExpected ? 'The bug was caught, and the correct Raft passed.' : 'That did not come out as it should.'}\n${lines.join('\n')}\n`,
    );
  }
  return asExpected ? 0 : 1;
}

/** Real nodes where this machine lets us have them; otherwise the same nodes, simulated, and the reason. */
function wherever(): { readonly name: 'local' | 'sim'; readonly because?: string } {
  try {
    enterNamespace();
    return { name: 'local' };
  } catch (error) {
    if (!(error instanceof LabrysError)) throw error;
    return { name: 'sim', because: error.message };
  }
}
