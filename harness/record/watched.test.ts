import {
  casRegister,
  linearizable,
  setFull,
  type Anomaly,
  type Checker,
  type Monitor,
  type Operations,
} from 'knossos-js';
import { expect, test } from 'vitest';
import { realTime } from '../time-real.ts';
import { memoryRecorder } from './recorder.ts';
import { monitorsOf, watched } from './watched.ts';

const time = realTime();
const registers = linearizable(casRegister) as unknown as Checker<Operations>;

test('the first violation is raised once, and everything is recorded as it would have been', () => {
  const raised: Anomaly[] = [];
  const written = memoryRecorder(time);
  const recorder = watched(written, monitorsOf([registers]), time, {
    raise: (anomaly) => void raised.push(anomaly),
    lost: (reason) => expect.unreachable(reason.message),
  });
  recorder.mark('phase', 'main');
  for (const key of ['x', 'y']) {
    recorder.invoke(0, 'n1', 'write', key, 1);
    recorder.end(0, 'ok', 'write', key, undefined);
    recorder.invoke(1, 'n2', 'read', key, undefined);
    recorder.end(1, 'ok', 'read', key, null);
  }
  expect(raised).toMatchObject([{ kind: 'stale read', key: 'x', operations: [0, 1] }]);
  expect(written.text().trim().split('\n')).toHaveLength(9);
});

test('a monitor that gives up is said, and the others go on', () => {
  const lost: string[] = [];
  const raised: Anomaly[] = [];
  const broken: Monitor = {
    remembered: 0,
    observe: () => {
      throw new Error('out of its depth');
    },
    verdict: () => expect.unreachable(),
  };
  const recorder = watched(memoryRecorder(time), [broken, ...monitorsOf([registers])], time, {
    raise: (anomaly) => void raised.push(anomaly),
    lost: ({ message }) => void lost.push(message),
  });
  recorder.invoke(0, 'n1', 'write', 'x', 1);
  recorder.end(0, 'fail', 'write', 'x', undefined);
  recorder.invoke(1, 'n2', 'read', 'x', undefined);
  recorder.end(1, 'ok', 'read', 'x', 1);
  expect([lost, raised.length]).toEqual([['out of its depth'], 1]);
});

test('what cannot be watched is left to the end', () => {
  expect(monitorsOf([setFull() as unknown as Checker<Operations>, registers])).toHaveLength(1);
});
