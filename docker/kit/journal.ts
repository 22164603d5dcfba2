import type { Disk, DurableList } from './kit.ts';

/** Where a journal's records go: memory in the simulation, a file in a real process. */
export interface Backing {
  /** What survived the last life, oldest first. */
  readonly records: readonly string[];
  write(record: string): void;
  /** Make durable what was written. A backing that has grown long may begin anew with `whole()` as its only record. */
  sync(whole: () => string): Promise<void>;
}

type Change =
  | readonly ['set', string, unknown]
  | readonly ['push', string, readonly unknown[]]
  | readonly ['cut', string, number]
  | readonly ['whole', Readonly<Record<string, unknown>>, Readonly<Record<string, readonly unknown[]>>];

/** A {@link Disk} as one journal of changes: order is kept across names, so what a crash leaves is always a prefix. */
export function openJournal(backing: Backing): Disk {
  const values = new Map<string, unknown>();
  const lists = new Map<string, unknown[]>();

  const items = (name: string): unknown[] => {
    let list = lists.get(name);
    if (!list) lists.set(name, (list = []));
    return list;
  };
  const apply = (change: Change): void => {
    if (change[0] === 'set') values.set(change[1], change[2]);
    else if (change[0] === 'push') for (const item of change[2]) items(change[1]).push(item);
    else if (change[0] === 'cut') items(change[1]).length = change[2];
    else {
      for (const [name, value] of Object.entries(change[1])) values.set(name, value);
      for (const [name, list] of Object.entries(change[2])) lists.set(name, [...list]);
    }
  };
  /** What is stored is a copy: nothing that the node still holds can change it. */
  const write = (change: Change): void => {
    const record = JSON.stringify(change);
    backing.write(record);
    apply(freeze(JSON.parse(record) as Change));
  };
  const whole = (): string =>
    JSON.stringify(['whole', Object.fromEntries(values), Object.fromEntries(lists)] satisfies Change);

  for (const record of backing.records) apply(freeze(JSON.parse(record) as Change));
  return {
    // Only the node knows what it stored under which name.
    get: <T>(name: string) => values.get(name) as T | undefined,
    set: (name, value) => write(['set', name, value]),
    list: <T>(name: string): DurableList<T> => ({
      items: items(name) as T[],
      push: (...added) => {
        if (added.length > 0) write(['push', name, added]);
      },
      truncate: (length) => {
        if (length < items(name).length) write(['cut', name, length]);
      },
    }),
    sync: () => backing.sync(whole),
  };
}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) freeze(inner);
  }
  return value;
}
