import type { Link, Passage, Row } from '../runtime.ts';
import type { Agent } from './agent.ts';

/** How long a datagram is waited for, and how often it is sent, until it is certain that it does not come. */
export interface Patience {
  readonly ms: number;
  readonly tries: number;
}

/** On links that carry as usual. One try is 25 ms. */
const usual: Patience = { ms: 0, tries: 4 };

/** Asks the agent for probes; `hosts` are a node's addresses. See agent-probes.pl. */
export function probesOf(agent: Pick<Agent, 'ask'>, hosts: (node: string) => readonly [string, ...string[]]) {
  const words = ({ from, to }: Link): readonly string[] => [from, to, hosts(to)[0]];
  return {
    /** By all ways that there are: what comes through by one of them has come through. */
    async probe(links: readonly Link[], more: Patience = { ms: 0, tries: 0 }): Promise<readonly boolean[]> {
      if (links.length === 0) return [];
      const patience = [usual.ms + more.ms, Math.max(usual.tries, more.tries)];
      const ways = links.flatMap(({ from, to }, link) =>
        hosts(to).map((host) => ({ link, asks: [from, to, host] })),
      );
      const answer = await agent.ask('probe', ...patience, ...ways.flatMap(({ asks }) => asks));
      return links.map((_, i) => ways.some(({ link }, way) => link === i && answer[way] === '1'));
    },

    async measure(link: Link, { count, everyMs, bytes, waitMs }: Row): Promise<Passage> {
      const answer = await agent.ask('measure', ...words(link), count, everyMs, bytes, waitMs);
      const [sent = 0, arrived = 0, again = 0, altered = 0, overtaken = 0, ...delaysMs] = answer.map(Number);
      return { sent, arrived, again, altered, overtaken, delaysMs };
    },

    async converse(link: Link, ms: number): Promise<'held' | 'reset' | 'silent'> {
      const [became] = await agent.ask('converse', ...words(link), ms);
      return became as 'held' | 'reset' | 'silent';
    },
  };
}
