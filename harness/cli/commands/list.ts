import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../../errors.ts';
import type { Fault } from '../../fault.ts';
import type { Result } from '../../record/result.ts';
import { rolesOf, type System } from '../../system.ts';
import { all } from '../plugins.ts';
import { table } from '../table.ts';

interface Listed {
  readonly name: string;
  readonly about: string;
  /** What may be chosen: `name: what it does`. */
  readonly choices?: Readonly<Record<string, string>>;
}

const lists: Readonly<Record<string, (results: string) => Promise<readonly Listed[]>>> = {
  systems: async () => ((await values('system')) as System[]).map(describeSystem),
  workloads: async () => (await values('workload')) as Listed[],
  faults: async () =>
    ((await values('fault')) as Fault[]).map(({ name, about, variants }) => ({
      name,
      about,
      choices: Object.fromEntries(variants.map((variant) => [`${name}:${variant}`, ''])),
    })),
  runs: async (results) => runs(results),
};

/** `labrys list`: every plug-in by listing its folder, in the words of its own file. */
export async function list(
  what: string | undefined,
  options: { results?: string; json?: boolean },
): Promise<number> {
  if (what !== undefined && !(what in lists))
    throw new UsageError(`there is no list of ${JSON.stringify(what)}`, {
      hint: `There are: ${Object.keys(lists).join(', ')}.`,
    });
  const wanted = what === undefined ? Object.keys(lists).filter((name) => name !== 'runs') : [what];
  const found: Record<string, readonly Listed[]> = {};
  for (const name of wanted)
    found[name] = await (lists[name] as (results: string) => Promise<readonly Listed[]>)(
      options.results ?? 'results',
    );
  if (options.json) {
    const plain = Object.entries(found).map(([name, items]) => [
      name,
      items.map(({ name, about, choices }) => ({ name, about, ...(choices ? { choices } : {}) })),
    ]);
    process.stdout.write(`${JSON.stringify(Object.fromEntries(plain))}\n`);
    return 0;
  }
  for (const [name, items] of Object.entries(found)) process.stdout.write(`${name}\n${lines(items)}\n`);
  return 0;
}

function lines(items: readonly Listed[]): string {
  if (items.length === 0) return '  none\n';
  const rows = items.flatMap(({ name, about, choices = {} }) => [
    [`  ${name}`, about],
    ...Object.entries(choices).map(([choice, does]) => [`    ${choice}`, does]),
  ]);
  return table(rows);
}

function describeSystem(system: System): Listed {
  const { name, about = '', options = {}, bugs = {} } = system;
  return {
    name,
    about,
    choices: Object.fromEntries([
      ...Object.entries(options).map(([option, { about, default: usual, choices }]) => [
        `--option ${option}=${(choices ?? [usual]).join('|')}`,
        `${about} (default ${usual})`,
      ]),
      ...Object.entries(bugs).map(([bug, does]) => [`--bug ${bug}`, does]),
      ...Object.entries(system.admin ?? {}).map(([chore, { about }]) => [`--nemesis admin:${chore}`, about]),
      ...Object.entries(system.failpoints?.names ?? {}).map(([name, where]) => [
        `--nemesis failpoint:${name}`,
        where,
      ]),
      ...rolesOf(system).map((role) => [`@${role}`, `a role to aim faults at: --nemesis kill:@${role}`]),
    ]),
  };
}

const values = async (kind: 'system' | 'workload' | 'fault'): Promise<unknown[]> => [
  ...(await all(kind)).values(),
];

/** Newest first; a run without a verdict was cut short, and `labrys check` can still judge it. */
function runs(results: string): readonly Listed[] {
  if (!existsSync(results)) return [];
  return readdirSync(results)
    .filter((run) => existsSync(join(results, run, 'plan.json')))
    .sort()
    .reverse()
    .map((run) => ({
      name: join(results, run),
      about: sentenceOf(join(results, run, 'result.json'), join(results, run)),
    }));
}

function sentenceOf(file: string, run: string): string {
  if (!existsSync(file)) return `no verdict yet; npx labrys check ${run}`;
  try {
    const { verdict, sentence } = JSON.parse(readFileSync(file, 'utf8')) as Result;
    return `${verdict}: ${sentence}`;
  } catch {
    return 'its result.json cannot be read; labrys check writes it again';
  }
}
