import type { ClockName, ClockReading, Skew } from '../harness/clock.ts';
import type { Evidence } from '../harness/fault.ts';
import type { Node } from '../harness/runtime.ts';
import type { Time } from '../harness/time.ts';
import { confirmed, indeterminate } from './evidence.ts';

/** Readings are good to some microseconds, on a busy machine to some tens of them. */
const CLOSE_MS = 1;
/** Of a rate, measured over {@link APART_MS}. */
const CLOSE_RATE = 0.01;
const APART_MS = 50;
/** A strobe is looked at so often, at moments that have nothing to do with its period. */
const LOOKS = 20;

/** A change of a clock, and what was read before it. */
export interface Change {
  readonly clock: ClockName;
  readonly skew: Skew;
  readonly before: readonly Read[];
}

/** Whether every process of these nodes reads its clock as it should, so skewed. */
export async function evidenceOfSkew(
  time: Time,
  nodes: readonly Node[],
  { clock, skew, before }: Change,
): Promise<Evidence> {
  if (skew.strobe !== undefined) return evidenceOfStrobe(time, nodes, clock, skew.strobe);
  const seen = await measure(time, nodes, clock);
  const { aheadMs, jumpMs = 0, rate = 1 } = skew;
  const wrong = seen.filter((one) => {
    const was = before.find((old) => old.node === one.node && old.reading.process === one.process);
    const base = aheadMs ?? was?.reading[clock].aheadMs ?? 0;
    return !isRate(one, rate) || (rate === 1 && Math.abs(one.aheadMs - base - jumpMs) > CLOSE_MS);
  });
  return verdict(nodes, seen, wrong, (one) => said(one, clock, rate === 1));
}

/** Whether they read the truth again; of a monotonic clock, that it keeps pace with it. */
export async function evidenceOfTruth(
  time: Time,
  nodes: readonly Node[],
  clock: ClockName,
): Promise<Evidence> {
  const seen = await measure(time, nodes, clock);
  const wrong = seen.filter(
    (one) =>
      !isRate(one, 1) || (clock === 'wall' ? Math.abs(one.aheadMs) > CLOSE_MS : one.aheadMs < -CLOSE_MS),
  );
  return verdict(nodes, seen, wrong, (one) =>
    clock === 'wall'
      ? said(one, clock, true)
      : `${one.process} counts ${one.rate.toFixed(3)} s a second on its monotonic clock, from now on ${signed(one.aheadMs)}`,
  );
}

/** What one process was seen to read. */
interface Measured {
  readonly node: string;
  readonly process: string;
  readonly aheadMs: number;
  /** How fast its clock ran. */
  readonly rate: number;
}

/** Every process twice; of a process that was there only once, nothing. */
async function measure(time: Time, nodes: readonly Node[], clock: ClockName): Promise<readonly Measured[]> {
  const first = await readClocks(nodes);
  await time.sleep(APART_MS);
  const second = await readClocks(nodes);
  return second.flatMap(({ node, reading }) => {
    const before = first.find((one) => one.node === node && one.reading.process === reading.process)?.reading;
    if (before === undefined) return [];
    const { aheadMs, atMs } = reading[clock];
    const gained = aheadMs - before[clock].aheadMs;
    return [{ node, process: reading.process, aheadMs, rate: 1 + gained / (atMs - before[clock].atMs) }];
  });
}

async function evidenceOfStrobe(
  time: Time,
  nodes: readonly Node[],
  clock: ClockName,
  { everyMs, byMs }: NonNullable<Skew['strobe']>,
): Promise<Evidence> {
  const seen = new Map<string, { node: string; process: string; here: boolean; there: boolean }>();
  for (let look = 0; look < LOOKS; look++) {
    for (const { node, reading } of await readClocks(nodes)) {
      const id = `${node} ${reading.process}`;
      const one = seen.get(id) ?? { node, process: reading.process, here: false, there: false };
      const { aheadMs } = reading[clock];
      one.here ||= Math.abs(aheadMs) <= CLOSE_MS;
      one.there ||= Math.abs(aheadMs - byMs) <= CLOSE_MS;
      seen.set(id, one);
    }
    if ([...seen.values()].every(({ here, there }) => here && there)) break;
    await time.sleep(everyMs * (0.3 + 0.0618 * look));
  }
  const all = [...seen.values()];
  const wrong = all.filter(({ here, there }) => !here || !there);
  return verdict(nodes, all, wrong, ({ process, here, there }) =>
    here && there
      ? `${process} reads now the truth, now ${signed(byMs)}`
      : `${process} ${here ? `never reads ${signed(byMs)}` : 'never reads the truth'}`,
  );
}

/** The first process stands for all that read alike. */
function verdict<One extends { readonly node: string }>(
  nodes: readonly Node[],
  seen: readonly One[],
  wrong: readonly One[],
  tell: (one: One) => string,
): Evidence {
  const unread = nodes.filter(({ name }) => !seen.some(({ node }) => node === name)).map(({ name }) => name);
  if (unread.length > 0) return indeterminate(`${unread.join(' ')}: no process whose clock could be read`);
  const told = (some: readonly One[]): string => {
    const [first, ...others] = some as [One, ...One[]];
    const more = others.length > 0 ? `; ${others.length} more likewise` : '';
    return `${first.node}: ${tell(first)}${more}`;
  };
  return wrong.length > 0 ? indeterminate(told(wrong)) : confirmed(told(seen));
}

/** A process's clocks, and the node that it is of. */
export interface Read {
  readonly node: string;
  readonly reading: ClockReading;
}

export async function readClocks(nodes: readonly Node[]): Promise<readonly Read[]> {
  const readings = await Promise.all(
    nodes.map(async ({ name, clock }) =>
      ((await clock?.read()) ?? []).map((reading) => ({ node: name, reading })),
    ),
  );
  return readings.flat();
}

function said({ process, aheadMs, rate }: Measured, clock: ClockName, offset: boolean): string {
  return offset
    ? `${process} reads ${signed(aheadMs)} on its ${clock} clock`
    : `${process} counts ${rate.toFixed(3)} s a second on its ${clock} clock, now ${signed(aheadMs)}`;
}

const isRate = ({ rate }: Measured, wanted: number): boolean =>
  Math.abs(rate - wanted) <= CLOSE_RATE * Math.max(1, wanted);
const signed = (ms: number): string => `${ms < 0 ? '−' : '+'}${Math.abs(ms).toFixed(1)} ms`;
