import { expect, test } from 'vitest';
import { NodeError, UsageError } from '../errors.ts';
import { said, tellingLine } from './said.ts';

test('what happened, what the node said, and what to do now are a sentence each', () => {
  const error = new NodeError('n1', 'never became ready in 3 s: fetch failed', {
    lastLines: ['starting', 'config missing', ''],
    hint: "See nodes/n1/ in the run's folder",
  });
  expect(said(error)).toBe(
    "n1: never became ready in 3 s: fetch failed. It said “config missing”. See nodes/n1/ in the run's folder.",
  );
  expect(said(new UsageError('no such thing.'))).toBe('no such thing.');
  expect(said(new Error('broken'))).toBe('broken.');
});

test.each([
  [
    'Node',
    [
      '      throw er;',
      'Error: listen EADDRINUSE: address already in use',
      '    at x',
      "  code: 'EADDRINUSE',",
      '}',
      '',
      'Node.js v24.1.0',
    ],
    'Error: listen EADDRINUSE: address already in use',
  ],
  ['Node, with a code', ['TypeError [ERR_X]: bad', '    at y', 'Node.js v24'], 'TypeError [ERR_X]: bad'],
  [
    'Python',
    ['Traceback (most recent call last):', '  File "x"', 'OSError: [Errno 98] Address already in use'],
    'OSError: [Errno 98] Address already in use',
  ],
  ['Go', ['panic: no quorum', '', 'goroutine 1 [running]:', 'main.main()', '\t/x.go:3'], 'panic: no quorum'],
  ['Java', ['java.net.BindException: Address in use', '\tat a.b'], 'java.net.BindException: Address in use'],
  ['a shell', ['starting', 'sh: 1: etcd: not found', ''], 'sh: 1: etcd: not found'],
  ['nobody', [], undefined],
])('of what a program in %s said last, one line tells', (_, lines, telling) => {
  expect(tellingLine(lines)).toBe(telling);
});
