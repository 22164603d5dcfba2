import type { History } from '../history.ts';
import { TableBuilder } from '../table/builder.ts';
import { NOTHING } from '../table/values.ts';
import { fractions } from './fractions.ts';

export interface GrowingSetLoad {
  readonly adds: number;
  /** How many reads of everything, spread evenly among the adds. */
  readonly reads: number;
  readonly clients: number;
  readonly seed: number;
  /** In which order reads return elements: as they took effect, or every time another. */
  readonly order?: 'kept' | 'shuffled';
  /** An element that vanishes half-way. */
  readonly lost?: number;
}

/**
 * A set that only grows, added to by several clients at once and read as a whole now and then. Reads are typed arrays, and
 * where the order is kept they are parts of one, so that a thousand reads of a million elements fit into memory.
 */
export function growingSetHistory({
  adds,
  reads,
  clients,
  seed,
  order = 'kept',
  lost,
}: GrowingSetLoad): History {
  const fraction = fractions(seed);
  const builder = new TableBuilder();
  const effects = new Int32Array(adds);
  const without = new Int32Array(adds);
  let there = 0;
  let kept = 0;
  let index = 0;
  const end = (process: number, f: string, output: number): void => {
    builder.end(index++, index * 1e3, process, f, 0, output, undefined);
  };
  const pending: { readonly process: number; readonly element: number }[] = [];
  const every = Math.max(1, Math.floor(adds / reads));
  let halfWay = false;
  for (let element = 0; element < adds; element++) {
    if (pending.length === clients) {
      const [{ process, element: done }] = pending.splice(Math.floor(fraction() * clients), 1) as [
        (typeof pending)[number],
      ];
      effects[there++] = done;
      if (done !== lost) without[kept++] = done;
      end(process, 'add', NOTHING);
    }
    const process = Array.from({ length: clients }, (_, p) => p).find(
      (p) => !pending.some((one) => one.process === p),
    ) as number;
    builder.call(index++, index * 1e3, process, 'add', undefined, element, undefined);
    pending.push({ process, element });
    if (element % every === every - 1) {
      halfWay ||= lost !== undefined && element > adds / 2;
      builder.call(index++, index * 1e3, clients, 'read', undefined, NOTHING, undefined);
      const elements = halfWay ? without.subarray(0, kept) : effects.subarray(0, there);
      end(
        clients,
        'read',
        builder.encoder.append(order === 'kept' ? elements : shuffled(elements, fraction)),
      );
    }
  }
  return builder.finish();
}

function shuffled(elements: Int32Array, fraction: () => number): Int32Array {
  const order = elements.slice();
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(fraction() * (i + 1));
    [order[i], order[j]] = [order[j] as number, order[i] as number];
  }
  return order;
}
