import { IncrementalOrder } from './incremental-order.ts';

/**
 * # Polygraphs
 *
 * A graph in which some edges are certain and others come as a choice: either all of these or all of those
 * (Papadimitriou 1979). Is there a choice without cycles? NP-complete, and easy on what systems really do.
 *
 * The search is conflict-driven: choices are made one by one; a cycle is a set of choices that cannot all stand,
 * and is learned; whoever contributed last is reconsidered. What every branch would have to rediscover is known
 * beforehand by saturation: a side that closes a cycle with certain edges alone leaves only the other.
 */
export interface Polygraph {
  readonly nodes: number;
  /** Pairs from, to, from, to, … */
  readonly certain: ArrayLike<number>;
  /** Each has two sides, each a list of pairs; the first is tried first. */
  readonly choices: readonly Choice[];
  /** A position for every node, as close to a solution as anyone knows. */
  readonly position?: Int32Array;
}

export type Choice = readonly [first: readonly number[], second: readonly number[]];

export type PolygraphResult =
  | { readonly solved: true; readonly position: Int32Array }
  /** No choice works. `involved` are nodes that together have none: a superset of a reason. */
  | { readonly solved: false; readonly involved: ReadonlySet<number> }
  | { readonly solved: 'unknown'; readonly conflicts: number };

/** What a search may cost. Shared budgets run down together. */
export interface SearchLimits {
  readonly conflicts: number;
  /** Nodes visited. */
  readonly budget: { work: number };
  readonly stop: () => boolean;
}

export function solvePolygraph(polygraph: Polygraph, limits: SearchLimits): PolygraphResult {
  return new PolygraphSearch(polygraph, limits).run();
}

const CERTAIN = -1;

class PolygraphSearch {
  readonly #graph: Polygraph;
  readonly #order: IncrementalOrder;
  readonly #limits: SearchLimits;
  /** −1 open, otherwise the side taken. */
  readonly #side: Int8Array;
  readonly #level: Int32Array;
  /** For a side that was forced: the choices whose sides forced it. */
  readonly #reason: (readonly number[] | undefined)[];
  readonly #phase: Uint8Array;
  readonly #activity: Float64Array;
  readonly #trail: number[] = [];
  /** Where in the trail and among the edges each level begins. */
  readonly #levels: { trail: number; edges: number }[] = [];
  readonly #learned: Literal[][] = [];
  /** Learned clauses by the literal whose falling matters. */
  readonly #watching = new Map<number, number[]>();
  readonly #involved = new Set<number>();
  #next = 0;

  constructor(graph: Polygraph, limits: SearchLimits) {
    const count = graph.choices.length;
    this.#graph = graph;
    this.#limits = limits;
    this.#order = new IncrementalOrder(graph.nodes, graph.position);
    this.#side = new Int8Array(count).fill(-1);
    this.#level = new Int32Array(count);
    this.#reason = Array.from({ length: count });
    this.#phase = new Uint8Array(count);
    this.#activity = new Float64Array(count);
  }

  run(): PolygraphResult {
    const { conflicts: budget } = this.#limits;
    const { certain } = this.#graph;
    this.#levels.push({ trail: 0, edges: 0 });
    for (let i = 0; i < certain.length; i += 2) {
      const path = this.#order.add(certain[i] as number, certain[i + 1] as number, CERTAIN);
      if (!path) continue;
      this.#involve(path);
      this.#involved.add(certain[i] as number).add(certain[i + 1] as number);
      return { solved: false, involved: this.#involved };
    }
    for (let conflicts = 0; ;) {
      const clash = this.#propagate();
      if (clash) {
        if (++conflicts > budget || this.#exhausted()) return { solved: 'unknown', conflicts };
        if (!this.#learn(clash)) return { solved: false, involved: this.#involved };
        continue;
      }
      if (conflicts > this.#patience) {
        this.#back(0);
        this.#patience = Infinity;
        if (!this.#saturate()) return { solved: false, involved: this.#involved };
        if (this.#exhausted()) return { solved: 'unknown', conflicts };
        continue;
      }
      const choice = this.#pick();
      if (choice < 0) return { solved: true, position: this.#order.position };
      this.#levels.push({ trail: this.#trail.length, edges: this.#order.edges });
      const refused = this.#take(choice, this.#phase[choice] as number, undefined);
      if (refused && !this.#learn(refused)) return { solved: false, involved: this.#involved };
      if (refused && (++conflicts > budget || this.#exhausted())) return { solved: 'unknown', conflicts };
    }
  }

  /** Takes a side: its edges go in. Returns the literals that cannot all stand when that closes a cycle. */
  #take(choice: number, side: number, reason: readonly number[] | undefined): Literal[] | undefined {
    this.#side[choice] = side;
    this.#level[choice] = this.#levels.length - 1;
    this.#reason[choice] = reason;
    this.#trail.push(choice);
    const edges = (this.#graph.choices[choice] as Choice)[side] as readonly number[];
    for (let i = 0; i < edges.length; i += 2) {
      const path = this.#order.add(edges[i] as number, edges[i + 1] as number, choice);
      if (!path) continue;
      this.#involve(path);
      this.#involved.add(edges[i] as number).add(edges[i + 1] as number);
      const owners = new Set(
        path.map((edge) => this.#order.ownerOf(edge)).filter((owner) => owner !== CERTAIN),
      );
      owners.add(choice);
      return [...owners].map((owner) => literal(owner, this.#side[owner] as number));
    }
    return undefined;
  }

  /**
   * Decides every choice of which one side closes a cycle with what is certain, until nothing new follows. Returns
   * false when some choice has no side left.
   */
  #saturate(): boolean {
    for (let changed = true; changed;) {
      changed = false;
      for (let c = 0; c < this.#side.length; c++) {
        if (this.#side[c] !== -1) continue;
        if (this.#exhausted()) return true;
        const closed = [0, 1].map((side) => this.#closes(c, side));
        if (closed[0] === undefined && closed[1] === undefined) continue;
        for (const path of closed) if (path) this.#involve(path);
        for (const node of (this.#graph.choices[c] as Choice).flat()) this.#involved.add(node);
        if (closed[0] && closed[1]) return false;
        if (this.#take(c, closed[0] ? 1 : 0, undefined)) return false;
        changed = true;
      }
    }
    return true;
  }

  /** The path that an edge of this side would close into a cycle. */
  #closes(choice: number, side: number): number[] | undefined {
    const edges = (this.#graph.choices[choice] as Choice)[side] as readonly number[];
    for (let i = 0; i < edges.length; i += 2) {
      const path = this.#order.path(edges[i + 1] as number, edges[i] as number);
      if (path) return path;
    }
    return undefined;
  }

  #asked = 0;

  /** Whether the search has cost what it may; the clock is only looked at now and then. */
  #exhausted(): boolean {
    const { budget, stop } = this.#limits;
    budget.work -= this.#order.visited;
    this.#order.visited = 0;
    return budget.work <= 0 || ((++this.#asked & 15) === 0 && stop());
  }

  #involve(path: readonly number[]): void {
    for (const edge of path) for (const node of this.#order.endsOf(edge)) this.#involved.add(node);
  }

  /** Unit propagation over learned clauses; a clause says that its literals cannot all stand. */
  #propagate(): Literal[] | undefined {
    while (this.#next < this.#trail.length) {
      const choice = this.#trail[this.#next++] as number;
      const mine = literal(choice, this.#side[choice] as number);
      for (const index of this.#watching.get(mine) ?? []) {
        const clause = this.#learned[index] as Literal[];
        let open: Literal | undefined;
        let undecided = 0;
        let broken = false;
        for (const other of clause) {
          const side = this.#side[choiceOf(other)] as number;
          if (side === -1) {
            undecided++;
            open = other;
          } else if (side !== sideOf(other)) broken = true;
          if (broken || undecided > 1) break;
        }
        if (broken || undecided > 1) continue;
        if (open === undefined) return clause;
        const because = clause.filter((other) => other !== open).map(choiceOf);
        const refused = this.#take(choiceOf(open), 1 - sideOf(open), because);
        if (refused) return refused;
      }
    }
    return undefined;
  }

  /**
   * From literals that clash to the clause that would have prevented it: choices of the current level are replaced by
   * their reasons until one is left (the first unique implication point), and that one is turned around. If that
   * clashes again, again. Returns false when nothing is left to turn.
   */
  #learn(first: readonly Literal[]): boolean {
    for (let clash: readonly Literal[] | undefined = first; clash;) {
      let current = 0;
      for (const each of clash) current = Math.max(current, this.#level[choiceOf(each)] as number);
      if (current === 0) return false;
      this.#back(current);
      const { pivot, kept } = this.#analyse(clash, current);
      const side = 1 - (this.#side[pivot] as number);
      const clause = [pivot, ...kept].map((choice) => literal(choice, this.#side[choice] as number));
      this.#back(kept.reduce((deepest, choice) => Math.max(deepest, this.#level[choice] as number), 0));
      this.#remember(clause);
      clash = this.#take(pivot, side, kept);
    }
    return true;
  }

  #analyse(clash: readonly Literal[], current: number): { pivot: number; kept: number[] } {
    const seen = new Set<number>();
    const kept: number[] = [];
    let here = 0;
    const meet = (choice: number): void => {
      if (seen.has(choice) || this.#level[choice] === 0) return;
      seen.add(choice);
      this.#warm(choice);
      if (this.#level[choice] === current) here++;
      else kept.push(choice);
    };
    for (const each of clash) meet(choiceOf(each));
    let pivot = -1;
    for (let i = this.#trail.length - 1; i >= 0 && here > 0; i--) {
      const choice = this.#trail[i] as number;
      if (!seen.has(choice) || this.#level[choice] !== current) continue;
      pivot = choice;
      if (--here > 0) for (const cause of this.#reason[choice] ?? []) meet(cause);
    }
    this.#bump *= 1.05;
    return { pivot, kept };
  }

  #warm(choice: number): void {
    if (this.#activity[choice] === 0) this.#hot.push(choice);
    this.#activity[choice]! += this.#bump;
    if (this.#bump < 1e100) return;
    for (const each of this.#hot) this.#activity[each]! *= 1e-100;
    this.#bump *= 1e-100;
  }

  #bump = 1;
  /** Conflicts after which it pays to find out what is forced; most guesses are nearly right and never get there. */
  #patience = 300;
  /** Choices that were ever in trouble. */
  readonly #hot: number[] = [];
  /** Every choice before this one was decided when it was last looked at, and will be looked at again after undoing. */
  #cursor = 0;

  #remember(clause: Literal[]): void {
    const index = this.#learned.push(clause) - 1;
    for (const each of clause) {
      const list = this.#watching.get(each);
      if (list) list.push(index);
      else this.#watching.set(each, [index]);
    }
  }

  /** Undoes every level above `level`. */
  #back(level: number): void {
    while (this.#levels.length - 1 > level) {
      const { trail, edges } = this.#levels.pop() as { trail: number; edges: number };
      while (this.#trail.length > trail) {
        const choice = this.#trail.pop() as number;
        this.#phase[choice] = this.#side[choice] as number;
        this.#side[choice] = -1;
        if (choice < this.#cursor) this.#cursor = choice;
      }
      this.#order.cut(edges);
    }
    this.#next = Math.min(this.#next, this.#trail.length);
  }

  /** The open choice that was in most trouble lately; else any. */
  #pick(): number {
    let best = -1;
    for (const c of this.#hot)
      if (
        this.#side[c] === -1 &&
        (best < 0 || (this.#activity[c] as number) > (this.#activity[best] as number))
      )
        best = c;
    if (best >= 0) return best;
    while (this.#cursor < this.#side.length && this.#side[this.#cursor] !== -1) this.#cursor++;
    return this.#cursor < this.#side.length ? this.#cursor : -1;
  }
}

/** A choice and a side of it, as one number. */
type Literal = number;

function literal(choice: number, side: number): Literal {
  return choice * 2 + side;
}

function choiceOf(each: Literal): number {
  return each >> 1;
}

function sideOf(each: Literal): number {
  return each & 1;
}
