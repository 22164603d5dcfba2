import { appendFileSync, mkdirSync, mkdtempDisposableSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { realTime } from '../time-real.ts';
import { followLogs } from './log-times.ts';

test('a log’s growth is noted with the time at which it was seen, and the end of it too', async () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'labrys-log-times-'));
  const place = join(folder.path, 'nodes', 'n1');
  mkdirSync(place, { recursive: true });
  const time = realTime();
  const file = join(place, 'times.jsonl');
  const noted = () =>
    readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { time: number; stdout: number; stderr: number });
  const before = time.now();
  {
    using _ = followLogs(folder.path, ['n1', 'n2'], time);
    appendFileSync(join(place, 'stdout.log'), 'one\n');
    for (let tries = 0; tries < 200; tries++) {
      await sleep(10);
      try {
        if (noted().length > 0) break;
      } catch {
        // Not looked yet.
      }
    }
    expect(noted()).toEqual([{ time: expect.any(Number) as number, stdout: 4, stderr: 0 }]);
    appendFileSync(join(place, 'stderr.log'), 'oh no\n');
  }
  expect(noted().at(-1)).toMatchObject({ stdout: 4, stderr: 6 });
  const times = [before, ...noted().map((line) => line.time)];
  expect(times).toEqual(times.toSorted((a, b) => a - b));
});
