import type { Evidence, Fault, Field, Injection } from '../harness/fault.ts';
import type { Allowance, Node, Requested, Resource } from '../harness/runtime.ts';
import { confirmed, indeterminate, namesIn, probed } from './evidence.ts';
import { everyone } from './everyone.ts';
import { nothing, once } from './heal.ts';
import { restartAll } from './restart-all.ts';
import { drawTargets, targetVariants } from './targets.ts';

/** Something that processes run out of. */
export interface Want extends Pick<Fault, 'name' | 'about'> {
  readonly resource: Resource;
  /** What each process is made to ask for, beyond what it may still have, so that it has to be refused. */
  readonly beyond: number;
  /** What they may still have beyond what they have, drawn each time. */
  spare(random: Field['random']): number;
  /** `3 more files`. */
  says(amount: number): string;
}

/**
 * Nodes whose processes may have no more of something than they have, and a little: the next request for it fails, and what a program
 * does then is seldom tried. Some end; those are started again when it is healed.
 */
export function limitFault({ name, about, resource, beyond, spare, says }: Want): Fault {
  return {
    name,
    about,
    proof: 'each process is made to ask for more, and is refused; the operating system says what it may have',
    needs: ['limit', 'kill'],
    variants: targetVariants,
    async inject(field, variant): Promise<Injection> {
      const left = spare(field.random.fork('spare'));
      const targets = await drawTargets(field, variant);
      if ('none' in targets) return nothing(targets.none);
      const { nodes } = targets;
      const before = await readAll(nodes, resource);
      const refused = await everyone(nodes, (node) => limitsOf(node).tighten(resource, left));
      const names = nodes.map((node) => node.name);
      return {
        what: `${names.join(' ')}: ${says(left)} at most`,
        nodes: names,
        evidence:
          refused.length > 0
            ? indeterminate(refused.join('; '))
            : await probed(() => evidenceOfWant(nodes, resource, before, left + beyond)),
        heal: once(async () => {
          const dead = await namesIn(nodes, 'dead');
          const stuck = await everyone(nodes, (node) => limitsOf(node).relax(resource));
          if (stuck.length > 0) throw new Error(`could not raise the limit again: ${stuck.join('; ')}`);
          const running = await restartAll(field, nodes);
          if (dead.size > 0 || running.outcome !== 'confirmed') return running;
          return await probed(() => evidenceOfPlenty(nodes, resource, before));
        }),
      };
    },
  };
}

type Read = Allowance & { readonly node: string };

async function readAll(nodes: readonly Node[], resource: Resource): Promise<readonly Read[]> {
  const all = await Promise.all(
    nodes.map(async (node) =>
      (await limitsOf(node).read(resource)).map((one) => ({ ...one, node: node.name })),
    ),
  );
  return all.flat();
}

/** As the operating system says: each process may have less than before, or has ended over it. */
async function evidenceOfWant(
  nodes: readonly Node[],
  resource: Resource,
  before: readonly Read[],
  amount: number,
): Promise<Evidence> {
  const now = await readAll(nodes, resource);
  const asked = await requestAll(nodes, resource, amount);
  const dead = await namesIn(nodes, 'dead');
  const free = now.filter((one) => one.may >= (usual(before, one)?.may ?? Infinity));
  if (free.length > 0) return indeterminate(free.map(said).join('; '));
  const given = asked.filter(({ node, refused, unasked }) => !dead.has(node) && !refused && !unasked);
  if (given.length > 0)
    return indeterminate(
      given.map(({ node, process }) => `${node}: ${process} asked for more, and was given it`).join('; '),
    );
  const ended = [...dead].map((name) => `${name} ended over it`);
  const limited = now.filter(({ node }) => !dead.has(node)).slice(0, 3);
  return limited.length + ended.length === 0
    ? indeterminate('no process whose limits could be read')
    : confirmed([...ended, ...limited.map((one) => `${said(one)}${answered(asked, one)}`)].join('; '));
}

/** `, was refused one more: EMFILE`. */
function answered(
  asked: readonly (Requested & { readonly node: string })[],
  { node, process }: Read,
): string {
  const one = asked.find((other) => other.node === node && process.includes(other.process));
  if (one?.refused !== undefined) return `, asked for more: ${one.refused}`;
  return one?.unasked === undefined ? '' : `, not asked: ${one.unasked}`;
}

async function requestAll(
  nodes: readonly Node[],
  resource: Resource,
  amount: number,
): Promise<readonly (Requested & { readonly node: string })[]> {
  const all = await Promise.all(
    nodes.map(async (node) =>
      (await limitsOf(node).request(resource, amount)).map((one) => ({ ...one, node: node.name })),
    ),
  );
  return all.flat();
}

async function evidenceOfPlenty(
  nodes: readonly Node[],
  resource: Resource,
  before: readonly Read[],
): Promise<Evidence> {
  const now = await readAll(nodes, resource);
  const short = now.filter((one) => one.may < (usual(before, one)?.may ?? 0));
  return short.length > 0
    ? indeterminate(short.map(said).join('; '))
    : confirmed(`may have as much as before: ${now.map(({ process }) => process).join(', ')}`);
}

const usual = (before: readonly Read[], { node, process }: Read): Read | undefined =>
  before.find((one) => one.node === node && one.process === process);

const said = ({ node, process, may, has }: Read): string => `${node}: ${process} may have ${may}, has ${has}`;

function limitsOf(node: Node): NonNullable<Node['limits']> {
  if (node.limits === undefined) throw new Error('this runtime cannot reach its limits');
  return node.limits;
}
