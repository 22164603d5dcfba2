import { NotApplied } from '../kit/kit.ts';
import type { Host, Key, Node, Protocol } from '../kit/kit.ts';
import { Acceptor } from './acceptor.ts';
import { isBug, type Bug } from './bugs.ts';
import type { PaxosMessages } from './messages.ts';
import { Proposer, type Ask } from './proposer.ts';

/** The operations of the workload `consensus`. */
export type ConsensusOperations = {
  propose: { in: number; out: number };
  learned: { in: void; out: number | null };
};

/** Basic Paxos, one instance a key (Lamport 1998, 2001). Every node is proposer, acceptor and learner. */
const basicPaxos: Protocol<PaxosMessages, ConsensusOperations> = ({ bug, options }) => {
  if (bug !== undefined && !isBug(bug)) throw new Error(`basic-paxos has no bug ${bug}`);
  return (host) => makeNode(host, options['backoff'] !== 'none', bug);
};
export default basicPaxos;

function makeNode(
  host: Host<PaxosMessages>,
  backsOff: boolean,
  bug: Bug | undefined,
): Node<PaxosMessages, ConsensusOperations> {
  const acceptor = new Acceptor(host.disk, bug);
  /** The learner. What it has learned is not kept: whoever wants to know it again proposes. */
  const learned = new Map<Key, number>();
  const peer: Node<PaxosMessages, ConsensusOperations>['peer'] = {
    prepare: ({ key, ballot }) => acceptor.prepare(key, ballot),
    accept: ({ key, ballot, value }) => acceptor.accept(key, ballot, value),
    chosen: ({ key, value }) => void learned.set(key, value),
  };
  const ask: Ask = async (node, name, body, withinMs) =>
    node === host.id ? peer[name](body, node) : host.call(node, name, body, withinMs);
  const proposer = new Proposer(host, ask, backsOff, bug);
  return {
    start: () => host.report({ role: 'peer' }),
    peer,
    client: {
      propose: async (value, key) => {
        if (typeof value !== 'number') throw new NotApplied('propose takes a number');
        const chosen = await proposer.propose(key, value, () => learned.get(key));
        learned.set(key, chosen);
        for (const node of host.peers) host.call(node, 'chosen', { key, value: chosen }).catch(() => {});
        return chosen;
      },
      learned: (_, key) => learned.get(key) ?? null,
    },
  };
}
