import { Unreachable, type Host, type Key } from '../kit/kit.ts';
import type { Bug } from './bugs.ts';
import { above, type Ballot, type PaxosMessages, type Promise1 } from './messages.ts';

const ANSWER_MS = 300;
/** After so long a proposer gives up, and does not know what will come of it. */
const PATIENCE_MS = 2_000;
/** How long a proposer that was outbid waits, at most, before it tries again; twice as long every time, up to the longest. */
const BACK_OFF_MS = 20;
const LONGEST_BACK_OFF_MS = 320;
/** Rounds are reserved on the disk by so many, so that hardly any ballot has to wait for it. */
const RESERVED = 1_000;

type Phase = 'prepare' | 'accept';

/** How a proposer asks an acceptor, its own node's among them. */
export type Ask = <N extends Phase>(
  node: string,
  name: N,
  body: PaxosMessages[N]['in'],
  withinMs: number,
) => Promise<PaxosMessages[N]['out']>;

/** Tries until a value is chosen: its own, or one that was accepted before. */
export class Proposer {
  readonly #host: Host<PaxosMessages>;
  readonly #ask: Ask;
  readonly #backsOff: boolean;
  readonly #bug: Bug | undefined;
  #round: number;
  #reserved: number;

  constructor(host: Host<PaxosMessages>, ask: Ask, backsOff: boolean, bug: Bug | undefined) {
    this.#host = host;
    this.#ask = ask;
    this.#backsOff = backsOff;
    this.#bug = bug;
    this.#round = this.#reserved = host.disk.get<number>('rounds') ?? 0;
  }

  /** The value that was chosen. `known` says whether somebody else has found that out meanwhile. */
  async propose(key: Key, value: number, known: () => number | undefined): Promise<number> {
    const { clock, random } = this.#host;
    const until = clock.monotonic() + PATIENCE_MS;
    for (let tries = 0; clock.monotonic() < until; tries++) {
      const ballot = await this.#nextBallot();
      const chosen = known() ?? (await this.#try(key, ballot, value));
      if (chosen !== undefined) return chosen;
      const longest = Math.min(BACK_OFF_MS * 2 ** tries, LONGEST_BACK_OFF_MS);
      if (this.#backsOff) await clock.sleep(longest * random.fraction());
    }
    throw new Unreachable(`nothing was chosen in ${PATIENCE_MS} ms`);
  }

  async #try(key: Key, ballot: Ballot, own: number): Promise<number | undefined> {
    const promises = await this.#majority('prepare', { key, ballot });
    if (!promises) return undefined;
    const value = this.#bug === 'own-value' ? own : (highest(promises) ?? own);
    return (await this.#majority('accept', { key, ballot, value })) ? value : undefined;
  }

  /** What a majority answered, as soon as it has; undefined once it cannot come about any more. */
  #majority<N extends Phase>(
    name: N,
    body: PaxosMessages[N]['in'],
  ): Promise<PaxosMessages[N]['out'][] | undefined> {
    const all = [this.#host.id, ...this.#host.peers];
    const needed =
      this.#bug === 'minority-quorum' ? Math.floor(all.length / 2) : Math.floor(all.length / 2) + 1;
    const yes: PaxosMessages[N]['out'][] = [];
    let no = 0;
    return new Promise((resolve) => {
      const refused = (): void => {
        if (++no > all.length - needed) resolve(undefined);
      };
      for (const node of all)
        this.#ask(node, name, body, ANSWER_MS).then((answer) => {
          if (!answer.ok) {
            this.#round = Math.max(this.#round, answer.promised[0]);
            refused();
          } else if (yes.push(answer) === needed) resolve(yes);
        }, refused);
    });
  }

  /** Never used before, also not in an earlier life. */
  async #nextBallot(): Promise<Ballot> {
    const round = ++this.#round;
    if (round > this.#reserved) {
      this.#reserved = round + RESERVED;
      this.#host.disk.set('rounds', this.#reserved);
      await this.#host.disk.sync();
    }
    return [round, this.#host.id];
  }
}

/** P2c: of what a majority has accepted, the value of the highest ballot may have been chosen. */
function highest(promises: readonly Pick<Promise1, 'accepted'>[]): number | undefined {
  const accepted = promises.flatMap((promise) => promise.accepted ?? []);
  return accepted.toSorted((a, b) => (above(a.ballot, b.ballot) ? -1 : 1))[0]?.value;
}
