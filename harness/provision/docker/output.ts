import { createWriteStream, mkdirSync } from 'node:fs';
import { finished } from 'node:stream/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';

const KEPT_LINES = 200;

/** What one node says: appended to its logs as it says it, over all its lives, and its last lines kept at hand. */
export class Output implements AsyncDisposable {
  readonly folder: string;
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly #lines: string[] = [];
  readonly #files: Writable[] = [];

  /** @param folder the node's folder in the run's record; made if it is not there. */
  constructor(folder: string) {
    this.folder = folder;
    mkdirSync(folder, { recursive: true });
    this.stdout = this.#append(join(folder, 'stdout.log'));
    this.stderr = this.#append(join(folder, 'stderr.log'));
  }

  lastLines(count = 20): readonly string[] {
    return this.#lines.slice(-count);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const file of this.#files) file.end();
    await Promise.allSettled(this.#files.map((file) => finished(file)));
  }

  #append(path: string): Writable {
    const file = createWriteStream(path, { flags: 'a' });
    // A full disk must not end the run in the middle: the lines are still kept here, for the error that follows.
    file.on('error', () => {});
    this.#files.push(file);
    let rest = '';
    return new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        const lines = (rest + chunk.toString('utf8')).split('\n');
        rest = lines.pop() ?? '';
        this.#lines.push(...lines.filter((line) => line !== ''));
        this.#lines.splice(0, this.#lines.length - KEPT_LINES);
        file.write(chunk, () => done());
      },
    });
  }
}
