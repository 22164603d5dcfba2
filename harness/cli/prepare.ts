import { randomInt } from 'node:crypto';
import { release } from 'node:os';
import { EnvironmentError, UsageError } from '../errors.ts';
import type { Fault, Quorum } from '../fault.ts';
import { drawPlan } from '../plan/draw.ts';
import { parseDuration, parseNemesis, parseRate, type NamedFault } from '../plan/parse.ts';
import type { Plan } from '../plan/plan.ts';
import type { PossibleFault } from '../plan/strikes.ts';
import { monitorsOf } from '../record/watched.ts';
import type { Capability, Runtime, RuntimeName } from '../runtime.ts';
import { rolesOf, type Settings, type System } from '../system.ts';
import { readConfig } from './config.ts';
import { oneOf, pairs, systemOptions, whole, workloadOptions } from './options.ts';
import { loadFault, loadSystem, loadWorkload, workloadFile } from './plugins.ts';
import { allFaults } from './support.ts';
import { drawSwarm } from './swarm.ts';
import { commitOf, versionOf } from './version.ts';
import { worldFor, type World } from './world.ts';

/** What `labrys test` was asked, word by word. */
export interface TestOptions {
  readonly workload?: string;
  readonly nemesis?: string;
  readonly time?: string;
  readonly runtime?: RuntimeName;
  readonly nodes?: string;
  readonly clients?: string;
  readonly rate?: string;
  readonly seed?: string;
  readonly option?: readonly string[];
  readonly with?: readonly string[];
  readonly bug?: string;
  readonly quorum?: Quorum;
  readonly stopOnViolation?: boolean;
  readonly checkBudget?: string;
  readonly keepData?: KeepData;
  readonly hosts?: string;
  readonly yes?: boolean;
  readonly config?: string;
  readonly results?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** When the nodes' data outlives the run: it is large, and of use to whoever looks for the cause of a violation. */
export type KeepData = 'always' | 'violation' | 'never';

/** A test that can start: everything is loaded, everything was checked, everything is drawn. */
export interface Prepared {
  readonly plan: Plan;
  readonly system: System;
  readonly workload: Awaited<ReturnType<typeof loadWorkload>>;
  readonly workloadFile: string;
  readonly faults: ReadonlyMap<string, Fault>;
  readonly settings: Settings;
  readonly world: World;
}

/** Checks all that can be checked before anything starts, and draws the plan. Wrong words throw a {@link UsageError}. */
export async function prepare(asked: string, options: TestOptions): Promise<Prepared> {
  const runtime = options.runtime ?? 'local';
  const system = await loadSystem(asked);
  const workload = await loadWorkload(options.workload ?? 'register');
  const bound = system.clients.map((client) => client.workload);
  if (!bound.includes(workload.name))
    throw new UsageError(`${system.name} has no client for the workload ${workload.name}`, {
      hint: `It has: ${bound.join(', ')}. Bind another with clientFor(workload, open) in its file.`,
    });
  if (options.bug !== undefined && !Object.hasOwn(system.bugs ?? {}, options.bug))
    throw new UsageError(`${system.name} has no bug called ${JSON.stringify(options.bug)}`, {
      hint: oneOf(Object.keys(system.bugs ?? {})),
    });
  const seed =
    options.seed === undefined ? randomInt(1, 1_000_000) : whole('--seed', options.seed, 0, 2 ** 32 - 1);
  const askedOptions = pairs('--option', options.option ?? []);
  const settings: Settings = { options: systemOptions(system, askedOptions), bug: options.bug, runtime };
  const machines = await machinesFor(runtime, options);
  const nemesis = options.nemesis ?? 'none';
  // Before anything is asked of them.
  if (machines !== undefined && nemesis.trim() !== 'none' && options.yes !== true)
    throw new UsageError(`${nemesis} would be done to ${machines.names.join(', ')}, as root`, {
      hint: 'Labrys did not make these machines, and others may need them. Say --yes where they are there to be broken.',
    });
  const world = await worldFor(system, seed, settings, machines?.ssh);
  const { faults, possible } = await loadFaults(nemesis, world.runtime, system, seed);
  const askedWith = pairs('--with', options.with ?? []);
  const plan = drawPlan({
    now: new Date(),
    seed,
    system: { asked, name: system.name, ...(system.size === undefined ? {} : { size: system.size }) },
    options: settings.options,
    askedOptions,
    ...(options.bug === undefined ? {} : { bug: options.bug }),
    workload: {
      asked: options.workload ?? workload.name,
      name: workload.name,
      options: workloadOptions(workload, askedWith),
      askedOptions: askedWith,
      final: workload.final !== undefined,
    },
    runtime,
    faults: possible,
    roles: system.leaders === undefined ? [] : ['leader'],
    ...(options.nodes === undefined ? machines?.all : { nodes: whole('--nodes', options.nodes, 1, 99) }),
    ...(options.hosts === undefined ? {} : { hosts: options.hosts }),
    ...(options.clients === undefined ? {} : { clients: whole('--clients', options.clients, 1, 10_000) }),
    ...(options.rate === undefined ? {} : { rate: parseRate(options.rate) }),
    ...(options.time === undefined ? {} : { ms: parseDuration(options.time, '--time') }),
    ...(options.quorum === undefined ? {} : { quorum: options.quorum }),
    ...(options.stopOnViolation && { stopsOnViolation: true }),
    ...(options.checkBudget === undefined
      ? {}
      : { check: { seconds: parseDuration(options.checkBudget, '--check-budget') / 1000 } }),
    versions: versions(),
  });
  if (plan.stopsOnViolation && monitorsOf(workload.checkers(plan.workload.options)).length === 0)
    throw new UsageError(
      `--stop-on-violation: nothing that ${workload.name} promises can be watched while it runs`,
      { hint: 'Leave it out: the run is judged at its end.' },
    );
  return { plan, system, workload, workloadFile: workloadFile(plan.workload.name), faults, settings, world };
}

/** One that the fault has, or `@` and a role that the system has. */
function checkVariant(name: string, variants: readonly string[], variant: string, system: System): void {
  if (!variant.startsWith('@')) {
    if (variants.includes(variant)) return;
    throw new UsageError(`${name} has no variant ${JSON.stringify(variant)}`, { hint: oneOf(variants) });
  }
  if (!variants.includes('leader'))
    throw new UsageError(`${name} cannot be aimed at a role, as in ${name}:${variant}`, {
      hint: oneOf(variants),
    });
  const roles = rolesOf(system);
  if (roles.includes(variant.slice(1))) return;
  throw new UsageError(`${system.name} has no role ${JSON.stringify(variant.slice(1))}`, {
    hint: roles.length > 0 ? oneOf(roles.map((role) => `@${role}`)) : 'Its file tells of none.',
  });
}

/** The machines that a run over ssh may use; nodes on all of those that were asked for by name. */
async function machinesFor(runtime: RuntimeName, options: TestOptions) {
  if (runtime !== 'ssh') {
    if (options.hosts !== undefined)
      throw new UsageError('--hosts goes with --runtime ssh', {
        hint: 'Leave it out, or say --runtime ssh.',
      });
    return undefined;
  }
  const { chosen, hostsOf } = await import('../provision/ssh/host.ts');
  const asked = options.hosts?.split(',').map((name) => name.trim());
  const ssh = chosen((await readConfig(options.config)).ssh, asked);
  const names = hostsOf(ssh).map(({ name }) => name);
  return { ssh, names, all: asked === undefined ? {} : { nodes: names.length } };
}

const takesAway: ReadonlySet<Capability> = new Set(['kill', 'pause', 'cut']);

async function loadFaults(nemesis: string, on: Runtime, system: System, seed: number) {
  const { name: runtime, can, lacks } = on;
  const named: readonly NamedFault[] =
    nemesis.trim() === 'swarm' ? await drawSwarm(await allFaults(), on, system, seed) : parseNemesis(nemesis);
  const wanted = new Map<Capability, string>();
  const faults = new Map<string, Fault>();
  const possible: PossibleFault[] = [];
  for (const { name: asked, variant } of named) {
    const fault = await loadFault(asked);
    const { name } = fault;
    if ((faults.get(name) ?? fault) !== fault)
      throw new UsageError(`${asked} calls itself ${name}, as another fault does that was asked for`, {
        hint: 'Give it a name of its own: the history tells faults apart by their names.',
      });
    const missing = fault.needs.filter((need) => !can.has(need));
    if (missing.length > 0)
      throw new UsageError(
        `${name} cannot be done on the runtime ${runtime}: it needs ${missing.join(', ')}`,
        {
          hint: 'Choose another runtime, or leave this fault out.',
        },
      );
    const unknown = (fault.asks ?? []).filter((offer) => system[offer] === undefined);
    if (unknown.length > 0)
      throw new UsageError(
        `${name} cannot be done to ${system.name}, which does not say how: ${unknown.join(', ')}`,
        {
          hint: `Give its system.ts a \`${unknown[0]}\` (docs/cookbook/a-system.md), or leave this fault out.`,
        },
      );
    const variants = fault.variantsOf?.(system) ?? fault.variants;
    if (variant !== undefined) checkVariant(name, variants, variant, system);
    for (const need of fault.needs) wanted.set(need, name);
    faults.set(name, fault);
    possible.push({
      name,
      ...(asked === name ? {} : { asked }),
      variants,
      kills: fault.needs.includes('kill'),
      removes: fault.needs.some((need) => takesAway.has(need)),
      ...(fault.takesMs === undefined ? {} : { takesMs: fault.takesMs }),
      ...(variant === undefined ? {} : { variant }),
    });
  }
  for (const [capability, name] of wanted) {
    const lack = await lacks?.(capability);
    if (lack !== undefined)
      throw new EnvironmentError(`${name} cannot be done on this machine: ${lack}`, {
        hint: 'Leave this fault out, or choose another runtime. `npx labrys doctor` says what works here.',
      });
  }
  return { faults, possible };
}

function versions(): Record<string, string> {
  const commit = commitOf();
  return {
    labrys: versionOf(),
    ...(commit === undefined ? {} : { commit }),
    node: process.version,
    kernel: release(),
  };
}
