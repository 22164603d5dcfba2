const instead: Readonly<Record<string, string>> = {
  setTimeout: 'clock.after',
  setInterval: 'clock.after',
  setImmediate: 'clock.after',
  fetch: 'call',
  Date: 'clock.wall',
  performance: 'clock.monotonic',
  crypto: 'random',
};

/**
 * While a simulation runs, the real world is out of reach: touching it throws, and says what to use instead. Returns
 * the way back. The compiler catches more than this, and earlier; this catches those who do not ask it.
 */
export function forbidRealWorld(): () => void {
  const saved = Object.keys(instead).map(
    (name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)] as const,
  );
  const random = Math.random;
  for (const [name] of saved) {
    const was: unknown = Reflect.get(globalThis, name);
    const value = name.startsWith('set') || name === 'fetch' ? deny(name) : denyAll(name, was);
    Object.defineProperty(globalThis, name, { configurable: true, writable: true, value });
  }
  Math.random = deny('Math.random', 'random');
  return () => {
    for (const [name, was] of saved) if (was) Object.defineProperty(globalThis, name, was);
    Math.random = random;
  };
}

function deny(name: string, use = instead[name]): () => never {
  return () => {
    throw new Error(`the simulation was asked for the real ${name}; a node uses its host’s ${use}`);
  };
}

function denyAll(name: string, was: unknown): object {
  const no = deny(name);
  /** To ask whether something *is* a date is no question to the real world. */
  const get = (_: object, key: string | symbol): unknown =>
    key === Symbol.hasInstance || key === 'prototype' ? Reflect.get(was as object, key) : no();
  // A function, so that `new Date()` and `Date()` reach the traps too.
  return new Proxy(function nothing() {}, { get, apply: no, construct: no });
}
