import type { Verdict } from './checker.ts';
import type { History } from './history.ts';
import type { Proof } from './transactions/levels.ts';

export type RegisterMap = Readonly<Record<Promised, Proof>>;

/**
 * What a verdict on registers says of every other promise about them: what is implied by a promise that was kept is proven,
 * what implies a broken one is refuted, and the rest is unknown. Nothing is judged anew, so it costs nothing.
 * `undefined` where the model is no register's, or nothing was decided.
 *
 * ```
 *  linearizable ─┬─ strongly regular ── regular ── safe
 *                └─ sequential ─┬─ CCv ── CC ── read your writes, monotonic writes, writes follow reads
 *                               └─ CM ─┬─ CC
 *                                      └─ PRAM ── read your writes, monotonic reads, monotonic writes
 * ```
 */
export function registerMap(model: string, verdict: Verdict, history: History): RegisterMap | undefined {
  if (!MODELS.has(model) || !history.names.every((name) => MOVES.has(name))) return undefined;
  const kept = PROMISED.filter((promise) => keeps(verdict, promise));
  const broken = PROMISED.filter((promise) => breaks(verdict, promise));
  if (kept.length + broken.length === 0) return undefined;
  const proof = (promise: Promised): Proof => {
    if (broken.some((weak) => implied(promise).has(weak))) return 'refuted';
    return kept.some((strong) => implied(strong).has(promise)) ? 'proven' : 'unknown';
  };
  return Object.fromEntries(PROMISED.map((promise) => [promise, proof(promise)])) as Record<Promised, Proof>;
}

/** Of each promise the next weaker ones, from the strongest. */
const WEAKER = {
  linearizable: ['strongly regular', 'sequential'],
  'strongly regular': ['regular'],
  regular: ['safe'],
  safe: [],
  sequential: ['CCv', 'CM'],
  CCv: ['CC'],
  CM: ['CC', 'PRAM'],
  CC: ['read your writes', 'monotonic writes', 'writes follow reads'],
  PRAM: ['read your writes', 'monotonic reads', 'monotonic writes'],
  'read your writes': [],
  'monotonic reads': [],
  'monotonic writes': [],
  'writes follow reads': [],
} as const;

type Promised = keyof typeof WEAKER;

const PROMISED = Object.keys(WEAKER) as readonly Promised[];

const MODELS: ReadonlySet<string> = new Set([
  'register',
  'cas-register',
  'strongly-regular-register',
  'regular-register',
  'safe-register',
  'sequential',
  'causal',
  'sessions',
]);

/** A transaction of several steps is no operation of one object, and none of these promises says what it would be. */
const MOVES: ReadonlySet<string> = new Set(['read', 'write', 'cas']);

/** The verdict on sessions is several, one for each guarantee; that on many keys says itself what they come to. */
function keeps(verdict: Verdict, promise: Promised): boolean {
  const name = verdict.checker.replace(/^causal /, '');
  if (name === promise) return verdict.valid === true;
  return !Object.hasOwn(WEAKER, name) && (verdict.parts ?? []).some((part) => keeps(part, promise));
}

/** What nobody wrote, no client could read, whichever guarantee it was given. */
function breaks({ disproves = [], parts = [] }: Verdict, promise: Promised): boolean {
  return (
    disproves.includes(promise) ||
    (disproves.includes('reads of what was written') && GUARANTEES.includes(promise)) ||
    parts.some((part) => breaks(part, promise))
  );
}

const GUARANTEES = PROMISED.slice(PROMISED.indexOf('PRAM'));

/** A promise and all that are weaker. */
function implied(promise: Promised): ReadonlySet<Promised> {
  const found = new Set<Promised>([promise]);
  for (const each of found) for (const weaker of WEAKER[each]) found.add(weaker);
  return found;
}
