import type { Host, Key } from '../kit/kit.ts';
import type { Decision, Vote } from '../two-phase-commit/messages.ts';
import type { Standing } from './ledger.ts';
import type { Asked, CommitMessages } from './messages.ts';

/** Whoever has not answered by then is taken for dead. */
const ANSWER_MS = 500;

/** Asks every node at once, this one too, and waits for those that live. */
export interface Everybody {
  /** No answer is a no. */
  vote(asked: Asked): Promise<readonly Vote[]>;
  precommit(id: Key): Promise<void>;
  decide(id: Key, decision: Decision): Promise<void>;
  /** Of this node alone. */
  decideHere(id: Key, decision: Decision): Promise<void>;
  /** Of those that answered, this node first; and whether all did. */
  states(id: Key): Promise<{ readonly standings: readonly Standing[]; readonly all: boolean }>;
}

type Methods = {
  readonly [N in keyof CommitMessages]: (body: CommitMessages[N]['in']) => Promise<CommitMessages[N]['out']>;
};

/** `here` answers for this node. */
export function everybody(host: Host<CommitMessages>, here: Methods): Everybody {
  const ask = <N extends keyof CommitMessages>(name: N, body: CommitMessages[N]['in']) =>
    Promise.allSettled([
      here[name](body),
      ...host.peers.map((peer) => host.call(peer, name, body, ANSWER_MS)),
    ]);
  return {
    vote: async (asked) =>
      (await ask('vote', asked)).map((it) => (it.status === 'fulfilled' ? it.value : 'no')),
    precommit: async (id) => void (await ask('precommit', id)),
    decide: async (id, decision) => void (await ask('decide', { id, decision })),
    decideHere: (id, decision) => here.decide({ id, decision }),
    states: async (id) => {
      const answers = await ask('state', id);
      const standings = answers.flatMap((it) => (it.status === 'fulfilled' ? [it.value] : []));
      return { standings, all: standings.length === answers.length };
    },
  };
}
