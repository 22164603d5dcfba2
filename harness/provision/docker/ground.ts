import { connect, type Engine } from './engine.ts';

/** Where tests that need an engine run: `describe.skipIf(!engine)(`etcd on docker${unless}`, …)`. */
export interface Ground {
  readonly engine: Engine | undefined;
  /** Why they are skipped, for their title; empty where they run. */
  readonly unless: string;
}

export async function findGround(): Promise<Ground> {
  const engine = await connect().catch(() => undefined);
  return { engine, unless: engine === undefined ? ' (skipped: no docker engine answers)' : '' };
}
