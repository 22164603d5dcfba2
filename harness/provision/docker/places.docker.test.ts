import type Docker from 'dockerode';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Agent, AgentRefusal } from '../agent.ts';
import type { Engine } from './engine.ts';
import { findGround } from './ground.ts';
import { obtainImage } from './obtain.ts';
import { labelsOf, nameOf } from './labels.ts';
import { ContainerNode } from './node.ts';
import { Output } from './output.ts';
import { Places } from './places.ts';
import { removeRun } from './remove.ts';
import { withAgent } from './scratch.ts';

const { engine, unless } = await findGround();
const image = 'debian:bookworm-slim';
const toItself = [{ from: 'n1', to: 'n1' }];

describe.skipIf(!engine)(`where nodes are${unless}`, () => {
  const { docker } = engine ?? ({} as Engine); // Or every test is skipped.
  let folder: string;
  let run: string;
  let runs = 0;
  let node: ContainerNode;
  let container: Docker.Container;
  const member = { name: 'n1', number: 1, host: '', data: '/', address: () => '' };

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'labrys-places-'));
    run = `places-${process.pid}-${++runs}`;
    await obtainImage(docker, image, () => {}, new AbortController().signal);
    container = await docker.createContainer({
      name: nameOf(run, 'n1'),
      Image: image,
      Cmd: ['sleep', '600'],
      Labels: labelsOf(run),
    });
    node = new ContainerNode(member, docker, container, {}, new Output(folder), () => {});
    await node.start();
  });
  afterEach(async () => {
    await removeRun(docker, run);
    rmSync(folder, { recursive: true });
  });

  test('a node that ends between the look at it and the entry into its namespace is dead, and no error', async () => {
    await asked(endsBefore('enter'), async (places) => {
      expect((await places.enter(['n1'])).has('n1')).toBe(false);
      await node.start();
      expect((await places.enter(['n1'])).has('n1')).toBe(true);
    });
  });

  test('a node that has begun another life between the look and the entry is entered where it lives now', async () => {
    const again = async (): Promise<void> => {
      await node.kill();
      await node.start();
    };
    await asked(before('enter', again), async (places) => {
      expect((await places.enter(['n1'])).has('n1')).toBe(true);
      expect(await places.probe(toItself)).toEqual([true]);
    });
  });

  test('a node that ends before its links are probed carries nothing, and is no error', async () => {
    await asked(endsBefore('probe'), async (places) => {
      expect(await places.probe([{ from: 'n1', to: 'n1' }])).toEqual([expect.any(Boolean)]);
      expect(await places.probe(toItself)).toEqual([false]);
    });
  });

  test('what is refused in the namespace of a node that has ended is not missed; of one that lives, it is', async () => {
    await asked(
      (agent) => agent,
      async (places) => {
        await places.enter(['n1']);
        const refused = (): Promise<never> => Promise.reject(new AgentRefusal('no'));
        await expect(places.inside('n1', refused)).rejects.toThrow('no');
        await node.kill();
        await places.inside('n1', refused);
        await expect(places.inside('n1', () => Promise.reject(new Error('lost')))).rejects.toThrow('lost');
      },
    );
  });

  function asked(
    through: (agent: Agent) => Pick<Agent, 'ask'>,
    use: (places: Places) => Promise<void>,
  ): Promise<void> {
    return withAgent(engine as Engine, async ({ agent }) => {
      const { NetworkSettings } = await node.inspect();
      const host = Object.values(NetworkSettings.Networks)[0]?.IPAddress ?? '';
      await use(new Places(through(agent), [{ node, host }], ''));
    });
  }

  const endsBefore = (command: string): ((agent: Agent) => Pick<Agent, 'ask'>) =>
    before(command, () => node.kill());

  /** The real agent, before whom something happens the first time that it is asked for this. */
  function before(command: string, happens: () => Promise<void>): (agent: Agent) => Pick<Agent, 'ask'> {
    let pending = true;
    return (agent) => ({
      ask: async (asked, ...words) => {
        if (asked === command && pending) {
          pending = false;
          await happens();
        }
        return agent.ask(asked, ...words);
      },
    });
  }
});
