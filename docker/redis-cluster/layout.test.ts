import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { members } from '../testing/members.ts';
import { nodesConf } from './layout.ts';

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
      const all = members(count, { redis: 6379, bus: 16379 });
      const [first, ...others] = all.map((self) => nodesConf(self, all));
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
