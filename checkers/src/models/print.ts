import { canonical } from '../table/values.ts';

/** A value as people write it: `3`, `"a"`, `[1,2]`, and `∅` for nothing. */
export function print(value: unknown): string {
  return value === null || value === undefined ? '∅' : canonical(value);
}
