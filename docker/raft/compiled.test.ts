import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');

/** What the compiler says of a folder of protocol files; nothing, if it has nothing to say. */
function complaints(project: string): string {
  try {
    return execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', project], {
      encoding: 'utf8',
    });
  } catch (error) {
    return (error as { readonly stdout: string }).stdout;
  }
}

test('the compiler holds Raft to what its host gives it', () => {
  expect(complaints(import.meta.dirname)).toBe('');
});

test('the compiler stops a protocol that reaches for the world beside its host', () => {
  const folder = mkdtempSync(join(tmpdir(), 'labrys-sinner-'));
  try {
    const sins = [
      `setTimeout(() => {}, 1);`,
      `await fetch('http://127.0.0.1');`,
      `process.exit();`,
      `performance.now();`,
      `crypto.randomUUID();`,
      `(await import('node:fs')).readFileSync('/etc/hostname');`,
    ];
    writeFileSync(
      join(folder, 'sinner.ts'),
      [
        `import type { Host } from ${JSON.stringify(join(root, 'docker/kit/kit.ts'))};`,
        `export const host: Host[] = [];`,
        ...sins,
      ].join('\n'),
    );
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ extends: join(import.meta.dirname, 'tsconfig.json'), include: ['*.ts'] }),
    );
    const lines = complaints(folder);
    for (const [i] of sins.entries()) expect(lines).toContain(`sinner.ts(${i + 3},`);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
