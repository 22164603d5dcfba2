import { expect, test } from 'vitest';
import { seeded } from '../harness/random.ts';
import membership from './membership.ts';

test('options that make no sense are refused, every reason at once', () => {
  expect(() => membership.main({ every: 0, lasting: 0.5, within: -1 }, seeded(1))).toThrow(
    'workload membership: every should be a whole number of milliseconds from 1; lasting should be a whole number of milliseconds from 1; within should be a number of milliseconds from 0',
  );
});

test('one node falls silent now and then, and everybody is asked whom they see', () => {
  const source = membership.main({ every: 1000, lasting: 500, within: 5000 }, seeded(1));
  if (!('next' in source)) throw new Error('it looks at the time, and so it is a generator');
  const asked = Array.from({ length: 50 }, (_, i) =>
    source.next({ process: 0, node: 'n1', time: i * 1e8, random: seeded(1) }),
  );
  expect(asked.filter((it) => typeof it === 'object' && it.f === 'silence')).toHaveLength(4);
  expect(asked[0]).toEqual({ f: 'members' });
});

test('in the end everybody is asked three times: when all has settled, when one is gone, and when it is back', () => {
  const options = { every: 1000, lasting: 500, within: 2000 };
  const source = membership.final?.(options, seeded(1));
  if (source === undefined || !('next' in source)) throw new Error('it waits, and so it is a generator');
  const asked: { readonly process: number; readonly f: string; readonly ms: number }[] = [];
  const done = new Set<number>();
  for (let ms = 0; done.size < 3; ms += 10)
    for (const process of [0, 1, 2]) {
      const next = source.next({ process, node: `n${process + 1}`, time: ms * 1e6, random: seeded(1) });
      if (next === 'done') done.add(process);
      else if (next !== 'wait') asked.push({ process, f: next.f, ms });
    }
  const silence = asked.find(({ f }) => f === 'silence');
  const settled = asked.filter(({ f }) => f === 'settled').map(({ ms }) => ms);
  expect(settled).toHaveLength(12);
  // Before it; after it and what it may take to be noticed; and after its end and the same.
  const began = silence?.ms ?? expect.unreachable();
  expect(settled.filter((ms) => ms < began)).toHaveLength(3);
  expect(settled.filter((ms) => ms > began + 2000 && ms < began + 3500)).toHaveLength(6);
  expect(settled.filter((ms) => ms > began + 3500 + 2000)).toHaveLength(3);
});
