import { main } from 'knossos-js/cli';
import { parseDuration } from '../plan/parse.ts';
import type { RunVerdict } from '../record/result.ts';

export interface CheckOptions {
  readonly model?: string;
  readonly format?: string;
  readonly checkBudget?: string;
  readonly results?: string;
  readonly json?: boolean;
}

/** A history that somebody else recorded: `knossos-js` reads and judges it, and its verdict is said as ours are. */
export async function checkFile(path: string, options: CheckOptions): Promise<number> {
  const { model, format, checkBudget, json } = options;
  const flags = Object.entries({
    model,
    format,
    timeout: checkBudget && String(parseDuration(checkBudget, '--check-budget') / 1000),
  }).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, value]));
  let out = '';
  const code = await main([path, ...flags, ...(json ? ['--json'] : [])], {
    out: (text) => (out += text),
    err: (text) => process.stderr.write(text.replace(/^knossos-js: /, 'labrys: ')),
  });
  const verdict: RunVerdict = (['pass', 'violation', 'undecided'] as const)[code] ?? 'could-not-run';
  process.stdout.write(
    json ? `${JSON.stringify({ schema: 'labrys/check@1', ...parsed(out), verdict })}\n` : out,
  );
  return code;
}

const parsed = (text: string): object => (text === '' ? {} : (JSON.parse(text) as object));
