import { NotApplied } from '../kit/kit.ts';
import type { Host, Key, Node, Protocol } from '../kit/kit.ts';
import { isBug, type Bug } from './bugs.ts';
import { Coordinator } from './coordinator.ts';
import type { CommitMessages, Decision, Transaction } from './messages.ts';
import { Participant } from './participant.ts';
import { Store, type State } from './store.ts';

/** A participant that has not voted by then counts as one that voted no. */
const VOTE_MS = 400;
const DECIDE_MS = 400;
const INQUIRE_MS = 300;

/** The operations of the workload `atomic-commit`. */
export type CommitOperations = {
  transact: { in: readonly [value: number, no: number | null]; out: Decision };
  outcome: { in: void; out: readonly [state: State, value: number | null] };
  settled: { in: void; out: readonly [state: State, value: number | null] };
};

/**
 * Two-phase commit (Gray 1978; Bernstein, Hadzilacos & Goodman 1987, chapter 7) with presumed abort. The first node coordinates;
 * every node takes part, the first too.
 */
const twoPhaseCommit: Protocol<CommitMessages, CommitOperations> = ({ bug }) => {
  if (bug !== undefined && !isBug(bug)) throw new Error(`two-phase-commit has no bug ${bug}`);
  return (host) => makeNode(host, bug);
};
export default twoPhaseCommit;

function makeNode(host: Host<CommitMessages>, bug: Bug | undefined): Node<CommitMessages, CommitOperations> {
  const all = [host.id, ...host.peers].toSorted();
  const first = all[0] as string;
  const store = new Store(host.disk, bug !== 'no-undo');
  const here = (node: string): boolean => node === host.id;

  const inquired = async (id: Key): Promise<Decision | 'uncertain'> =>
    coordinator ? coordinator.inquired(id) : participant.inquired(id);
  const participant = new Participant(host, store, bug, async (node, id) =>
    here(node) ? (coordinator?.inquired(id) ?? 'uncertain') : host.call(node, 'inquire', id, INQUIRE_MS),
  );
  const coordinator = here(first)
    ? new Coordinator(
        host,
        {
          all,
          vote: (node, transaction) =>
            here(node) ? participant.vote(transaction) : host.call(node, 'vote', transaction, VOTE_MS),
          decide: (node, id, decision) =>
            here(node)
              ? participant.decide(id, decision)
              : host.call(node, 'decide', { id, decision }, DECIDE_MS),
        },
        bug,
      )
    : undefined;

  const standing = async (_: void, id: Key): Promise<readonly [State, number | null]> => {
    const now = [store.state(id), store.read(id)] as const;
    await host.disk.sync(); // what a client has seen must not be lost by a crash
    return now;
  };
  return {
    start() {
      coordinator?.recover();
      participant.recover();
      host.report({ role: coordinator ? 'leader' : 'participant', leader: first });
    },
    peer: {
      vote: (transaction) => participant.vote(transaction),
      decide: ({ id, decision }) => participant.decide(id, decision),
      inquire: inquired,
    },
    client: {
      transact: (input, id) => {
        if (!coordinator) throw new NotApplied(`${host.id} does not coordinate`, first);
        return coordinator.run(transactionOf(id, input));
      },
      outcome: standing,
      settled: standing,
    },
  };
}

function transactionOf(id: Key, input: CommitOperations['transact']['in']): Transaction {
  const [value, no] = Array.isArray(input) ? input : [];
  if (typeof value !== 'number' || (no !== null && typeof no !== 'number'))
    throw new NotApplied('transact takes [a number to store, the number of a node that votes no, or null]');
  return { id, value, no };
}
