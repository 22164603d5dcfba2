import { expect, test } from 'vitest';
import type { Connection, Member, Settings } from '../../harness/index.ts';
import system from './system.ts';

const member = (number: number): Member => ({
  name: `n${number}`,
  number,
  host: `10.0.0.${number}`,
  data: '/data',
  address: (port) => `10.0.0.${number}:${system.ports[port]}`,
});
const settingsOf = (options: Settings['options']): Settings => ({
  options: { service: 'redlock', lease: '1000', fencing: 'no', ...options },
  bug: undefined,
  runtime: 'docker',
});

test.each(system.options?.['service']?.choices ?? [])(
  'a node of every service has a command and an image, and listens at ports that the system has: %s',
  (service) => {
    const members = [1, 2, 3].map(member);
    const { command, image } = system.recipe(member(1), members, settingsOf({ service }));
    expect(command.length).toBeGreaterThan(0);
    expect(image).toMatch(/^labrys-[a-z-]+:/);
    expect(JSON.stringify(system.recipe(member(1), members, settingsOf({ service })))).not.toContain(
      'undefined',
    );
  },
);

test.each([{ lease: '0' }, { lease: '99' }, { lease: 'long' }, { lease: '0', service: 'zookeeper' }])(
  'a lease that makes no sense is refused: %j',
  async (options) => {
    const connection = { settings: settingsOf(options), nodes: [] } as unknown as Connection;
    await expect(async () => await system.clients[0]?.open(connection)).rejects.toThrow(
      'lease should be whole milliseconds from 100',
    );
  },
);
