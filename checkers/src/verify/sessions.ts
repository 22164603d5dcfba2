import type { Anomaly } from '../checker.ts';
import type { Guarantee } from '../sessions/sessions.ts';
import { withoutReads } from './causal.ts';
import { causality, externalReads, wrote } from './causality.ts';
import type { Causality } from './causality.ts';
import { partOf } from './part.ts';
import { phenomena } from './phenomena.ts';
import { NOTHING } from './recorded.ts';
import type { Recorded, Row } from './recorded.ts';
import { inFamily, tryOrders } from './try-orders.ts';

/** Checks by the definitions that some operations break what a session may rely on, by nothing that is only inferred. */
export function wrongSession(history: Recorded, anomaly: Anomaly, guarantee: Guarantee): string | undefined {
  const whole = partOf(history, anomaly.operations);
  if (typeof whole === 'string') return whole;
  const part = { ...whole, rows: whole.rows.filter(({ outcome }) => outcome !== 'fail') };
  const knows = causality(part);
  const broken =
    guarantee === 'PRAM'
      ? breaksPram(part.rows)
      : breaks(guarantee, part.rows, knows) ||
        (guarantee === 'writes follow reads' && part.rows.some((row) => knows.before(row, row)));
  return broken ? undefined : `the operations of the ${anomaly.kind} do not break it`;
}

/** Checks that some operation read what nobody wrote, or only somebody who failed, or what it wrote itself only later. */
export function wrongRead(history: Recorded, anomaly: Anomaly): string | undefined {
  const part = partOf(history, anomaly.operations);
  if (typeof part === 'string') return part;
  const found = phenomena(part);
  return found.has('dirty write') || found.has('dirty read')
    ? undefined
    : `what the operations of the ${anomaly.kind} read was written`;
}

/** Some process has no order of its own operations and everybody's writes that keeps all sessions. */
function breaksPram(rows: readonly Row[]): boolean {
  const precedes = inFamily('process', rows);
  return [...new Set(rows.map(({ process }) => process))].some(
    (process) =>
      tryOrders(
        rows.map((row) => (row.process === process ? row : withoutReads(row))),
        { precedes },
      ) === false,
  );
}

type Classical = Exclude<Guarantee, 'PRAM'>;

function breaks(guarantee: Classical, rows: readonly Row[], knows: Causality): boolean {
  return rows.some((reader) =>
    externalReads(reader).some(({ step: { key, value } }) => {
      const mine = rows.filter((row) => knows.session(row, reader));
      if (guarantee === 'monotonic reads' && backAndForth(mine, key, value)) return true;
      return rows.some(
        (newer) =>
          wrote(newer, key) &&
          !wrote(newer, key, value) &&
          isOlder(key, value, newer, rows, knows) &&
          knewOf[guarantee](newer, reader, key, { rows, mine, knows, value }),
      );
    }),
  );
}

/** The initial value is older than any other; one process writes one after another. Everything else is a guess. */
function isOlder(key: string, value: string, newer: Row, rows: readonly Row[], knows: Causality): boolean {
  return value === NOTHING || rows.some((row) => wrote(row, key, value) && knows.session(row, newer));
}

/** Has read it, then something else, and now again. */
function backAndForth(mine: readonly Row[], key: string, value: string): boolean {
  const reads = mine.flatMap((row) =>
    externalReads(row).flatMap(({ step }) => (step.key === key ? [step.value] : [])),
  );
  const first = reads.indexOf(value);
  return (
    value !== NOTHING &&
    first >= 0 &&
    reads.slice(first).some((other) => other !== value && other !== NOTHING)
  );
}

interface Around {
  readonly rows: readonly Row[];
  /** What the reader's process had done before. */
  readonly mine: readonly Row[];
  readonly knows: Causality;
  /** What the read returned. */
  readonly value: string;
}

/** How a reader's process knew of a write, a way for each guarantee. */
const knewOf: Readonly<Record<Classical, (newer: Row, reader: Row, key: string, around: Around) => boolean>> =
  {
    'read your writes': (newer, reader, _, { knows }) => knows.session(newer, reader),
    'monotonic reads': (newer, _, key, { rows, mine, knows }) =>
      withLater(newer, rows, knows).some((later) =>
        mine.some((row) =>
          externalReads(row).some(({ step }) => step.key === key && wrote(later, key, step.value)),
        ),
      ),
    'monotonic writes': (newer, reader, key, { rows, mine, knows }) =>
      withLater(newer, rows, knows).some((later) =>
        [...mine, reader].some((row) =>
          externalReads(row).some(({ step }) => step.key !== key && wrote(later, step.key, step.value)),
        ),
      ),
    // Somebody read it, or what its process did later, and wrote what came down to the reader.
    'writes follow reads': (newer, reader, key, around) => {
      const { rows, mine, knows, value } = around;
      const followers = rows.filter((row) =>
        withLater(newer, rows, knows).some((later) => knows.read(later, row)),
      );
      return rows.some(
        (last) =>
          followers.some((row) => row === last || knows.before(row, last)) &&
          [...mine, reader].some((row) =>
            externalReads(row).some(
              ({ step }) =>
                wrote(last, step.key, step.value) &&
                // What it read from the same key is a matter of monotonic reads.
                !(step.key === key && isOlder(key, value, last, rows, knows)),
            ),
          ),
      );
    },
  };

function withLater(newer: Row, rows: readonly Row[], knows: Causality): readonly Row[] {
  return rows.filter((row) => row === newer || knows.session(newer, row));
}
