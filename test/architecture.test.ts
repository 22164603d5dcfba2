import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');

/** Who may import whom. A folder may always import itself. `harness` is its contracts, the files at its top. */
const mayImport: Record<string, readonly string[]> = {
  checkers: [],
  harness: ['checkers'],
  'harness/plan': ['checkers', 'harness'],
  'harness/provision': ['checkers', 'harness'],
  'harness/record': ['checkers', 'harness', 'harness/plan'],
  'harness/drive': ['checkers', 'harness', 'harness/plan', 'harness/record', 'harness/provision/links.ts'],
  'harness/judge': ['checkers', 'harness', 'harness/plan', 'harness/record'],
  'harness/report': ['checkers', 'harness', 'harness/plan', 'harness/record'],
  'harness/cli': ['checkers', 'harness', 'harness/*', 'workloads', 'nemesis', 'docker'],
  workloads: ['harness', 'checkers'],
  nemesis: ['harness'],
  docker: ['harness', 'workloads', 'checkers'],
};

/** Third parties are guests: each lives behind one door. */
const doors: Record<string, RegExp> = {
  dockerode: /^harness\/provision\/docker/,
  ssh2: /^harness\/provision\/ssh/,
  execa: /^harness\/(provision\/(local|namespace|docker)|cli\/)/,
  '@msgpack/msgpack': /^docker\/serf\/rpc/,
  '@redis/client': /^docker\/redis\/connection/,
  commander: /^harness\/cli\//,
  'log-update': /^harness\/cli\//,
};

const sources = globSync('{checkers,harness,workloads,nemesis,docker}/**/*.ts', { cwd: root }).filter(
  (path) => !/node_modules|\/dist\/|\.test\.ts$|testing|conformance|fixture/.test(path),
);

interface Import {
  readonly file: string;
  readonly specifier: string;
  readonly target: string | undefined;
}

const imports: readonly Import[] = sources.flatMap((file) =>
  [
    ...readFileSync(join(root, file), 'utf8').matchAll(
      /^\s*(?:import|export)\b[^'"`;]*?\bfrom\s+['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm,
    ),
  ].map(([, static_, dynamic]) => {
    const specifier = (static_ ?? dynamic) as string;
    return { file, specifier, target: targetOf(file, specifier) };
  }),
);

test('folders import only what their row allows', () => {
  expect(sources.length).toBeGreaterThan(10);
  const broken = imports.filter(({ file, target }) => {
    if (target === undefined) return false;
    const [from, to] = [home(file), home(target)];
    const allowed = mayImport[from] ?? [];
    return (
      from !== to &&
      !allowed.some(
        (row) => row === to || row === target || (row.endsWith('/*') && to.startsWith(row.slice(0, -1))),
      )
    );
  });
  expect(broken.map(({ file, specifier }) => `${file} imports ${specifier}`)).toEqual([]);
});

test('no file imports itself, however long the way round', () => {
  const next = new Map<string, string[]>();
  for (const { file, target } of imports)
    if (target !== undefined) next.set(file, [...(next.get(file) ?? []), target]);
  const done = new Set<string>();
  const cycles: string[] = [];
  for (const start of sources) walk(start, []);
  expect(cycles).toEqual([]);

  function walk(file: string, path: readonly string[]): void {
    const at = path.indexOf(file);
    if (at >= 0) {
      cycles.push([...path.slice(at), file].join(' → '));
      return;
    }
    if (done.has(file)) return;
    for (const target of next.get(file) ?? []) walk(target, [...path, file]);
    done.add(file);
  }
});

test('third-party packages are imported behind one door each', () => {
  const broken = imports.filter(({ file, specifier }) => {
    const door = doors[specifier];
    return door !== undefined && !door.test(file);
  });
  expect(broken.map(({ file, specifier }) => `${file} imports ${specifier}`)).toEqual([]);
});

test('the core of knossos-js imports nothing of Node, so that it runs in a browser', () => {
  const broken = imports.filter(
    ({ file, specifier }) =>
      file.startsWith('checkers/src/') && !/\/(pool|cli)\//.test(file) && !specifier.startsWith('.'),
  );
  expect(broken.map(({ file, specifier }) => `${file} imports ${specifier}`)).toEqual([]);
});

function home(path: string): string {
  return (
    Object.keys(mayImport)
      .toSorted((a, b) => b.length - a.length)
      .find((folder) => path.startsWith(`${folder}/`)) ?? path
  );
}

function targetOf(file: string, specifier: string): string | undefined {
  if (specifier.startsWith('knossos-js')) return 'checkers/src/index.ts';
  if (!specifier.startsWith('.')) return undefined;
  return relative(root, join(root, dirname(file), specifier));
}
