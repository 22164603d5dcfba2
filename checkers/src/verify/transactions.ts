import type { Anomaly } from '../checker.ts';
import { CLASSES, FAMILIES } from '../transactions/levels.ts';
import type { Class, Family } from '../transactions/levels.ts';
import { circle } from './circle.ts';
import { partOf } from './part.ts';
import { hasLostUpdate, phenomena } from './phenomena.ts';
import type { Recorded } from './recorded.ts';
import { inFamily, tryOrders } from './try-orders.ts';

/** What transactions were held to: what is forbidden, by data alone, with sessions or with real time. */
export interface Held {
  readonly family: Family;
  readonly class: Class;
}

/**
 * Checks that some transactions break what they are held to, whatever else the history holds: by their own reads, by a
 * circle each step of which follows from what was recorded, or because none of all their orders explains what they read.
 */
export function wrongEvidence(history: Recorded, anomaly: Anomaly, held: Held): string | undefined {
  const part = partOf(history, anomaly.operations);
  if (typeof part === 'string') return part;
  const forbidden = (kind: Class): boolean => CLASSES.indexOf(kind) <= CLASSES.indexOf(held.class);
  if (anomaly.cycle) {
    const shown = circle(anomaly.cycle, part.whole);
    if (typeof shown === 'string') return `${anomaly.kind}: ${shown}`;
    if (FAMILIES.indexOf(shown.family) > FAMILIES.indexOf(held.family) || !forbidden(shown.class))
      return `what it was held to does not forbid the ${anomaly.kind}`;
    if (shown.family === 'realtime' && !history.timed) return 'the history holds no times';
  }
  if ([...phenomena(part)].some(forbidden)) return undefined;
  if (forbidden('single') && hasLostUpdate(part)) return undefined;
  if (held.class === 'any' || held.class === 'fork') {
    const explained = tryOrders(part.rows, {
      precedes: inFamily(held.family, part.rows),
      snapshot: held.class === 'fork',
    });
    if (explained === false) return undefined;
    if (explained) return `the operations of the ${anomaly.kind} can be put into an order`;
  }
  return anomaly.cycle ? undefined : `nothing shows that the operations of the ${anomaly.kind} are wrong`;
}
