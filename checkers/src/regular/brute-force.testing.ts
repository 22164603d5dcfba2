import type { History, Operation } from '../history.ts';

/**
 * Which promises a history of one register keeps, by trying every order of the writes that respects real time. As in Shao et
 * al., a read has to do with the writes that were called before it returned; where later ones stand is nothing to it.
 */
export function promises(
  history: History,
  initial: unknown = null,
): Record<'safe' | 'regular' | 'strongly regular', boolean> {
  const ops = [...history].filter(({ outcome }) => outcome !== 'fail');
  const writes = ops.filter(({ f }) => f === 'write');
  const reads = ops.filter(({ f, outcome }) => f === 'read' && outcome === 'ok');
  const orders = [...permutations(writes)].filter(respectsTime);
  const fits = (read: Operation, all: readonly Operation[]): boolean => {
    const order = all.filter((write) => write.call < read.return);
    return Array.from({ length: order.length + 1 }, (_, place) => place).some(
      (place) =>
        order.slice(place).every((write) => write.return > read.call) &&
        JSON.stringify(place === 0 ? initial : order[place - 1]?.input) === JSON.stringify(read.output),
    );
  };
  const overlaps = (read: Operation): boolean =>
    writes.some((write) => write.call < read.return && write.return > read.call);
  const regular = (read: Operation): boolean => orders.some((order) => fits(read, order));
  return {
    safe: reads.every((read) => overlaps(read) || regular(read)),
    regular: reads.every(regular),
    'strongly regular': orders.some((order) => reads.every((read) => fits(read, order))),
  };
}

function respectsTime(order: readonly Operation[]): boolean {
  return order.every((later, i) => order.slice(0, i).every((earlier) => earlier.call < later.return));
}

function* permutations<T>(items: readonly T[]): Iterable<readonly T[]> {
  if (items.length === 0) yield [];
  for (const [i, item] of items.entries())
    for (const rest of permutations(items.toSpliced(i, 1))) yield [item, ...rest];
}
