import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messagesIn, type Message } from './mail.ts';

/** The messages of a run in the order in which they were sent, as its simulation knew them or as its nodes told them. */
export async function readMessages(folder: string): Promise<readonly Message[]> {
  const [known, told] = await Promise.all([lines(folder, 'messages.jsonl'), lines(folder, 'mail.jsonl')]);
  return [...known.filter(isMessage), ...messagesIn(told)].toSorted((a, b) => a.sent - b.sent);
}

function isMessage(line: object): line is Message {
  const { from, to, name, sent } = line as Partial<Message>;
  return [from, to, name].every((part) => typeof part === 'string') && Number.isFinite(sent);
}

async function lines(folder: string, file: string): Promise<readonly object[]> {
  const text = await readFile(join(folder, file), 'utf8').catch(() => '');
  return text.split('\n').flatMap((line): object[] => {
    try {
      const found: unknown = JSON.parse(line);
      return typeof found === 'object' && found !== null ? [found] : [];
    } catch {
      // A torn line, or none of ours: a picture without it is still a picture.
      return [];
    }
  });
}
