import { FAIL, INFO, INITIAL, READ, WRITE } from '../transactions/columns.ts';
import type { Transactions } from '../transactions/columns.ts';

/**
 * A frontier is how far each process has got, with what the registers then hold. From the empty one, processes take steps
 * until all are done or all are stuck; no frontier is entered twice.
 *
 * ```
 *   p0  w1 ── r2 ─┊─ w3        frontier (2, 1), x = 2
 *   p1  w2 ───────┊─ r1
 * ```
 *
 * A step that only reads and may be taken is taken at once, without a choice: it changes nothing for anyone else. An
 * operation whose outcome is unknown may also be passed over. The path is its own stack; nothing recurses.
 */
export type FrontierSearch =
  | { readonly found: true; readonly order: readonly number[]; readonly seen: number }
  | {
      readonly found: false;
      readonly furthest: readonly number[];
      readonly blocked: readonly number[];
      readonly seen: number;
    }
  | {
      readonly found: 'unknown';
      readonly why: string;
      readonly furthest: readonly number[];
      readonly seen: number;
    };

export function searchFrontiers(txns: Transactions, limit: number, stop: () => boolean): FrontierSearch {
  const sessions = sessionsOf(txns);
  const at = new Int32Array(sessions.length);
  const store = new Int32Array(txns.keys.length).fill(INITIAL);
  const total = sessions.reduce((sum, { members }) => sum + members.length, 0);
  const seen = new Set<string>();
  const path: Step[] = [];
  const order: number[] = [];
  let furthest = at.slice();
  let most = -1;
  let next = 0; // the first move to try from here: process × 2, plus 1 to pass over
  for (;;) {
    if (next === 0) {
      takeReads(txns, sessions, at, store, path, order);
      const done = at.reduce((sum, place) => sum + place, 0);
      if (done === total) return { found: true, order, seen: seen.size };
      if (done > most) {
        most = done;
        furthest = at.slice();
      }
      const name = `${at.join()};${store.join()}`;
      if (seen.has(name)) next = sessions.length * 2;
      else if (seen.size >= limit || ((seen.size & 255) === 0 && stop()))
        return {
          found: 'unknown',
          why: seen.size >= limit ? `out of memory: there may be ${limit} frontiers,` : 'out of time',
          furthest: [...furthest],
          seen: seen.size,
        };
      else seen.add(name);
    }
    const move = nextMove(txns, sessions, at, store, next);
    if (move >= 0) {
      path.push(take(txns, sessions, at, store, order, move));
      next = 0;
      continue;
    }
    // Everything that was taken without a choice goes back with the choice before it.
    let undone = path.pop();
    while (undone && undone.move < 0) {
      undo(txns, sessions, at, store, order, undone);
      undone = path.pop();
    }
    if (!undone) {
      const blocked = sessions.flatMap(({ members }, s) => members[furthest[s] as number] ?? []);
      return { found: false, furthest: [...furthest], blocked, seen: seen.size };
    }
    undo(txns, sessions, at, store, order, undone);
    next = undone.move + 1;
  }
}

/** What a step changed, so that it can be taken back. `move` is −1 when there was no choice. */
interface Step {
  readonly move: number;
  readonly session: number;
  readonly passed: boolean;
  readonly overwritten: readonly number[];
}

/**
 * What has to be taken in this order. An operation whose client went on without an answer may take effect later than what
 * it went on with: it is on its own, and only comes `after` so many of its process.
 */
interface Session {
  readonly members: readonly number[];
  readonly after?: { readonly session: number; readonly count: number };
}

function sessionsOf(txns: Transactions): Session[] {
  const sessions = Array.from(txns.processes, (): { members: number[] } => ({ members: [] }));
  const alone: Session[] = [];
  for (let t = 0; t < txns.length; t++) {
    const session = txns.process[t] as number;
    const { members } = sessions[session] as { members: number[] };
    if (txns.outcome[t] === INFO) alone.push({ members: [t], after: { session, count: members.length } });
    else if (txns.outcome[t] !== FAIL) members.push(t);
  }
  return [...sessions, ...alone];
}

/** The operation that a session would take next, if it may. */
function nextOf(sessions: readonly Session[], at: Int32Array, s: number): number | undefined {
  const { members, after } = sessions[s] as Session;
  if (after && (at[after.session] as number) < after.count) return undefined;
  return members[at[s] as number];
}

function takeReads(
  txns: Transactions,
  sessions: readonly Session[],
  at: Int32Array,
  store: Int32Array,
  path: Step[],
  order: number[],
): void {
  for (let moved = true; moved;) {
    moved = false;
    for (let s = 0; s < sessions.length; s++)
      for (;;) {
        const t = nextOf(sessions, at, s);
        if (t === undefined || writes(txns, t) || !possible(txns, t, store)) break;
        path.push({ ...take(txns, sessions, at, store, order, s * 2), move: -1 });
        moved = true;
      }
  }
}

function nextMove(
  txns: Transactions,
  sessions: readonly Session[],
  at: Int32Array,
  store: Int32Array,
  from: number,
): number {
  for (let move = from; move < sessions.length * 2; move++) {
    const t = nextOf(sessions, at, move >> 1);
    if (t === undefined) continue;
    if (move & 1 ? txns.outcome[t] === INFO : possible(txns, t, store)) return move;
  }
  return -1;
}

function take(
  txns: Transactions,
  sessions: readonly Session[],
  at: Int32Array,
  store: Int32Array,
  order: number[],
  move: number,
): Step {
  const session = move >> 1;
  const passed = (move & 1) === 1;
  const t = sessions[session]?.members[at[session]!++] as number;
  const overwritten: number[] = [];
  if (!passed) {
    order.push(t);
    for (let m = txns.start[t] as number; m < (txns.start[t + 1] as number); m++) {
      if (txns.kind[m] !== WRITE) continue;
      overwritten.push(store[txns.key[m] as number] as number);
      store[txns.key[m] as number] = txns.value[m] as number;
    }
  }
  return { move, session, passed, overwritten };
}

function undo(
  txns: Transactions,
  sessions: readonly Session[],
  at: Int32Array,
  store: Int32Array,
  order: number[],
  step: Step,
): void {
  const t = sessions[step.session]?.members[--at[step.session]!] as number;
  if (step.passed) return;
  order.pop();
  let last = step.overwritten.length;
  for (let m = (txns.start[t + 1] as number) - 1; m >= (txns.start[t] as number); m--)
    if (txns.kind[m] === WRITE) store[txns.key[m] as number] = step.overwritten[--last] as number;
}

function writes(txns: Transactions, t: number): boolean {
  for (let m = txns.start[t] as number; m < (txns.start[t + 1] as number); m++)
    if (txns.kind[m] === WRITE) return true;
  return false;
}

/** Whether everything that was read is what the registers hold, its own earlier writes included. */
function possible(txns: Transactions, t: number, store: Int32Array): boolean {
  for (let m = txns.start[t] as number; m < (txns.start[t + 1] as number); m++) {
    if (txns.kind[m] !== READ) continue;
    let holds = store[txns.key[m] as number] as number;
    for (let w = txns.start[t] as number; w < m; w++)
      if (txns.kind[w] === WRITE && txns.key[w] === txns.key[m]) holds = txns.value[w] as number;
    if (holds !== txns.value[m]) return false;
  }
  return true;
}
