import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { HistoryEvent, Mark } from 'knossos-js';

/**
 * The events of a `history.jsonl`, one after another and never all at once, so that a run of any size can be exported.
 * A last line that its writer did not finish is left out, as everywhere.
 */
export async function* eventsOf(path: string): AsyncGenerator<HistoryEvent | Mark> {
  // A line is known to be whole once another follows it.
  let held: string | undefined;
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    if (held !== undefined && held !== '') yield parse(held);
    held = line;
  }
  if (held === undefined || held === '') return;
  try {
    yield parse(held);
  } catch {
    // Torn: the harness was killed while it wrote this line.
  }
}

/** What a run's own recorder wrote; `labrys check` is what says where a file is wrong. */
function parse(line: string): HistoryEvent | Mark {
  return JSON.parse(line) as HistoryEvent | Mark;
}
