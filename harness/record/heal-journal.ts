import { closeSync, existsSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Which faults were begun and which were healed: `heal.jsonl`. Each is written before it is applied, so that after a
 * `kill -9` of the harness nothing can be in force that is not in it.
 */
export interface HealJournal {
  /** Throws when it cannot be written down, and then nothing may be injected. */
  begun(entry: { readonly strike: number; readonly fault: string; readonly variant: string }): void;
  applied(strike: number, what: string, nodes: readonly string[]): void;
  healed(strike: number): void;
}

export function openHealJournal(folder: string): HealJournal & Disposable {
  const fd = openSync(join(folder, 'heal.jsonl'), 'a');
  // What this process has handed to the operating system survives this process; no sync is needed for that.
  const write = (line: object): void => void writeSync(fd, `${JSON.stringify(line)}\n`);
  // A full disk must not keep anything from being healed. What is missing then makes the journal too careful, no more.
  const tryTo = (line: object): void => {
    try {
      write(line);
    } catch {
      // Whoever records the history is about to say so.
    }
  };
  return {
    begun: (entry) => write({ type: 'begun', ...entry }),
    applied: (strike, what, nodes) => tryTo({ type: 'applied', strike, what, nodes }),
    healed: (strike) => tryTo({ type: 'healed', strike }),
    [Symbol.dispose]: () => closeSync(fd),
  };
}

/** For the simulation, where nothing outlives the run. */
export const noJournal: HealJournal = { begun: () => {}, applied: () => {}, healed: () => {} };

/** A fault that was begun and, as far as the journal knows, never healed. */
export interface Unhealed {
  readonly strike: number;
  readonly fault: string;
  readonly variant: string;
  /** What it had done, where it got so far as to say. */
  readonly what?: string;
}

/** What may still be in force after the harness of this run has died. A torn last line is skipped. */
export function unhealed(folder: string): readonly Unhealed[] {
  const path = join(folder, 'heal.jsonl');
  if (!existsSync(path)) return [];
  const open = new Map<number, Unhealed>();
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    const entry = parse(line);
    if (entry?.type === 'begun') open.set(entry.strike, unhealedOf(entry));
    else if (entry?.type === 'applied')
      open.set(entry.strike, { ...(open.get(entry.strike) ?? unhealedOf(entry)), what: entry.what });
    else if (entry?.type === 'healed') open.delete(entry.strike);
  }
  return [...open.values()];
}

interface Entry {
  readonly type: 'begun' | 'applied' | 'healed';
  readonly strike: number;
  readonly fault: string;
  readonly variant: string;
  readonly what: string;
}

const unhealedOf = ({ strike, fault, variant }: Partial<Entry> & Pick<Entry, 'strike'>): Unhealed => ({
  strike,
  fault: fault ?? '?',
  variant: variant ?? '?',
});

function parse(line: string): Entry | undefined {
  try {
    return JSON.parse(line) as Entry;
  } catch {
    return undefined;
  }
}
