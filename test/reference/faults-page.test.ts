import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { allFaults, supportOf } from '../../harness/cli/support.ts';
import { runtimes } from '../../harness/cli/world.ts';
import { measured, page } from './faults-page.ts';

const faults = await allFaults();
const all = await runtimes();

test('the table of faults says what the faults and the runtimes say; `npm run docs` writes it', () => {
  const file = new URL('../../docs/reference/faults.md', import.meta.url);
  expect(readFileSync(file, 'utf8')).toBe(page(faults, all, measured));
});

test('every fault works somewhere, says how it is seen, and every runtime through what it is done', () => {
  for (const fault of faults) {
    expect(fault.proof, fault.name).toMatch(/^[^\n|]{10,100}$/);
    const supported = all.map((runtime) => supportOf(fault, runtime));
    expect(
      supported.some(({ works }) => works),
      fault.name,
    ).toBe(true);
    for (const { detail } of supported) expect(detail, fault.name).not.toBe('');
  }
});

test('what was tried and failed is why a fault that needs it does not work, and no other', () => {
  const [slow, kill] = ['slow', 'kill'].map((name) => faults.find((fault) => fault.name === name));
  const [local] = all;
  if (!slow || !kill || !local) throw new Error('they are gone');
  const tried = [
    {
      what: 'shaping links',
      capability: 'shape',
      works: false,
      detail: 'no C compiler',
      hint: 'Install one',
    },
  ] as const;
  expect(supportOf(slow, local, tried)).toEqual({
    works: false,
    detail: 'shaping links: no C compiler. Install one',
  });
  expect(supportOf(kill, local, tried).works).toBe(true);
  const nothing = [{ what: 'namespaces for nodes', works: false, detail: 'unshare: EPERM' }] as const;
  expect(supportOf(kill, local, nothing).works).toBe(false);
});
