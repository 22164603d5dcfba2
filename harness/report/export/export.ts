import { createWriteStream } from 'node:fs';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Key } from 'knossos-js';
import { EdnHistory } from './edn.ts';
import { readMessages } from '../messages.ts';
import { eventsOf } from './lines.ts';
import { MOST_EVENTS, PerfettoTrace } from './perfetto.ts';

/** What a history can be written as, with the file's name in the run's folder. */
const exportFormats = { jsonl: 'history.jsonl', edn: 'history.edn', perfetto: 'trace.json' } as const;

export type ExportFormat = keyof typeof exportFormats;

export interface Exported {
  readonly path: string;
  /** What the file lacks, where it cannot hold everything. */
  readonly gap?: string;
}

/**
 * Writes a run's history in another form, for other tools, line by line, so that its size does not matter. `to` is
 * replaced in one step when all of it is there.
 */
export async function exportRun(
  folder: string,
  as: ExportFormat,
  { to = join(folder, exportFormats[as]), key }: { readonly to?: string; readonly key?: Key } = {},
): Promise<Exported> {
  const from = join(folder, exportFormats.jsonl);
  const trace = new PerfettoTrace();
  const lines =
    as === 'edn'
      ? ednLines(from, key)
      : as === 'perfetto'
        ? traceLines(folder, from, trace)
        : jsonLines(from, key);
  await pipeline(Readable.from(lines), createWriteStream(`${to}.part`));
  await rename(`${to}.part`, to);
  if (trace.left === 0) return { path: to };
  return {
    path: to,
    gap: `${trace.left} operations are left out: viewers of traces cannot open more than ${MOST_EVENTS}`,
  };
}

async function* ednLines(from: string, key: Key | undefined): AsyncGenerator<string> {
  const edn = new EdnHistory(key);
  for await (const event of eventsOf(from)) {
    const line = edn.line(event);
    if (line !== undefined) yield `${line}\n`;
  }
}

async function* jsonLines(from: string, key: Key | undefined): AsyncGenerator<string> {
  for await (const event of eventsOf(from))
    if (key === undefined || event.type === 'mark' || String(event.key) === String(key))
      yield `${JSON.stringify(event)}\n`;
}

async function* traceLines(folder: string, from: string, trace: PerfettoTrace): AsyncGenerator<string> {
  yield '{"displayTimeUnit":"ms","traceEvents":[\n';
  let comma = '';
  const lines = (events: readonly object[]): string =>
    events
      .map((event) => {
        const line = `${comma}${JSON.stringify(event)}`;
        comma = ',\n';
        return line;
      })
      .join('');
  for await (const event of eventsOf(from)) yield lines(trace.event(event));
  yield lines(trace.rest());
  yield lines(trace.messages(await readMessages(folder)));
  yield '\n]}\n';
}
