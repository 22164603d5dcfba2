import { main } from 'knossos-js/cli';
import { parseDuration } from '../plan/parse.ts';
import type { RunVerdict } from '../record/result.ts';

export interface CheckOptions extends Readonly<
  Partial<Record<(typeof FILE_OPTIONS)[number], string | boolean>>
> {
  readonly checkBudget?: string;
  readonly results?: string;
  readonly json?: boolean;
}

/** What `knossos-js` can be told about a file, by the same names; a run says all of it itself. */
export const FILE_OPTIONS = [
  'model',
  'format',
  'level',
  'k',
  'deltaMs',
  'failedCas',
  'nilRead',
  'keyed',
  'memory',
  'workers',
  'proof',
] as const;

/** A history that somebody else recorded: `knossos-js` reads and judges it, and its verdict is said as ours are. */
export async function checkFile(path: string, options: CheckOptions): Promise<number> {
  const { checkBudget, json } = options;
  const flags = FILE_OPTIONS.flatMap((option) => {
    const given = options[option];
    return given === undefined ? [] : given === true ? [flagOf(option)] : [`${flagOf(option)}=${given}`];
  });
  if (checkBudget !== undefined)
    flags.push(`--timeout=${parseDuration(checkBudget, '--check-budget') / 1000}`);
  let out = '';
  const code = await main([path, ...flags, ...(json ? ['--json'] : [])], {
    out: (text) => (out += text),
    err: (text) =>
      process.stderr.write(
        text.replace(/^knossos-js: /, 'labrys: ').replace('`knossos-js --help`', '`labrys check --help`'),
      ),
  });
  const verdict: RunVerdict = (['pass', 'violation', 'undecided'] as const)[code] ?? 'could-not-run';
  process.stdout.write(
    json ? `${JSON.stringify({ schema: 'labrys/check@1', ...parsed(out), verdict })}\n` : out,
  );
  return code;
}

/** `deltaMs` is said as `--delta-ms`. */
export function flagOf(option: string): string {
  return `--${option.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

const parsed = (text: string): object => (text === '' ? {} : (JSON.parse(text) as object));
