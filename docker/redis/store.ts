import type { Key } from 'knossos-js';
import type { Command, Reply } from './connection.ts';

/** Redis as a client of it sees it: one server, or several of which one answers for a key. */
export interface Store {
  ask(key: Key, command: Command, signal: AbortSignal): Promise<Reply>;
  /** The same, for commands that change something: resolves when as many replicas have confirmed as was asked for. */
  write(key: Key, command: Command, signal: AbortSignal): Promise<Reply>;
  /** All of them or none, on keys that one server answers for. */
  transaction(key: Key, commands: readonly Command[], signal: AbortSignal): Promise<readonly Reply[]>;
  close(): void;
}
