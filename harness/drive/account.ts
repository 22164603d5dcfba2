import type { Fault, Injection } from '../fault.ts';
import { allLeaveMajority, type Loss } from '../quorum.ts';
import type { Capability } from '../runtime.ts';

/** The faults in force, and what they take from a cluster of these nodes. */
export class Account {
  readonly #nodes: readonly string[];
  readonly #entries = new Map<Injection, Fault | undefined>();

  constructor(nodes: readonly string[]) {
    this.#nodes = nodes;
  }

  /** Until the function returned is called. */
  add(injection: Injection, fault: Fault | undefined): () => void {
    this.#entries.set(injection, fault);
    return () => void this.#entries.delete(injection);
  }

  get losses(): readonly Loss[] {
    return [...this.#entries.keys()]
      .map(lossOf)
      .filter(({ nodes = [], cuts = [] }) => nodes.length + cuts.length > 0);
  }

  /** Whether a majority is left when this is in force as well. */
  bears(injection: Injection): boolean {
    return allLeaveMajority(this.#nodes, [...this.losses, lossOf(injection)]);
  }

  /** The nodes hit by faults in force that need any of these to be done. A scenario that is over holds nobody, while it is looked after. */
  hitBy(needs: readonly Capability[]): ReadonlySet<string> {
    const hit = [...this.#entries].filter(
      ([{ over }, fault]) => !over && fault?.needs.some((need) => needs.includes(need)),
    );
    return new Set(hit.flatMap(([{ nodes }]) => nodes));
  }
}

const lossOf = ({ nodes, takes, over }: Injection): Loss => (over ? {} : (takes ?? { nodes }));
