import { resolve } from 'node:path';
import { enterNamespace } from '../../provision/namespace.ts';
import { writePlan } from '../../plan/files.ts';
import { exitCodes } from '../../record/result.ts';
import { interrupts } from '../interrupt.ts';
import { prepare, type TestOptions } from '../prepare.ts';
import { printResult } from '../print.ts';
import { runTest, type Ran } from '../run.ts';
import { openScreen } from '../screen.ts';

/** `labrys test`: one run, from words to verdict. */
export async function test(system: string, options: TestOptions): Promise<number> {
  // First of all, for it starts this program anew inside.
  if ((options.runtime ?? 'local') === 'local') enterNamespace();
  const prepared = await prepare(system, options);
  let ran: Ran;
  {
    await using screen = await openScreen({ quiet: options.quiet === true });
    using pressed = interrupts((line) => screen.say(line));
    const { folder, plan } = writePlan(resolve(options.results ?? 'results'), prepared.plan);
    screen.say(
      `${plan.run}: ${plan.nodes.length} nodes on ${plan.runtime}, ${plan.strikes.length} faults, seed ${plan.seed}`,
    );
    screen.say(`repeat it with  ${plan.again}`);
    ran = await runTest({ ...prepared, plan }, folder, screen, pressed, options.keepData);
  }
  printResult(ran.plan, ran.result, ran.folder, options);
  const exitCode = exitCodes[ran.result.verdict];
  // A violation stays one, however the run ended.
  return ran.interrupted && exitCode !== 1 ? 130 : exitCode;
}
