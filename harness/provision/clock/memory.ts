import type { Span } from './vdso.ts';

/** The memory of one process, wherever it runs. */
export interface ProcessMemory {
  /** Where its vDSO is. Nothing, where it has none that we could use. */
  vdso(): Promise<Span | undefined>;
  read(at: number, length: number): Promise<Buffer>;
  write(at: number, bytes: Buffer): Promise<void>;
  /**
   * Have all its threads stand still, none in the middle of one of these; the function returned lets them go on. Whoever
   * carries it out sees to it that they do, whatever becomes of the harness meanwhile. What stood still already stays so.
   */
  halt(clear: readonly Span[]): Promise<() => Promise<void>>;
  close(): void;
}

/** The process is no more, or has become another program, with another memory. */
export class Gone extends Error {
  override readonly name = 'Gone';

  constructor(pid: number) {
    super(`process ${pid} is gone`);
  }
}

/** The kernel does not let us. The message says what. */
export class Refused extends Error {
  override readonly name = 'Refused';
}

/** The most that a process may take to stand still: one that is deep in the kernel does so late. */
export const patienceMs = 1000;
