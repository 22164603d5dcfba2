import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { problemsOfConfig, readConfig } from './config.ts';

test('every slip in a configuration is named at once', () => {
  expect(problemsOfConfig(undefined)).toEqual([expect.stringContaining('no default export')]);
  expect(problemsOfConfig({ shh: {} })).toEqual(['shh: is not known; there is ssh']);
  expect(
    problemsOfConfig({
      ssh: {
        usr: 'x',
        port: '22',
        jump: { port: 1 },
        hosts: ['db1', 7, { name: 'x' }, { host: 'db2', password: 'x', jump: { key: 1, host: 'j' } }],
      },
    }),
  ).toEqual([
    expect.stringContaining('ssh.usr: is not known; there are user, port'),
    'ssh.port: should be a number',
    'ssh.jump.host: should be a name or an address',
    'ssh.hosts[1]: should be a name, or an object',
    'ssh.hosts[2].host: should be a name or an address',
    expect.stringContaining('ssh.hosts[3].password: is not known'),
    'ssh.hosts[3].jump.key: should be a string',
  ]);
  expect(problemsOfConfig({ ssh: {} })).toEqual(['ssh.hosts: should be a list']);
  expect(problemsOfConfig({})).toEqual([]);
});

test('a configuration is read from a file; one that is named must be there', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'labrys-config-'));
  const file = join(folder, 'labrys.config.ts');
  writeFileSync(file, "export default { ssh: { hosts: ['db1'] } };\n");
  expect(await readConfig(file)).toEqual({ ssh: { hosts: ['db1'] } });
  writeFileSync(join(folder, 'bad.ts'), 'export default { ssh: { hosts: 3 } };\n');
  await expect(readConfig(join(folder, 'bad.ts'))).rejects.toThrow(/ssh.hosts: should be a list/);
  await expect(readConfig(join(folder, 'none.ts'))).rejects.toThrow(/no such file/);
  rmSync(folder, { recursive: true });
});
