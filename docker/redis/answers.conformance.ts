import { expect, test } from 'vitest';
import bank from '../../workloads/bank.ts';
import counter from '../../workloads/counter.ts';
import listAppend from '../../workloads/list-append.ts';
import register from '../../workloads/register.ts';
import set from '../../workloads/set.ts';
import uniqueIds from '../../workloads/unique-ids.ts';
import { call, type Live } from '../testing/live.ts';

/** Tests of what every way to put servers of Redis together has to answer. */
export function answersEverything(redis: Live): void {
  test('what every workload asks is answered through any node', async () => {
    const [one, other] = await Promise.all([redis.open(register, 'n1'), redis.open(register, 'n2')]);
    expect(await other.read(call('a'))).toBe(null);
    expect(await one.cas(call('a', [1, 2] as const))).toBe(false);
    await one.write(call('a', 1));
    expect(await other.cas(call('a', [1, 2] as const))).toBe(true);
    expect(await one.cas(call('a', [1, 3] as const))).toBe(false);
    expect(await one.read(call('a'))).toBe(2);

    const elements = await redis.open(set, 'n2');
    for (const value of [3, 1, 10]) await elements.add(call('s1', value));
    expect((await elements.read(call('s1'))).toSorted((a, b) => a - b)).toEqual([1, 3, 10]);
    expect(await elements.read(call('s10'))).toEqual([]);

    const sums = await redis.open(counter, 'n3');
    expect(await sums.read(call('c'))).toBe(0);
    for (const value of [5, -2]) await sums.add(call('c', value));
    expect(await sums.read(call('c'))).toBe(3);

    const money = await redis.open(bank, 'n1');
    expect(await money.transfer(call('b', [0, 2, 21] as const))).toBe(false);
    expect(await money.transfer(call('b', [0, 2, 20] as const))).toBe(true);
    expect(await money.read(call('b', 3))).toEqual([0, 20, 40]);

    const ids = await Promise.all(['n1', 'n2', 'n3'].map((name) => redis.open(uniqueIds, name)));
    const drawn = await Promise.all(ids.map((from) => from.generate(call(''))));
    expect(new Set(drawn).size).toBe(3);
  });

  test('a transaction reads and appends to several lists as one, and sees its own appends', async () => {
    const one = await redis.open(listAppend, 'n1');
    const other = await redis.open(listAppend, 'n3');
    const steps = [
      ['append', 'l1', 1],
      ['r', 'l1', null],
      ['r', 'l2', null],
    ] as const;
    expect(await one.txn(call('', steps))).toEqual([
      ['append', 'l1', 1],
      ['r', 'l1', [1]],
      ['r', 'l2', []],
    ]);
    expect(await other.txn(call('', [['r', 'l1', null]] as const))).toEqual([['r', 'l1', [1]]]);
  });
}
