import type { Anomaly, Checker, Verdict } from './checker.ts';
import type { Operations } from './history.ts';
import { select } from './table/table.ts';

/** Judges some operations of a history and leaves the others to others: a promise about reads and writes alone, say. Anomalies are of the whole history. */
export function among<Ops extends Operations, Some extends Operations>(
  names: readonly (keyof Ops & keyof Some & string)[],
  checker: Checker<Some>,
): Checker<Ops> {
  return {
    name: checker.name,
    async check(history, context) {
      const wanted = history.names.map((name) => names.includes(name));
      const rows = Array.from(history.f.keys()).filter((row) => wanted[history.f[row] as number]);
      const part = select(history, rows);
      // Rows of other operations are gone, and with them all that `Some` does not know.
      return back(await checker.check(part as unknown as Parameters<typeof checker.check>[0], context), rows);
    },
  };
}

function back(verdict: Verdict, rows: readonly number[]): Verdict {
  const id = (row: number): number => rows[row] as number;
  return {
    ...verdict,
    anomalies: verdict.anomalies.map((found): Anomaly => ({
      ...found,
      operations: found.operations.map(id),
      ...(found.cycle && {
        cycle: found.cycle.map((step) => ({ ...step, from: id(step.from), to: id(step.to) })),
      }),
    })),
    ...(verdict.proof && {
      proof: verdict.proof.map((order) => ({ ...order, operations: order.operations.map(id) })),
    }),
    ...(verdict.parts && { parts: verdict.parts.map((part) => back(part, rows)) }),
  };
}
