import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { readJsonl } from 'knossos-js';
import { afterEach, expect, test } from 'vitest';
import { UsageError } from '../errors.ts';
import { realTime } from '../time-real.ts';
import { openHealJournal, unhealed } from './heal-journal.ts';
import { memoryRecorder, openRecorder } from './recorder.ts';
import { openRunLog } from './run-log.ts';

const folders: string[] = [];
const scratch = (): string => {
  folders.push(mkdtempSync(join(tmpdir(), 'labrys-record-')));
  return folders.at(-1) as string;
};
afterEach(() => folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true })));

test('whatever is recorded is read back', () => {
  const value = fc.oneof(fc.integer(), fc.jsonValue(), fc.constant(undefined));
  const key = fc.oneof(fc.string(), fc.integer(), fc.constant(undefined));
  const row = fc.record({
    key,
    input: value,
    output: value,
    error: fc.string(),
    f: fc.string({ minLength: 1 }),
  });
  fc.assert(
    fc.property(fc.array(row, { maxLength: 20 }), (rows) => {
      const recorder = memoryRecorder(realTime());
      for (const { f, key: on, input, output, error } of rows) {
        recorder.invoke(1, 'n"1\n', f, on, input);
        recorder.end(1, 'ok', f, on, output);
        recorder.invoke(2, 'n2', f, on, input);
        recorder.end(2, 'info', f, on, output, error);
      }
      const { history } = readJsonl(recorder.text());
      const json = (it: unknown): unknown => (it === undefined ? it : JSON.parse(JSON.stringify(it)));
      expect(
        [...history].map(({ f, input, output, error, outcome, node }) => [
          f,
          json(input),
          json(output),
          error,
          outcome,
          node,
        ]),
      ).toEqual(
        rows.flatMap(({ f, input, output, error }) => [
          [f, json(input), json(output), undefined, 'ok', 'n"1\n'],
          [f, json(input), undefined, error, 'info', 'n2'],
        ]),
      );
      expect([...history].map(({ key: on }) => on)).toEqual(
        rows.flatMap((it) => [json(it.key), json(it.key)]),
      );
    }),
  );
});

test('marks share the order of events, and carry what they are given', () => {
  const recorder = memoryRecorder(realTime());
  const begun = recorder.mark('fault', 'kill n1', { nodes: ['n1'], details: { fault: 'kill' } });
  recorder.invoke(0, 'n1', 'read', 'x', undefined);
  recorder.mark('heal', 'kill n1', { ends: begun });
  expect(readJsonl(recorder.text()).marks).toMatchObject([
    { index: 0, name: 'fault', what: 'kill n1', nodes: ['n1'], details: { fault: 'kill' } },
    { index: 2, name: 'heal', ends: 0 },
  ]);
});

test('a closed recorder has left everything in the file', () => {
  const folder = scratch();
  const recorder = openRecorder(folder, realTime());
  for (let i = 0; i < 10_000; i++) {
    recorder.invoke(i % 7, 'n1', 'write', 'x', i);
    recorder.end(i % 7, 'ok', 'write', 'x', undefined);
  }
  recorder.close();
  recorder.close();
  expect(readJsonl(readFileSync(join(folder, 'history.jsonl'))).history.length).toBe(10_000);
});

test('a history is never written over', () => {
  const folder = scratch();
  openRecorder(folder, realTime()).close();
  expect(() => openRecorder(folder, realTime())).toThrow(UsageError);
});

test('a process killed at once has lost at most its last 100 ms', async () => {
  const folder = scratch();
  const said = await run(
    folder,
    `setInterval(() => {
       recorder.invoke(0, 'n1', 'write', 'x', 1);
       recorder.end(0, 'ok', 'write', 'x', undefined);
       if (time.now() > 400e6) { console.log(time.now()); process.kill(process.pid, 'SIGKILL'); }
     }, 1);`,
  );
  const { history } = readJsonl(readFileSync(join(folder, 'history.jsonl')));
  expect(Number(said)).toBeGreaterThan(400e6);
  expect(history.callTime[history.length - 1]).toBeGreaterThan(Number(said) - 100e6);
});

test('where the disk takes no more, that is said, and what it took is a whole history', async () => {
  const folder = scratch();
  const said = await run(
    folder,
    `try { for (let i = 0; ; i++) recorder.invoke(i, 'n1', 'write', 'x', i); }
     catch (error) { console.log(error.name, error.message); }
     try { recorder.mark('phase', 'final'); } catch (error) { console.log(error.name); }
     try { recorder.close(); } catch (error) { console.log(error.name); }`,
    'ulimit -f 300;',
  );
  expect(said).toMatch(
    /^EnvironmentError .*history.jsonl cannot be written: .*\nEnvironmentError\nEnvironmentError\n$/,
  );
  const { history, torn } = readJsonl(readFileSync(join(folder, 'history.jsonl')));
  expect(torn).toBeUndefined();
  expect(history.length).toBeGreaterThan(1000);
});

/** Records in a process of its own, and answers what it said. */
async function run(folder: string, program: string, limits = ''): Promise<string> {
  const at = (name: string): string => JSON.stringify(join(import.meta.dirname, name));
  writeFileSync(
    join(folder, 'record.ts'),
    `import { openRecorder } from ${at('recorder.ts')};
     import { realTime } from ${at('../time-real.ts')};
     const time = realTime();
     const recorder = openRecorder(${JSON.stringify(folder)}, time);
     ${program}`,
  );
  const child = spawn('sh', ['-c', `${limits} exec "$0" "$1"`, process.execPath, join(folder, 'record.ts')]);
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  await new Promise((resolve) => child.on('close', resolve));
  return said;
}

test('the journal knows what was begun and never healed', () => {
  const folder = scratch();
  expect(unhealed(folder)).toEqual([]);
  using journal = openHealJournal(folder);
  journal.begun({ strike: 0, fault: 'kill', variant: 'one' });
  journal.applied(0, 'kill n1', ['n1']);
  journal.begun({ strike: 1, fault: 'partition', variant: 'halves' });
  journal.begun({ strike: 2, fault: 'pause', variant: 'all' });
  journal.applied(2, 'pause n1 n2 n3', ['n1', 'n2', 'n3']);
  journal.healed(0);
  expect(unhealed(folder)).toEqual([
    { strike: 1, fault: 'partition', variant: 'halves' },
    { strike: 2, fault: 'pause', variant: 'all', what: 'pause n1 n2 n3' },
  ]);
});

test('the log is lines of JSON, each with its time', () => {
  const folder = scratch();
  {
    using opened = openRunLog(folder, realTime());
    opened.log({ node: 'n1', message: 'started' });
    opened.log({ message: 'done' });
  }
  const lines = readFileSync(join(folder, 'run.log'), 'utf8').trim().split('\n');
  expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { time: expect.any(Number), node: 'n1', message: 'started' },
    { message: 'done' },
  ]);
});
