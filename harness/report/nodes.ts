import type { Mark } from 'knossos-js';
import type { Struck } from './struck.ts';

/** What a node was from one moment to another. Times are seconds since the run began. */
export interface Spell {
  readonly node: string;
  readonly kind: 'leader' | 'role' | 'down' | 'paused' | 'died';
  readonly says: string;
  readonly from: number;
  readonly to: number;
}

/** What each node was when: the roles that it was seen in, when faults had it down, when it died by itself. */
export function spellsOf(marks: readonly Mark[], faults: readonly Struck[], until: number): Spell[] {
  const impaired = faults
    .filter(({ inForce }) => inForce)
    .flatMap((fault): Spell[] => {
      const kind = /kill/.test(fault.name) ? 'down' : /pause|stop/.test(fault.name) ? 'paused' : undefined;
      if (kind === undefined) return [];
      return fault.nodes.map((node) => ({ node, kind, says: kind, from: fault.from, to: fault.to ?? until }));
    });
  const died = marks
    .filter(({ name }) => name === 'crash')
    .flatMap(({ nodes = [], time }) =>
      nodes.map((node): Spell => ({ node, kind: 'died', says: 'died', from: time / 1e9, to: until })),
    );
  return [...rolesOf(marks, until), ...impaired, ...died];
}

/** A role lasts until the node is seen in another, or no longer in it. */
function rolesOf(marks: readonly Mark[], until: number): Spell[] {
  const spells: Spell[] = [];
  const open = new Map<string, { role: string; says: string; from: number }>();
  const close = (node: string, to: number) => {
    const last = open.get(node);
    open.delete(node);
    if (last !== undefined && last.role !== 'other')
      spells.push({
        node,
        kind: last.role === 'leader' ? 'leader' : 'role',
        says: last.says,
        from: last.from,
        to,
      });
  };
  for (const { name, nodes = [], time, details } of marks) {
    const role = details?.['role'];
    if (name !== 'role' || typeof role !== 'string') continue;
    const term = details?.['term'];
    for (const node of nodes) {
      close(node, time / 1e9);
      open.set(node, {
        role,
        says: typeof term === 'number' ? `${role} · term ${term}` : role,
        from: time / 1e9,
      });
    }
  }
  for (const node of open.keys()) close(node, until);
  return spells;
}
