import type { Done, Read } from './session-records.ts';

/** Who came before whom, by sessions and by reads. */
export class KnownBefore {
  #known = new Set<Done>();

  /** Walks back from one operation to those that stand no earlier in the order than `low`. */
  learn(from: Done, low: number): this {
    this.#known = new Set([from]);
    for (const done of this.#known)
      for (const { from: before } of done.node.into)
        if (before.position >= low && !before.of.forgotten) this.#known.add(before.of);
    this.#known.delete(from);
    return this;
  }

  has(done: Done): boolean {
    return this.#known.has(done);
  }
}

/**
 * The operations by which a client can have known of a write through others: somebody read it, or what its writer did later, and
 * so on to something that the client read. `known` are those that it knew of, `counts` says which of its reads do.
 */
export function chainBetween(
  other: Done,
  reader: Done,
  known: KnownBefore,
  counts: (read: Read) => boolean,
): readonly Done[] | undefined {
  const by = new Map<Done, Done>();
  const own = [other];
  for (const done of own)
    for (const { to } of done.node.out)
      if (!known.has(to.of)) continue;
      else if (hasRead(to.of, done)) by.set(to.of, done);
      else own.push(to.of);
  for (const done of by.keys())
    for (const { to } of done.node.out) if (known.has(to.of) && !by.has(to.of)) by.set(to.of, done);
  for (
    let last: Done | undefined = reader;
    last && last.node.position > other.node.position;
    last = last.before
  )
    for (const read of last.reads) {
      if (!read.from || !by.has(read.from.of) || !counts(read)) continue;
      const path = last === reader ? [] : [last];
      let done = read.from.of;
      for (; by.has(done); done = by.get(done) as Done) path.unshift(done);
      if (done !== other) path.unshift(done);
      return path.filter((each, i) => {
        const [before, after] = [path[i - 1] ?? other, path[i + 1] ?? reader];
        return hasRead(each, before) || hasRead(after, each);
      });
    }
  return undefined;
}

function hasRead({ reads }: Done, other: Done): boolean {
  return reads.some(({ from }) => from?.of === other);
}
