/** What the nodes send each other, all of it in datagrams: nothing of it is sure to arrive, or to arrive once. */
export type SwimMessages = {
  /** I am here; who else is? */
  join: { in: { readonly incarnation: number }; out: void };
  /** These are. */
  welcome: { in: { readonly members: readonly Rumour[] }; out: void };
  ping: { in: Probe; out: void };
  /** Ping that one for me. */
  pingRequest: { in: Probe & { readonly target: string }; out: void };
  /** `about` is alive: whoever was pinged, also for somebody else. */
  ack: { in: Probe & { readonly about: string }; out: void };
};

interface Probe {
  readonly number: number;
  /** Piggybacked. */
  readonly rumours: readonly Rumour[];
}

/** What is said of a member. Its incarnation only itself can raise, to say that what is said is wrong. */
export interface Rumour {
  readonly member: string;
  readonly state: State;
  readonly incarnation: number;
}

type State = 'alive' | 'suspect' | 'dead';

const STRENGTH: Readonly<Record<State, number>> = { alive: 0, suspect: 1, dead: 2 };

/** Which rumour counts (§4.2): the later incarnation, and of the same one the worse. */
export function overrides(a: Rumour, b: Rumour): boolean {
  return a.incarnation !== b.incarnation
    ? a.incarnation > b.incarnation
    : STRENGTH[a.state] > STRENGTH[b.state];
}
