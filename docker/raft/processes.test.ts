import { expect, test } from 'vitest';
import { startProcesses, type Asked, type Processes } from '../kit/fixtures/processes.ts';

const linux = process.platform === 'linux';
const sleep = (ms: number): Promise<void> => new Promise((wake) => setTimeout(wake, ms));

test.skipIf(!linux)(
  'three processes elect, replicate, survive kill -9 of their leader, and take back who was killed (on Linux, for 127.0.0.0/8)',
  async () => {
    await using nodes = startProcesses(new URL('./raft.ts', import.meta.url), 3);
    const first = await leader(nodes);
    for (let value = 1; value <= 100; value++)
      expect(await nodes.ask(first, 'register.write', value)).toEqual({ code: 200, value: null });
    expect(await nodes.ask(first, 'register.cas', [100, 101])).toEqual({ code: 200, value: true });
    expect(await nodes.ask(first, 'register.cas', [100, 102])).toEqual({ code: 200, value: false });
    const follower = nodes.ids.find((id) => id !== first) as string;
    expect(await nodes.ask(follower, 'register.read')).toEqual({ code: 200, value: 101 });
    expect(await nodes.ask(follower, 'register.write', 0)).toMatchObject({ code: 409, leader: first });
    expect(await nodes.ask(first, 'set.add', 7, 's')).toEqual({ code: 200, value: null });

    await nodes.kill(first);
    const second = await leader(nodes);
    expect(second).not.toBe(first);
    expect(await nodes.ask(second, 'register.read')).toEqual({ code: 200, value: 101 });
    await nodes.ask(second, 'register.write', 102);

    // Now a majority needs the one that was killed, and its disk.
    nodes.start(first);
    await nodes.ready(first);
    while ((await nodes.ask(first, 'register.read')).value !== 102) await sleep(20);
    await nodes.kill(second);
    const third = await leader(nodes);
    expect(await nodes.ask(third, 'register.read')).toEqual({ code: 200, value: 102 });
    expect(await nodes.ask(third, 'set.read', undefined, 's')).toEqual({ code: 200, value: [7] });
    expect(nodes.ids.map(nodes.errors)).toEqual(['', '', '']);
  },
);

test.skipIf(!linux)('a message of a stranger’s making ends no node, and takes nothing away', async () => {
  await using nodes = startProcesses(new URL('./raft.ts', import.meta.url), 3);
  const at = await leader(nodes);
  await nodes.ask(at, 'register.write', 1);
  for (const value of [null, {}, 'one', [1, 2]])
    expect(await nodes.ask(at, 'register.write', value)).toMatchObject({ code: 409 });
  expect(await nodes.ask(at, 'register.cas', 3)).toMatchObject({ code: 409 });
  expect(await nodes.ask(at, 'register.read')).toEqual({ code: 200, value: 1 });
});

async function leader(nodes: Processes): Promise<string> {
  for (;;) {
    for (const id of nodes.ids) {
      const { role } = await nodes.ask(id, 'status').catch((): Partial<Asked> => ({}));
      if (role === 'leader') return id;
    }
    await sleep(10);
  }
}
