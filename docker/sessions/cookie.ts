import { NotApplied, type Key } from '../kit/kit.ts';
import { hmac } from './sha256.ts';

/** What every node knows and no client. */
const SECRET = 'known to the nodes alone';

/** A session as its client carries it: what it holds, and a signature that only a node can make. */
export type Cookie = readonly [value: number, signature: string];

export function signed(key: Key, value: number): Cookie {
  return [value, hmac(SECRET, `${key} ${value}`)];
}

export function valueOf(key: Key, cookie: Cookie | null): number | null {
  if (cookie === null) return null;
  const [value, signature] = cookie;
  if (hmac(SECRET, `${key} ${value}`) !== signature) throw new NotApplied('that cookie is not ours');
  return value;
}
