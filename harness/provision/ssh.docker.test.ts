import { afterAll, beforeAll, describe } from 'vitest';
import { runtimeConformance } from './conformance.ts';
import type { Engine } from './docker/engine.ts';
import { findGround } from './docker/ground.ts';
import { sshRuntime } from './ssh.ts';
import { machines, type Machines } from './ssh/fixtures/machines.ts';

const { engine, unless } = await findGround();

describe.skipIf(!engine)(`ssh${unless}`, () => {
  let ground: Machines;
  beforeAll(async () => {
    ground = await machines(engine as Engine, 6);
  });
  afterAll(() => ground?.[Symbol.asyncDispose]());

  runtimeConformance(
    'ssh',
    () => {
      const runtime = sshRuntime({ hosts: [] });
      return { ...runtime, provision: (...asked) => sshRuntime(ground.config).provision(...asked) };
    },
    { inventory: () => inventory(ground) },
  );
});

/** What could be a run's on each machine. */
async function inventory({ containers, inside }: Machines): Promise<string[]> {
  const look =
    'ls -A /var/tmp /tmp; nft list ruleset; cat /proc/mounts /proc/net/netfilter/nfnetlink_queue; for it in /proc/[0-9]*; do cat $it/comm; done 2> /dev/null | grep -v "^\\(cat\\|sh\\|grep\\|sshd\\)$"';
  const said = await Promise.all(
    containers.map(async (_, i) =>
      (await inside(i, ['sh', '-c', look])).split('\n').map((line) => `m${i + 1} ${line}`),
    ),
  );
  return said.flat();
}
