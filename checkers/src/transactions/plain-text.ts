import { MalformedHistory } from '../format/malformed.ts';
import { OK } from './columns.ts';
import type { Transactions } from './columns.ts';
import { TransactionsBuilder } from './builder.ts';

interface Step {
  readonly f: 'r' | 'w';
  readonly key: number;
  readonly value: number;
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
  const steps = /^\s*[rw]\(/.test(text) ? plumeSteps(text, file) : awditSteps(text, file);
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
  return builder.finish();
}

function plumeSteps(text: string, file: string): Step[] {
  return lines(text).map(({ content, line }) => {
    const found = /^([rw])\((\d+),(\d+),(\d+),(\d+)\)$/.exec(content);
    if (!found)
      throw new MalformedHistory(
        { file, line, column: 1 },
        'r(key,value,session,transaction) or w(…)',
        content,
      );
    const [, f, key, value, session, transaction] = found;
    return {
      f: f as 'r' | 'w',
      key: Number(key),
      value: Number(value),
      session: Number(session),
      transaction: Number(transaction),
    };
  });
}

function awditSteps(text: string, file: string): Step[] {
  const steps: Step[] = [];
  let session = 0;
  let transaction = 0;
  for (const { content, line } of lines(text)) {
    if (/^-+$/.test(content)) transaction++;
    else if (/^=+$/.test(content)) session++;
    else {
      const found = /^([rw]) (\d+) (\d+)$/.exec(content);
      if (!found)
        throw new MalformedHistory(
          { file, line, column: 1 },
          '"r key value", "w key value", ----- or =====',
          content,
        );
      steps.push({
        f: found[1] as 'r' | 'w',
        key: Number(found[2]),
        value: Number(found[3]),
        session,
        transaction,
      });
    }
  }
  return steps;
}

function lines(text: string): { content: string; line: number }[] {
  return text
    .split('\n')
    .map((content, i) => ({ content: content.trim(), line: i + 1 }))
    .filter(({ content }) => content !== '');
}
