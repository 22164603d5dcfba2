import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A message between nodes. Times are nanoseconds since the run began; without `arrived` it was lost. */
export interface Message {
  readonly from: string;
  readonly to: string;
  readonly name: string;
  readonly term?: number;
  readonly sent: number;
  readonly arrived?: number;
}

/** The messages of a run in the order in which they were sent, where they were written down. */
export async function readMessages(folder: string): Promise<readonly Message[]> {
  const text = await readFile(join(folder, 'messages.jsonl'), 'utf8').catch(() => '');
  return text
    .split('\n')
    .flatMap((line): Message[] => {
      try {
        const found = JSON.parse(line) as Message;
        const whole = [found.from, found.to, found.name].every((part) => typeof part === 'string');
        return whole && Number.isFinite(found.sent) ? [found] : [];
      } catch {
        // A torn line, or none of ours: a picture without it is still a picture.
        return [];
      }
    })
    .toSorted((a, b) => a.sent - b.sent);
}
