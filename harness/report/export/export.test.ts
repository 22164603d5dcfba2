import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { readHistory, readJsonl, type HistoryEvent, type Operation } from 'knossos-js';
import { expect, test } from 'vitest';
import * as golden from '../golden/runs.ts';
import { edn, EdnHistory } from './edn.ts';
import { exportRun } from './export.ts';
import { MOST_EVENTS, PerfettoTrace } from './perfetto.ts';

/** What Jepsen's form keeps of an operation. It has no answer "no" to a compare-and-set: that one failed. */
function kept({ process, f, key, input, output, outcome, call }: Operation): object {
  const refused = f === 'cas' && output === false;
  return {
    process,
    f,
    key,
    call,
    outcome: refused ? 'fail' : outcome,
    input: input ?? null,
    output: refused ? null : (output ?? null),
  };
}

const text = fc.string({ unit: 'binary' });
const value = fc.oneof(fc.integer(), text, fc.constant(null), fc.array(fc.integer(), { maxLength: 3 }));
const request = fc.record({
  process: fc.nat(3),
  f: fc.constantFrom('read', 'write', 'cas'),
  key: fc.oneof(text, fc.nat(9)),
  value,
  type: fc.constantFrom('ok', 'fail', 'info'),
});

test('a history that went through EDN is the same history', () => {
  fc.assert(
    fc.property(fc.array(request, { maxLength: 20 }), (requests) => {
      const events = requests.flatMap(({ process, f, key, value: of, type }, i): HistoryEvent[] => {
        const common = { process: process + 4 * i, f, key };
        const asks = f === 'read' ? {} : { value: of };
        const says = type !== 'ok' || f === 'write' ? {} : { value: f === 'cas' ? i % 2 === 0 : of };
        return [
          { ...common, ...asks, index: 2 * i, time: i, type: 'invoke' },
          { ...common, ...says, index: 2 * i + 1, time: i, type },
        ];
      });
      const printer = new EdnHistory();
      const lines = events.map((event) => printer.line(event)).join('\n');
      const options = { format: 'edn', keyed: true, nilRead: 'initial value' } as const;
      const ours = readJsonl(events.map((event) => JSON.stringify(event)).join('\n')).history;
      expect([...readHistory(lines, options).history].map(kept)).toEqual([...ours].map(kept));
    }),
  );
});

test('transactions are written as Elle reads them', () => {
  const printer = new EdnHistory();
  const event = { index: 0, time: 5, process: 1, f: 'txn' } as const;
  const steps = (read: unknown) => [
    ['append', 'x', 1],
    ['r', 'y', read],
  ];
  expect(printer.line({ ...event, type: 'invoke', value: steps(null) })).toBe(
    '{:index 0, :type :invoke, :process 1, :f :txn, :value [[:append "x" 1] [:r "y" nil]], :time 5}',
  );
  expect(printer.line({ ...event, index: 1, type: 'ok', value: steps([2, 3]) })).toBe(
    '{:index 1, :type :ok, :process 1, :f :txn, :value [[:append "x" 1] [:r "y" [2 3]]], :time 5}',
  );
});

test('whatever a value holds stays inside its string', () => {
  expect(edn('"} {:type :ok\b\f\n')).toBe(String.raw`"\"} {:type :ok\u0008\u000c\n"`);
  const name = ':ok} {' as string;
  const line = new EdnHistory().line({ index: 0, time: 0, process: 0, type: 'invoke', f: name });
  expect(line).toContain(':f ":ok} {"');
});

test('a run becomes EDN that can be judged, with the same verdict', async () => {
  await using run = await golden.writeGolden(golden.staleRead());
  const { path } = await exportRun(run.path, 'edn', { key: 'x246' });
  const { history } = readHistory(await readFile(path, 'utf8'));
  expect(history.keys).toEqual([]);
  expect([...history].filter(({ f, output }) => f === 'read' && output === 14)).toHaveLength(1);
});

test('a run becomes a trace that shows every operation, fault and role', async () => {
  const made = golden.staleRead();
  await using run = await golden.writeGolden(made);
  const { path, gap } = await exportRun(run.path, 'perfetto');
  expect(gap).toBeUndefined();
  const { traceEvents } = JSON.parse(await readFile(path, 'utf8')) as {
    traceEvents: { ph: string; name: string; pid: number; ts: number; dur: number; args: object }[];
  };
  const slices = traceEvents.filter(({ ph }) => ph === 'X');
  const calls = made.events.filter(({ type }) => type === 'invoke');
  expect(slices.filter(({ args }) => 'outcome' in args)).toHaveLength(calls.length);
  expect(slices.every(({ ts, dur }) => ts >= 0 && dur >= 0)).toBe(true);
  expect(slices.map(({ name }) => name)).toContain('partition n1 | n2 n3 n4 n5');
  expect(slices.some(({ name }) => name === 'leader · term 4')).toBe(true);
});

/** What https://ui.perfetto.dev asks of Chrome's JSON: fields by phase, a name for every track, slices of a track within each other. */
test.each(golden.goldenNames)('%s: the trace is as its format says', async (name) => {
  await using run = await golden.writeGolden(golden.goldenRuns[name]());
  const { path } = await exportRun(run.path, 'perfetto');
  interface TraceEvent {
    readonly ph: string;
    readonly name: string;
    readonly pid: number;
    readonly tid: number;
    readonly ts: number;
    readonly dur: number;
    readonly args: { readonly name?: unknown };
  }
  const { traceEvents } = JSON.parse(await readFile(path, 'utf8')) as { traceEvents: TraceEvent[] };
  const names = new Map<string, unknown>();
  const tracks = new Map<string, TraceEvent[]>();
  for (const event of traceEvents) {
    const { ph, pid, tid, ts, dur, args } = event;
    expect([typeof event.name, Number.isInteger(pid), Number.isInteger(tid)]).toEqual(['string', true, true]);
    const track = `${pid} ${tid}`;
    if (ph === 'M') {
      expect(['process_name', 'thread_name']).toContain(event.name);
      expect(typeof args.name).toBe('string');
      const what = event.name === 'process_name' ? `${pid}` : track;
      expect(names.get(what) ?? args.name, 'one name a track').toBe(args.name);
      names.set(what, args.name);
    } else {
      expect(ph).toBe('X');
      expect(Number.isFinite(ts) && Number.isFinite(dur) && ts >= 0 && dur >= 0).toBe(true);
      tracks.set(track, [...(tracks.get(track) ?? []), event]);
    }
  }
  for (const [track, slices] of tracks) {
    expect(names.has(track) && names.has(track.split(' ')[0] as string), `track ${track} has a name`).toBe(
      true,
    );
    const open: number[] = [];
    for (const { ts, dur, name: slice } of slices.toSorted((a, b) => a.ts - b.ts || b.dur - a.dur)) {
      while (open.length > 0 && (open.at(-1) as number) <= ts + 1e-3) open.pop();
      expect(ts + dur, `${slice} lies within what it began in`).toBeLessThanOrEqual(
        (open.at(-1) ?? Infinity) + 1e-3,
      );
      open.push(ts + dur);
    }
  }
});

test('messages are slices where they were sent and arrived, with an arrow from one to the other', async () => {
  await using run = await golden.writeGolden(golden.staleRead());
  const messages = [
    { from: 'n1', to: 'n2', name: 'append', term: 4, sent: 5_000_000, arrived: 6_000_000 },
    { from: 'n2', to: 'n1', name: 'vote', sent: 5_500_000 },
  ];
  await writeFile(
    join(run.path, 'messages.jsonl'),
    messages.map((message) => `${JSON.stringify(message)}\n`).join(''),
  );
  const { path } = await exportRun(run.path, 'perfetto');
  interface Event {
    readonly ph: string;
    readonly cat: string;
    readonly name: string;
    readonly tid: number;
    readonly ts: number;
  }
  const { traceEvents } = JSON.parse(await readFile(path, 'utf8')) as { traceEvents: Event[] };
  const ours = traceEvents.filter(({ cat }) => cat === 'messages');
  expect(ours.map(({ ph, name, ts }) => `${ph} ${ts} ${name}`)).toEqual([
    'X 5000 append → n2',
    's 5000 message',
    'X 6000 append from n1',
    'f 6000 message',
    'X 5500 vote → n1, lost',
  ]);
  const [sent, start, arrived, end] = ours;
  expect([start?.tid, end?.tid]).toEqual([sent?.tid, arrived?.tid]);
  expect(sent?.tid).not.toBe(arrived?.tid);
});

test('a trace says how much it left out', () => {
  const trace = new PerfettoTrace();
  for (let i = 0; i < MOST_EVENTS + 7; i++) {
    trace.event({ index: 2 * i, time: i, process: 0, type: 'invoke', f: 'read' });
    trace.event({ index: 2 * i + 1, time: i, process: 0, type: 'ok', f: 'read' });
  }
  expect(trace.left).toBe(7);
});

test('a torn last line is left out', async () => {
  await using run = await golden.writeGolden(golden.staleRead());
  const history = join(run.path, 'history.jsonl');
  await writeFile(history, `${await readFile(history, 'utf8')}{"index":99999,"ti`);
  const { path } = await exportRun(run.path, 'edn');
  expect((await readFile(path, 'utf8')).trimEnd().endsWith('}')).toBe(true);
});
