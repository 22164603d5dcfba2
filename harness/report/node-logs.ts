import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { visible } from './words.ts';

/** A line that a node wrote, and by when it had. Times are seconds since the run began. */
export interface Said {
  readonly node: string;
  readonly at: number;
  readonly text: string;
}

/** Larger logs are left where they are: the run's folder has them. */
const MOST_BYTES = 64 * 2 ** 20;
const LONGEST = 300;

/** What the nodes wrote, in order of time. Where nobody noted when a node wrote, its lines are left out. */
export async function readNodeLogs(folder: string, nodes: readonly string[]): Promise<readonly Said[]> {
  // A name out of a file is a folder's name only where it can lead nowhere else.
  const named = nodes.filter((node) => /^\w[\w.-]*$/.test(node));
  const said = await Promise.all(named.map((node) => logOf(join(folder, 'nodes', node), node)));
  return said.flat().toSorted((a, b) => a.at - b.at);
}

interface Grown {
  readonly time: number;
  readonly stdout: number;
  readonly stderr: number;
}

async function logOf(place: string, node: string): Promise<readonly Said[]> {
  const grown = await timesOf(join(place, 'times.jsonl'));
  if (grown.length === 0) return [];
  const streams = (['stdout', 'stderr'] as const).map(async (stream) => {
    const path = join(place, `${stream}.log`);
    const size = await stat(path).then(
      (found) => found.size,
      () => 0,
    );
    if (size === 0 || size > MOST_BYTES) return [];
    return linesOf(
      await readFile(path),
      node,
      grown.map((line) => ({ time: line.time, length: line[stream] })),
    );
  });
  return (await Promise.all(streams)).flat();
}

async function timesOf(path: string): Promise<readonly Grown[]> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return text.split('\n').flatMap((line): Grown[] => {
    try {
      const found = JSON.parse(line) as Grown;
      return [found.time, found.stdout, found.stderr].every(Number.isFinite) ? [found] : [];
    } catch {
      return [];
    }
  });
}

function linesOf(
  bytes: Buffer,
  node: string,
  grown: readonly { readonly time: number; readonly length: number }[],
): readonly Said[] {
  const said: Said[] = [];
  let noted = 0;
  for (let start = 0; start < bytes.length;) {
    const newline = bytes.indexOf(0x0a, start);
    const end = newline < 0 ? bytes.length : newline + 1;
    while (noted < grown.length - 1 && (grown[noted] as { length: number }).length < end) noted++;
    const text = bytes.toString('utf8', start, Math.min(end, start + 4 * LONGEST)).trimEnd();
    if (text !== '')
      said.push({ node, at: (grown[noted] as { time: number }).time / 1e9, text: shorter(text) });
    start = end;
  }
  return said;
}

/** Nodes on the kit write JSON: what they say, and as what. */
function shorter(text: string): string {
  let words = text;
  try {
    const { node, role, term, log, error } = JSON.parse(text) as Readonly<Record<string, unknown>>;
    if (typeof node === 'string' && (typeof role === 'string' || typeof log === 'string'))
      words = [role, typeof term === 'number' && `term ${term}:`, log, error]
        .filter((part) => typeof part === 'string')
        .join(' ')
        .replace(/:$/, '');
  } catch {
    // Another node's words, as they are.
  }
  return visible(words).slice(0, LONGEST);
}
