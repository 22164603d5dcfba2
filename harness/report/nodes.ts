import type { Mark } from 'knossos-js';
import type { Struck } from './struck.ts';

/** What a node was from one moment to another. Times are seconds since the run began. */
export interface Spell {
  readonly node: string;
  /** `deposed`: it says that it leads, when another already leads in a later term. */
  readonly kind: 'leader' | 'deposed' | 'role' | 'down' | 'paused' | 'died';
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
  return [...rolesOf(marks, until).flatMap(depositions), ...impaired, ...died];
}

/** What a node was, in all words and in ever fewer, for where there is little room. */
export function spoken(says: string): readonly string[] {
  const [term, number] = /term (\d+)$/.exec(says) ?? [];
  return [says, ...(term !== undefined && number !== undefined ? [term, number] : [])];
}

interface Role extends Spell {
  readonly term?: number;
}

/** A leader's spell, cut in two where a later term begins elsewhere. */
function depositions({ term, ...spell }: Role, _: number, all: readonly Role[]): Spell[] {
  const later = all.filter((other) => other.kind === 'leader' && (other.term ?? 0) > (term ?? Infinity));
  const since = Math.min(...later.filter(({ node }) => node !== spell.node).map(({ from }) => from));
  if (spell.kind !== 'leader' || !(since < spell.to)) return [spell];
  const says = `still acts as leader of term ${term}`;
  const deposed: Spell = { ...spell, kind: 'deposed', says, from: Math.max(since, spell.from) };
  return since <= spell.from ? [deposed] : [{ ...spell, to: since }, deposed];
}

/** A role lasts until the node is seen in another, or no longer in it. */
function rolesOf(marks: readonly Mark[], until: number): Role[] {
  const spells: Role[] = [];
  const open = new Map<string, { role: string; says: string; from: number; term?: number }>();
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
        ...(last.term !== undefined && { term: last.term }),
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
        ...(typeof term === 'number' && { term }),
      });
    }
  }
  for (const node of open.keys()) close(node, until);
  return spells;
}
