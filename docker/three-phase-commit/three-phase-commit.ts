import { NotApplied } from '../kit/kit.ts';
import type { Host, Key, Node, Protocol } from '../kit/kit.ts';
import type { Decision } from '../two-phase-commit/messages.ts';
import { isBug, type Bug } from './bugs.ts';
import { Coordinator } from './coordinator.ts';
import { everybody } from './everybody.ts';
import { Ledger } from './ledger.ts';
import type { CommitMessages } from './messages.ts';
import { Participant } from './participant.ts';
import { Termination } from './termination.ts';

/** To a client, whoever has voted and does not know the end is `prepared`, precommitted or not. */
type Told = readonly [state: 'unknown' | 'prepared' | Decision, value: number | null];

/** The operations of the workload `atomic-commit`. */
export type CommitOperations = {
  transact: { in: readonly [value: number, no: number | null]; out: Decision };
  outcome: { in: void; out: Told };
  settled: { in: void; out: Told };
};

/**
 * Three-phase commit (Skeen 1981) with its termination protocol and recovery (Bernstein, Hadzilacos & Goodman 1987, chapter 7).
 * Every node takes part in every transaction, and coordinates those that its own clients ask for.
 */
const threePhaseCommit: Protocol<CommitMessages, CommitOperations> = ({ bug }) => {
  if (bug !== undefined && !isBug(bug)) throw new Error(`three-phase-commit has no bug ${bug}`);
  return (host) => makeNode(host, bug);
};
export default threePhaseCommit;

function makeNode(host: Host<CommitMessages>, bug: Bug | undefined): Node<CommitMessages, CommitOperations> {
  const ledger = new Ledger(host.disk);
  const participant: Participant = new Participant(
    host,
    ledger,
    { coordinates: (id) => coordinator.isAt(id), lead: (id) => termination.lead(id) },
    bug,
  );
  const peer = {
    vote: (asked) => participant.vote(asked),
    precommit: (id) => participant.precommit(id),
    decide: (decided) => participant.decide(decided),
    lead: (id) => participant.lead(id),
    state: (id) => participant.state(id),
  } satisfies Parameters<typeof everybody>[1];
  const all = everybody(host, peer);
  const coordinator = new Coordinator(all, bug);
  const termination = new Termination(ledger, all, bug);

  const told = async (_: void, id: Key): Promise<Told> => {
    const state = ledger.state(id);
    const value = ledger.read(id);
    await host.disk.sync(); // what a client has seen must not be lost by a crash
    return [state === 'waiting' || state === 'precommitted' ? 'prepared' : state, value];
  };
  return {
    start() {
      participant.recover();
      host.report({ role: 'peer' });
    },
    peer,
    client: {
      transact: (input, id) => {
        const [value, no] = Array.isArray(input) ? input : [];
        if (typeof value !== 'number' || (no !== null && typeof no !== 'number'))
          throw new NotApplied(
            'transact takes [a number to store, the number of a node that votes no, or null]',
          );
        return coordinator.run({ id, value, no, coordinator: host.id });
      },
      outcome: told,
      settled: told,
    },
  };
}
