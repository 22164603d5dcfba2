import { createWriteStream, mkdirSync } from 'node:fs';
import { finished } from 'node:stream/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';

const KEPT_LINES = 200;
/** Of a line that has not ended yet. */
const KEPT_CHARACTERS = 10_000;

/** What one node says: appended to its logs as it says it, over all its lives, and its last lines kept at hand. */
export class Output implements AsyncDisposable {
  readonly folder: string;
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly #lines: string[] = [];
  /** What stands after the last line break, of each stream. */
  readonly #rests = { stdout: '', stderr: '' };
  readonly #files: Writable[] = [];

  /** @param folder the node's folder in the run's record; made if it is not there. */
  constructor(folder: string) {
    this.folder = folder;
    mkdirSync(folder, { recursive: true });
    this.stdout = this.#append('stdout');
    this.stderr = this.#append('stderr');
  }

  lastLines(count = 20): readonly string[] {
    const rests = Object.values(this.#rests).filter((rest) => rest !== '');
    return [...this.#lines, ...rests].slice(-count);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const file of this.#files) file.end();
    await Promise.allSettled(this.#files.map((file) => finished(file)));
  }

  #append(name: 'stdout' | 'stderr'): Writable {
    const file = createWriteStream(join(this.folder, `${name}.log`), { flags: 'a' });
    // A full disk must not end the run in the middle: the lines are still kept here, for the error that follows.
    file.on('error', () => {});
    this.#files.push(file);
    return new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        const lines = (this.#rests[name] + chunk.toString('utf8')).split('\n');
        this.#rests[name] = lines.pop()?.slice(-KEPT_CHARACTERS) ?? '';
        this.#lines.push(...lines.filter((line) => line !== ''));
        this.#lines.splice(0, this.#lines.length - KEPT_LINES);
        file.write(chunk, () => done());
      },
    });
  }
}
