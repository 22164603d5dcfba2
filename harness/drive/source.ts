import type { Operations } from 'knossos-js';
import type { OperationGenerator, Source } from '../workload.ts';

/** Both kinds of source, asked in one way. What an iterable yields goes to whoever is free first. */
export function generatorOf(source: Source<Operations>): OperationGenerator<Operations> {
  if (!(Symbol.iterator in source)) return source;
  const iterator = source[Symbol.iterator]();
  return {
    next: () => {
      const { done, value } = iterator.next();
      return done ? 'done' : value;
    },
  };
}
