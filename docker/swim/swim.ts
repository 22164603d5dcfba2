import { NotApplied, type Host, type Node, type Protocol } from '../kit/kit.ts';
import { isBug, type Bug } from './bugs.ts';
import { Gossip } from './gossip.ts';
import { Members } from './members.ts';
import { overrides, type Rumour, type SwimMessages } from './messages.ts';

/** The protocol period: each member pings another once in it (§3.1). */
export const PERIOD_MS = 200;
/** So long an answer may take before others are asked to ping, and the rest of the period for theirs. */
const DIRECT_MS = 80;
/** So many others. */
const PROXIES = 3;
/** Once in so many periods somebody who is not known, or counts as dead, is pinged: it may be behind a cut that has healed. */
const RECONNECT_PERIODS = 5;

/** The operations of the workload `membership`. */
export type SwimOperations = {
  members: { in: void; out: readonly string[] };
  settled: { in: void; out: readonly string[] };
  silence: { in: number; out: void };
};

/**
 * SWIM (Das, Gupta & Motivala, “SWIM: Scalable Weakly-consistent Infection-style Process Group Membership Protocol”, 2002), with
 * suspicion, over datagrams.
 */
const swim: Protocol<SwimMessages, SwimOperations> = ({ bug }) => {
  if (bug !== undefined && !isBug(bug)) throw new Error(`swim has no bug ${bug}`);
  return (host) => new Swim(host, bug);
};
export default swim;

class Swim implements Node<SwimMessages, SwimOperations> {
  readonly #host: Host<SwimMessages>;
  readonly #bug: Bug | undefined;
  readonly #gossip = new Gossip();
  readonly #members: Members;
  #incarnation = 0;
  #joined = false;
  #silentUntil = -Infinity;
  /** Whom to ping next: everybody once, in an order drawn anew each time round (§4.3). */
  #turn: string[] = [];
  /** Whoever has ever answered. */
  readonly #answered = new Set<string>();
  #periods = 0;
  #numbers = 0;
  /** Pings under way, by number: what to do when it is answered. */
  readonly #waiting = new Map<number, () => void>();

  constructor(host: Host<SwimMessages>, bug: Bug | undefined) {
    this.#host = host;
    this.#bug = bug;
    this.#members = new Members(
      (ms, then) => host.clock.after(ms, then),
      (rumour) => this.#gossip.begin(rumour),
      bug,
    );
  }

  async start(): Promise<void> {
    await this.#begin();
    this.#host.clock.after(PERIOD_MS * this.#host.random.fraction(), () => this.#period());
  }

  readonly peer: Node<SwimMessages, SwimOperations>['peer'] = {
    join: ({ incarnation }, from) => {
      if (this.#silent()) return;
      this.#hear([{ member: from, state: 'alive', incarnation }]);
      // Also what is said against it, if it is: it has to know what to refute.
      this.#host.cast(from, 'welcome', { members: this.#members.all() });
    },
    welcome: ({ members }) => {
      if (this.#silent()) return;
      this.#joined = true;
      this.#hear(members);
    },
    ping: ({ number, rumours }, from) => {
      if (this.#silent()) return;
      this.#hear(rumours);
      this.#host.cast(from, 'ack', { number, about: this.#host.id, rumours: this.#rumoursFor(from) });
    },
    pingRequest: ({ number, target, rumours }, from) => {
      if (this.#silent()) return;
      this.#hear(rumours);
      const answer = (): void =>
        this.#host.cast(from, 'ack', { number, about: target, rumours: this.#rumoursFor(from) });
      if (this.#bug === 'hasty-proxy') answer();
      else this.#ping(target, answer);
    },
    ack: ({ number, rumours }) => {
      if (this.#silent()) return;
      this.#hear(rumours);
      this.#waiting.get(number)?.();
      this.#waiting.delete(number);
    },
  };

  readonly client = {
    members: () => this.#there(),
    settled: () => this.#there(),
    silence: (ms: number) => {
      if (typeof ms !== 'number') throw new NotApplied('silence takes milliseconds');
      if (this.#silent()) throw new NotApplied(`${this.#host.id} is silent already`);
      this.#silentUntil = this.#host.clock.monotonic() + ms;
      this.#host.clock.after(ms, () => void this.#begin());
    },
  };

  #there(): string[] {
    return [this.#host.id, ...this.#members.there()].toSorted();
  }

  #silent(): boolean {
    return this.#host.clock.monotonic() < this.#silentUntil;
  }

  /** A new life: nobody is known, and this member has never been the same. */
  async #begin(): Promise<void> {
    const { disk } = this.#host;
    this.#members.clear();
    this.#joined = false;
    await this.#become((disk.get<number>('incarnation') ?? 0) + 1);
    this.#host.report({ role: 'member' });
  }

  async #become(incarnation: number): Promise<void> {
    this.#incarnation = incarnation;
    this.#host.disk.set('incarnation', incarnation);
    this.#gossip.begin({ member: this.#host.id, state: 'alive', incarnation });
    await this.#host.disk.sync();
  }

  #period(): void {
    this.#host.clock.after(PERIOD_MS, () => this.#period());
    if (this.#silent()) return;
    this.#periods++;
    if (!this.#joined) return this.#join();
    const target = this.#next();
    if (target !== undefined) this.#probe(target);
    if (this.#periods % RECONNECT_PERIODS === 0) this.#reconnect();
  }

  /** Of all that there may be, the first most often: so that they find each other, and do not begin as islands. */
  #join(): void {
    const { peers, random } = this.#host;
    const seed = random.below(2) === 0 ? peers.toSorted()[0] : peers[random.below(Math.max(1, peers.length))];
    if (seed !== undefined) this.#host.cast(seed, 'join', { incarnation: this.#incarnation });
  }

  #reconnect(): void {
    const lost = this.#host.peers.filter((peer) => (this.#members.of(peer)?.state ?? 'dead') === 'dead');
    const one = lost[this.#host.random.below(Math.max(1, lost.length))];
    if (one !== undefined) this.#ping(one, () => {});
  }

  #probe(target: string): void {
    let answered = false;
    const ack = (): void => {
      answered = true;
      this.#answered.add(target);
    };
    this.#ping(target, ack);
    this.#host.clock.after(DIRECT_MS, () => {
      if (answered || this.#silent()) return;
      const others = this.#members.there().filter((member) => member !== target);
      for (const proxy of this.#shuffle(others).slice(0, PROXIES)) {
        const number = this.#expect(ack);
        this.#host.cast(proxy, 'pingRequest', { number, target, rumours: this.#rumoursFor(proxy) });
      }
    });
    this.#host.clock.after(PERIOD_MS, () => {
      if (!answered && !this.#silent()) this.#members.suspect(target);
    });
  }

  #ping(target: string, answered: () => void): void {
    const number = this.#expect(answered);
    this.#host.cast(target, 'ping', { number, rumours: this.#rumoursFor(target) });
  }

  #expect(answered: () => void): number {
    const number = ++this.#numbers;
    this.#waiting.set(number, answered);
    this.#host.clock.after(PERIOD_MS, () => this.#waiting.delete(number));
    return number;
  }

  #next(): string | undefined {
    if (this.#turn.length === 0) this.#turn = this.#shuffle(this.#members.there());
    for (let member = this.#turn.pop(); member !== undefined; member = this.#turn.pop()) {
      if (this.#bug === 'forgets-to-ask-again' && this.#answered.has(member)) continue;
      if (this.#members.of(member)?.state !== 'dead') return member;
    }
    return undefined;
  }

  /** What is to be said; and first, to somebody who is in doubt, that it is. */
  #rumoursFor(member: string): Rumour[] {
    const of = this.#members.of(member);
    const rumours = this.#gossip
      .take(this.#host.peers.length + 1)
      .filter((rumour) => rumour.member !== member);
    const self: Rumour = { member: this.#host.id, state: 'alive', incarnation: this.#incarnation };
    return [...(of && of.state !== 'alive' ? [of] : []), self, ...rumours];
  }

  #hear(rumours: readonly Rumour[]): void {
    for (const rumour of rumours) {
      if (rumour.member !== this.#host.id) this.#members.hear(rumour);
      else if (
        this.#bug !== 'no-refutation' &&
        overrides(rumour, { ...rumour, state: 'alive', incarnation: this.#incarnation })
      )
        void this.#become(rumour.incarnation + 1);
    }
  }

  #shuffle(members: readonly string[]): string[] {
    const order = members.map((member) => ({ member, at: this.#host.random.fraction() }));
    return order.toSorted((a, b) => a.at - b.at).map(({ member }) => member);
  }
}
