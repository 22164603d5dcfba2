/** SHA-256 (FIPS 180-4) and HMAC (RFC 2104) of short texts of ASCII, for nodes that may import nothing of Node. */
export function hmac(secret: string, text: string): string {
  const key = bytes(secret);
  if (key.length > 64) throw new Error('a secret of more than 64 letters');
  const pad = (by: number): number[] => Array.from({ length: 64 }, (_, i) => (key[i] ?? 0) ^ by);
  return hex(digest([...pad(0x5c), ...digest([...pad(0x36), ...bytes(text)])]));
}

const PRIMES = firstPrimes(64);
const K = PRIMES.map((prime) => fraction(Math.cbrt(prime)));
const START = PRIMES.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)));

function digest(message: readonly number[]): number[] {
  const blocks = Math.ceil((message.length + 9) / 64);
  const padded = Array.from({ length: 64 * blocks }, (_, i) => message[i] ?? 0);
  padded[message.length] = 0x80;
  for (let i = 0; i < 4; i++) padded[padded.length - 1 - i] = ((8 * message.length) >>> (8 * i)) & 255;
  let state = START;
  for (let block = 0; block < blocks; block++)
    state = compress(state, padded.slice(64 * block, 64 * block + 64));
  return state.flatMap((word) => [word >>> 24, (word >>> 16) & 255, (word >>> 8) & 255, word & 255]);
}

function compress(state: readonly number[], block: readonly number[]): number[] {
  const at = (from: readonly number[], i: number): number => from[i] as number;
  const w = Array.from({ length: 16 }, (_, i) =>
    [0, 1, 2, 3].reduce((word, j) => (word << 8) | at(block, 4 * i + j), 0),
  );
  for (let i = 16; i < 64; i++) {
    const s0 = turn(at(w, i - 15), 7) ^ turn(at(w, i - 15), 18) ^ (at(w, i - 15) >>> 3);
    const s1 = turn(at(w, i - 2), 17) ^ turn(at(w, i - 2), 19) ^ (at(w, i - 2) >>> 10);
    w.push((at(w, i - 16) + s0 + at(w, i - 7) + s1) | 0);
  }
  let [a, b, c, d, e, f, g, h] = state as [number, number, number, number, number, number, number, number];
  for (let i = 0; i < 64; i++) {
    const s1 = turn(e, 6) ^ turn(e, 11) ^ turn(e, 25);
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + at(K, i) + at(w, i)) | 0;
    const s0 = turn(a, 2) ^ turn(a, 13) ^ turn(a, 22);
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    [a, b, c, d, e, f, g, h] = [(t1 + t2) | 0, a, b, c, (d + t1) | 0, e, f, g];
  }
  return [a, b, c, d, e, f, g, h].map((word, i) => (word + at(state, i)) | 0);
}

function turn(word: number, by: number): number {
  return (word >>> by) | (word << (32 - by));
}

/** The first 32 bits after the point. */
function fraction(of: number): number {
  return ((of % 1) * 2 ** 32) | 0;
}

function firstPrimes(count: number): number[] {
  const primes: number[] = [];
  for (let n = 2; primes.length < count; n++) if (primes.every((prime) => n % prime !== 0)) primes.push(n);
  return primes;
}

function bytes(text: string): number[] {
  return [...text].map((letter) => letter.charCodeAt(0));
}

function hex(of: readonly number[]): string {
  return of.map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
