import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { right } from '../../clock.ts';
import { startAgent } from '../agent.ts';
import { localClocks } from './local-clocks.ts';

const asideMs = 3_600_000;

/** Skews the clocks of a process that does nothing, reads them, and puts them right. Throws what does not work here. */
export async function tryClocks(): Promise<void> {
  await using helper = await startAgent();
  const idle = spawn('sleep', ['60'], { stdio: 'ignore' });
  try {
    await once(idle, 'spawn');
    await using clocks = localClocks(
      helper.agent,
      () => [idle.pid as number],
      () => {},
    );
    for (const [skew, wanted] of [
      [{ aheadMs: asideMs }, asideMs],
      [right, 0],
    ] as const) {
      await clocks.set('wall', skew);
      const [reading] = await clocks.read();
      if (reading === undefined) throw new Error('no clock could be read');
      if (Math.abs(reading.wall.aheadMs - wanted) > 1)
        throw new Error(`a clock that should be ${wanted} ms ahead was ${reading.wall.aheadMs} ms ahead`);
    }
  } finally {
    idle.kill('SIGKILL');
  }
}

/** Why clocks cannot be skewed on this machine; nothing where they can. */
export async function whyNoClocks(): Promise<string | undefined> {
  return await tryClocks().then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
}
