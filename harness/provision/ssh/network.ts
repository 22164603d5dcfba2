import { isIPv4 } from 'node:net';
import { EnvironmentError } from '../../errors.ts';
import { CLIENTS, type Link, type Network, type Passage, type Row, type ShapedLink } from '../../runtime.ts';
import { AgentRefusal } from '../agent.ts';
import type { Patience } from '../agent-probes.ts';
import type { AcrossProbes } from '../across/across-probes.ts';
import { ShapedLinks } from '../shaped-links.ts';
import { startShaper } from './shaper.ts';
import type { Stay } from './stay.ts';

/** A node's machine on the network. */
export interface Place {
  readonly name: string;
  /** At which other nodes reach it. */
  readonly host: string;
  readonly stay: Stay;
}

/** Nobody reads this queue: what is sent there is gone, and its sender is not told, as it would be by `drop`. */
const NOWHERE = 64_999;

/**
 * Cuts as sets in one packet filter table on each machine, for the whole machine: nodes have one of their own each.
 *
 *     table inet labrys                                    on n2, cut n1 → n2 and n2 → clients
 *       set deaf     10.0.0.11                             what comes from there is dropped as it arrives
 *       set mute     10.0.0.1                              what goes there is lost as it leaves
 *       chain input  ip saddr <harness> tcp dport 22 accept; ip saddr @deaf drop
 *       chain output ip daddr <harness> tcp sport 22 accept; ip daddr @mute queue to nobody
 *
 * A link between nodes is cut where it arrives, so that nobody gets an error. The clients' machine is not ours to touch, and
 * what goes to it is lost on its way out. Our own ssh connection is no link, and is never cut. IPv4 alone.
 */
export class SshNetwork implements Required<Network>, AsyncDisposable {
  readonly #places: ReadonlyMap<string, Place>;
  readonly #probes: AcrossProbes;
  readonly #shaped: ReadonlyMap<string, ShapedLinks>;
  readonly #cut = new Map<
    string,
    { readonly deaf: ReadonlySet<string>; readonly mute: ReadonlySet<string> }
  >();

  constructor(places: readonly Place[], probes: AcrossProbes) {
    this.#places = new Map(places.map((place) => [place.name, place]));
    this.#probes = probes;
    this.#shaped = new Map(
      places.map(({ name, stay }) => [
        name,
        new ShapedLinks({
          start: () => startShaper(stay),
          door: async () => '/proc/self/ns/net',
          hosts: (to) => [this.#host(to)],
        }),
      ]),
    );
  }

  /** Only differences are sent, to all machines at the same time; a few milliseconds, most of them the start of nft. */
  async setCuts(cuts: readonly Link[]): Promise<void> {
    await Promise.all([...this.#places.values()].map((place) => this.#cutAt(place, cuts)));
  }

  async setShaping(links: readonly ShapedLink[]): Promise<void> {
    const clients = links.find(({ from, to }) => from === CLIENTS || to === CLIENTS);
    if (clients !== undefined)
      throw new EnvironmentError(
        'links of clients cannot be shaped over ssh: the harness’s own connection is among them',
      );
    await Promise.all(
      [...this.#shaped].map(([name, shaped]) => shaped.set(links.filter(({ from }) => from === name))),
    );
  }

  probe(links: readonly Link[]): Promise<readonly boolean[]> {
    const all = [...this.#shaped.values()].map(({ patience }) => patience);
    const most = (of: (one: Patience) => number): number => Math.max(0, ...all.map(of));
    return this.#probes.probe(links, { ms: most(({ ms }) => ms), tries: most(({ tries }) => tries) });
  }

  measure(link: Link, row: Row): Promise<Passage> {
    return this.#probes.measure(link, row);
  }

  converse(link: Link, ms: number): Promise<'held' | 'reset' | 'silent'> {
    return this.#probes.converse(link, ms);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#shaped.values()].map((shaped) => shaped[Symbol.asyncDispose]()));
  }

  async #cutAt({ name, stay }: Place, cuts: readonly Link[]): Promise<void> {
    const { client } = stay.survey;
    const clients = (): string => {
      if (isIPv4(client)) return client;
      throw new EnvironmentError(`clients reach ${name} from ${client}, and links are cut by IPv4 address`, {
        hint: 'Set host for that machine in labrys.config.ts to an IPv4 address.',
      });
    };
    const address = (of: string): string => (of === CLIENTS ? clients() : this.#host(of));
    const wanted = {
      deaf: new Set(cuts.filter(({ to }) => to === name).map(({ from }) => address(from))),
      mute: new Set(cuts.filter(({ from, to }) => from === name && to === CLIENTS).map(clients)),
    };
    const known = this.#cut.get(name);
    const now = known ?? { deaf: new Set<string>(), mute: new Set<string>() };
    const change = (verb: 'add' | 'delete', set: keyof typeof now, some: ReadonlySet<string>): string[] =>
      some.size === 0 ? [] : [`${verb} element inet labrys ${set} { ${[...some].join(', ')} }`];
    const changes = (['deaf', 'mute'] as const).flatMap((set) => [
      ...change('delete', set, now[set].difference(wanted[set])),
      ...change('add', set, wanted[set].difference(now[set])),
    ]);
    if (changes.length === 0) return;
    // Noted before it is done: the keeper works in the order asked, so a call that comes meanwhile builds on this one.
    this.#cut.set(name, wanted);
    try {
      if (known === undefined) await makeTable(stay);
      await stay.agent.ask('nft', changes.join('; '));
    } catch (cause) {
      // A transaction that is refused has changed nothing.
      if (known === undefined) this.#cut.delete(name);
      else this.#cut.set(name, known);
      if (!(cause instanceof AgentRefusal)) throw cause;
      throw new EnvironmentError(`${stay.machine.host.name} cannot cut links: ${cause.message}`, {
        hint: 'It takes nftables: apt-get install nftables',
        cause,
      });
    }
  }

  #host(name: string): string {
    const place = this.#places.get(name);
    if (place === undefined) throw new RangeError(`no node ${name} on this network`);
    return place.host;
  }
}

/**
 * Made when something is first cut. Kernels whose nf_tables has no `queue` drop what leaves instead, of which senders of datagrams hear
 * (EPERM), and senders over TCP do not.
 */
async function makeTable({ agent, survey }: Stay): Promise<void> {
  try {
    await agent.ask('nft', emptyTable(survey, `queue num ${NOWHERE}`));
  } catch (cause) {
    if (!(cause instanceof AgentRefusal)) throw cause;
    await agent.ask('nft', emptyTable(survey, 'drop'));
  }
}

export function emptyTable(
  { client, sshPort }: Pick<Stay['survey'], 'client' | 'sshPort'>,
  lose: string,
): string {
  return [
    'add table inet labrys',
    ...['deaf', 'mute'].map((set) => `add set inet labrys ${set} { type ipv4_addr ; }`),
    ...['input', 'output'].map(
      (hook) => `add chain inet labrys ${hook} { type filter hook ${hook} priority -200 ; }`,
    ),
    ...(isIPv4(client) ? [`add rule inet labrys input ip saddr ${client} tcp dport ${sshPort} accept`] : []),
    'add rule inet labrys input ip saddr @deaf drop',
    ...(isIPv4(client) ? [`add rule inet labrys output ip daddr ${client} tcp sport ${sshPort} accept`] : []),
    `add rule inet labrys output ip daddr @mute ${lose}`,
  ].join('; ');
}
