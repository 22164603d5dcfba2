import type { Link, Passage, Row } from '../runtime.ts';
import type { Agent } from './agent.ts';

/** How long a datagram is waited for, and how often it is sent, until it is certain that it does not come. */
export interface Patience {
  readonly ms: number;
  readonly tries: number;
}

/** On links that carry as usual. One try is 25 ms. */
const usual: Patience = { ms: 0, tries: 4 };

/** Asks the agent for probes; `host` is a node's address. See agent-probes.pl. */
export function probesOf(agent: Pick<Agent, 'ask'>, host: (node: string) => string) {
  const words = ({ from, to }: Link): readonly string[] => [from, to, host(to)];
  return {
    async probe(links: readonly Link[], more: Patience = { ms: 0, tries: 0 }): Promise<readonly boolean[]> {
      if (links.length === 0) return [];
      const patience = [usual.ms + more.ms, Math.max(usual.tries, more.tries)];
      const answer = await agent.ask('probe', ...patience, ...links.flatMap(words));
      return answer.map((arrived) => arrived === '1');
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
