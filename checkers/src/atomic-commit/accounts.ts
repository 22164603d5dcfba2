import type { History, Key } from '../history.ts';
import type { Budget } from '../linearizable/budget.ts';
import { rowsByKey } from '../table/table.ts';
import { decode } from '../table/values.ts';

/** What a node can be in, about one transaction. */
export type State = 'unknown' | 'prepared' | 'commit' | 'abort';

/** One thing that somebody was told about a transaction. */
export interface Told {
  /** The operation, as its id in the whole history. */
  readonly id: number;
  readonly process: number;
  /** The node that answered; undefined for the answer to whoever asked for the transaction, which has no one node. */
  readonly node: string | undefined;
  readonly state: State;
  /** What the node has stored; undefined where that was not said. */
  readonly value: number | null | undefined;
  /** Whether it was asked after the healing. */
  readonly settled: boolean;
  readonly call: number;
  readonly return: number;
  readonly callTime: number;
  readonly returnTime: number;
}

/** Everything that a history holds about one transaction. */
export interface Account {
  readonly key: Key;
  /** The operation that asked for it, or −1 where there is none that could have had an effect. */
  readonly asked: number;
  /** The same, refused: a client was told that it did not happen and never will. */
  readonly refused: number;
  readonly value: number | undefined;
  /** Which node was to vote no; null where nobody was. */
  readonly no: number | null;
  readonly afterHealing: boolean;
  /** What the client that asked for it was told. */
  readonly answer: Told | undefined;
  /** All that was told, by call, the answer too. */
  readonly told: readonly Told[];
  /** Those who said `commit` or `abort`. */
  readonly decisions: readonly Told[];
}

/** One account for each transaction, in the order in which they are first named. */
export function* accountsOf(history: History, budget: Budget): Generator<Account> {
  const [transact, outcome, settled] = ['transact', 'outcome', 'settled'].map((f) =>
    history.names.indexOf(f),
  );
  let healed = Infinity;
  for (let row = 0; row < history.length; row++) {
    budget.pass(row);
    if (history.f[row] === settled) healed = Math.min(healed, history.call[row] as number);
  }
  let looked = 0;
  for (const { key, rows } of rowsByKey(history)) {
    if (key < 0) continue;
    const told: Told[] = [];
    let asked = -1;
    let refused = -1;
    let answer: Told | undefined;
    for (const row of rows) {
      budget.pass(looked++);
      const f = history.f[row];
      const ok = history.outcome[row] === 0;
      if (f === transact && history.outcome[row] === 1) refused = row;
      else if (f === transact) {
        asked = row;
        if (ok) told.push((answer = tell(history, row, false)));
      } else if (ok && (f === outcome || f === settled)) told.push(tell(history, row, f === settled));
    }
    const [value, no] = inputOf(history, asked < 0 ? refused : asked);
    yield {
      key: history.keys[key] as Key,
      asked,
      refused,
      value,
      no,
      afterHealing: asked >= 0 && (history.call[asked] as number) > healed,
      answer,
      told,
      decisions: told.filter(({ state }) => state === 'commit' || state === 'abort'),
    };
  }
}

/** The answer to `transact` is a decision alone; to the others it is what a node knows and what it has. */
function tell(history: History, row: number, settled: boolean): Told {
  const output = decode(history.output[row] as number, history.values);
  const [state, value] = (Array.isArray(output) ? output : [output, undefined]) as [
    State,
    number | null | undefined,
  ];
  const node = Array.isArray(output) ? history.nodes[history.node[row] as number] : undefined;
  return {
    id: row,
    process: history.process[row] as number,
    node,
    state,
    value,
    settled,
    call: history.call[row] as number,
    return: history.return[row] as number,
    callTime: history.callTime[row] as number,
    returnTime: history.returnTime[row] as number,
  };
}

function inputOf(history: History, row: number): [value: number | undefined, no: number | null] {
  const input = row < 0 ? undefined : decode(history.input[row] as number, history.values);
  const [value, no] = (Array.isArray(input) ? input : []) as [number | undefined, number | null | undefined];
  return [value, no ?? null];
}
