import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Member } from '../../harness/index.ts';
import { nodesConf } from './layout.ts';

const membersOf = (count: number): Member[] =>
  Array.from({ length: count }, (_, i) => ({
    name: `n${i + 1}`,
    number: i + 1,
    host: `10.0.0.${i + 1}`,
    data: '/data',
    address: (port) => `10.0.0.${i + 1}:${port === 'bus' ? 16379 : 6379}`,
  }));

interface Line {
  readonly id: string;
  readonly follows: string;
  readonly slots: readonly [from: number, to: number] | undefined;
}

function linesOf(conf: string): Line[] {
  return conf
    .trim()
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const [id = '', , , follows = '', , , , , slots] = line.split(' ');
      return { id, follows, slots: slots?.split('-').map(Number) as [number, number] | undefined };
    });
}

test('every slot has one owner, every other node follows one of them, and all nodes are told the same', () =>
  fc.assert(
    fc.property(fc.integer({ min: 3, max: 40 }), (count) => {
      const members = membersOf(count);
      const [first, ...others] = members.map((self) => nodesConf(self, members));
      for (const other of others) expect(other.replace('myself,', '')).toBe(first?.replace('myself,', ''));
      const lines = linesOf(first as string);
      const owners = lines.filter(({ slots }) => slots !== undefined);
      let next = 0;
      for (const { slots } of owners) {
        expect(slots?.[0]).toBe(next);
        next = (slots?.[1] as number) + 1;
      }
      expect(next).toBe(16384);
      const ids = new Set(owners.map(({ id }) => id));
      for (const { slots, follows } of lines) if (slots === undefined) expect(ids).toContain(follows);
      if (count >= 6) expect(new Set(lines.map(({ follows }) => follows)).size).toBe(owners.length + 1);
    }),
  ));
