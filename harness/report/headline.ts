import type { Verdict } from 'knossos-js';
import type { Plan } from '../plan/plan.ts';
import type { Result, RunVerdict } from '../record/result.ts';
import { count, keyName, name, plural, systemName } from './words.ts';

/** The verdict in four words, for a chip, a title, a line of a list. */
export interface Headline {
  readonly glyph: '✓' | '✗' | '?' | '!';
  /** `Not linearizable`, `Linearizable`, `Undecided`, `Could not run`. */
  readonly chip: string;
  /** `toykv · register`. */
  readonly subject: string;
  /** `is not linearizable`. */
  readonly says: string;
}

const glyphs = { pass: '✓', violation: '✗', undecided: '?', 'could-not-run': '!' } as const satisfies Record<
  RunVerdict,
  Headline['glyph']
>;

export function headline(plan: Plan, result: Result): Headline {
  const glyph = glyphs[result.verdict];
  const subject = `${systemName(plan.system)} · ${systemName(plan.workload.name)}`;
  switch (result.verdict) {
    case 'pass': {
      const model = strongest(result);
      return model === undefined
        ? { glyph, subject, chip: 'All promises kept', says: 'kept every promise it was held to' }
        : { glyph, subject, chip: capital(model), says: `is ${model}` };
    }
    case 'violation': {
      const promise = name(result.counterexample?.checker ?? broken(result) ?? 'its promise', 60);
      return isModel(promise)
        ? { glyph, subject, chip: `Not ${promise}`, says: `is not ${promise}` }
        : { glyph, subject, chip: `Broken: ${promise}`, says: `broke its promise: ${promise}` };
    }
    case 'undecided':
      return { glyph, subject, chip: 'Undecided', says: 'is undecided' };
    case 'could-not-run':
      return { glyph, subject, chip: 'Could not run', says: 'could not run' };
  }
}

/** A promise as one chip or one table row: what it is called and how it came out. */
export interface Judged {
  readonly name: string;
  readonly held: boolean | 'unknown';
}

/** Each promise that was judged, the broken ones first, with the models that a broken one takes down with it. */
export function promises(result: Result): Judged[] {
  const held = new Map<string, boolean | 'unknown'>();
  const set = (promise: string, outcome: boolean | 'unknown') => {
    if (outcome === false || held.get(promise) !== false) held.set(promise, outcome);
  };
  for (const verdict of leaves(result.checks)) {
    for (const model of verdict.valid === false ? (verdict.disproves ?? []) : []) set(model, false);
    set(verdict.checker, verdict.valid);
    for (const level of provenBy(verdict)) set(level, true);
  }
  const rank = { false: 0, unknown: 1, true: 2 };
  return [...held]
    .map(([promise, outcome]) => ({ name: name(promise, 60), held: outcome }))
    .toSorted((a, b) => rank[`${a.held}`] - rank[`${b.held}`]);
}

/** Levels of isolation that people ask for by name. A map of all of them is in the data. */
const ASKED_FOR = ['read committed', 'snapshot isolation', 'serializable', 'strict serializable'];

/** What a verdict on transactions proves besides what was asked. */
function provenBy(verdict: Verdict): readonly string[] {
  if (!('levels' in verdict)) return [];
  const levels = verdict.levels as Readonly<Record<string, unknown>>;
  return ASKED_FOR.filter((level) => levels[level] === 'proven');
}

/** The verdicts that are not made of others. */
export function leaves(checks: readonly Verdict[]): Verdict[] {
  return checks.flatMap((verdict) => (verdict.parts?.length ? leaves(verdict.parts) : [verdict]));
}

/** `3 of 256 keys`, `2 anomalies`, or nothing to say. */
export function extent({ valid, facts, anomalies }: Verdict): string {
  if (valid !== false) return '';
  // A checker explains only the first few keys, and counts them all.
  const known = new Set(anomalies.flatMap(({ key }) => (key === undefined ? [] : [keyName(key)])));
  const hit = facts['keys violated'] ?? known.size;
  const total = facts['keys'];
  if (typeof hit === 'number' && hit > 0 && typeof total === 'number' && total > 1)
    return `${count(hit)} of ${plural(total, 'key')}`;
  const n = typeof facts['anomalies'] === 'number' ? facts['anomalies'] : anomalies.length;
  return n === 0 ? '' : plural(n, 'anomaly', 'anomalies');
}

export function glyphOf(held: boolean | 'unknown'): '✓' | '✗' | '?' {
  return held === 'unknown' ? '?' : held ? '✓' : '✗';
}

/** Strongest first. The models that read after `is`; every other promise is a noun. */
const MODELS = ['strict serializable', 'linearizable', 'serializable', 'sequential', 'causal'];

function isModel(promise: string): boolean {
  return MODELS.includes(promise) || /(able|sequential|causal|atomic)( consistent)?$/.test(promise);
}

function strongest(result: Result): string | undefined {
  const held = new Set(promises(result).flatMap((promise) => (promise.held === true ? [promise.name] : [])));
  return MODELS.find((model) => held.has(model));
}

function broken(result: Result): string | undefined {
  return leaves(result.checks).find(({ valid }) => valid === false)?.checker;
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
