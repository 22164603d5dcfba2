import type { Operation, Operations } from '../history.ts';
import { ILLEGAL, type Model } from '../model.ts';
import { canonical } from '../table/values.ts';
import { Steps, UNKNOWN } from './steps.ts';

/** No state: the operation cannot have happened there. */
export const NOWHERE: number = -1;

/** A model's states, numbered as they are met, and the steps between them, each asked of the model once. */
export class States<Ops extends Operations, State> {
  readonly #model: Model<Ops, State>;
  readonly #states: State[] = [];
  readonly #byIdentity = new Map<State, number>();
  readonly #byHash = new Map<number, number[]>();
  readonly #steps = new Steps();

  constructor(model: Model<Ops, State>) {
    this.#model = model;
    this.number(model.initial);
  }

  get count(): number {
    return this.#states.length;
  }

  /** A guess: states are the user's, and nobody can tell how large they are. */
  get bytes(): number {
    return 200 * this.#states.length + this.#steps.bytes;
  }

  state(number: number): State {
    return this.#states[number] as State;
  }

  /** Where an operation leads from a state. `kind` names operations that do the same. */
  step(from: number, operation: Operation<Ops>, kind: number): number {
    const place = this.#steps.placeOf(from, kind);
    const known = this.#steps.at(place);
    if (known !== UNKNOWN) return known;
    const after = this.#model.step(this.state(from), operation);
    const to = after === ILLEGAL ? NOWHERE : this.number(after);
    this.#steps.set(place, from, kind, to);
    return to;
  }

  number(state: State): number {
    const known = this.#byIdentity.get(state);
    if (known !== undefined) return known;
    const { equals, hash = structuralHash } = this.#model;
    if (equals && typeof state === 'object') {
      const name = hash(state);
      const bucket = this.#byHash.get(name) ?? [];
      for (const candidate of bucket) if (equals(this.state(candidate), state)) return candidate;
      this.#byHash.set(name, bucket);
      bucket.push(this.#states.length);
    }
    this.#byIdentity.set(state, this.#states.length);
    return this.#states.push(state) - 1;
  }
}

/** Equal states print alike if they are JSON. Maps and sets all print as `{}`: slow, and still right. */
function structuralHash(state: unknown): number {
  let hash = 0x811c9dc5;
  for (const character of canonical(state) ?? '')
    hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193);
  return hash >>> 0;
}
