import type { Fault } from '../../harness/fault.ts';
import bitFlips from '../bit-flips.ts';
import clock from '../clock.ts';
import corrupt from '../corrupt.ts';
import crashLoop from '../crash-loop.ts';
import diskError from '../disk-error.ts';
import diskFull from '../disk-full.ts';
import powerFailure from '../power-failure.ts';
import slowCpu from '../slow-cpu.ts';
import slowDisk from '../slow-disk.ts';
import tornWrites from '../torn-writes.ts';
import truncatedFiles from '../truncated-files.ts';
import duplicate from '../duplicate.ts';
import lostNames from '../lost-names.ts';
import flaky from '../flaky.ts';
import kill from '../kill.ts';
import lossy from '../lossy.ts';
import oomKill from '../oom-kill.ts';
import outOfFiles from '../out-of-files.ts';
import outOfMemory from '../out-of-memory.ts';
import restart from '../restart.ts';
import partition from '../partition.ts';
import pause from '../pause.ts';
import reorder from '../reorder.ts';
import reset from '../reset.ts';
import rollingRestart from '../rolling-restart.ts';
import slow from '../slow.ts';
import stutter from '../stutter.ts';
import throttle from '../throttle.ts';

/** What is tried with real nodes, where every variant costs seconds. */
export const withRealNodes: readonly Tried[] = [
  { fault: partition },
  { fault: kill },
  { fault: pause },
  { fault: clock, variants: ['behind', 'fast', 'strobe', 'monotonic-slow'] },
  { fault: crashLoop, variants: ['minority'] },
  { fault: rollingRestart, variants: ['eager'] },
  { fault: stutter, variants: ['majority'] },
  { fault: restart, variants: ['one'], brief: true },
  { fault: outOfFiles, variants: ['one'] },
  { fault: outOfMemory, variants: ['minority'], brief: true },
  { fault: oomKill, variants: ['one'], brief: true },
  { fault: slowCpu, variants: ['minority'] },
  { fault: powerFailure, variants: ['minority'] },
  { fault: tornWrites, variants: ['one'], brief: true },
  { fault: bitFlips, variants: ['one'] },
  { fault: truncatedFiles, variants: ['one'], brief: true },
  { fault: lostNames, variants: ['one'], brief: true },
  { fault: diskFull, variants: ['one'], brief: true },
  { fault: diskError, variants: ['one'], brief: true },
  { fault: slowDisk, variants: ['one'], brief: true },
  { fault: flaky, variants: ['one'], brief: true },
  { fault: slow, variants: ['leader'] },
  { fault: lossy, variants: ['one'], brief: true },
  { fault: duplicate, variants: ['one'], brief: true },
  { fault: corrupt, variants: ['one'], brief: true },
  { fault: reorder, variants: ['one'], brief: true },
  { fault: throttle, variants: ['one'], brief: true },
  { fault: reset, variants: ['one'], brief: true },
];

interface Tried {
  readonly fault: Fault;
  readonly variants?: readonly string[];
  readonly brief?: boolean;
}
