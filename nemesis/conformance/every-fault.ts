import type { Fault } from '../../harness/fault.ts';
import admin from '../admin.ts';
import bitFlips from '../bit-flips.ts';
import clock from '../clock.ts';
import corrupt from '../corrupt.ts';
import crashLoop from '../crash-loop.ts';
import diskError from '../disk-error.ts';
import diskFull from '../disk-full.ts';
import duplicate from '../duplicate.ts';
import failpoint from '../failpoint.ts';
import flaky from '../flaky.ts';
import kill from '../kill.ts';
import lossy from '../lossy.ts';
import membership from '../membership.ts';
import oomKill from '../oom-kill.ts';
import outOfFiles from '../out-of-files.ts';
import outOfMemory from '../out-of-memory.ts';
import partition from '../partition.ts';
import pause from '../pause.ts';
import powerFailure from '../power-failure.ts';
import reorder from '../reorder.ts';
import reset from '../reset.ts';
import restart from '../restart.ts';
import rollingRestart from '../rolling-restart.ts';
import slow from '../slow.ts';
import slowCpu from '../slow-cpu.ts';
import slowDisk from '../slow-disk.ts';
import stutter from '../stutter.ts';
import throttle from '../throttle.ts';
import lostNames from '../lost-names.ts';
import tornWrites from '../torn-writes.ts';
import truncatedFiles from '../truncated-files.ts';

/** Links that carry badly. */
export const carrying: readonly Fault[] = [slow, lossy, duplicate, corrupt, reorder, throttle, reset];

/** All that is no scenario. */
export const everyFault: readonly Fault[] = [
  partition,
  flaky,
  kill,
  pause,
  clock,
  crashLoop,
  rollingRestart,
  stutter,
  restart,
  outOfFiles,
  outOfMemory,
  oomKill,
  slowCpu,
  powerFailure,
  tornWrites,
  lostNames,
  bitFlips,
  truncatedFiles,
  diskFull,
  diskError,
  slowDisk,
  membership,
  admin,
  failpoint,
  ...carrying,
];

/** In the memory world, whose system offers some of everything. */
export function variantsOf({ name, variants }: Fault): readonly string[] {
  return name === 'admin' ? ['tidy', 'hand-over'] : name === 'failpoint' ? ['before-write'] : variants;
}
