import { relative } from 'node:path';
import type { Plan } from '../plan/plan.ts';
import type { Result } from '../record/result.ts';
import { verdictBlock } from '../report/terminal.ts';

/** The result on stdout: a block for people, or one object for programs. */
export function printResult(
  plan: Plan,
  result: Result,
  folder: string,
  options: { readonly json?: boolean },
): void {
  if (options.json) {
    process.stdout.write(`${JSON.stringify(result)}\n`);
    return;
  }
  const { stdout } = process;
  const block = verdictBlock(plan, result, {
    colour: stdout.isTTY && (stdout.hasColors?.() ?? false),
    width: stdout.columns ?? 100,
    folder: nearest(folder),
  });
  stdout.write(`${block.trimEnd()}\n`);
}

/** A path as the reader would type it here. */
export function nearest(path: string): string {
  const near = relative(process.cwd(), path);
  return near.startsWith('..') ? path : near;
}
