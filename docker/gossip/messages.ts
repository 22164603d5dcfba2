import type { Key } from '../kit/kit.ts';

/** What the nodes ask each other. */
export type GossipMessages = {
  /** Anti-entropy: this is how much I have. Answered with how much you have and, if I want it, what I lack. */
  compare: { in: { readonly digest: Digest; readonly wants: boolean }; out: Difference };
  /** Anti-entropy: this you lack. */
  give: { in: readonly Update[]; out: void };
  /** Rumour mongering: have you heard? Answered, rumour by rumour, with whether it was news. */
  rumours: { in: readonly Update[]; out: readonly boolean[] };
};

/** One broadcast. The node that was asked numbers its own from 1 up, without gaps. */
export interface Update {
  readonly origin: string;
  readonly number: number;
  readonly topic: Key;
  readonly value: number;
}

/** Of each origin, up to which number everything is here. */
export type Digest = Readonly<Record<string, number>>;

interface Difference {
  readonly digest: Digest;
  readonly lacks: readonly Update[];
}
