import { expect, test } from 'vitest';
import type { Connection, Member, Settings } from '../../harness/index.ts';
import { members } from '../testing/members.ts';
import system from './system.ts';

const settingsOf = (options: Settings['options']): Settings => ({
  options: { service: 'redlock', lease: '1000', fencing: 'no', ...options },
  bug: undefined,
  runtime: 'docker',
});

test.each(system.options?.['service']?.choices ?? [])(
  'a node of every service has a command and an image, and listens at ports that the system has: %s',
  (service) => {
    const all = members(3, system.ports);
    const recipe = system.recipe(all[0] as Member, all, settingsOf({ service }));
    expect(recipe.command.length).toBeGreaterThan(0);
    expect(recipe.image).toMatch(/^labrys-[a-z-]+:/);
    expect(JSON.stringify(recipe)).not.toContain('undefined');
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
