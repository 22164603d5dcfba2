import { randomInt } from 'node:crypto';
import type { Link, Passage, Row } from '../../runtime.ts';
import type { Agent } from '../agent.ts';
import type { Patience } from '../agent-probes.ts';

/** One end of links: the agent there, and the address at which others reach it. */
export interface End {
  readonly agent: Pick<Agent, 'ask'>;
  /** What its agent calls the place. */
  readonly name: string;
  /** As the other end sees it. */
  readonly address: string;
}

/** One try is 25 ms. */
const TRIES = 4;
const TRY_MS = 25;
/** Of a datagram of a probe, without headers. */
const BYTES = 64;
/** What the far end may take to hear of a datagram that has arrived, beside the way of the datagram. */
const SLACK_MS = 100;
/** So often is it asked what time it is there: the quickest answer tells it best. */
const READINGS = 8;

/**
 * Probes of links between machines, each with an agent of its own: one end sends, the other says what has come. See across.pl. What
 * takes time over a link is told by two clocks, whose difference is measured first, to about half of what the quickest question
 * to each agent takes.
 */
export class AcrossProbes {
  readonly #end: (name: string, other: string) => End;
  readonly #ours = randomInt(1e9);
  readonly #ports = new Map<End['agent'], Promise<number>>();
  #count = 0;

  /** @param end of a name, as another name sees it. */
  constructor(end: (name: string, other: string) => End) {
    this.#end = end;
  }

  async probe(links: readonly Link[], more: Patience = { ms: 0, tries: 0 }): Promise<readonly boolean[]> {
    const tries = Math.max(TRIES, more.tries);
    const row = { count: tries, everyMs: TRY_MS, bytes: BYTES, waitMs: more.ms + SLACK_MS };
    return await Promise.all(links.map(async (link) => await this.#arrives(link, row)));
  }

  async measure(link: Link, row: Row): Promise<Passage> {
    const { from, to } = this.#ends(link);
    const ahead = (await offset(to)) - (await offset(from));
    const { sent, came, altered } = await this.#send(link, row);
    let [again, overtaken, latest] = [0, 0, -Infinity];
    const delaysMs: number[] = [];
    for (const [index, moments] of came) {
      const first = moments[0] as number;
      again += moments.length - 1;
      if (first < latest) overtaken++;
      latest = Math.max(latest, first);
      delaysMs.push(first - ahead - (sent[index] as number));
    }
    return { sent: row.count, arrived: came.length, again, altered, overtaken, delaysMs };
  }

  async converse(link: Link, ms: number): Promise<'held' | 'reset' | 'silent'> {
    const { from, to } = this.#ends(link);
    const [port = ''] = await to.agent.ask('door', to.name);
    const attending = to.agent.ask('attend', port, ms);
    const [[talked], [attended]] = await Promise.all([
      from.agent.ask('talk', from.name, to.address, port, ms),
      attending,
    ]);
    if (talked === 'reset' || attended === 'reset') return 'reset';
    return attended as 'held' | 'silent';
  }

  /** Sent until one has come, which is soon. */
  async #arrives(link: Link, row: Row): Promise<boolean> {
    return (await this.#send(link, row, 1)).came.length > 0;
  }

  async #send(link: Link, { count, everyMs, bytes, waitMs }: Row, enough = count) {
    const { from, to } = this.#ends(link);
    const label = `${this.#ours}-${++this.#count}`;
    const port = await this.#portOf(to);
    await to.agent.ask('expect', to.name, label);
    const sending = from.agent.ask('row', from.name, to.address, port, label, count, everyMs, bytes);
    // Of those that are sent in vain, because one has come, nobody waits for the end.
    sending.catch(() => {});
    const hearing = to.agent.ask('heard', to.name, label, count, bytes, count * everyMs + waitMs, enough);
    const [sent, [altered = '0', ...arrived]] = await Promise.all([enough < count ? [] : sending, hearing]);
    const came = arrived
      .map((said) => said.split(':').map(Number))
      .map(([index = 0, ...moments]) => [index, moments] as const);
    return { sent: sent.map(Number), came, altered: Number(altered) };
  }

  async #portOf({ agent, name }: End): Promise<number> {
    const known = this.#ports.get(agent) ?? agent.ask('port', name).then(([port]) => Number(port));
    this.#ports.set(agent, known);
    return await known;
  }

  #ends({ from, to }: Link): { readonly from: End; readonly to: End } {
    return { from: this.#end(from, to), to: this.#end(to, from) };
  }
}

/** How far an agent's monotonic clock is ahead of ours, in milliseconds. */
async function offset({ agent }: End): Promise<number> {
  let [best, ahead] = [Infinity, 0];
  for (let i = 0; i < READINGS; i++) {
    const before = performance.now();
    const [, monotonic = '0'] = await agent.ask('times');
    const after = performance.now();
    if (after - before > best) continue;
    [best, ahead] = [after - before, Number(monotonic) / 1e6 - (before + after) / 2];
  }
  return ahead;
}
