import { columnNames, unpack, type Columns, type Packed } from '../columns.ts';
import type { Manifest } from '../manifest.ts';

/** What the page holds about the run. */
export interface Run extends Columns {
  readonly about: Manifest;
  /** How long it lasted, in microseconds. */
  readonly lasts: number;
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
  const lasts = Math.max(1, about.seconds * 1e6);
  for (const [i, end] of columns.end.entries()) if (end > lasts) columns.end[i] = lasts;
  return { about, lasts, ...columns };
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
