/**
 * # A topological order that grows at one end and is let go of at the other
 *
 * After Pearce & Kelly (2006): an edge from later to earlier costs a look at what lies between the two, and only that is
 * reordered. A node that nothing will lead to any more can be taken away, and costs nothing from then on; so what is
 * remembered is what has not been settled yet, however long the history is.
 */
export class GrowingOrder<T, Why> {
  /** How many nodes there are. */
  size = 0;
  #positions = 0;
  #stamp = 0;

  /** A node that comes after all others, for now. */
  add(of: T): Node<T, Why> {
    this.size++;
    return { of, position: this.#positions++, into: [], out: [], mark: 0, by: undefined, gone: false };
  }

  /** Adds an edge, or returns the edges of a path from `to` back to `from`, with which it would be a cycle. */
  link(from: Node<T, Why>, to: Node<T, Why>, why: Why): readonly Edge<T, Why>[] | undefined {
    if (from === to || from.out.at(-1)?.to === to) return undefined;
    if (to.position < from.position) {
      const ahead = this.#reach(to, from);
      if (!ahead) return pathTo(from, to);
      reorder(ahead, this.#reachBack(from, to.position));
    }
    const edge = { from, to, why };
    from.out.push(edge);
    to.into.push(edge);
    return undefined;
  }

  /**
   * Takes a node away. Paths through it stay: as edges from whatever led to it to whatever it led to, but for those of which
   * `known` says that there is a path anyway.
   */
  remove(node: Node<T, Why>, why: Why, known: (from: T, to: T) => boolean): void {
    for (const { from } of node.into)
      for (const { to } of node.out)
        if (!known(from.of, to.of) && !from.out.some((edge) => edge.to === to)) this.link(from, to, why);
    this.forget(node);
  }

  /** Takes a node away, and all paths through it. */
  forget(node: Node<T, Why>): void {
    this.size--;
    node.gone = true;
    for (const edge of node.out) drop(edge.to.into, edge);
    for (const edge of node.into) drop(edge.from.out, edge);
    node.out.length = 0;
    node.into.length = 0;
  }

  /** What a node leads to, up to the position of another; `undefined` when that other is reached. */
  #reach(start: Node<T, Why>, target: Node<T, Why>): Node<T, Why>[] | undefined {
    const stamp = ++this.#stamp;
    const found = [start];
    start.mark = stamp;
    for (const node of found)
      for (const edge of node.out) {
        const { to } = edge;
        if (to.mark === stamp || to.position > target.position) continue;
        to.mark = stamp;
        to.by = edge;
        if (to === target) return undefined;
        found.push(to);
      }
    return found;
  }

  #reachBack(start: Node<T, Why>, low: number): Node<T, Why>[] {
    const stamp = ++this.#stamp;
    const found = [start];
    start.mark = stamp;
    for (const node of found)
      for (const { from } of node.into) {
        if (from.mark === stamp || from.position < low) continue;
        from.mark = stamp;
        found.push(from);
      }
    return found;
  }
}

export interface Node<T, Why> {
  readonly of: T;
  /** Smaller comes first. */
  position: number;
  readonly into: Edge<T, Why>[];
  readonly out: Edge<T, Why>[];
  mark: number;
  /** The edge by which a search came here. */
  by: Edge<T, Why> | undefined;
  gone: boolean;
}

export interface Edge<T, Why> {
  readonly from: Node<T, Why>;
  readonly to: Node<T, Why>;
  readonly why: Why;
}

function pathTo<T, Why>(end: Node<T, Why>, start: Node<T, Why>): Edge<T, Why>[] {
  const path: Edge<T, Why>[] = [];
  for (let node = end; node !== start;) {
    const edge = node.by as Edge<T, Why>;
    path.push(edge);
    node = edge.from;
  }
  return path.toReversed();
}

/** Those behind take the first of the places that both groups had, those ahead the rest; each keeps its own order. */
function reorder<T, Why>(ahead: Node<T, Why>[], behind: Node<T, Why>[]): void {
  const byPosition = (a: Node<T, Why>, b: Node<T, Why>): number => a.position - b.position;
  const nodes = [...behind.sort(byPosition), ...ahead.sort(byPosition)];
  const places = nodes.map(({ position }) => position).sort((a, b) => a - b);
  for (const [i, node] of nodes.entries()) node.position = places[i] as number;
}

function drop<T>(from: T[], what: T): void {
  const at = from.indexOf(what);
  const last = from.pop() as T;
  if (at < from.length) from[at] = last;
}
