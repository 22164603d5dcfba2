import { firstOf, LabrysError } from '../errors.ts';
import type { Log } from '../record/run-log.ts';
import { visible } from '../report/words.ts';
import type { Cluster } from '../runtime.ts';
import type { Screen } from './screen.ts';

/**
 * A cluster that has been driven and still stands, for as long as it takes to judge what it did. Nothing that goes wrong
 * with it now has any bearing on the verdict: it is said, and that is all.
 */
export class Standing implements AsyncDisposable {
  /** Set once it is up; a run that never came so far has none. */
  cluster: Cluster | undefined;
  readonly #log: Log;
  readonly #screen: Pick<Screen, 'say'>;

  constructor(log: Log, screen: Pick<Screen, 'say'>) {
    this.#log = log;
    this.#screen = screen;
  }

  /** Kill every node: what is kept of their data is what they had when the last operation had ended. */
  async stop(): Promise<void> {
    if (this.cluster?.keepData === undefined) return;
    await Promise.all(
      this.cluster.nodes.map((node) =>
        node.kill().catch((error: unknown) => {
          this.#log({ node: node.name, message: 'could not be ended', reason: reasonOf(error) });
        }),
      ),
    );
  }

  async keepData(): Promise<void> {
    try {
      const missing = (await this.cluster?.keepData?.()) ?? [];
      for (const line of missing) this.#say(line);
    } catch (error) {
      this.#say(`The nodes' data could not be kept: ${reasonOf(error)}`);
    }
  }

  async takeDown(): Promise<void> {
    const { cluster } = this;
    this.cluster = undefined;
    try {
      await cluster?.[Symbol.asyncDispose]();
    } catch (thrown) {
      const error = firstOf(thrown);
      if (!(error instanceof LabrysError)) throw error;
      this.#say(`The cluster could not be taken down: ${error.message}`);
      this.#say('`npx labrys clean` removes what is left of it.');
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.takeDown();
  }

  #say(line: string): void {
    this.#log({ message: line });
    this.#screen.say(visible(line));
  }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
