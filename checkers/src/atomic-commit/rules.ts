import type { Anomaly } from '../checker.ts';
import type { Account, Told } from './accounts.ts';

/** How long after the healing somebody may still be in doubt: longer than any protocol here takes to ask again. */
const PATIENCE_MS = 8_000;

/** AC1: all who reach a decision reach the same one. */
export function agreement(account: Account): Anomaly | undefined {
  const commit = first(account, 'commit');
  const abort = first(account, 'abort');
  if (!commit || !abort) return undefined;
  const [one, other] = commit.return < abort.return ? [commit, abort] : [abort, commit];
  return anomaly(
    'split decision',
    account,
    [one, other],
    `${account.key} was decided both ways: ${says(one)}, and ${says(other)}.`,
  );
}

/** AC2: nobody goes back on a decision. Also a case of AC1, and the plainer one. */
export function stability(account: Account): Anomaly | undefined {
  const last = new Map<string, Told>();
  for (const told of account.decisions) {
    if (told.node === undefined) continue;
    const before = last.get(told.node);
    if (before && before.state !== told.state && before.return < told.call)
      return anomaly(
        'reversed decision',
        account,
        [before, told],
        `${told.node} went back on its decision about ${account.key}: ${before.state} at ${at(before)}, and ${told.state} ${apart(before, told)} later.`,
      );
    if (!before || before.return < told.call) last.set(told.node, told);
  }
  return undefined;
}

/** AC3: a commit is decided only if everybody voted for it. Nobody votes for what nobody asked for. */
export function validity(account: Account): Anomaly | undefined {
  const { key, no, asked, refused } = account;
  const commit = account.told.find(
    ({ state, value }) => state === 'commit' || (state !== 'abort' && hasValue(value)),
  );
  if (!commit) return undefined;
  if (asked < 0 && refused < 0)
    return anomaly(
      'decision from nowhere',
      account,
      [commit],
      `${says(commit)} about ${key}, which nobody had asked for.`,
    );
  if (asked < 0)
    return anomaly(
      'commit of what was refused',
      account,
      [commit],
      `${says(commit)} about ${key}, though whoever asked for it was told that it had not happened.`,
      refused,
    );
  if (no === null) return undefined;
  return anomaly(
    'commit against a no vote',
    account,
    [commit],
    `${says(commit)} about ${key}, though the ${ordinal(no)} node votes no.`,
    asked,
  );
}

/** All or nothing: what a node has stored is what it says that it has decided. */
export function effects(account: Account): Anomaly | undefined {
  const { key, told, value } = account;
  const lost = told.find((it) => it.state === 'commit' && it.value === null);
  if (lost)
    return anomaly(
      'lost effect',
      account,
      [lost],
      `${says(lost)} about ${key}, and has nothing of what that wrote.`,
    );
  const wrong = told.find((it) => hasValue(it.value) && value !== undefined && it.value !== value);
  if (wrong)
    return anomaly(
      'wrong effect',
      account,
      [wrong],
      `${wrong.node} told client ${wrong.process}${when(wrong)} that it has ${wrong.value} of ${key}, which was to write ${value}.`,
      account.asked,
    );
  const seen = told.find((it) => hasValue(it.value));
  const abort = first(account, 'abort');
  if (!seen || !abort) return undefined;
  const undone = told.find((it) => it.state === 'abort' && hasValue(it.value));
  if (undone)
    return anomaly(
      'effect of an aborted transaction',
      account,
      [undone],
      `${says(undone)} about ${key}, and has ${undone.value} all the same.`,
    );
  return seen.state === 'commit'
    ? undefined
    : anomaly(
        'effect of an aborted transaction',
        account,
        [seen, abort],
        `${seen.node} showed ${seen.value} of ${key}, and ${says(abort)}.`,
      );
}

/** AC5: once failures are repaired, everybody who took part decides. */
export function termination(account: Account): Anomaly | undefined {
  const commit = first(account, 'commit');
  const open = new Map<string, Told>();
  for (const told of account.told) {
    if (!told.settled || told.node === undefined) continue;
    const undecided = told.state === 'prepared' || (told.state === 'unknown' && commit !== undefined);
    const begin = open.get(told.node);
    if (!undecided) open.delete(told.node);
    else if (!begin) open.set(told.node, told);
    else if (told.returnTime - begin.callTime >= PATIENCE_MS * 1e6) {
      const since = `${at(told)}, ${apart(begin, told)} after every fault had healed`;
      return commit && told.state === 'unknown'
        ? anomaly(
            'in doubt for ever',
            account,
            [commit, begin, told],
            `${told.node} still knew nothing of ${account.key} at ${since}, though ${says(commit)}.`,
          )
        : anomaly(
            'in doubt for ever',
            account,
            [begin, told],
            `${told.node} was still in doubt about ${account.key} at ${since}.`,
          );
    }
  }
  return undefined;
}

const hasValue = (value: Told['value']): value is number => value !== null && value !== undefined;

function first({ decisions }: Account, state: Told['state']): Told | undefined {
  return decisions.filter((told) => told.state === state).toSorted((a, b) => a.return - b.return)[0];
}

function anomaly(
  kind: string,
  { key }: Account,
  told: readonly Told[],
  explanation: string,
  asked?: number,
): Anomaly {
  const ids = [...(asked === undefined || asked < 0 ? [] : [asked]), ...told.map(({ id }) => id)];
  return {
    kind,
    key,
    operations: [...new Set(ids)].toSorted((a, b) => a - b),
    explanation: explanation.replace(/^client/, 'Client'),
  };
}

/** `n2 said abort to client 7 at 1.500 s`, `n2 showed 5 to client 7 at …`, or `client 3 was told commit at 1.203 s`. */
function says(told: Told): string {
  if (told.state !== 'commit' && told.state !== 'abort')
    return `${told.node} showed ${told.value} to client ${told.process}${when(told)}`;
  return told.node === undefined
    ? `client ${told.process} was told ${told.state}${when(told)}`
    : `${told.node} said ${told.state} to client ${told.process}${when(told)}`;
}

const when = (told: Told): string => (Number.isFinite(told.returnTime) ? ` at ${at(told)}` : '');
const at = ({ returnTime }: Told): string => `${(returnTime / 1e9).toFixed(3)} s`;

function apart(before: Told, after: Told): string {
  const ms = (after.returnTime - before.returnTime) / 1e6;
  return ms < 1000 ? `${ms.toFixed(ms < 10 ? 1 : 0)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

function ordinal(n: number): string {
  return `${n}${['th', 'st', 'nd', 'rd'][n % 100 > 10 && n % 100 < 14 ? 0 : n % 10] ?? 'th'}`;
}
