import type { Anomaly, Checker, Monitor, Verdict } from './checker.ts';
import type { HistoryEvent, Mark, Operations } from './history.ts';
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
    ...(checker.monitor && { monitor: () => new Selecting(names, checker.monitor?.() as Monitor) }),
  };
}

/** Hands some operations on, each with its place among all. */
class Selecting implements Monitor {
  readonly #names: readonly string[];
  readonly #monitor: Monitor;
  #operations = 0;

  constructor(names: readonly string[], monitor: Monitor) {
    this.#names = names;
    this.#monitor = monitor;
  }

  get remembered(): number {
    return this.#monitor.remembered;
  }

  observe(event: HistoryEvent | Mark): Anomaly | undefined {
    if (event.type === 'mark') return undefined;
    const operation = event.type === 'invoke' ? this.#operations++ : undefined;
    return this.#names.includes(String(event.f)) ? this.#monitor.observe(event, operation) : undefined;
  }

  verdict(): Verdict {
    return this.#monitor.verdict();
  }
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
