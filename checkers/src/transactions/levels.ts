/**
 * # Isolation levels, and what refutes each
 *
 * Adya defines a level by the phenomena it forbids. Each phenomenon below sits at the weakest level that forbids
 * it; everything stronger forbids it too. Promises come in three families: what data alone shows, what the
 * order of a session adds (`-process`), what real time adds (`-realtime`).
 *
 * ```
 *                         data                          + session                              + real time
 *  dirty write            read uncommitted              strong session read uncommitted        strong read uncommitted
 *  dirty read             read committed                strong session read committed          strong read committed
 *  single anti-dependency parallel snapshot isolation   strong session parallel snapshot i.    strong parallel snapshot i.
 *  long fork              snapshot isolation            strong session snapshot isolation      strong snapshot isolation
 *  any cycle              repeatable read, serializable strong session serializable            strict serializable
 * ```
 *
 * Repeatable read (PL-2.99) and serializable differ only in predicates, and histories of reads and writes have none.
 */

export const LEVELS = [
  'read uncommitted',
  'read committed',
  'parallel snapshot isolation',
  'snapshot isolation',
  'repeatable read',
  'serializable',
  'strong session read uncommitted',
  'strong session read committed',
  'strong session parallel snapshot isolation',
  'strong session snapshot isolation',
  'strong session serializable',
  'strong read uncommitted',
  'strong read committed',
  'strong parallel snapshot isolation',
  'strong snapshot isolation',
  'strict serializable',
] as const;

export type Level = (typeof LEVELS)[number];
export type Family = 'data' | 'process' | 'realtime';
export type Proof = 'proven' | 'refuted' | 'unknown';

/** What a level forbids, from the least: a higher class forbids all below it. */
export const CLASSES = ['dirty write', 'dirty read', 'single', 'fork', 'any'] as const;
export type Class = (typeof CLASSES)[number];

export const FAMILIES: readonly Family[] = ['data', 'process', 'realtime'];

/** Where a level stands in the table above. */
export function placeOf(level: Level): { readonly family: Family; readonly class: Class } {
  const family = level.startsWith('strong session')
    ? 'process'
    : level.startsWith('strong') || level === 'strict serializable'
      ? 'realtime'
      : 'data';
  const forbids: Class = level.endsWith('read uncommitted')
    ? 'dirty write'
    : level.endsWith('read committed')
      ? 'dirty read'
      : level.endsWith('parallel snapshot isolation')
        ? 'single'
        : level.endsWith('snapshot isolation')
          ? 'fork'
          : 'any';
  return { family, class: forbids };
}

/** Whether whoever keeps `strong` also keeps `weak`. */
export function implies(strong: Level, weak: Level): boolean {
  const a = placeOf(strong);
  const b = placeOf(weak);
  return (
    FAMILIES.indexOf(a.family) >= FAMILIES.indexOf(b.family) &&
    CLASSES.indexOf(a.class) >= CLASSES.indexOf(b.class)
  );
}

/** The weakest level that forbids a phenomenon. */
export interface Forbidden {
  readonly family: Family;
  readonly class: Class;
}

/** Its name. Of repeatable read and serializable, which nothing here tells apart, the one that people mean. */
export function weakestForbidding({ family, class: forbidden }: Forbidden): Level {
  const level = LEVELS.find((name) => {
    const place = placeOf(name);
    return name !== 'repeatable read' && place.family === family && place.class === forbidden;
  });
  if (level === undefined) throw new Error(`no level forbids ${family} ${forbidden}`);
  return level;
}

export type Consistency = Readonly<Record<Level, Proof>>;

/**
 * The map of what a history shows: a level is refuted by any phenomenon that it forbids, proven where some level
 * that implies it is, and unknown otherwise.
 */
export function consistencyMap(found: readonly Forbidden[], proven: readonly Level[]): Consistency {
  const verdict = (level: Level): Proof => {
    const at = placeOf(level);
    const refuted = found.some(
      (phenomenon) =>
        FAMILIES.indexOf(at.family) >= FAMILIES.indexOf(phenomenon.family) &&
        CLASSES.indexOf(at.class) >= CLASSES.indexOf(phenomenon.class),
    );
    if (refuted) return 'refuted';
    return proven.some((strong) => implies(strong, level)) ? 'proven' : 'unknown';
  };
  return Object.fromEntries(LEVELS.map((level) => [level, verdict(level)])) as Record<Level, Proof>;
}
