import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readJsonl, type History, type Mark } from 'knossos-js';
import { UsageError } from '../errors.ts';
import type { Plan } from '../plan/plan.ts';
import type { Result } from '../record/result.ts';
import type { Message } from './mail.ts';
import { readMessages } from './messages.ts';
import { readNodeLogs, type Said } from './node-logs.ts';

/** What a report is made from. The verdict is all in `plan` and `result`; the rest may be missing. */
export interface RunFiles {
  readonly plan: Plan;
  readonly result: Result;
  readonly history?: History;
  readonly marks: readonly Mark[];
  /** What the nodes wrote and sent each other, where it was written down with its time. */
  readonly said?: readonly Said[];
  readonly messages?: readonly Message[];
  /** Why there is no history to draw, or not all of it. */
  readonly gap?: string;
}

/** Reads a run's folder. A history that cannot be read costs the page its charts, and nothing else. */
export async function readRun(folder: string): Promise<RunFiles> {
  const { plan, result } = await readVerdict(folder);
  const path = join(folder, 'history.jsonl');
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch {
    return { plan, result, marks: [], gap: 'This run left no history.' };
  }
  try {
    const { history, marks, torn } = readJsonl(bytes, 'history.jsonl');
    const gap = torn && `The history ends in a torn line, ${torn.line}; what came before it is shown.`;
    const [said, messages] = await Promise.all([readNodeLogs(folder, plan.nodes), readMessages(folder)]);
    return { plan, result, history, marks, said, messages, ...(gap !== undefined && { gap }) };
  } catch (error) {
    return { plan, result, marks: [], gap: `The history cannot be read: ${(error as Error).message}` };
  }
}

/** What was decided before the run, and what it came to: all that a verdict is made of. */
export async function readVerdict(folder: string): Promise<Pick<RunFiles, 'plan' | 'result'>> {
  const plan = await json<Plan>(folder, 'plan.json', 'labrys/plan@1', ({ format }) => format);
  const result = await json<Result>(folder, 'result.json', 'labrys/result@1', ({ schema }) => schema);
  return { plan, result };
}

async function json<T>(
  folder: string,
  file: string,
  format: string,
  formatOf: (of: T) => unknown,
): Promise<T> {
  const path = join(folder, file);
  let content: T;
  try {
    // Checked by its format's name below; what wrote it is the same version of this program or a documented one.
    content = JSON.parse(await readFile(path, 'utf8')) as T;
  } catch (cause) {
    throw new UsageError(`${path}: cannot be read: ${(cause as Error).message}`, {
      hint: 'A report is drawn from a run that has been judged. Run `labrys check` on the folder first.',
      cause,
    });
  }
  const found = formatOf(content);
  if (found !== format)
    throw new UsageError(`${path}: is of format ${JSON.stringify(found)}, and this version reads ${format}`);
  return content;
}
