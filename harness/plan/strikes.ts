import type { Strike } from '../fault.ts';
import type { Random } from '../random.ts';

/** A fault that may strike, with the variants that it may strike in, or the one that was asked for. */
export interface PossibleFault {
  readonly name: string;
  /** As it was asked for, where that is not its name: the path of a user's own file. */
  readonly asked?: string;
  readonly variants: readonly string[];
  readonly variant?: string;
}

/**
 * The weather changes: a run is a row of spells, and each draws its own mix of faults, and how often they strike and
 * for how long. Many unlike mixes find more than one average mix does ("swarm testing", Groce et al., 2012), and with
 * several in one run, one run sees several.
 *
 * ```
 *  quiet │ spell: kill, often and short │ spell: partition and pause, long │ quiet
 *        └ two faults may be in force at once                              └ everything heals under load
 * ```
 */
const spellMs = 5_000;
const gapsMs = [300, 1000, 3000] as const;
const lastingsMs = [80, 500, 3000] as const;
/** Faults in force at once. More than three leave nothing standing that could go wrong. */
const atOnce = 3;

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
  const drawn: Omit<Strike, 'number'>[] = [];
  for (let spell = 0; spell < spells; spell++) {
    const length = (end - begin) / spells;
    const mix = drawMix(faults, random);
    const until = begin + (spell + 1) * length;
    // The very first comes at once, so that even a short run has one.
    let at = begin + spell * length + (spell === 0 ? 0 : around(mix.gapMs, random) / 2);
    for (; at < until; at += around(mix.gapMs, random)) {
      const lasting = Math.min(around(mix.lastingMs, random), end - at);
      const inForce = drawn.filter((other) => other.atMs + other.lastingMs > at);
      const strike = drawStrike(mix.faults, inForce, roles, random);
      if (strike && lasting >= 20)
        drawn.push({ ...strike, atMs: Math.round(at), lastingMs: Math.round(lasting) });
    }
  }
  return everyFault(drawn, faults, random).map((strike, number) => ({ number, ...strike }));
}

/** Where nobody leads, a strike at the leader finds nothing to do. */
function withoutLeader(fault: PossibleFault): PossibleFault {
  const others = fault.variants.filter((variant) => variant !== 'leader');
  return others.length > 0 ? { ...fault, variants: others } : fault;
}

interface Mix {
  readonly faults: readonly PossibleFault[];
  readonly gapMs: number;
  readonly lastingMs: number;
}

function drawMix(faults: readonly PossibleFault[], random: Random): Mix {
  const some = faults.filter(() => random.fraction() < 0.6);
  return {
    faults: some.length > 0 ? some : [random.pick(faults)],
    gapMs: random.pick(gapsMs),
    lastingMs: random.pick(lastingsMs),
  };
}

/**
 * What strikes while others are in force, or nothing. Of one kind, one at a time: a second cut of a node that is cut off
 * already does nothing that anyone could see.
 */
function drawStrike(
  faults: readonly PossibleFault[],
  inForce: readonly { readonly fault: string }[],
  roles: readonly string[],
  random: Random,
): Pick<Strike, 'fault' | 'variant' | 'aim'> | undefined {
  const free = faults.filter(({ name }) => inForce.every(({ fault }) => fault !== name));
  // Drawn always, so that what comes later in the stream does not depend on it.
  const fault = random.pick(free.length > 0 ? free : faults);
  const variant = drawVariant(fault, random);
  const aim = drawAim(roles, random);
  if (free.length === 0 || inForce.length >= atOnce) return undefined;
  // Somebody takes over only where somebody was struck before.
  return { fault: fault.name, variant, ...(aim && inForce.length > 0 ? { aim } : {}) };
}

/**
 * One strike in three goes for the leader, where a fault can: what a cluster does when it loses the one node that decides
 * is where most mistakes are, and picking among all variants alike comes to that too seldom in a minute.
 */
function drawVariant({ variant, variants }: PossibleFault, random: Random): string {
  const [leader, other] = [random.fraction() < 1 / 3, random.pick(variants)];
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
  drawn: readonly Omit<Strike, 'number'>[],
  faults: readonly PossibleFault[],
  random: Random,
): readonly Omit<Strike, 'number'>[] {
  const out = [...drawn];
  for (const { name, variants, variant } of faults) {
    if (out.some((strike) => strike.fault === name)) continue;
    const repeated = out.flatMap(({ fault }, i) =>
      out.filter((other) => other.fault === fault).length > 1 ? [i] : [],
    );
    if (repeated.length === 0) break;
    const at = random.pick(repeated);
    out[at] = { ...(out[at] as Strike), fault: name, variant: variant ?? random.pick(variants) };
  }
  return out;
}
