import { createHash } from 'node:crypto';
import type { Member } from '../../harness/index.ts';

const SLOTS = 16384;

/** Of six nodes three own slots, and each of the others follows one of them. Fewer than three could not agree on a failover. */
const ownersAmong = (members: number): number => Math.max(3, Math.floor(members / 2));

/**
 * What a node knows of the cluster when it first starts: everything, as `redis-cli --cluster create` would leave it behind.
 * One line a node; see `CLUSTER NODES`.
 */
export function nodesConf(self: Member, members: readonly Member[]): string {
  const owners = Math.min(ownersAmong(members.length), members.length);
  const lines = members.map((member, i) => {
    const owns = i < owners;
    const flags = `${member === self ? 'myself,' : ''}${owns ? 'master' : 'slave'}`;
    const follows = owns ? '-' : idOf(members[i % owners] as Member);
    const slots = owns ? ` ${slotsOf(i, owners)}` : '';
    const [host, port] = member.address('redis').split(':');
    const bus = member.address('bus').split(':').at(-1);
    // Its epoch, in which it was given its slots, is its own: two nodes may not share one.
    const epoch = owns ? i + 1 : (i % owners) + 1;
    return `${idOf(member)} ${host}:${port}@${bus} ${flags} ${follows} 0 0 ${epoch} connected${slots}\n`;
  });
  return `${lines.join('')}vars currentEpoch ${owners} lastVoteEpoch 0\n`;
}

/** 40 hexadecimal digits, by which nodes know each other. */
const idOf = ({ name }: Member): string => createHash('sha1').update(name).digest('hex');

function slotsOf(owner: number, owners: number): string {
  const from = Math.ceil((owner * SLOTS) / owners);
  const to = Math.ceil(((owner + 1) * SLOTS) / owners) - 1;
  return `${from}-${to}`;
}
