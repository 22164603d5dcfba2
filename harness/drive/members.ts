import type { Members } from '../fault.ts';
import type { Node } from '../runtime.ts';
import type { MembershipContext, Standing } from '../system.ts';
import type { Time } from '../time.ts';
import { untilReady, type Readiness } from './ready.ts';
import { messageOf, within } from './within.ts';

/** A change has to be agreed on by a majority before it is answered. */
const answerMs = 5000;
const againMs = 200;
/** Systems refuse changes while they are not sure of all members: etcd, for five seconds after one was gone. */
const joinMs = 60_000;
const readyMs = 5000;
const never = new AbortController().signal;

/** What the system says of its members, asked of the nodes of this run. Nothing where it says nothing. */
export function membersOf(readiness: Readiness, nodes: readonly Node[]): Members | undefined {
  const { system, settings, time } = readiness;
  const { membership } = system;
  if (membership === undefined) return undefined;
  const ask = <T>(work: (context: MembershipContext) => Promise<T>): Promise<T> =>
    within(time, answerMs, undefined, (signal) => work({ settings, time, signal, nodes }));

  const byAnother = <T>(node: Node, what: string, work: (at: Node) => Promise<T>): Promise<T> =>
    anyOf(
      time,
      nodes.filter((one) => one !== node),
      what,
      work,
    );

  /** Again, where the newcomer ends: nobody answered it, or another has joined since it was told who is in. */
  const takeIn = async (node: Node, as: Standing): Promise<void> => {
    for (const end = time.now() + joinMs * 1e6; ; await time.sleep(againMs)) {
      await node.kill();
      await byAnother(node, `took ${node.name} in`, (at) =>
        ask((context) => membership.add(node, at, context, as)),
      );
      await node.start();
      if (as === 'learner') return;
      try {
        return await untilReady(readiness, node, never);
      } catch (error) {
        if (time.now() >= end || (await node.state()) !== 'dead') throw error;
      }
    }
  };

  const members: Members = {
    learners: membership.promote !== undefined,
    list: (at) => ask((context) => membership.list(at, context)),
    remove: (node, at) => ask((context) => membership.remove(node, at, context)),
    async join(node, as) {
      const seats = await byAnother(node, `said whether ${node.name} is in`, members.list);
      const seat = seats.find((one) => one.node === node.name);
      const { promote } = membership;
      if (seat?.standing === 'learner' && as === 'voter' && promote && (await node.state()) === 'running') {
        await byAnother(node, `gave ${node.name} a vote`, (at) =>
          ask((context) => promote.call(membership, node, at, context)),
        );
        await untilReady(readiness, node, never);
      } else if (seat?.standing !== as || !(await isReady(readiness, node))) await takeIn(node, as);
    },
  };
  return members;
}

/** After the faults: whoever is out, or has no vote, is let in again. */
export async function restoreMembers(
  readiness: Readiness,
  nodes: readonly Node[],
  log: (line: Readonly<Record<string, unknown>>) => void,
): Promise<void> {
  const members = membersOf(readiness, nodes);
  if (members === undefined || nodes.length < 2) return;
  for (const node of nodes) {
    const others = nodes.filter((one) => one !== node);
    const seats = await anyOf(readiness.time, others, `said whether ${node.name} is in`, members.list);
    const seat = seats.find((one) => one.node === node.name);
    if (seat?.standing === 'voter') continue;
    log({ node: node.name, message: `is ${seat ? 'a learner' : 'no member'} when everything is healed` });
    await members.join(node, 'voter');
  }
}

/** Asks one after the other of those that run, again and again, until one has done it. */
async function anyOf<T>(
  time: Time,
  nodes: readonly Node[],
  what: string,
  work: (at: Node) => Promise<T>,
): Promise<T> {
  for (const end = time.now() + joinMs * 1e6; ; await time.sleep(againMs)) {
    let refused: unknown = new Error('none of them runs');
    for (const at of nodes) {
      if ((await at.state()) !== 'running') continue;
      try {
        return await work(at);
      } catch (error) {
        refused = error;
      }
    }
    if (time.now() >= end)
      throw new Error(
        `none of ${nodes.map(({ name }) => name).join(' ')} ${what} in ${joinMs / 1000} s: ${messageOf(refused)}`,
        { cause: refused },
      );
  }
}

async function isReady({ system, settings, time }: Readiness, node: Node): Promise<boolean> {
  if ((await node.state()) !== 'running') return false;
  return within(time, readyMs, undefined, (signal) => system.ready(node, { settings, time, signal })).then(
    () => true,
    () => false,
  );
}
