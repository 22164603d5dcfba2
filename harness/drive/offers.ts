import type { Field } from '../fault.ts';
import type { Node } from '../runtime.ts';
import { membersOf } from './members.ts';
import type { Readiness } from './ready.ts';
import { within } from './within.ts';

/** A chore may keep a node busy: etcd's defragmentation answers nobody else meanwhile. */
const choreMs = 10_000;
const armMs = 3000;

/** What the system offers beyond the least, asked of the nodes of this run. */
export function offersOf(
  readiness: Readiness,
  nodes: readonly Node[],
): Pick<Field, 'members' | 'chores' | 'arm' | 'files'> {
  const { system, settings, time } = readiness;
  const members = membersOf(readiness, nodes);
  const chores = Object.entries(system.admin ?? {}).map(([name, { atLeader = false, run }]) => [
    name,
    {
      atLeader,
      run: (at: Node) => within(time, choreMs, undefined, (signal) => run(at, { settings, time, signal })),
    },
  ]);
  const { failpoints } = system;
  const files = settings.options['files']?.split(',') ?? system.files;
  return {
    ...(files && { files }),
    ...(members && { members }),
    ...(system.admin && { chores: Object.fromEntries(chores) as NonNullable<Field['chores']> }),
    ...(failpoints && {
      arm: (node, name) =>
        within(time, armMs, undefined, (signal) => failpoints.arm(node, name, { settings, time, signal })),
    }),
  };
}
