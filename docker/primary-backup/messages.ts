import type { Command } from '../kit/objects.ts';

/** What the nodes ask each other. */
export type BackupMessages = {
  /** To the view service: I am alive. Answered with the view as it is. */
  ping: { in: Ping; out: View };
  /** To a backup: these commands come after your `after`-th. Answered once they are on the disk. */
  update: { in: Update; out: Kept };
  /** To a backup: forget what you have, and hold this. */
  install: { in: Install; out: Kept };
};

/** Who is what. Every change is a view of its own, and its number fences off whoever is still in an earlier one. */
export interface View {
  readonly number: number;
  /** The number of the view in which its primary became primary. */
  readonly epoch: number;
  readonly primary: string;
  /** Which life of the primary: one that was restarted is another. */
  readonly life: number;
  readonly backups: readonly string[];
}

export interface Ping {
  readonly life: number;
  /** The primary of this view says that every backup in it holds all that it holds. */
  readonly acknowledges: number;
  readonly position: Position;
  /** Backups that the primary gets no answer from. */
  readonly silent: readonly string[];
}

/** How much a copy holds: so many commands, ordered by the primary of that epoch. */
export interface Position {
  readonly epoch: number;
  readonly length: number;
}

interface Update {
  readonly view: number;
  readonly epoch: number;
  readonly after: number;
  readonly commands: readonly Command[];
}

interface Install extends Position {
  readonly view: number;
  readonly state: unknown;
}

export type Kept =
  | { readonly as: 'held'; readonly length: number }
  /** These do not follow on what it holds: send everything. */
  | { readonly as: 'gap' }
  /** There is a newer view. */
  | { readonly as: 'fenced'; readonly view: number };

export function ahead(a: Position, b: Position): boolean {
  return a.epoch !== b.epoch ? a.epoch > b.epoch : a.length > b.length;
}
