import type { Evidence, Fault, Field, Injection } from '../harness/fault.ts';
import type { Link, Network, Shaping } from '../harness/runtime.ts';
import { confirmed, indeterminate, probed } from './evidence.ts';
import { nothing, once } from './heal.ts';
import { allLinks } from './shapes.ts';
import { drawTargets, targetVariants } from './targets.ts';

/** A way in which links can carry badly. */
export interface Ailment extends Pick<Fault, 'name' | 'about' | 'proof'> {
  /** How badly, this time. */
  draw(random: Field['random']): Drawn;
}

export interface Drawn {
  readonly shaping: Shaping;
  /** For people; `whose` is what is sent over these links: `what n2 sends`. */
  says(whose: string): string;
  /** Looks at a link that carries as usual, or as badly as this. */
  look(network: Required<Network>, link: Link): Promise<Look>;
}

/** What a probe saw of one link: whether it ails in this way; or, where nothing came through, neither. */
export interface Look {
  readonly state: 'usual' | 'ill' | 'dead';
  readonly saw: string;
}

/** How most of them show. */
const rows = 'a row of datagrams over some of its links, before and since';

/** So many links are looked at. All are told in one message; what holds for some of them holds for all. */
const SAMPLE = 3;

/**
 * A fault of links that carry badly rather than not at all: of one node, of several, of the leader, of all; and of each, what it sends,
 * what it hears, or both. Looks at some of the links before it strikes, since, and when it is healed.
 */
export function linkFault({ name, about, proof = rows, draw }: Ailment): Fault {
  return {
    name,
    about,
    proof,
    needs: ['shape'],
    variants: targetVariants,
    async inject(field, variant): Promise<Injection> {
      const { shaping, says, look } = draw(field.random.fork('how'));
      const ways = field.random.pick(['sends', 'hears', 'sends and hears'] as const);
      // A link that carries badly still carries: no majority is lost to it.
      const targets = await drawTargets({ ...field, quorum: 'always' }, variant);
      if ('none' in targets) return nothing(targets.none);
      const names = targets.nodes.map((node) => node.name);
      const links = linksOf(names, ways, field);
      const network = field.network as Required<Network>; // It has all of them where the runtime can `shape`.
      const looks = async (at: readonly Link[]) =>
        await Promise.all(at.map(async (link) => ({ link, ...(await look(network, link)) })));
      const sample = field.random.shuffle(links).slice(0, SAMPLE);
      const before = await looks(sample).catch(() => undefined);
      const fit = before?.filter(({ state }) => state === 'usual').map(({ link }) => link) ?? [];
      if (before !== undefined && fit.length === 0) return nothing(`already: ${said(before)}`);
      const mend = await field.shape(links.map((link) => ({ ...link, ...shaping })));
      return {
        what: says(`what ${names.join(' ')} ${names.length > 1 ? plural[ways] : ways}`),
        nodes: names,
        takes: {},
        evidence: await probed(async () => evidenceOf(await looks(fit), 'ill')),
        heal: once(async () => {
          await mend();
          return await probed(async () => evidenceOf(await looks(fit), 'usual'));
        }),
      };
    },
  };
}

const plural = { sends: 'send', hears: 'hear', 'sends and hears': 'send and hear' } as const;

function linksOf(names: readonly string[], ways: keyof typeof plural, { nodes }: Field): readonly Link[] {
  const [sends, hears] = [ways !== 'hears', ways !== 'sends'];
  return allLinks(nodes.map(({ name }) => name)).filter(
    ({ from, to }) => (sends && names.includes(from)) || (hears && names.includes(to)),
  );
}

function evidenceOf(looks: readonly (Look & { readonly link: Link })[], wanted: Look['state']): Evidence {
  if (looks.length === 0) return indeterminate('what its links carried before could not be found out');
  const others = looks.filter(({ state }) => state !== wanted);
  return others.length === 0
    ? confirmed(said(looks))
    : indeterminate(`${said(others)}${wanted === 'usual' ? '; another fault may hold it' : ''}`);
}

const said = (looks: readonly (Look & { readonly link: Link })[]): string =>
  looks.map(({ link: { from, to }, saw }) => `${from}→${to} ${saw}`).join(', ');
