import { expect, test } from 'vitest';
import { EnvironmentError, firstOf, NodeError } from './errors.ts';

test('a node that failed is what is said, also where taking down the rest failed after it, more than once', async () => {
  const node = new NodeError('n1', 'never became ready', { lastLines: [] });
  const run = async (): Promise<void> => {
    await using undo = new AsyncDisposableStack();
    undo.defer(() => Promise.reject(new EnvironmentError('cannot remove its network')));
    undo.defer(() => Promise.reject(new EnvironmentError('cannot remove its container')));
    throw node;
  };
  const thrown = await run().catch((error: unknown) => error);
  expect(thrown).not.toBe(node);
  expect(firstOf(thrown)).toBe(node);
  expect(firstOf(node)).toBe(node);
});
