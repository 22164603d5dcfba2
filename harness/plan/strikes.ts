import type { Strike } from '../fault.ts';
import type { Random } from '../random.ts';

/** A fault that may strike, with the variants that it may strike in, or the one that was asked for. */
export interface PossibleFault {
  readonly name: string;
  /** As it was asked for, where that is not its name: the path of a user's own file. */
  readonly asked?: string;
  readonly variants: readonly string[];
  readonly variant?: string;
  /** Whether it ends nodes' processes, which then come back with what is on their disks and nothing else. */
  readonly kills?: boolean;
  /** Whether those that it hits are gone for the others as long as it lasts. It does, unless this says otherwise. */
  readonly removes?: boolean;
  /** How long it takes to strike, where that is long: then it lasts so long, and not as long as others would. */
  readonly takesMs?: number;
}

/**
 * The weather changes: a run is a row of spells, and each draws its own mix of faults, and how often they strike and
 * for how long. Many unlike mixes find more than one average mix does ("swarm testing", Groce et al., 2012), and with
 * several in one run, one run sees several.
 *
 * ```
 *  quiet │ spell: kill, often and short │ elections │ partition and pause, long │ memory │ quiet
 *        └ two faults may be in force at once                                          └ everything heals under load
 * ```
 *
 * Mistakes that take one particular order of faults are too rare in mixes alone: how many occasions a minute has for them
 * must not be left to chance. So among the mixes are spells of two kinds, each of which draws such an order again and again.
 *
 * - *Elections*: whoever leads is struck, for as long as it takes the others to elect another, and again when they have. What
 *   can go wrong between two candidates, and with a leader that returns, goes wrong in few elections out of many.
 * - *Memory*: one node is out while the others are killed, come back, and go on without it; then it returns. What they promised it, or
 *   each other, and did not keep on a disk, nobody knows any more, or it alone.
 */
const row = ['mix', 'elections', 'memory', 'mix', 'elections', 'mix', 'memory', 'long elections'] as const;

const spellMs = 5_000;
const gapsMs = [300, 1000, 3000] as const;
const lastingsMs = [80, 500, 3000] as const;
/** Faults in force at once. More than three leave nothing standing that could go wrong. */
const atOnce = 3;
/** After a whole scenario the system gets its breath again: somebody leads, and clients are answered. */
const restMs = 600;
/** No shorter strike: it would be over before a probe has seen it. */
const shortestMs = 20;

export function drawStrikes(
  possible: readonly PossibleFault[],
  ms: number,
  random: Random,
  roles: readonly string[] = [],
): readonly Strike[] {
  if (possible.length === 0) return [];
  const faults = roles.includes('leader') ? possible : possible.map(withoutLeader);
  const begin = Math.min(3000, ms * 0.15);
  const end = ms - Math.min(5000, ms * 0.25);
  const spells = Math.max(1, Math.round((end - begin) / spellMs));
  const length = (end - begin) / spells;
  const drawn: Drawn[] = [];
  const order = random.fork('spells').shuffle(row);
  const kinds = Array.from({ length: spells }, (_, number) => order[number % order.length]);
  for (const [number, kind] of kinds.entries()) {
    const from = begin + number * length;
    // A memory needs a cluster that is whole: what is in force is healed before it begins.
    const next = kinds.indexOf('memory', number + 1);
    const healed = next > 0 && remembers(faults) ? begin + next * length : end;
    const spell = { from, until: from + length, end: healed, first: number === 0, drawn };
    if (kind === 'memory' && remembers(faults)) memory(faults, spell, random);
    else strikeOften(electionMix(faults, kind) ?? drawMix(faults, random), spell, roles, random);
  }
  return everyFault(drawn, faults, random).map((strike, number) => ({ number, ...strike }));
}

/** Where nobody leads, a strike at the leader finds nothing to do. */
function withoutLeader(fault: PossibleFault): PossibleFault {
  const others = fault.variants.filter((variant) => variant !== 'leader');
  return others.length > 0 ? { ...fault, variants: others } : fault;
}

type Drawn = Omit<Strike, 'number'>;

interface Spell {
  readonly from: number;
  readonly until: number;
  /** When all that it does has to be healed. */
  readonly end: number;
  readonly first: boolean;
  /** What was drawn before, in this spell and earlier ones. */
  readonly drawn: Drawn[];
}

interface Mix {
  readonly faults: readonly PossibleFault[];
  readonly gapMs: number;
  readonly lastingMs: number;
  /** How many of its strikes go for the leader, where the fault can, beside those that it gets by chance. */
  readonly atLeader: number;
}

/**
 * Of the usual strikes one in three goes for the leader: what a cluster does when it loses the one node that decides is where
 * most mistakes are, and picking among all variants alike comes to that too seldom in a minute.
 */
function drawMix(faults: readonly PossibleFault[], random: Random): Mix {
  const drawn = faults.filter(() => random.fraction() < 0.6);
  const some = drawn.length > 0 ? drawn : [random.pick(faults)];
  return {
    faults: some,
    gapMs: random.pick(gapsMs),
    lastingMs: random.pick(lastingsMs),
    atLeader: 1 / 3,
    ...(some.every(({ takesMs }) => takesMs !== undefined) && { gapMs: restMs }),
  };
}

/** For systems that elect in a fifth of a second, or for those that take one. Nothing where no fault can go for a leader. */
function electionMix(
  faults: readonly PossibleFault[],
  kind: (typeof row)[number] | undefined,
): Mix | undefined {
  const able = faults.filter((fault) => fault.removes !== false && can(fault, 'leader'));
  const lastingMs = kind === 'elections' ? 400 : kind === 'long elections' ? 1200 : undefined;
  return able.length === 0 || lastingMs === undefined
    ? undefined
    : { faults: able, gapMs: lastingMs + 250, lastingMs, atLeader: 1 };
}

const can = ({ variant, variants }: PossibleFault, wanted: string): boolean =>
  variant === undefined && variants.includes(wanted);

function strikeOften(mix: Mix, spell: Spell, roles: readonly string[], random: Random): void {
  const { from, until, end, first, drawn } = spell;
  // The very first comes at once, so that even a short run has one.
  let at = from + (first ? 0 : around(mix.gapMs, random) / 2);
  while (at < until) {
    const lasting = Math.min(around(mix.lastingMs, random), end - at);
    const strike = drawStrike(mix, inForceAt(drawn, at), roles, random);
    const takes = mix.faults.find(({ name }) => name === strike?.fault)?.takesMs;
    if (strike) add(drawn, strike, at, takes ?? lasting);
    at += around(takes === undefined ? mix.gapMs : restMs, random) + (takes ?? 0);
  }
}

const killers = (faults: readonly PossibleFault[]): readonly PossibleFault[] =>
  faults.filter((fault) => fault.kills && can(fault, 'majority'));
/** What holds one node away while the others are killed. */
const holders = (faults: readonly PossibleFault[]): readonly PossibleFault[] =>
  faults.filter((fault) => !fault.kills && fault.removes !== false && can(fault, 'one'));
const remembers = (faults: readonly PossibleFault[]): boolean =>
  killers(faults).length > 0 && holders(faults).length > 0;

/** Twice in a spell. */
function memory(faults: readonly PossibleFault[], { from, until, drawn }: Spell, random: Random): void {
  const half = (until - from) / 2;
  for (const at of [from, from + half]) {
    const out = (0.6 + 0.3 * random.fraction()) * half;
    const [killed, down] = [at + 0.15 * out * (1 + random.fraction()), around(0.05 * half, random)];
    add(drawn, { fault: random.pick(holders(faults)).name, variant: 'one' }, at, out);
    add(drawn, { fault: random.pick(killers(faults)).name, variant: 'majority', others: true }, killed, down);
  }
}

function add(drawn: Drawn[], strike: Omit<Drawn, 'atMs' | 'lastingMs'>, at: number, lasting: number): void {
  if (lasting >= shortestMs) drawn.push({ ...strike, atMs: Math.round(at), lastingMs: Math.round(lasting) });
}

const inForceAt = (drawn: readonly Drawn[], at: number): readonly Drawn[] =>
  drawn.filter(({ atMs, lastingMs }) => atMs + lastingMs > at);

/**
 * What strikes while others are in force, or nothing. Of one kind, one at a time: a second cut of a node that is cut off
 * already does nothing that anyone could see.
 */
function drawStrike(
  { faults, atLeader }: Mix,
  inForce: readonly { readonly fault: string }[],
  roles: readonly string[],
  random: Random,
): Pick<Strike, 'fault' | 'variant' | 'aim'> | undefined {
  const free = faults.filter(({ name }) => inForce.every(({ fault }) => fault !== name));
  // Drawn always, so that what comes later in the stream does not depend on it.
  const fault = random.pick(free.length > 0 ? free : faults);
  const variant = drawVariant(fault, atLeader, random);
  const aim = drawAim(roles, random);
  if (free.length === 0 || inForce.length >= atOnce) return undefined;
  // Somebody takes over only where somebody was struck before.
  return { fault: fault.name, variant, ...(aim && inForce.length > 0 ? { aim } : {}) };
}

function drawVariant({ variant, variants }: PossibleFault, atLeader: number, random: Random): string {
  const [leader, other] = [random.fraction() < atLeader, random.pick(variants)];
  return variant ?? (leader && variants.includes('leader') ? 'leader' : other);
}

/** From a third of it to three times it, as likely less as more. */
const around = (median: number, random: Random): number => median * 3 ** (2 * random.fraction() - 1);

/** A few strikes wait for somebody to take a role, and come just after: whoever has just begun is the least prepared. */
function drawAim(roles: readonly string[], random: Random): Strike['aim'] {
  const [chance, after] = [random.fraction(), random.fraction()];
  if (roles.length === 0 || chance >= 0.2) return undefined;
  return { role: random.pick(roles), afterMs: Math.round(30 * after) };
}

/** Whatever was asked for strikes at least once, if there are strikes enough. */
function everyFault(
  drawn: readonly Drawn[],
  faults: readonly PossibleFault[],
  random: Random,
): readonly Drawn[] {
  const out = [...drawn];
  for (const { name, variants, variant } of faults) {
    if (out.some((strike) => strike.fault === name)) continue;
    const repeated = out.flatMap(({ fault }, i) =>
      out.filter((other) => other.fault === fault).length > 1 ? [i] : [],
    );
    if (repeated.length === 0) break;
    const at = random.pick(repeated);
    out[at] = { ...(out[at] as Drawn), fault: name, variant: variant ?? random.pick(variants) };
  }
  return out;
}
