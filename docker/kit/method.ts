import type { Key, Messages, Node } from './kit.ts';

/** The method that answers `workload.operation`, or a plain `operation`: see {@link Node.client}. */
export function clientMethod(
  node: Node<Messages, Messages>,
  f: string,
): ((input: unknown, key: Key) => unknown) | undefined {
  const plain = f.slice(f.lastIndexOf('.') + 1);
  const name = [f, plain].find((candidate) => Object.hasOwn(node.client, candidate));
  return name === undefined ? undefined : (input, key) => node.client[name]?.(input, key);
}
