import type { DrawnOperation } from '../record/result.ts';
import { replyOf, type Proof } from './proof.ts';
import { faultName } from './sentence.ts';
import { asked, moment, name } from './words.ts';

/** How a stretch of the figure is to be painted, where there is colour. */
export type Ink = 'plain' | 'quiet' | 'operation' | 'fault' | 'good' | 'bad' | 'worst';

/** One painted stretch of a line. */
export interface Painted {
  readonly text: string;
  readonly ink: Ink;
}

/**
 * The counterexample as lines of text: time downwards, a column a client, and beside it what the object can be.
 *
 * ```
 *     time    client 33 → n4     client 24 → n5     client 5 → n1       x246 can be
 *    9.383    write 14 ok                                               only 14
 *   10.200    ░░ partition n1 | n2 n3 n4 n5 ░░░░░░░░░░░░░░░░░░░
 *   12.138                       ┌ write 15                             14 or 15
 *   12.147                       └ ok                                   only 15
 *   12.343                                          ┌ read              only 15
 *   12.345                                          └ 14  ✗
 * ```
 *
 * Where the columns do not fit into `width`, clients are named line by line instead.
 */
export function textFigure(proof: Proof, width: number): Painted[][] {
  const rows = rowsOf(proof);
  const columns = columnsOf(proof, rows);
  const lead = 10 + proof.decimals - 3;
  const body = columns.reduce((sum, column) => sum + column.width, 0);
  const wide = lead + 4 + body + (proof.object ? 24 : 0) <= width;
  return wide ? inColumns(proof, rows, columns, lead) : inLines(proof, rows, lead);
}

interface Row {
  readonly at: number;
  readonly operation?: DrawnOperation;
  readonly text: string;
  readonly ink: Ink;
  /** A row of its own, across all columns. */
  readonly fault?: boolean;
  readonly can: string;
}

interface Column {
  readonly process: number;
  readonly title: string;
  readonly width: number;
}

function rowsOf(proof: Proof): Row[] {
  const { operations, impossible, against, counterexample } = proof;
  const rows: Row[] = counterexample.faults.flatMap((fault): Row[] => [
    { at: fault.from, text: faultName(fault), ink: 'fault', fault: true, can: '' },
    ...(fault.to !== undefined && fault.to < (impossible.return ?? impossible.call)
      ? [{ at: fault.to, text: `${faultName(fault)} healed`, ink: 'fault', fault: true, can: '' } as const]
      : []),
  ]);
  for (const operation of operations) {
    const ink: Ink = operation === impossible ? 'bad' : operation.outcome === 'info' ? 'fault' : 'operation';
    const words = asked(operation);
    const reply = replyOf(proof, operation);
    const can = (edge: 'call' | 'return') => stateAfter(proof, operation, edge);
    if (operation.return === undefined || operation.outcome === 'info') {
      rows.push({ at: operation.call, operation, text: `┌ ${words}, no answer`, ink, can: can('call') });
    } else if (operation !== impossible && operation !== against?.operation && alone(operation, proof)) {
      rows.push({
        at: operation.call,
        operation,
        text: `${words} ${separated(reply)}`,
        ink,
        can: can('return'),
      });
    } else {
      rows.push({ at: operation.call, operation, text: `┌ ${words}`, ink, can: can('call') });
      const last = operation === impossible;
      rows.push({
        at: operation.return,
        operation,
        text: last ? `└ ${reply}  ✗` : `└ ${reply}`,
        ink: last ? 'worst' : ink,
        can: last ? '' : can('return'),
      });
    }
  }
  return rows.toSorted((a, b) => a.at - b.at);
}

function separated(reply: string): string {
  return reply === 'ok' || reply === 'refused' || reply === 'failed' ? reply : `→ ${reply}`;
}

/** Nothing else that is drawn happened between its call and its return. */
function alone(operation: DrawnOperation, { operations }: Proof): boolean {
  const end = operation.return ?? Infinity;
  return operations.every(
    (other) =>
      other === operation ||
      other.call > end ||
      (other.outcome !== 'info' && (other.return ?? Infinity) < operation.call),
  );
}

function stateAfter({ object, moments }: Proof, operation: DrawnOperation, edge: 'call' | 'return'): string {
  const found = moments.find(({ cause }) => cause.operation === operation && cause.edge === edge);
  return found && object ? object.show(found.states, 22) : '';
}

function columnsOf({ operations }: Proof, rows: readonly Row[]): Column[] {
  const processes = [...new Set(operations.map(({ process }) => process))];
  return processes.map((process) => {
    const node = operations.find((operation) => operation.process === process)?.node;
    const title = node === undefined ? `client ${process}` : `client ${process} → ${name(node, 24)}`;
    const longest = Math.max(
      ...rows.map((row) => (row.operation?.process === process ? row.text.length : 0)),
    );
    return { process, title, width: Math.max(title.length, longest) + 4 };
  });
}

function inColumns(
  proof: Proof,
  rows: readonly Row[],
  columns: readonly Column[],
  lead: number,
): Painted[][] {
  const gap = '    ';
  const body = columns.reduce((sum, column) => sum + column.width, 0);
  const title = proof.object === undefined ? '' : `${proof.object.subject} can be`;
  const head: Painted[] = [
    { text: 'time'.padStart(lead) + gap, ink: 'plain' },
    ...columns.map((column): Painted => ({ text: column.title.padEnd(column.width), ink: 'plain' })),
    { text: title, ink: 'quiet' },
  ];
  const lines = rows.map((row): Painted[] => {
    const time: Painted = { text: moment(row.at, proof.decimals).padStart(lead) + gap, ink: 'plain' };
    if (row.fault) return [time, { text: `░░ ${row.text} `.padEnd(body - 4, '░'), ink: 'fault' }];
    const before = columns
      .slice(
        0,
        columns.findIndex(({ process }) => process === row.operation?.process),
      )
      .reduce((sum, column) => sum + column.width, 0);
    const blank: Painted = { text: ' '.repeat(before), ink: 'plain' };
    const text: Painted = { text: row.text.padEnd(body - before), ink: row.ink };
    return [time, blank, text, { text: row.can, ink: row.can.startsWith('only') ? 'good' : 'quiet' }];
  });
  return [head, ...lines];
}

function inLines(proof: Proof, rows: readonly Row[], lead: number): Painted[][] {
  return rows.map((row): Painted[] => {
    const time: Painted = { text: `${moment(row.at, proof.decimals).padStart(lead)}  `, ink: 'plain' };
    if (row.fault || row.operation === undefined) return [time, { text: `░░ ${row.text}`, ink: 'fault' }];
    const { process, node } = row.operation;
    const who = node === undefined ? `client ${process}` : `client ${process} → ${name(node, 24)}`;
    const can = row.can === '' ? '' : `  (${proof.object?.subject} can be ${row.can})`;
    return [
      time,
      { text: `${who}  `, ink: 'quiet' },
      { text: row.text, ink: row.ink },
      { text: can, ink: 'quiet' },
    ];
  });
}
