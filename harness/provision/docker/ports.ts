import { createHash } from 'node:crypto';

/**
 * Ports of a remote engine to publish a node's ports on. They are fixed before the node first starts, because an engine
 * that may choose chooses anew at every start, and clients would lose the node. Different for every attempt.
 */
export function publishedPorts(
  run: string,
  node: number,
  ports: Readonly<Record<string, number>>,
  attempt: number,
): Map<number, number> {
  // Below the range that Linux gives to outgoing connections, 32768 and up.
  const start = createHash('sha256').update(`${run} ${attempt}`).digest().readUInt16BE(0);
  const inside = [...new Set(Object.values(ports))];
  return new Map(inside.map((port, i) => [port, 20_000 + ((start + node * inside.length + i) % 12_000)]));
}
