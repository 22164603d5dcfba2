import type { DrawnOperation } from '../record/result.ts';

/**
 * Numbers, times and values as people read them. The page, the terminal and the CI files all speak through
 * here, so that a figure looks the same wherever it is read.
 */

/** `200000` → `200,000`. */
export function count(n: number): string {
  return n.toLocaleString('en-US', { maximumFractionDigits: 0 });
}

/** A moment, in seconds since the run began: `12.343`. */
export function moment(seconds: number, decimals = 3): string {
  return seconds.toFixed(decimals);
}

/** A stretch of time in the unit that keeps it short: `340 µs`, `1.7 ms`, `196 ms`, `2.14 s`, `3 min 20 s`. */
export function span(seconds: number): string {
  const micro = Math.round(seconds * 1e6);
  if (micro < 1000) return `${micro} µs`;
  if (micro < 9_950) return `${(micro / 1000).toFixed(1)} ms`;
  if (micro < 999_500) return `${Math.round(micro / 1000)} ms`;
  if (micro < 9_995_000) return `${seconds.toFixed(2)} s`;
  if (micro < 99_950_000) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** `1 key`, `3 keys`. */
export function plural(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}

/** `n1`, `n1 and n2`, `n1, n2 and n3`. */
export function list(items: readonly string[], joint = 'and'): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} ${joint} ${items.at(-1)}`;
}

const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/**
 * Text from outside (values, names, log lines) with every character that could steer a terminal or reorder
 * a line shown by its number: `\x1b`, `\u202e`. Letters of any script stay what they are.
 */
export function visible(text: string): string {
  return text.replace(UNSAFE, (character) => {
    if (character === '\n') return '\\n';
    if (character === '\t') return '\\t';
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`;
    return code < 0x10000 ? `\\u${code.toString(16).padStart(4, '0')}` : `\\u{${code.toString(16)}}`;
  });
}

/** A value in at most `limit` characters: `14`, `"two"`, `[1 2 3 … 1,204 in all]`, `nothing` for null. */
export function value(of: unknown, limit = 40): string {
  if (of === null || of === undefined) return 'nothing';
  if (typeof of === 'string')
    return clip(/^[\p{L}\p{N}_.:/-]+$/u.test(of) ? of : visible(JSON.stringify(of)), limit);
  if (Array.isArray(of)) return sequence(of, limit);
  return clip(visible(JSON.stringify(of)), limit);
}

function sequence(items: readonly unknown[], limit: number): string {
  const shown: string[] = [];
  let length = 2;
  for (const item of items) {
    const text = value(item, limit);
    length += text.length + 1;
    if (length > limit) return `[${[...shown, '…'].join(' ')}] ${count(items.length)} in all`;
    shown.push(text);
  }
  return `[${shown.join(' ')}]`;
}

/** At most `limit` characters, the last of them `…` where something is missing; nothing where that says nothing. */
export function clip(text: string, limit: number): string {
  const characters = Array.from(text);
  if (characters.length <= limit) return text;
  return limit < 2 ? '' : `${characters.slice(0, limit - 1).join('')}…`;
}

/** A name that somebody else chose, on one line of its own. */
export function name(text: string, limit = 32): string {
  return clip(visible(text), limit);
}

export function keyName(key: string | number | undefined): string {
  return key === undefined ? '' : clip(visible(String(key)), 40);
}

/** What was asked: `write 15`, `cas 3 → 4`, `read`. */
export function asked(operation: Pick<DrawnOperation, 'f' | 'input'>, limit = 24): string {
  const verb = name(operation.f);
  const { input } = operation;
  const steps = stepsOf(input);
  if (steps !== undefined) return clip(steps.map(step).join(', '), Math.max(limit, 60));
  if (operation.f === 'cas' && Array.isArray(input) && input.length === 2)
    return `${verb} ${value(input[0], limit)} → ${value(input[1], limit)}`;
  if (operation.f === 'transact' && Array.isArray(input) && input.length === 2)
    return `${verb} ${value(input[0], limit)}${input[1] === null ? '' : `, node ${value(input[1], limit)} votes no`}`;
  return input === undefined || input === null ? verb : `${verb} ${value(input, limit)}`;
}

type Answer = Pick<DrawnOperation, 'f' | 'input' | 'outcome' | 'output'>;

/** What came back: `14`, `ok`, `refused`, `failed`, `no answer`. */
export function answered(operation: Answer, limit = 24): string {
  const { f, outcome, output } = operation;
  if (outcome === 'fail') return 'failed';
  if (outcome === 'info') return 'no answer';
  if (!observes(operation)) return 'ok';
  const reads = stepsOf(output)?.filter(([verb]) => verb === 'r');
  if (reads !== undefined) return clip(reads.map(readOf).join(', ') || 'ok', Math.max(limit, 60));
  if (f === 'cas' && typeof output === 'boolean') return output ? 'ok' : 'refused';
  if (f === 'outcome' || f === 'settled') return standing(output, limit);
  return value(output, limit);
}

/** Where a node stands about a transaction: `prepared`, `commit 5`, `commit without its value`. */
function standing(output: unknown, limit: number): string {
  if (!Array.isArray(output) || output.length !== 2) return value(output, limit);
  const [state, has] = output as unknown[];
  if (has !== null) return `${value(state, limit)} ${value(has, limit)}`;
  return state === 'commit' ? 'commit without its value' : value(state, limit);
}

/** A transaction's steps, `[["append", "x", 1], ["r", "y", null]]`, where that is what a value is. */
export function stepsOf(
  of: unknown,
): readonly (readonly [f: string, key: unknown, value?: unknown])[] | undefined {
  if (!Array.isArray(of) || of.length === 0) return undefined;
  const all = of.every(
    (part: unknown) =>
      Array.isArray(part) && (part.length === 2 || part.length === 3) && typeof part[0] === 'string',
  );
  return all ? (of as readonly (readonly [f: string, key: unknown, value?: unknown])[]) : undefined;
}

/** `append x 1`, `read y`, `read y → [1 2]`. */
export function step([f, key, of]: readonly [f: string, key: unknown, value?: unknown]): string {
  const verb = f === 'r' ? 'read' : f === 'w' ? 'write' : name(f);
  const told = of === null || of === undefined ? '' : `${verb === 'read' ? ' →' : ''} ${value(of, 32)}`;
  return `${verb} ${keyName(key as string)}${told}`;
}

function readOf([, key, of]: readonly [f: string, key: unknown, value?: unknown]): string {
  return `${keyName(key as string)} = ${value(of, 32)}`;
}

/**
 * Whether an operation brings news of the state: what it returned can be right or wrong. Nothing, in answer to
 * something, is an acknowledgement.
 */
export function observes({ input, outcome, output }: Answer): boolean {
  const acknowledged = output === undefined || (output === null && input !== undefined && input !== null);
  return outcome === 'ok' && !acknowledged;
}

/** The system as a title: `etcd`; `my-protocol` for `./my-protocol.ts`; `toykv` for `examples/toykv/system.ts`. */
export function systemName(system: string): string {
  const parts = system.split('/').filter((part) => part !== '');
  const file = (parts.at(-1) ?? system).replace(/\.[cm]?[jt]s$/, '');
  const folder = parts.at(-2);
  const says =
    /^(system|workload|index)$/.test(file) && folder !== undefined && !/^\.+$/.test(folder) ? folder : file;
  return clip(visible(says), 60);
}
