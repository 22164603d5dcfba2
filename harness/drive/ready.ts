import { NodeError } from '../errors.ts';
import type { Node } from '../runtime.ts';
import type { Settings, System } from '../system.ts';
import type { Time } from '../time.ts';
import { messageOf, within } from './within.ts';

export interface Readiness {
  readonly system: System;
  readonly settings: Settings;
  readonly time: Time;
}

const againMs = 50;
const attemptMs = 5000;

export const readySeconds = (system: System): number => system.readySeconds ?? 30;

/** Asks the system until it says that the node is ready; rejects with what the node said last when it never does. */
export async function untilReady(
  { system, settings, time }: Readiness,
  node: Node,
  signal: AbortSignal,
): Promise<void> {
  const limit = readySeconds(system);
  const end = time.now() + limit * 1e9;
  const never = (why: string, cause: unknown): NodeError =>
    new NodeError(node.name, why, {
      lastLines: node.lastLines(20),
      hint: `See nodes/${node.name}/ in the run's folder, or raise the system's readySeconds.`,
      cause,
    });
  for (;;) {
    try {
      const left = Math.max(1, (end - time.now()) / 1e6);
      return await within(time, Math.min(attemptMs, left), signal, (one) =>
        system.ready(node, { settings, time, signal: one }),
      );
    } catch (error) {
      signal.throwIfAborted();
      // A node that is gone is not waited for; one that was paused or cut off may yet come.
      if ((await node.state()) === 'dead')
        throw never(`its process ended before it was ready (${messageOf(error)})`, error);
      if (time.now() >= end) throw never(`never became ready in ${limit} s: ${messageOf(error)}`, error);
    }
    await time.sleep(againMs, signal);
  }
}

/** The first node of which it is clear that it will not be ready ends the wait for all. */
export async function untilAllReady(
  readiness: Readiness,
  nodes: readonly Node[],
  signal: AbortSignal,
): Promise<void> {
  const enough = new AbortController();
  const stop = (): void => enough.abort(signal.reason);
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    await Promise.all(nodes.map((node) => untilReady(readiness, node, enough.signal)));
  } finally {
    signal.removeEventListener('abort', stop);
    enough.abort(new Error('no longer waited for'));
  }
}

/** After the faults: whatever still stands still or is down is set going, and all are waited for. */
export async function recover(
  readiness: Readiness,
  nodes: readonly Node[],
  signal: AbortSignal,
  log: (line: Readonly<Record<string, unknown>>) => void,
): Promise<void> {
  const tries = 3;
  for (let left = tries; ; left--) {
    for (const node of nodes) {
      const state = await node.state();
      if (state === 'running') continue;
      log({ node: node.name, message: `is ${state} when everything is healed; setting it going` });
      await (state === 'paused' ? node.resume() : node.start());
    }
    try {
      return await untilAllReady(readiness, nodes, signal);
    } catch (error) {
      const states = await Promise.all(nodes.map((node) => node.state()));
      // Only dying is worth another try: a node that runs and is not ready has had its time.
      if (signal.aborted || left <= 1 || !states.includes('dead')) throw error;
    }
  }
}
