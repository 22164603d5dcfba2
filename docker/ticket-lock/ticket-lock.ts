import { NotApplied, type Host, type Node, type Protocol } from '../kit/kit.ts';
import { isBug, type Bug } from './bugs.ts';
import { Guard } from './guard.ts';
import type { LockOperations, TicketMessages } from './messages.ts';
import { Office } from './office.ts';

/** Longer than anybody waits in the queue, and shorter than clients wait. */
const ANSWER_MS = 1500;

/**
 * A lock by numbers, as at a counter (Lamport 1974; Mellor-Crummey & Scott 1991), over a network: the first node is the office that
 * hands out tickets, the last is what the locks protect. With `lease=0` it is the naive protocol; otherwise tickets expire.
 */
const ticketLock: Protocol<TicketMessages, LockOperations> = ({ bug, options }) => {
  if (bug !== undefined && !isBug(bug)) throw new Error(`ticket-lock has no bug ${bug}`);
  const leaseMs = Number(options['lease']);
  if (!Number.isInteger(leaseMs) || leaseMs < 0)
    throw new Error(`lease should be whole milliseconds from 0; it is ${options['lease']}`);
  return (host) => makeNode(host, leaseMs, options['fencing'] !== 'no', bug);
};
export default ticketLock;

function makeNode(
  host: Host<TicketMessages>,
  leaseMs: number,
  fences: boolean,
  bug: Bug | undefined,
): Node<TicketMessages, LockOperations> {
  const all = [host.id, ...host.peers].toSorted();
  const [officeId, guardId] = [all[0] as string, all.at(-1) as string];
  const office = new Office(host, leaseMs, bug);
  const guard = new Guard(host.disk, fences, bug);
  const only = (node: string): void => {
    if (node !== host.id) throw new NotApplied(`${node} does that, not ${host.id}`);
  };
  return {
    start() {
      host.report({ role: host.id === officeId ? 'leader' : host.id === guardId ? 'guard' : 'gate' });
      if (host.id === officeId) office.start();
    },
    peer: {
      take(key) {
        only(officeId);
        return office.take(key);
      },
      giveBack(shown) {
        only(officeId);
        return office.giveBack(shown);
      },
      enter(shown) {
        only(guardId);
        return guard.enter(shown);
      },
    },
    client: {
      acquire: (_, key) =>
        host.id === officeId ? office.take(key) : host.call(officeId, 'take', key, ANSWER_MS),
      release: (ticket, key) =>
        host.id === officeId
          ? office.giveBack({ key, ticket })
          : host.call(officeId, 'giveBack', { key, ticket }, ANSWER_MS),
      use: (ticket, key) =>
        host.id === guardId
          ? guard.enter({ key, ticket })
          : host.call(guardId, 'enter', { key, ticket }, ANSWER_MS),
    },
  };
}
