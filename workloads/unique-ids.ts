import { uniqueIds, type History } from 'knossos-js';
import type { Workload } from '../harness/workload.ts';

export type UniqueIdsOps = {
  /** A number that nobody else was ever given. */
  generate: { in: void; out: number };
};

const workload: Workload<UniqueIdsOps> = {
  name: 'unique-ids',
  about: 'asks for ids, of which no two may be the same',
  defaults: {},
  reads: [],
  *main() {
    for (;;) yield { f: 'generate', key: 'ids' };
  },
  *final() {
    for (let i = 0; i < 50; i++) yield { f: 'generate', key: 'ids' };
  },
  checkers: () => [uniqueIds()],
  sometimes: () => ({ 'two processes were given ids': twoProcesses }),
};

export default workload;

function twoProcesses(history: History<UniqueIdsOps>): boolean {
  const given = new Set<number>();
  for (const { process, outcome } of history) if (outcome === 'ok') given.add(process);
  return given.size > 1;
}
