import type { Fault } from '../fault.ts';
import type { Capability, Diagnosis, Runtime } from '../runtime.ts';
import { all } from './plugins.ts';

/** Whether a fault can be done on a runtime: through what; or why not, and what to do about it. */
export interface Support {
  readonly works: boolean;
  readonly detail: string;
}

/** Every fault that comes with Labrys, by its name. */
export const allFaults = async (): Promise<readonly Fault[]> =>
  [...((await all('fault')) as ReadonlyMap<string, Fault>).values()].toSorted((a, b) =>
    a.name < b.name ? -1 : 1,
  );

/**
 * From what the fault says that it needs, and what the runtime says that it can. `tried` is what this machine was found to do; without
 * it, the answer is about any machine.
 */
export function supportOf(
  { needs }: Fault,
  { name, can, through = {} }: Pick<Runtime, 'name' | 'can' | 'through'>,
  tried: readonly Diagnosis[] = [],
): Support {
  const missing = needs.filter((need) => !can.has(need));
  if (missing.length > 0) return { works: false, detail: `${name} cannot ${missing.map(said).join(', ')}` };
  const failed = tried.find(
    ({ works, capability }) => !works && (capability === undefined || needs.includes(capability)),
  );
  if (failed) {
    const { what, detail, hint } = failed;
    return { works: false, detail: `${what}: ${detail}${hint === undefined ? '' : `. ${hint}`}` };
  }
  const means = [...new Set(needs.flatMap((need) => through[need] ?? []))];
  return { works: true, detail: needs.length === 0 ? 'what the system itself answers to' : means.join('; ') };
}

/** As a verb of what a runtime does to nodes. */
const said = (capability: Capability): string => words[capability];
const words: Readonly<Record<Capability, string>> = {
  kill: 'kill nodes',
  stop: 'ask nodes to end',
  pause: 'pause nodes',
  cut: 'cut links',
  shape: 'shape links',
  clock: 'bend clocks',
  limit: 'limit what nodes may have',
  group: 'hold all processes of a node together',
  disk: 'make disks fail',
  exec: 'run programs in nodes',
  write: 'write files into nodes',
};
