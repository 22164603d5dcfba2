import type { Key } from '../history.ts';
import type { SimulatedObject } from './object-history.ts';

/** Everybody enqueues and dequeues; in the last turns everybody drains. */
export function drainedQueue(turns: number): SimulatedObject {
  const elements: number[] = [];
  let head = 0;
  return {
    ask: (turn, fraction) =>
      turn >= turns - 60
        ? { f: 'drain' }
        : fraction() < 0.5
          ? { f: 'enqueue', input: turn }
          : { f: 'dequeue' },
    answer({ f, input }) {
      if (f === 'enqueue') return void elements.push(input as number);
      if (f === 'dequeue') return head < elements.length ? elements[head++] : null;
      const left = elements.slice(head);
      head = elements.length;
      return left;
    },
  };
}

export function counting(): SimulatedObject {
  let total = 0;
  return {
    ask: (_, fraction) =>
      fraction() < 0.5 ? { f: 'add', input: 1 + Math.floor(fraction() * 5) } : { f: 'read' },
    answer: ({ f, input }) => (f === 'add' ? void (total += input as number) : total),
  };
}

export function numbering(): SimulatedObject {
  let last = 0;
  return { ask: () => ({ f: 'generate' }), answer: () => ++last };
}

export function accounts(): SimulatedObject {
  const balances = Array.from({ length: 8 }, () => 100);
  return {
    ask: (_, fraction) =>
      fraction() < 0.5
        ? { f: 'read' }
        : { f: 'transfer', input: [Math.floor(fraction() * 8), Math.floor(fraction() * 8), 1] },
    answer({ f, input }) {
      if (f === 'read') return Object.fromEntries(balances.entries());
      const [from, to, amount] = input as [number, number, number];
      if ((balances[from] as number) < amount) return false;
      balances[from]! -= amount;
      balances[to]! += amount;
      return true;
    },
  };
}

/** Groups of three keys that are read together, each written once. */
export function groupsOfKeys(): SimulatedObject {
  const written = new Set<number>();
  let next = 0;
  return {
    ask(_, fraction) {
      if (fraction() < 0.1) return { f: 'write', input: [['w', next++, 1]] };
      const group = 3 * Math.floor(Math.max(0, next - 1) / 3);
      return { f: 'read', input: [0, 1, 2].map((i) => ['r', group + i, null]) };
    },
    answer: ({ input }) =>
      (input as [string, number, unknown][]).map(([f, key, value]) => {
        if (f === 'w') written.add(key);
        return [f, key, f === 'w' ? value : written.has(key) ? 1 : null];
      }),
  };
}

/** A hundred registers that all nodes agree on when they are read, which is at the end. */
export function agreeingNodes(turns: number): SimulatedObject {
  const values = new Map<string, number>();
  const reads = new Map<number, number>();
  return {
    ask(turn, fraction, process) {
      if (turn < turns - Math.max(6000, turns / 50))
        return { f: 'write', key: `k${Math.floor(fraction() * 100)}`, input: turn };
      const read = (reads.get(process) ?? 0) + 1;
      reads.set(process, read);
      return { f: 'read', key: `k${read % 100}` };
    },
    answer: ({ f, key, input }) =>
      f === 'read' ? (values.get(String(key)) ?? null) : void values.set(String(key), input as number),
  };
}

/** Instances of consensus, one after the other: a dozen proposals and questions for each. */
export function deciding(): SimulatedObject {
  const decided = new Map<Key, unknown>();
  return {
    ask: (turn, fraction) => ({
      key: `i${Math.floor(turn / 12)}`,
      ...(fraction() < 0.5 ? { f: 'propose', input: turn } : { f: 'learned' }),
    }),
    answer({ f, key = '', input }) {
      if (f === 'propose' && !decided.has(key)) decided.set(key, input);
      return decided.get(key) ?? null;
    },
  };
}

/** Transactions that are committed unless somebody is to vote no, each asked about a few times; in the end all is healed. */
export function committing(turns: number): SimulatedObject {
  const ended = new Map<Key, readonly ['commit' | 'abort', number | null]>();
  return {
    ask(turn, fraction) {
      const key = `t${Math.floor(turn / 4)}`;
      if (turn % 4 === 0) return { f: 'transact', key, input: [turn, fraction() < 0.1 ? 1 : null] };
      return { f: turn > 0.9 * turns ? 'settled' : 'outcome', key };
    },
    answer({ f, key = '', input }) {
      if (f !== 'transact') return ended.get(key) ?? ['unknown', null];
      const [value, no] = input as [number, number | null];
      ended.set(key, no === null ? ['commit', value] : ['abort', null]);
      return no === null ? 'commit' : 'abort';
    },
  };
}

/** Everybody takes everybody for a member, and may: who falls silent does so for a moment, and nobody does towards the end. */
export function membersOf(nodes: number, turns: number): SimulatedObject {
  const members = Array.from({ length: nodes }, (_, i) => `n${i + 1}`);
  return {
    ask: (turn) =>
      turn > 0.9 * turns
        ? { f: 'settled' }
        : turn % 2000 === 0 && turn < turns / 2
          ? { f: 'silence', input: 1 }
          : { f: 'members' },
    answer: ({ f }) => (f === 'silence' ? null : members),
  };
}

/** Keys are written, each node owns every so-manieth, and says in the end which. */
export function owning(nodes: number, turns: number): SimulatedObject {
  const members = Array.from({ length: nodes }, (_, i) => `n${i + 1}`);
  const keys: string[] = [];
  const owned = new Map<number, string[]>();
  return {
    ask: (turn) => (turn >= turns - 60 ? { f: 'owned' } : { f: 'write', key: `k${turn}`, input: turn }),
    answer({ f, key }, process) {
      if (f === 'write') return void keys.push(String(key));
      const node = process % nodes;
      if (!owned.has(node))
        owned.set(
          node,
          keys.filter((name) => Number(name.slice(1)) % nodes === node),
        );
      return [1, members, owned.get(node)];
    },
  };
}

/** Lists that are appended to in transactions of one step, and given up after twenty elements. */
export function listsOfTwenty(): SimulatedObject {
  const contents = new Map<number, number[]>();
  let next = 0;
  return {
    ask: (_, fraction) => ({
      f: 'txn',
      input:
        fraction() < 0.5 ? [['append', Math.floor(next / 20), next++]] : [['r', Math.floor(next / 20), null]],
    }),
    answer: ({ input }) =>
      (input as [string, number, number][]).map(([f, key, value]) => {
        const now = contents.get(key) ?? [];
        if (f === 'append') contents.set(key, [...now, value]);
        return [f, key, f === 'append' ? value : now];
      }),
  };
}

/** Four registers that are read and written in pairs, with few values. */
export function pairsOfRegisters(): SimulatedObject {
  const values = [0, 0, 0, 0].map((): number | null => null);
  return {
    ask(_, fraction) {
      const step = (): unknown => {
        const register = Math.floor(fraction() * 4);
        return fraction() < 0.5 ? ['r', register, null] : ['w', register, Math.floor(fraction() * 3)];
      };
      return { f: 'txn', input: [step(), step()] };
    },
    answer: ({ input }) =>
      (input as ['r' | 'w', number, number | null][]).map(([f, register, value]) => {
        if (f === 'w') values[register] = value;
        return [f, register, f === 'w' ? value : values[register]];
      }),
  };
}

/** One list that is appended to, and read now and then. */
export function growingList(): SimulatedObject {
  const elements: number[] = [];
  return {
    ask: (turn, fraction) => (fraction() < 0.1 ? { f: 'read' } : { f: 'append', input: turn }),
    answer: ({ f, input }) => (f === 'append' ? void elements.push(input as number) : [...elements]),
  };
}
