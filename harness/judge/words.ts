/** `200000` → `200,000`. */
export function count(n: number): string {
  return n.toLocaleString('en-US', { maximumFractionDigits: 0 });
}

/** `1 key`, `3 keys`. */
export function plural(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}

/** A moment of the run: `12.310 s`. */
export function moment(seconds: number): string {
  return `${seconds.toFixed(3)} s`;
}

/** A stretch of time in the unit that keeps it short: `340 µs`, `196 ms`, `2.14 s`. */
export function span(seconds: number): string {
  const micro = Math.round(seconds * 1e6);
  if (micro < 1000) return `${micro} µs`;
  if (micro < 9_950) return `${(micro / 1000).toFixed(1)} ms`;
  if (micro < 999_500) return `${Math.round(micro / 1000)} ms`;
  return micro < 9_995_000 ? `${seconds.toFixed(2)} s` : `${seconds.toFixed(1)} s`;
}

/** A value as the user's system knows it; an empty register holds nothing. */
export function value(of: unknown): string {
  if (of === null || of === undefined) return 'nothing';
  const text = typeof of === 'string' ? of : JSON.stringify(of);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
