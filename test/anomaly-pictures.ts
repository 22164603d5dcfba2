import {
  atomicCommit,
  causal,
  checkers,
  consensus,
  membership,
  mutualExclusion,
  monitor,
  placement,
  sessions,
  type Anomaly,
  type CausalLevel,
  type CheckContext,
  type Checker,
  type History,
  type HistoryEvent,
} from '../checkers/src/index.ts';
import { bank } from '../checkers/src/bank/bank.ts';
import { drawn } from '../checkers/src/drawn.testing.ts';
import { models } from '../checkers/src/models/named.ts';
import { anomalySentence } from '../harness/judge/anomaly-sentence.ts';
import { draw } from '../harness/judge/counterexample.ts';
import type { DrawnOperation } from '../harness/record/result.ts';

/** A picture of `docs/reference/anomalies.md`, opened by ```history and who judges it, and what the page says comes of it. */
export interface Picture {
  readonly checker: string;
  readonly options: Readonly<Record<string, string>>;
  readonly drawing: string;
  readonly said: string;
}

/** What a judge found in a picture, and what the top of a report would say of it. */
export interface Told {
  readonly history: History;
  readonly anomaly: Anomaly;
  readonly operations: readonly DrawnOperation[];
  readonly sentence: string;
}

export function picturesOf(page: string): Picture[] {
  return [...page.matchAll(/^```history (\S+) ?(.*)\n([\s\S]*?)^```\n\n((?:^> .*\n)*)/gm)].map(
    ([, checker = '', options = '', drawing = '', said = '']) => ({
      checker,
      options: Object.fromEntries(options.split(' ').map((option) => option.split('=') as [string, string])),
      drawing,
      said: said.replaceAll(/^> /gm, '').trim(),
    }),
  );
}

export async function judged({ checker, options, drawing }: Picture): Promise<Told> {
  const history = drawn(drawing);
  stretch(history, Number(options['column'] ?? 1));
  const anomaly = checker.startsWith('monitor-')
    ? seenAsItCame(history, checker.slice('monitor-'.length))
    : (await named(checker, options).check(history, context)).anomalies[Number(options['number'] ?? 0)];
  if (anomaly === undefined) throw new Error(`${checker} finds nothing in\n${drawing}`);
  const operations = draw(anomaly, history);
  return { history, anomaly, operations, sentence: anomalySentence(anomaly, operations) };
}

/** The folder of `checkers/src` that an anomaly comes from. */
export function folderOf(checker: string, kind: string): string {
  if (kind === 'PRAM') return 'causal';
  if (checker.startsWith('monitor-')) return 'monitor';
  if (models.has(checker)) return 'linearizable';
  if (checker.endsWith('-register') && !checker.startsWith('rw')) return 'regular';
  if (checker === 'list-append' || checker === 'rw-register') return 'transactions';
  return checker;
}

const context: CheckContext = { deadline: Infinity, now: () => performance.now(), memoryBytes: 2 ** 31 };

function named(checker: string, options: Picture['options']): Checker {
  if (checker === 'atomic-commit') return atomicCommit();
  if (checker === 'consensus') return consensus();
  if (checker === 'mutual-exclusion') return mutualExclusion();
  if (checker === 'placement') return placement();
  if (checker === 'membership') return membership({ withinMs: Number(options['within-ms']) });
  if (checker === 'bank' && options['accounts']) return bank({ accounts: options['accounts'].split(',') });
  if (checker === 'causal' && options['level'])
    return causal({ level: options['level'].replaceAll('-', ' ') as CausalLevel });
  const found = checkers.get(checker)?.({
    ...(options['k'] && { k: Number(options['k']) }),
    ...(options['delta-ms'] && { deltaMs: Number(options['delta-ms']) }),
  });
  if (found === undefined) throw new Error(`there is no checker ${checker}`);
  return found;
}

/** A column is so many milliseconds. */
function stretch({ callTime, returnTime }: History, by: number): void {
  for (const times of [callTime, returnTime]) for (const [i, time] of times.entries()) times[i] = time * by;
}

function seenAsItCame(history: History, name: string): Anomaly | undefined {
  // PRAM, which the name stands for as well, is judged at the end alone.
  const model = models.get(name) ?? (name === 'sessions' ? sessions() : checkers.get(name)?.());
  if (model === undefined) throw new Error(`there is no model ${name}`);
  const watching = monitor(model);
  for (const event of eventsOf(history)) {
    const found = watching.observe(event);
    if (found) return found;
  }
  return undefined;
}

/** The events of a history in their order. */
function eventsOf(history: History): HistoryEvent[] {
  const events = [...history].flatMap((op) => {
    const common = {
      process: op.process,
      f: op.f,
      ...(op.key !== undefined && { key: op.key }),
      ...(op.node !== undefined && { node: op.node }),
    };
    const value = (of: unknown) => (of === undefined ? {} : { value: of });
    const invoke = { ...common, time: op.callTime, type: 'invoke' as const, ...value(op.input) };
    const end = { ...common, time: op.returnTime, type: op.outcome, ...value(op.output) };
    return [
      { at: op.call, event: invoke },
      ...(Number.isFinite(op.returnTime) ? [{ at: op.return, event: end }] : []),
    ];
  });
  return events.toSorted((a, b) => a.at - b.at).map(({ event }, index) => ({ index, ...event }));
}
