import type { Leftover } from '../../runtime.ts';
import { readConfig } from '../config.ts';
import { upkeep } from '../world.ts';

/** `labrys clean`: everything that a run puts on a machine carries its name, so that nothing has to be remembered. */
export async function clean(
  run: string | undefined,
  options: { all?: boolean; json?: boolean; config?: string },
): Promise<number> {
  const { found, unseen } = await leftovers(options.config);
  const mine = found.filter((left) =>
    run === undefined ? options.all === true || !left.inUse : left.run === run,
  );
  const kept = found.filter((left) => left.inUse && !mine.includes(left));
  const failed: string[] = [...unseen];
  const removed: string[] = [];
  for (const left of mine) {
    try {
      await left.remove();
      removed.push(left.what);
      if (!options.json) process.stdout.write(`removed ${left.what}\n`);
    } catch (error) {
      failed.push(`${left.what}: ${(error as Error).message}`);
    }
  }
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ removed, failed, kept: kept.map(({ what }) => what) })}\n`);
  } else {
    for (const line of failed) process.stderr.write(`could not remove ${line}\n`);
    if (mine.length === 0 && unseen.length === 0)
      process.stdout.write(
        run === undefined ? 'Nothing is left of any run.\n' : `Nothing is left of ${run}.\n`,
      );
    if (kept.length > 0)
      process.stdout.write(`Left alone, for their runs go on: ${kept.map(({ what }) => what).join(', ')}\n`);
  }
  return failed.length > 0 ? 3 : 0;
}

/** What runs have left, runtime by runtime, and where that could not be seen: an engine that fails hides nothing of another. */
export async function leftovers(
  config?: string,
): Promise<{ found: readonly Leftover[]; unseen: readonly string[] }> {
  const found: Leftover[] = [];
  const unseen: string[] = [];
  for (const { name, keep } of await upkeep((await readConfig(config)).ssh)) {
    try {
      found.push(...(await keep.leftovers()));
    } catch (error) {
      unseen.push(`what is left on ${name}: ${(error as Error).message.trim()}`);
    }
  }
  return { found, unseen };
}
