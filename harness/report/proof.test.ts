import { expect, test } from 'vitest';
import type { DrawnFault, DrawnOperation } from '../record/result.ts';
import { textOf } from './golden/parse.ts';
import { render } from './html.ts';
import { proofOf, type Proof } from './proof.ts';
import { stepsOf } from './steps.ts';

let id = 0;
const operation = (
  process: number,
  f: string,
  [call, end]: readonly [number, number?],
  { input, output }: { input?: unknown; output?: unknown },
): DrawnOperation => ({
  id: id++,
  process,
  node: `n${process}`,
  f,
  key: 'x',
  ...(input !== undefined && { input }),
  ...(output !== undefined && { output }),
  outcome: end === undefined ? 'info' : 'ok',
  call,
  ...(end !== undefined && { return: end }),
});

function proof(operations: readonly DrawnOperation[], faults: readonly DrawnFault[] = []): Proof {
  const anomaly = { kind: 'stale read', operations: operations.map((one) => one.id), explanation: '' };
  return proofOf({ checker: 'linearizable', anomaly, operations, faults }) as Proof;
}

const told = (of: Proof) =>
  stepsOf(of, []).map(({ text }) =>
    textOf(render(text))
      .replace(/\s+([.,])/g, '$1')
      .trim(),
  );

test('a value from the future contradicts the write that had not begun', () => {
  const read = operation(1, 'read', [4.1, 4.104], { output: 9 });
  const write = operation(2, 'write', [4.116, 4.12], { input: 9 });
  const of = proof([read, write]);
  expect(of.impossible).toBe(read);
  expect(of.against).toEqual({ operation: write, relation: 'before', from: 4.104, to: 4.116 });
  expect(told(of)[0]).toBe('Client 1 reads x from n1 and gets 9, 12 ms before client 2 began write 9 to x.');
});

test('a value that nobody wrote is said to be that', () => {
  expect(told(proof([operation(1, 'read', [1, 2], { output: 9 })]))).toEqual([
    'Client 1 reads x from n1 and gets 9, which none of these operations had written.',
  ]);
});

test('a write without an answer may have happened at any time since, and a read of it settles that', () => {
  const operations = [
    operation(1, 'write', [1, 1.01], { input: 1 }),
    operation(2, 'write', [1.2], { input: 2 }),
    operation(3, 'read', [3, 3.1], { output: 2 }),
    operation(4, 'read', [3.2, 3.3], { output: 1 }),
  ];
  const of = proof(operations);
  expect(of.impossible).toBe(operations[3]);
  expect(of.against?.operation).toBe(operations[2]);
  expect(told(of).slice(1, 3)).toEqual([
    'Client 2 asks n2 for write 2 to x and gets no answer. It may have taken effect at any time since. From here on x can be 1 or 2.',
    'Client 3 reads x from n3 and gets 2. From here on x can be only 2.',
  ]);
});

test('only faults in force when the impossible step was asked for are said to have been', () => {
  const read = operation(1, 'read', [4, 5], { output: 9 });
  const of = proof(
    [read],
    [fault('kill', 1, 2), fault('pause', 3, 4.5), fault('partition', 4.2), fault('kill', 0)],
  );
  expect(of.during.map(({ name, from }) => `${name} ${from}`)).toEqual(['pause 3', 'kill 0']);
});

test('times have as many digits as tell them apart', () => {
  const write = operation(1, 'write', [1.000_01, 1.000_02], { input: 1 });
  const read = operation(2, 'read', [1.000_04, 1.000_05], { output: 2 });
  expect(proof([write, read]).decimals).toBe(5);
});

function fault(name: string, from: number, to?: number): DrawnFault {
  return { name, what: 'n1', nodes: ['n1'], from, ...(to !== undefined && { to }) };
}
