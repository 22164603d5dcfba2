import type { Fault } from '../../harness/fault.ts';
import clock from '../clock.ts';
import crashLoop from '../crash-loop.ts';
import kill from '../kill.ts';
import partition from '../partition.ts';
import pause from '../pause.ts';
import rollingRestart from '../rolling-restart.ts';
import stutter from '../stutter.ts';

/** What is tried with real nodes, where every variant costs seconds. */
export const withRealNodes: readonly { readonly fault: Fault; readonly variants?: readonly string[] }[] = [
  { fault: partition },
  { fault: kill },
  { fault: pause },
  { fault: clock, variants: ['behind', 'fast', 'strobe', 'monotonic-slow'] },
  { fault: crashLoop, variants: ['minority'] },
  { fault: rollingRestart, variants: ['eager'] },
  { fault: stutter, variants: ['majority'] },
];
