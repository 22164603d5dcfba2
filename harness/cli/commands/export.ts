import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../../errors.ts';
import { exportRun, type ExportFormat } from '../../report/export/export.ts';
import { folderOf } from './report.ts';

export interface ExportOptions {
  readonly as: ExportFormat;
  readonly key?: string;
  readonly to?: string;
  readonly results?: string;
  readonly json?: boolean;
}

/** `labrys export`: a run's history for other tools, to cross-check a verdict or to look at it elsewhere. */
export async function exportHistory(run: string, options: ExportOptions): Promise<number> {
  const folder = folderOf(run, options.results ?? 'results');
  if (!existsSync(join(folder, 'history.jsonl')))
    throw new UsageError(`${folder}: has no history.jsonl`, {
      hint: 'Its nodes never came up; run.log says why.',
    });
  if (options.as === 'jsonl' && options.to === undefined)
    throw new UsageError('--as jsonl: the run holds its history in that form already', {
      hint: `It is ${join(folder, 'history.jsonl')}. For a copy, say where: --to FILE.`,
    });
  if (options.key !== undefined && options.as === 'perfetto')
    throw new UsageError('--key: a trace shows all keys; choose one for --as edn or --as jsonl');
  const { path, gap } = await exportRun(folder, options.as, options);
  if (gap !== undefined) process.stderr.write(`labrys: ${gap}\n`);
  process.stdout.write(options.json ? `${JSON.stringify({ path, ...(gap && { gap }) })}\n` : `${path}\n`);
  return 0;
}
