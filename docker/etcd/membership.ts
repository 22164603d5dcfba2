import type { Member, Membership, MembershipContext, Node, Seat } from '../../harness/index.ts';
import { askOnce } from './api.ts';
import { CONFIG, configOf, peerUrl } from './config.ts';

/** As etcd lists it: without a name until it has started for the first time, and `isLearner` only where it is one. */
interface Listed {
  readonly ID: string;
  readonly name?: string;
  readonly peerURLs: readonly string[];
  readonly isLearner?: boolean;
}

/** A change is an entry of the log: it takes a majority, and may take an election. */
const CHANGE_MS = 4000;

/** Through etcd's API, as `etcdctl member` does it. */
export const membership: Membership = {
  async list(at, context) {
    return (await listed(at, context)).map((one): Seat => {
      const node = context.nodes.find((node) => isAt(one, node));
      return {
        node: node?.name ?? one.name ?? one.ID,
        id: one.ID,
        standing: one.isLearner === true ? 'learner' : 'voter',
      };
    });
  },
  async remove(node, at, context) {
    const seat = await seatOf(node, at, context);
    if (seat) await askOnce(at, context, 'cluster/member/remove', { ID: seat.ID }, CHANGE_MS);
  },
  async add(node, at, context, as) {
    const self = memberOf(node);
    const earlier = await seatOf(node, at, context);
    const learner = as === 'learner';
    // Where it has started, it has data somewhere that knows its place; a place that nobody has taken is still free.
    const free = earlier && !earlier.name && (earlier.isLearner ?? false) === learner;
    if (earlier && !free) await askOnce(at, context, 'cluster/member/remove', { ID: earlier.ID }, CHANGE_MS);
    const { ID } = free
      ? earlier
      : await askOnce<{ member: Listed }>(
          at,
          context,
          'cluster/member/add',
          { peerURLs: [peerUrl(self)], isLearner: learner },
          CHANGE_MS,
        ).then(({ member }) => member);
    const cluster = (await listed(at, context))
      .map((one) => `${nameOf(one, context) ?? one.ID}=${one.peerURLs[0]}`)
      .join();
    await node.write?.({ [CONFIG]: configOf(self, cluster, { state: 'existing', folder: `etcd-${ID}` }) });
  },
  async promote(node, at, context) {
    const seat = await seatOf(node, at, context);
    if (seat?.isLearner) await askOnce(at, context, 'cluster/member/promote', { ID: seat.ID }, CHANGE_MS);
  },
};

async function listed(at: Node, context: MembershipContext): Promise<readonly Listed[]> {
  return (await askOnce<{ members: readonly Listed[] }>(at, context, 'cluster/member/list', {})).members;
}

async function seatOf(node: Node, at: Node, context: MembershipContext): Promise<Listed | undefined> {
  return (await listed(at, context)).find((one) => isAt(one, node));
}

const isAt = ({ peerURLs }: Listed, node: Node): boolean => peerURLs.includes(peerUrl(memberOf(node)));

/** Also of one that has not started yet. */
const nameOf = (one: Listed, { nodes }: MembershipContext): string | undefined =>
  nodes.find((node) => isAt(one, node))?.name;

function memberOf(node: Node): Member {
  if (node.member === undefined) throw new Error(`this runtime does not say where ${node.name} is`);
  return node.member;
}
