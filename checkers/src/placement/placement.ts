import { anomaly } from '../anomaly.ts';
import { combine, type Anomaly, type Checker, type Verdict } from '../checker.ts';
import { verdictOn } from '../explained.ts';
import type { History, Key, Operation, Operations } from '../history.ts';
import { Budget, untilSpent } from '../linearizable/budget.ts';
import { anyHistory } from '../table/table.ts';
import { at, they, who } from '../words.ts';
import { Placements, type Claim } from './placements.ts';

export interface PlacementOptions {
  /** How many times what is ideal a change of the members may move. Infinity: as much as it likes. Default 1.6. */
  readonly moves?: number;
  /** How many times its fair share a member may hold. Infinity: as much as it likes. Default 1.75. */
  readonly share?: number;
}

const BYTES_PER_OPERATION = 100;
/** Where keys are few, chance alone moves some more, and gives one member some more. */
const SPREAD = 3;

/**
 * Keys that are spread over the members of a cluster, and moved as members join and leave. `owned` returns what one node has after all is
 * moved: `[epoch, members, keys]`, where each change of the members is an epoch. `resize` changes them, and returns `[before, after, moved,
 * total]`: how many members there were and are, and how many of all keys had to move. `write` gives a key a value.
 *
 * ```
 *   one owner   no key has two owners in an epoch, and none that was written has no owner
 *   movement    a change moves about what it has to: 1/n of the keys, where n is the larger number of members
 *   balance     no member has much more than its share
 * ```
 *
 * Consistent hashing (Karger and others 1997) calls the last two smoothness and balance. One pass.
 */
export function placement<Ops extends Operations = Operations>(options: PlacementOptions = {}): Checker<Ops> {
  return {
    name: 'placement',
    check(history, context) {
      const budget = new Budget(context);
      const verdict = budget.spent(BYTES_PER_OPERATION * history.length)
        ? undefined
        : untilSpent(budget, () => check(anyHistory(history), options, budget));
      return verdict ?? ranOut(history.length, budget);
    },
  };
}

function ranOut(operations: number, budget: Budget): Verdict {
  const because = budget.stopped(operations);
  return { checker: 'placement', valid: 'unknown', because, anomalies: [], facts: { operations } };
}

function check(history: History, { moves = 1.6, share = 1.75 }: PlacementOptions, budget: Budget): Verdict {
  const placements = new Placements(history, budget);
  const { resizes } = placements;
  const shares = [...placements.epochs.values()].flatMap((claims) =>
    sharesOf(claims, placements, history, budget),
  );
  const factors = resizes.map(({ moved, ideal }) => moved / Math.max(1, ideal));
  return {
    ...combine('placement', [
      verdictOn('one owner', [
        ...ownedTwice(placements, budget),
        ...withoutOwner(placements, history, budget),
      ]),
      verdictOn(
        'movement',
        resizes.flatMap((resize) => {
          const { operation, before, after, moved, total, ideal } = resize;
          if (moved <= moves * ideal + SPREAD * Math.sqrt(ideal)) return [];
          return [
            anomaly(
              'moved too many keys',
              [operation],
              `${who(operation)} went from ${before} members to ${after}${at(operation.callTime)}, which moved ${moved} of ${total} keys: one in ${Math.max(before, after)} would have done.`,
            ),
          ];
        }),
      ),
      verdictOn(
        'balance',
        shares.flatMap(({ claim, claims, has, fair }) => {
          if (has <= share * fair + SPREAD * Math.sqrt(fair)) return [];
          const operation = history.operation(claim.id);
          return [
            anomaly(
              'out of balance',
              claims.map(({ id }) => history.operation(id)),
              `${claim.node} told ${they(operation)}${at(operation.returnTime)} that it has many more keys than its share of what the members have together.`,
            ),
          ];
        }),
      ),
    ]),
    facts: {
      resizes: resizes.length,
      'keys moved': resizes.reduce((sum, { moved }) => sum + moved, 0),
      'keys moved, ideally': Math.round(resizes.reduce((sum, { ideal }) => sum + ideal, 0)),
      'most moved, times the ideal': round(Math.max(0, ...factors)),
      'largest share, times the fair one': round(
        Math.max(0, ...shares.map(({ has, fair }) => has / Math.max(1, fair))),
      ),
      'nodes that told what they have': [...placements.epochs.values()].flat().length,
    },
  };
}

interface Share {
  readonly claim: Claim;
  /** All members’. */
  readonly claims: readonly Claim[];
  readonly has: number;
  readonly fair: number;
}

const round = (factor: number): number => Math.round(100 * factor) / 100;

/** Of every member that has told: how much it has of what was there before any of them was asked, and a fair share of that. */
function sharesOf(
  claims: readonly Claim[],
  { written }: Placements,
  history: History,
  budget: Budget,
): Share[] {
  const members = claims[0]?.members ?? [];
  const latest = new Map<string, Claim>();
  for (const claim of claims.toSorted((a, b) => call(a, history) - call(b, history)))
    if (members.includes(claim.node)) latest.set(claim.node, claim);
  if (latest.size < members.length) return [];
  const from = Math.min(...[...latest.values()].map((claim) => call(claim, history)));
  let looked = 0;
  const there = (key: Key): boolean => {
    budget.pass(looked++);
    const write = written.get(key);
    return write !== undefined && (history.return[write] as number) < from;
  };
  const shares = [...latest.values()].map((claim) => ({ claim, has: claim.keys.filter(there).length }));
  const fair = shares.reduce((sum, { has }) => sum + has, 0) / members.length;
  return shares.map((it) => ({ ...it, fair, claims: [...latest.values()] }));
}

function call({ id }: Claim, history: History): number {
  return history.call[id] as number;
}

function ownedTwice({ epochs, operation }: Placements, budget: Budget): Anomaly[] {
  let looked = 0;
  return [...epochs.values()].flatMap((claims) => {
    const owner = new Map<Key, Claim>();
    const found: Anomaly[] = [];
    for (const claim of claims)
      for (const key of claim.keys) {
        budget.pass(looked++);
        const other = owner.get(key);
        if (other === undefined || other.node === claim.node) owner.set(key, claim);
        else
          found.push(
            anomaly(
              'two owners',
              [operation(other.id), operation(claim.id)],
              `${key} has two owners, both in epoch ${claim.epoch}: ${says(other, operation)}, and ${says(claim, operation)}.`,
            ),
          );
      }
    return found;
  });
}

/** What was written before the first of the claims of an epoch was asked for, and that no node has, though all have told. */
function withoutOwner(
  { epochs, operation, written }: Placements,
  history: History,
  budget: Budget,
): Anomaly[] {
  let looked = 0;
  return [...epochs.values()].flatMap((claims) => {
    const told = new Set(claims.map(({ node }) => node));
    if (history.nodes.some((node) => !told.has(node))) return [];
    const from = Math.min(...claims.map((claim) => call(claim, history)));
    const has = new Set<Key>();
    for (const { keys } of claims)
      for (const key of keys) {
        budget.pass(looked++);
        has.add(key);
      }
    const [last] = claims.toSorted((a, b) => call(b, history) - call(a, history)) as [Claim];
    const missing: [Key, number][] = [];
    for (const [key, write] of written) {
      budget.pass(looked++);
      if ((history.return[write] as number) < from && !has.has(key)) missing.push([key, write]);
    }
    return missing.map(([key, write]) =>
      anomaly(
        'key without an owner',
        [operation(write), ...claims.map(({ id }) => operation(id))],
        `${who(operation(write))} wrote to ${key}${at(operation(write).returnTime)}, and in epoch ${last.epoch} no node has it.`,
      ),
    );
  });
}

function says({ id, node }: Claim, operation: (id: number) => Operation): string {
  return `${node} told ${they(operation(id))} so${at(operation(id).returnTime)}`;
}
