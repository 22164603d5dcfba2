import type { Member, System } from '../../harness/index.ts';

/** `n1` at 10.0.0.1, and so on: members of a cluster that is nowhere, for tests of what a system makes of them. */
export function members(count: number, ports: System['ports']): readonly Member[] {
  return Array.from({ length: count }, (_, i) => ({
    name: `n${i + 1}`,
    number: i + 1,
    host: `10.0.0.${i + 1}`,
    data: '/data',
    address: (port) => `10.0.0.${i + 1}:${ports[port]}`,
  }));
}
