import type { Random } from '../../../harness/random.ts';
import type { Weather } from './weather.ts';

/** What links and machines know of the world that they are in. */
export interface Surroundings {
  /** Milliseconds of virtual time. */
  readonly now: number;
  readonly random: Random;
  readonly weather: Weather;
  /** Run `then` after `ms` of virtual time. */
  after(ms: number, then: () => void): void;
  /** Something happened: it becomes part of the trace. */
  note(text: string): void;
  /** A node threw. */
  thrown(id: string, error: unknown): void;
}
