import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** One entry of a collection of recorded histories, and how its verdict is known. */
export interface Recorded {
  readonly set: string;
  readonly file: string;
  readonly expected: Readonly<Record<string, boolean | readonly string[] | null>>;
}

/** Where a collection of recorded histories with known verdicts lies, for tests; undefined where there is none. */
export const recordedAt: string | undefined = process.env['LABRYS_HISTORIES'];

/** The entries of one set; empty where there is no collection, so that tests can say why they skip. */
export function recorded(set: string): Recorded[] {
  if (recordedAt === undefined || !existsSync(`${recordedAt}/MANIFEST.json`)) return [];
  const manifest = JSON.parse(readFileSync(`${recordedAt}/MANIFEST.json`, 'utf8')) as { entries: Recorded[] };
  return manifest.entries.filter((entry) => entry.set === set);
}

export function contentOf(entry: Recorded): Uint8Array {
  const bytes = readFileSync(`${recordedAt}/${entry.file}`);
  return entry.file.endsWith('.gz') ? gunzipSync(bytes) : bytes;
}
