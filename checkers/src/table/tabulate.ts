import type { History, HistoryEvent, Mark, Operations } from '../history.ts';
import { TableBuilder } from './builder.ts';

/** A history, and what happened to the run meanwhile. */
export interface Tabulated<Ops extends Operations = Operations> {
  readonly history: History<Ops>;
  readonly marks: readonly Mark[];
}

/**
 * Pairs each call with its return and lays the operations out as a table.
 *
 * A process has at most one call open; one whose call ended in `info` may call again (Jepsen retires
 * it, others do not). Indexes must grow. Anything else throws an `Error` that names the event.
 */
export function tabulate<Ops extends Operations = Operations>(
  events: Iterable<HistoryEvent<Ops> | Mark>,
): Tabulated<Ops> {
  const builder = new TableBuilder<Ops>();
  const marks: Mark[] = [];
  for (const event of events) {
    if (event.type === 'mark') {
      marks.push(event);
      continue;
    }
    const wrong = add(builder, event);
    if (wrong !== undefined) throw new Error(`event ${event.index}: ${wrong}`);
  }
  return { history: builder.finish(), marks };
}

/** Adds one event; says what is wrong with it, if anything. */
export function add<Ops extends Operations>(
  builder: TableBuilder<Ops>,
  event: HistoryEvent<Ops>,
): string | undefined {
  const { index, time, process, key, node, error } = event;
  const f = event.f as keyof Ops & string;
  const code = builder.encoder.encode(event.value);
  switch (event.type) {
    case 'invoke':
      return builder.call(index, time, process, f, key, code, node);
    case 'ok':
      return builder.end(index, time, process, f, 0, code, error);
    case 'fail':
      return builder.end(index, time, process, f, 1, code, error);
    case 'info':
      return builder.end(index, time, process, f, 2, code, error);
  }
}
