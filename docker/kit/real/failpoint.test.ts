import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { FAILPOINTS, HOOK } from './failpoint.ts';

const folder = mkdtempSync(join(tmpdir(), 'labrys-failpoint-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A process that keeps one record and then says so. */
const keep = (record: string, [first, ...under]: readonly string[] = []) =>
  spawnSync(
    first ?? process.execPath,
    [
      ...under,
      ...(first === undefined ? [] : [process.execPath]),
      '--input-type=module',
      '-e',
      `import { openJournalFile } from ${JSON.stringify(new URL('./journal-file.ts', import.meta.url).href)};
       const journal = await openJournalFile(${JSON.stringify(folder)});
       journal.write(${JSON.stringify(record)});
       await journal.sync(() => '');
       console.log('kept');`,
    ],
    { encoding: 'utf8' },
  );

/** As the first process of a container is. */
const asFirst = ['unshare', '--user', '--map-root-user', '--pid', '--fork'];
const unless =
  spawnSync('unshare', [...asFirst.slice(1), 'true']).status === 0 ? '' : ' (skipped: no namespaces here)';

test.each(Object.keys(FAILPOINTS))(
  'at %s a process dies once, with as much in its journal as it should have',
  (point) => {
    writeFileSync(join(folder, HOOK), point);
    const died = keep(`record at ${point}`);
    expect(died.signal).toBe('SIGKILL');
    expect(died.stdout).toBe('');
    expect(died.stderr).toContain(`failpoint ${point}: this process ends here\n`);
    const written = readFileSync(join(folder, 'journal'), 'utf8').includes(`record at ${point}`);
    expect(written).toBe(point !== 'before-append');
    expect(existsSync(join(folder, HOOK))).toBe(false);
    expect(keep('another')).toMatchObject({ signal: null, stdout: 'kept\n' });
  },
);

test('a failpoint that is named nowhere, or emptied, keeps nobody from going on', () => {
  for (const text of ['', 'before-lunch']) {
    writeFileSync(join(folder, HOOK), text);
    expect(keep('a record')).toMatchObject({ signal: null, stdout: 'kept\n' });
  }
});

// oxlint-disable-next-line vitest/valid-title -- it says why it is skipped
test.skipIf(unless !== '')(
  `the first process of a container, which no signal from inside kills, dies all the same${unless}`,
  () => {
    writeFileSync(join(folder, HOOK), 'before-sync');
    expect(keep('a record', asFirst)).toMatchObject({ status: 137, stdout: '' });
    expect(existsSync(join(folder, HOOK))).toBe(false);
  },
);
