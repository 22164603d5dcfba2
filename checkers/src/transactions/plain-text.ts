import type { Torn } from '../format/jsonl.ts';
import { MalformedHistory } from '../format/malformed.ts';
import type { Key } from '../history.ts';
import { OK } from './columns.ts';
import type { Transactions } from './columns.ts';
import { TransactionsBuilder } from './builder.ts';

interface Step {
  readonly f: 'r' | 'w';
  readonly key: Key;
  readonly value: number | string;
  readonly session: number;
  readonly transaction: number;
}

/**
 * Reads the two text forms that isolation checkers share, both without times:
 *
 * ```
 * r(key,value,session,transaction)      Plume, dbcop and PolySI: one step a line, a session's transactions in order
 *
 * w 0 1                                 AWDIT: steps, ----- between transactions, ===== between sessions
 * -----
 * r 0 1
 * ```
 *
 * Registers hold 0 at first: a read of 0 that nobody wrote is a read of the initial value.
 */
export function readPlainTransactions(source: string | Uint8Array, file = 'history.txt'): Transactions {
  const text = typeof source === 'string' ? source : new TextDecoder().decode(source);
  const { steps, torn } = /^\s*[rw]\(/.test(text) ? plumeSteps(text, file) : awditSteps(text, file);
  const written = new Set(steps.filter(({ f }) => f === 'w').map(({ key, value }) => `${key} ${value}`));
  const groups = new Map<string, Step[]>();
  for (const step of steps) {
    const name = `${step.session} ${step.transaction}`;
    const group = groups.get(name);
    if (group) group.push(step);
    else groups.set(name, [step]);
  }
  const builder = new TransactionsBuilder();
  let id = 0;
  for (const group of groups.values()) {
    builder.begin(id++, (group[0] as Step).session, OK);
    for (const { f, key, value } of group)
      if (f === 'w') builder.write(key, value);
      else builder.read(key, value === 0 && !written.has(`${key} 0`) ? null : value);
  }
  return { ...builder.finish(), ...(torn && { torn }) };
}

interface Steps {
  readonly steps: readonly Step[];
  readonly torn?: Torn;
}

const PLUME = ['[rw]', '\\(', '\\d+', ',', '\\d+', ',', '\\d+', ',', '\\d+', '\\)', '$'] as const;
const AWDIT = ['[rw]', ' ', '\\d+', ' ', '\\d+', '$'] as const;

function plumeSteps(text: string, file: string): Steps {
  return eachLine(text, file, (content) => {
    const found = /^([rw])\((\d+),(\d+),(\d+),(\d+)\)$/.exec(content);
    if (!found)
      return { expected: 'r(key,value,session,transaction) or w(…)', at: whereItFails(content, PLUME) };
    const [, f, key = '', value = '', session, transaction] = found;
    return {
      f: f as 'r' | 'w',
      key: number(key),
      value: number(value),
      session: Number(session),
      transaction: Number(transaction),
    };
  });
}

function awditSteps(text: string, file: string): Steps {
  let session = 0;
  let transaction = 0;
  return eachLine(text, file, (content) => {
    if (/^-+$/.test(content)) transaction++;
    else if (/^=+$/.test(content)) session++;
    else {
      const found = /^([rw]) (\d+) (\d+)$/.exec(content);
      if (!found)
        return { expected: '"r key value", "w key value", ----- or =====', at: whereItFails(content, AWDIT) };
      const [, f, key = '', value = ''] = found;
      return { f: f as 'r' | 'w', key: number(key), value: number(value), session, transaction };
    }
    return undefined;
  });
}

/** A number, or its digits where they are too many for one: two values must not become the same. */
function number(digits: string): number | string {
  const value = Number(digits);
  return Number.isSafeInteger(value) ? value : digits;
}

interface Wrong {
  readonly expected: string;
  readonly at: number;
}

/** A last line without a line break that makes no sense was torn off when its writer was killed: nothing. */
function eachLine(text: string, file: string, read: (content: string) => Step | Wrong | undefined): Steps {
  const steps: Step[] = [];
  for (let from = 0, line = 1; from < text.length; line++) {
    const newline = text.indexOf('\n', from);
    const end = newline < 0 ? text.length : newline;
    const whole = text.slice(from, end);
    const content = whole.trim();
    const step = content === '' ? undefined : read(content);
    if (step && 'expected' in step) {
      if (newline < 0 && steps.length > 0)
        return { steps, torn: { line, bytes: new TextEncoder().encode(text.slice(0, from)).length } };
      const column = whole.indexOf(content) + step.at + 1;
      throw new MalformedHistory({ file, line, column }, step.expected, content.slice(step.at));
    }
    if (step) steps.push(step);
    from = end + 1;
  }
  return { steps };
}

/** How far a line is as it should be. */
function whereItFails(content: string, parts: readonly string[]): number {
  let at = 0;
  for (const part of parts) {
    const pattern = new RegExp(part, 'y');
    pattern.lastIndex = at;
    if (!pattern.test(content)) return at;
    at = pattern.lastIndex;
  }
  return at;
}
