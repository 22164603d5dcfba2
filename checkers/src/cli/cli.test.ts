import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { main } from './cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'knossos-js-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function run(
  content: string | undefined,
  ...options: string[]
): Promise<{ code: number; out: string; err: string }> {
  const file = join(folder, 'history');
  if (content !== undefined) writeFileSync(file, content);
  const said = { out: '', err: '' };
  const code = await main(content === undefined ? options : [file, ...options], {
    out: (text) => (said.out += text),
    err: (text) => (said.err += text),
  });
  return { code, out: said.out.replaceAll(folder, '…'), err: said.err.replaceAll(folder, '…') };
}

const WROTE =
  '{:process 0 :type :invoke :f :write :value 1 :time 1000000}\n{:process 0 :type :ok :f :write :value 1 :time 2000000}\n{:process 1 :type :invoke :f :read :time 3000000}\n';
const FRESH = `${WROTE}{:process 1 :type :ok :f :read :value 1 :time 4000000}\n`;
const STALE = `${WROTE}{:process 1 :type :ok :f :read :value nil :time 4000000}\n`;

test('a valid history exits with 0', async () => {
  expect(await run(FRESH)).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^…\/history: valid\n {2}linearizable, as register, read as edn\n/),
  });
});

test('a violation exits with 1, and is shown operation by operation', async () => {
  const { code, out } = await run(STALE, '--nil-read', 'initial-value');
  expect(code).toBe(1);
  expect(out).toContain('\n  consistency map\n    refuted  linearizable\n    unknown  strongly regular\n');
  expect(out.slice(out.lastIndexOf('\n\n') + 2)).toBe(
    '  stale read: Client 1 read at 0.003 s and got ∅, the initial value, although client 0’s write of 1 had completed 1 ms earlier.\n' +
      '    operation 0, client 0: write 1  (events 0 to 1)\n' +
      '    operation 1, client 1: read → ∅  (events 2 to 3)\n',
  );
});

test('with --json it is one object, and says the same', async () => {
  const { code, out } = await run(STALE, '--nil-read', 'initial-value', '--json');
  expect(code).toBe(1);
  expect(JSON.parse(out)).toMatchObject({
    verdict: 'violation',
    model: 'register',
    format: 'edn',
    anomalies: [{ kind: 'stale read', operations: [0, 1] }],
  });
});

test('staleness is measured, drawn as bars, and held to a limit that is given', async () => {
  const measured = await run(STALE, '--nil-read', 'initial-value', '--model', 'staleness');
  expect(measured.code).toBe(0);
  expect(measured.out).toContain('  k: 2\n  Δ, ms: 1\n');
  expect(measured.out).toContain(
    '\n  reads by versions behind\n    to 1 versions            1  ████████████████████████████████████████\n',
  );
  for (const limit of [
    ['--k', '1'],
    ['--delta-ms', '0.5'],
  ])
    expect(await run(STALE, '--nil-read', 'initial-value', '--model', 'staleness', ...limit)).toMatchObject({
      code: 1,
      out: expect.stringContaining('stale read: Client 1 read at 0.003 s'),
    });
  expect(await run(STALE, '--k', '0')).toMatchObject({ code: 64, err: expect.stringContaining('--k 0') });
});

test('a set that nobody read is undecided, and exits with 2', async () => {
  expect(await run('{:process 0 :type :invoke :f :add :value 1}', '--model', 'set-full')).toMatchObject({
    code: 2,
  });
});

test.each([
  [undefined, [], 'expected one file, found 0'],
  [undefined, ['nowhere.edn'], 'ENOENT'],
  ['[1]', [], '…/history:1:1: expected a map with :process, :type and :f, found "1"'],
  [FRESH, ['--model', 'tree'], '--model tree: expected one of register, cas-register,'],
  [FRESH, ['--timeout', '-1'], 'argument is ambiguous'],
  [FRESH, ['--timeout', '0'], '--timeout 0: expected a number above 0'],
  [FRESH, ['--colour'], "Unknown option '--colour'"],
  [
    '{:process 0 :type :invoke :f :dance}',
    [],
    'its operations (dance) suggest no model; name one with --model',
  ],
])('wrong usage and unreadable files exit with 64: %j %j', async (content, options, message) => {
  expect(await run(content, ...options)).toMatchObject({
    code: 64,
    out: '',
    err: expect.stringContaining(message),
  });
});

test('a file that is too large is refused before it is read', async () => {
  const file = join(folder, 'large');
  writeFileSync(file, '');
  // Sparse: it takes no room.
  truncateSync(file, 2 ** 31);
  expect(await run(undefined, file)).toMatchObject({
    code: 64,
    err: expect.stringContaining('…/large: is 2.0 GiB, and files of up to 2 GiB can be read'),
  });
  rmSync(file);
});

test('a history of nothing is no pass: it is undecided, and exits with 2', async () => {
  const { code, out } = await run('', '--model', 'register');
  expect([code, out]).toEqual([2, expect.stringContaining('because: the history holds no operation')]);
});

test('--help says what can be said, and how it exits', async () => {
  expect(await run(undefined, '--help')).toMatchObject({
    code: 0,
    err: '',
    out: expect.stringContaining('Exit code: 0 valid, 1 violation'),
  });
});

test('a torn history is judged up to the tear, and the tear is mentioned', async () => {
  const { code, err } = await run(
    '{"index":0,"time":0,"process":0,"type":"invoke","f":"read"}\n{"index":1,"ti',
  );
  expect({ code, err }).toEqual({
    code: 0,
    err: 'knossos-js: …/history:2: the file ends in the middle of this line; read up to it\n',
  });
});

const SKEW = 'r(1,0,0,0)\nr(2,0,0,0)\nw(1,1,0,0)\nr(1,0,1,1)\nr(2,0,1,1)\nw(2,1,1,1)\n';

test('transactions, one step a line, are held to serializability, and every other level is told', async () => {
  const { code, out } = await run(SKEW);
  expect(code).toBe(1);
  expect(out).toMatch(
    /^…\/history: violation\n {2}rw-register serializable, as rw-register, read as transactions\n/,
  );
  expect(out).toContain(
    '    proven   snapshot isolation\n    refuted  repeatable read\n    refuted  serializable\n',
  );
  expect(out).toContain('\n  G2-item: T0: read 1 → nothing');
});

test('they are held to what --level names', async () => {
  expect(await run(SKEW, '--level', 'snapshot isolation')).toMatchObject({ code: 0 });
  expect(await run(SKEW, '--model', 'causal', '--json')).toMatchObject({
    code: 0,
    out: expect.stringContaining('"verdict":"valid"'),
  });
  expect(await run(SKEW, '--model', 'mutex')).toMatchObject({
    code: 64,
    err: expect.stringContaining('a file of transactions is judged by one of list-append'),
  });
});

test('so are lists of steps with times, and a line that is none is pointed at', async () => {
  const line = '{"p":0,"t":"ok","i":0,"e":1,"ops":[["a","x",1]]}\n';
  const stale = `${line}{"p":1,"t":"ok","i":2,"e":3,"ops":[["r","x",[]]]}\n`;
  expect(await run(stale, '--format', 'neutral')).toMatchObject({
    code: 1,
    out: expect.stringContaining('G-single-item-realtime'),
  });
  expect(await run(`${line}{"p":1}\n${line}`)).toMatchObject({
    code: 64,
    err: expect.stringContaining('history:2:1: expected a transaction'),
  });
});
