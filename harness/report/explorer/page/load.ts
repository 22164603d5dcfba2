import { columnNames, unpack, type Columns, type Packed } from '../columns.ts';
import { unpackLetters, type Letters } from '../letters.ts';
import type { LogLine, Manifest } from '../manifest.ts';

/** What the page holds about the run. */
export interface Run extends Columns {
  readonly about: Manifest;
  /** How long it lasted, in microseconds. */
  readonly lasts: number;
  readonly letters: Letters;
  /** The longest that a message which arrived was on its way: how far back one must look for those in view. */
  readonly slowestLetter: number;
  /** What the nodes wrote, in order of time. */
  readonly lines: readonly LogLine[];
}

/** Unpacks the templates of the page, and removes them: they are megabytes that nobody needs twice. */
export async function load(): Promise<Run> {
  // Written by this package's own `embed`.
  const about = JSON.parse(template('manifest')) as Manifest;
  const packed = Object.fromEntries(
    await Promise.all(
      columnNames.map(async (name) => [name, await inflate(decode(template(name)))] as const),
    ),
  ) as unknown as Packed;
  const columns = unpack(packed, about.length);
  const letters = unpackLetters(await inflate(decode(template('letters'))), about.around.letters);
  // Written by this package's own `embed`, too.
  const lines = JSON.parse(
    new TextDecoder().decode(await inflate(decode(template('lines')))),
  ) as readonly LogLine[];
  const lasts = Math.max(1, about.seconds * 1e6);
  for (const [i, end] of columns.end.entries()) if (end > lasts) columns.end[i] = lasts;
  return { about, lasts, ...columns, letters, slowestLetter: slowest(letters), lines };
}

function slowest({ sent, arrived }: Letters): number {
  let most = 0;
  for (const [i, at] of arrived.entries())
    if (at !== Infinity) most = Math.max(most, at - (sent[i] as number));
  return most;
}

function template(name: string): string {
  const element = document.getElementById(`explorer-${name}`) as HTMLTemplateElement;
  const text = element.content.textContent ?? '';
  element.remove();
  return text;
}

async function inflate(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function decode(base64: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}
