import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Operations } from 'knossos-js';
import { UsageError } from '../errors.ts';
import type { Fault } from '../fault.ts';
import { resolveOwnPackages } from '../judge/resolve-own.ts';
import type { System } from '../system.ts';
import type { Workload } from '../workload.ts';
import { problemsOfFault, problemsOfSystem, problemsOfWorkload } from './validate.ts';

/**
 * Systems, workloads and faults are found by listing folders; there is no registry to edit. A user's own file is named
 * by its path, and may be anywhere.
 */
export const root = resolve(import.meta.dirname, '../..');

type AnyWorkload = Workload<Operations, Record<string, unknown>>;

const kinds = {
  system: { found: 'docker/*/system.ts', problems: problemsOfSystem },
  workload: { found: 'workloads/*.ts', problems: problemsOfWorkload },
  fault: { found: 'nemesis/{,scenarios/}*.ts', problems: problemsOfFault },
} as const;

export const loadSystem = async (named: string): Promise<System> =>
  (await load('system', fileOf('system', named), named)) as System;
export const loadWorkload = async (named: string): Promise<AnyWorkload> =>
  (await load('workload', workloadFile(named), named)) as AnyWorkload;
export const loadFault = async (named: string): Promise<Fault> =>
  (await load('fault', fileOf('fault', named), named)) as Fault;
/** Where a workload is: whoever judges imports it in a thread of its own. */
export const workloadFile = (named: string): string => fileOf('workload', named);

/** Every plug-in of a kind that comes with Labrys, by name. */
export async function all(kind: keyof typeof kinds): Promise<ReadonlyMap<string, unknown>> {
  const found = new Map<string, unknown>();
  for (const [name, file] of files(kind)) {
    const plugin = await importDefault(file);
    if (plugin !== undefined && kinds[kind].problems(plugin).length === 0) found.set(name, plugin);
  }
  return found;
}

function fileOf(kind: keyof typeof kinds, named: string): string {
  const file = isPath(named) ? resolve(named) : files(kind).get(named);
  if (file === undefined)
    throw new UsageError(`there is no ${kind} called ${JSON.stringify(named)}`, {
      hint: `There are: ${[...files(kind).keys()].join(', ')}. A file of your own is named by its path: ./my-${kind}.ts`,
    });
  if (!existsSync(file))
    throw new UsageError(`${named}: no such file`, { hint: `A ${kind} file exports it as its default.` });
  return file;
}

async function load(kind: keyof typeof kinds, file: string, named: string): Promise<unknown> {
  const plugin = await importDefault(file).catch((cause: unknown) => {
    throw new UsageError(
      `${named} could not be loaded: ${cause instanceof Error ? cause.message : String(cause)}`,
      {
        cause,
        hint: 'Run it through `npx node --check`, or see docs/cookbook for a whole example.',
      },
    );
  });
  const problems = kinds[kind].problems(plugin);
  if (problems.length > 0) {
    throw new UsageError(`${named} is not a ${kind}:\n${problems.map((line) => `  - ${line}`).join('\n')}`, {
      hint: `See docs/cookbook/a-${kind}.md for a whole example.`,
    });
  }
  return plugin;
}

function files(kind: keyof typeof kinds): ReadonlyMap<string, string> {
  // Helpers live beside the plug-ins that share them: a plug-in is a file with a default export.
  const paths = globSync(kinds[kind].found, { cwd: root }).filter(
    (path) =>
      !/\.(test|bench)\.ts$/.test(path) && /^export default/m.test(readFileSync(join(root, path), 'utf8')),
  );
  return new Map(
    paths
      .sort()
      .map((path) => [kind === 'system' ? basename(dirname(path)) : basename(path, '.ts'), join(root, path)]),
  );
}

const isPath = (named: string): boolean => /[/\\]|\.[cm]?[jt]s$/.test(named);

async function importDefault(file: string): Promise<unknown> {
  resolveOwnPackages();
  return ((await import(pathToFileURL(file).href)) as { default?: unknown }).default;
}
