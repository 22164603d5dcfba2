import { appendFileSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Time } from '../time.ts';

/** How exactly it is known when a node said something. */
const lookMs = 50;

/**
 * Notes when nodes say something: `nodes/<node>/times.jsonl` has a line each time that a log has grown, with how long it
 * was then. What a node wrote stays as it wrote it, whatever it wrote, and nothing stands between the node and its log.
 * Only lengths are looked up, so that a chatty node costs no more than a quiet one.
 */
export function followLogs(folder: string, nodes: readonly string[], time: Time): Disposable {
  const logs = nodes.map((node) => new FollowedLog(join(folder, 'nodes', node), time));
  const look = (): void => {
    for (const log of logs) log.look();
  };
  const timer = setInterval(look, lookMs);
  timer.unref();
  return {
    [Symbol.dispose]: () => {
      clearInterval(timer);
      look();
    },
  };
}

class FollowedLog {
  readonly #folder: string;
  readonly #time: Time;
  #known = { stdout: 0, stderr: 0 };
  #failed = false;

  constructor(folder: string, time: Time) {
    this.#folder = folder;
    this.#time = time;
  }

  look(): void {
    const now = { stdout: this.#length('stdout.log'), stderr: this.#length('stderr.log') };
    if (this.#failed || (now.stdout === this.#known.stdout && now.stderr === this.#known.stderr)) return;
    this.#known = now;
    try {
      mkdirSync(this.#folder, { recursive: true });
      appendFileSync(
        join(this.#folder, 'times.jsonl'),
        `${JSON.stringify({ time: this.#time.now(), ...now })}\n`,
      );
    } catch {
      // The history cannot be written either, and says so; when a node said what is lost, not what it said.
      this.#failed = true;
    }
  }

  #length(name: string): number {
    return statSync(join(this.#folder, name), { throwIfNoEntry: false })?.size ?? 0;
  }
}
