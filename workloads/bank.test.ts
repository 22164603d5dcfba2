import { expect, test } from 'vitest';
import { seeded } from '../harness/random.ts';
import bank, { OPENING, type BankOps } from './bank.ts';
import { workloadConformance } from './conformance/conformance.ts';
import type { Reference } from './conformance/simulate.ts';

/** A bank that now and then forgets to take, overdraws, or reads in the middle of a transfer. */
function books(flaw?: 'mints' | 'overdraws' | 'halves'): Reference<BankOps> {
  const accounts = Array.from({ length: bank.defaults.accounts }, () => OPENING);
  let last: readonly [number, number, number] = [0, 1, 0];
  let asked = 0;
  return (_, f, input) => {
    const odd = ++asked % 100 === 0;
    if (f === 'read') {
      const [, to, amount] = last;
      return accounts.map((balance, i) =>
        flaw === 'halves' && odd && i === to ? balance - amount : balance,
      );
    }
    const [from, to, amount] = input as BankOps['transfer']['in'];
    if ((accounts[from] as number) < amount && flaw !== 'overdraws') return false;
    if (!(flaw === 'mints' && odd)) accounts[from] = (accounts[from] as number) - amount;
    accounts[to] = (accounts[to] as number) + amount;
    last = [from, to, amount];
    return true;
  };
}

workloadConformance(bank, {
  reference: () => books(),
  mistakes: {
    'gives what it has not taken': () => books('mints'),
    'lets an account be overdrawn': () => books('overdraws'),
    'shows one half of a transfer': () => books('halves'),
  },
});

test('options that make no sense are refused, every reason at once', () => {
  expect(() => bank.main({ accounts: 1, read: 0 }, seeded(1))).toThrow(
    'workload bank: accounts should be a whole number from 2; read should be a share above 0, below 1',
  );
});
