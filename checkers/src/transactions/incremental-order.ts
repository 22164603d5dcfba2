/**
 * # A topological order that takes edges one by one
 *
 * Pearce & Kelly (2006): an edge from later to earlier costs a look at what lies between the two, and only that is
 * reordered. Edges are taken back in the reverse order they came, which never disturbs the order.
 *
 * Every edge has an owner, a number of the caller's; a refused edge is explained by the owners of the path that it
 * would have closed into a cycle.
 */
export class IncrementalOrder {
  readonly nodes: number;
  /** Position of each node. Smaller comes first. */
  readonly position: Int32Array;
  readonly #outHead: Int32Array;
  readonly #inHead: Int32Array;
  #outNext = new Int32Array(1024);
  #inNext = new Int32Array(1024);
  #from = new Int32Array(1024);
  #to = new Int32Array(1024);
  #owner = new Int32Array(1024);
  edges = 0;
  /** Nodes looked at so far; what an addition costs. */
  visited = 0;
  readonly #mark: Int32Array;
  readonly #by: Int32Array;
  #stamp = 0;

  constructor(nodes: number, position?: Int32Array) {
    this.nodes = nodes;
    this.position = position ? position.slice() : Int32Array.from({ length: nodes }, (_, v) => v);
    this.#outHead = new Int32Array(nodes).fill(-1);
    this.#inHead = new Int32Array(nodes).fill(-1);
    this.#mark = new Int32Array(nodes);
    this.#by = new Int32Array(nodes);
  }

  /** Adds an edge, or returns the edges (their numbers) of a path from `to` back to `from`. */
  add(from: number, to: number, owner: number): number[] | undefined {
    if (from === to) return [];
    const low = this.position[to] as number;
    const high = this.position[from] as number;
    if (low < high) {
      const forward = this.#reach(to, from, high);
      if (forward === undefined) return this.#path(to, from);
      this.#reorder(forward, this.#reachBack(from, low));
    }
    this.#push(from, to, owner);
    return undefined;
  }

  /** The path from one node to another, if there is one. Only looks between their positions. */
  path(from: number, to: number): number[] | undefined {
    const high = this.position[to] as number;
    if (from === to) return [];
    if ((this.position[from] as number) > high) return undefined;
    return this.#reach(from, to, high) === undefined ? this.#path(from, to) : undefined;
  }

  /** Forgets every edge added since there were `edges` of them. */
  cut(edges: number): void {
    while (this.edges > edges) {
      const e = --this.edges;
      this.#outHead[this.#from[e] as number] = this.#outNext[e] as number;
      this.#inHead[this.#to[e] as number] = this.#inNext[e] as number;
    }
  }

  ownerOf(edge: number): number {
    return this.#owner[edge] as number;
  }

  endsOf(edge: number): readonly [from: number, to: number] {
    return [this.#from[edge] as number, this.#to[edge] as number];
  }

  #push(from: number, to: number, owner: number): void {
    if (this.edges === this.#from.length) {
      this.#from = doubled(this.#from);
      this.#to = doubled(this.#to);
      this.#owner = doubled(this.#owner);
      this.#outNext = doubled(this.#outNext);
      this.#inNext = doubled(this.#inNext);
    }
    const e = this.edges++;
    this.#from[e] = from;
    this.#to[e] = to;
    this.#owner[e] = owner;
    this.#outNext[e] = this.#outHead[from] as number;
    this.#outHead[from] = e;
    this.#inNext[e] = this.#inHead[to] as number;
    this.#inHead[to] = e;
  }

  /** What `start` leads to, up to position `high`; undefined when that includes `target`. */
  #reach(start: number, target: number, high: number): number[] | undefined {
    const stamp = ++this.#stamp;
    const found = [start];
    this.#mark[start] = stamp;
    for (let i = 0; i < found.length; i++) {
      for (let e = this.#outHead[found[i] as number] as number; e !== -1; e = this.#outNext[e] as number) {
        const w = this.#to[e] as number;
        if (this.#mark[w] === stamp || (this.position[w] as number) > high) continue;
        this.#mark[w] = stamp;
        this.#by[w] = e;
        if (w === target) {
          this.visited += found.length;
          return undefined;
        }
        found.push(w);
      }
    }
    this.visited += found.length;
    return found;
  }

  #reachBack(start: number, low: number): number[] {
    const stamp = ++this.#stamp;
    const found = [start];
    this.#mark[start] = stamp;
    for (let i = 0; i < found.length; i++)
      for (let e = this.#inHead[found[i] as number] as number; e !== -1; e = this.#inNext[e] as number) {
        const w = this.#from[e] as number;
        if (this.#mark[w] === stamp || (this.position[w] as number) < low) continue;
        this.#mark[w] = stamp;
        found.push(w);
      }
    this.visited += found.length;
    return found;
  }

  #path(from: number, to: number): number[] {
    const path: number[] = [];
    for (let v = to; v !== from;) {
      const e = this.#by[v] as number;
      path.push(e);
      v = this.#from[e] as number;
    }
    return path.toReversed();
  }

  /** Those behind take the first of the places that both groups had, those ahead the rest; each keeps its own order. */
  #reorder(ahead: number[], behind: number[]): void {
    const byPosition = (a: number, b: number): number =>
      (this.position[a] as number) - (this.position[b] as number);
    behind.sort(byPosition);
    ahead.sort(byPosition);
    const nodes = [...behind, ...ahead];
    const places = nodes.map((v) => this.position[v] as number).toSorted((a, b) => a - b);
    for (const [i, v] of nodes.entries()) this.position[v] = places[i] as number;
  }
}

function doubled(from: Int32Array): Int32Array<ArrayBuffer> {
  const to = new Int32Array(from.length * 2);
  to.set(from);
  return to;
}
