import type { CausalBase } from '../causal/base.ts';
import { lastWriteTo } from '../transactions/register-reads.ts';
import { keyName, nameOf, valueName } from '../transactions/words.ts';
import type { Clients } from './clients.ts';
import type { Classical, StaleRead } from './stale-read.ts';

type Told = Omit<StaleRead, 'guarantee' | 'certain'>;

/** A read that passed over a write that its client knew of, by having written it or by what it had read. */
export interface Passed {
  readonly reader: number;
  readonly micro: number;
  readonly other: number;
  /** What the client had read: the write itself, or one that its writer did later. */
  readonly through: number;
}

/** How a client knew by itself. */
export function tellOwn(
  base: CausalBase,
  clients: Clients,
  guarantee: Classical,
  { reader, micro, other, through }: Passed,
  certain = true,
): Told {
  const { txns } = base;
  const k = txns.key[micro] as number;
  const written = writtenBy(base, other, k);
  const name = keyName(txns, k);
  if (guarantee === 'read your writes')
    return told(
      base,
      { reader, micro, other },
      [],
      `wrote ${written} to ${name} in ${nameOf(txns, other)}`,
      certain,
    );
  const by = whoRead(base, clients, { reader, micro, through }, guarantee === 'monotonic reads');
  const path = through === other ? [by] : [through, by];
  const seen =
    guarantee === 'monotonic reads'
      ? through === other
        ? `read ${written} from ${name} in ${nameOf(txns, by)}`
        : `read what came after ${written} from ${name} in ${nameOf(txns, by)}`
      : `saw in ${nameOf(txns, by)} what ${nameOf(txns, through)} wrote${
          through === other
            ? ''
            : `, after the same client had written ${written} to ${name} in ${nameOf(txns, other)}`
        }`;
  return told(base, { reader, micro, other }, path, seen, certain);
}

/** How it knew by others, each of whom had seen the one before. */
export function tellChain(
  base: CausalBase,
  { reader, micro, other }: Omit<Passed, 'through'>,
  chain: readonly number[],
  certain: boolean,
): Told {
  const { txns } = base;
  const k = txns.key[micro] as number;
  return told(
    base,
    { reader, micro, other },
    chain,
    `saw what was written (${chain.map((t) => nameOf(txns, t)).join(', ')}) by those who had seen ${nameOf(txns, other)} write ${writtenBy(base, other, k)} to ${keyName(txns, k)}`,
    certain,
  );
}

function told(
  { txns, source }: CausalBase,
  { reader, micro, other }: Omit<Passed, 'through'>,
  path: readonly number[],
  how: string,
  certain: boolean,
): Told {
  const key = txns.key[micro] as number;
  const from = source[micro] as number;
  const read = valueName(txns, txns.value[micro] as number);
  const whose = from < 0 ? 'the initial value' : `${read}, which ${nameOf(txns, from)} wrote earlier`;
  const doubt = certain ? '' : ' (as far as causality and time tell)';
  return {
    key,
    transactions: [...(from < 0 ? [] : [from]), other, ...path, reader],
    explanation: `Client ${txns.processes[txns.process[reader] as number]} ${how}, and then ${nameOf(txns, reader)} read ${keyName(txns, key)} as ${whose}${doubt}.`,
  };
}

function writtenBy({ txns }: CausalBase, t: number, key: number): string {
  return valueName(txns, txns.value[lastWriteTo(txns, t, key)] as number);
}

/** The transaction of the reader's client that read something, on the same key or on another. Looked up only for what is told. */
function whoRead(
  { txns, source, place }: CausalBase,
  clients: Clients,
  { reader, micro, through }: Omit<Passed, 'other'>,
  same: boolean,
): number {
  for (let t = reader; t >= 0; t--) {
    if ((place[t] as number) < 0 || clients.of(t) !== clients.of(reader)) continue;
    for (let m = txns.start[t] as number; m < (txns.start[t + 1] as number); m++)
      if (source[m] === through && (txns.key[m] === txns.key[micro]) === same) return t;
  }
  throw new Error(`nobody read what T${through} wrote: this is a bug`);
}
