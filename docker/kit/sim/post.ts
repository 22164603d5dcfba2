import { termOf } from '../term.ts';
import type { Surroundings } from './surroundings.ts';

/** A message between two nodes, on its way or past it. Times are milliseconds of virtual time. */
export interface Message {
  readonly from: string;
  readonly to: string;
  readonly name: string;
  /** Where the message says one. */
  readonly term?: number;
  readonly sent: number;
  /** Absent where it never arrived. */
  arrived?: number;
}

/** What is kept of a run, from its beginning: more would be more than a picture can show. */
const MOST = 500_000;

/** Every message between nodes, written down as it is sent and as it arrives, for the report's space-time diagram. */
export class Post {
  readonly messages: Message[] = [];
  readonly #around: Pick<Surroundings, 'now'>;

  constructor(around: Pick<Surroundings, 'now'>) {
    this.#around = around;
  }

  /** Answers what to call when it arrives. Of one that is doubled on its way, the first arrival counts. */
  sent(from: string, to: string, name: string, body: unknown): () => void {
    if (this.messages.length >= MOST) return () => {};
    const term = termOf(body);
    const message: Message = { from, to, name, ...(term !== undefined && { term }), sent: this.#around.now };
    this.messages.push(message);
    return () => {
      message.arrived ??= this.#around.now;
    };
  }

  /** A message a line, with times in nanoseconds, as the history has them. */
  text(): string {
    return this.messages
      .map(({ sent, arrived, ...rest }) =>
        JSON.stringify({
          ...rest,
          sent: Math.round(sent * 1e6),
          ...(arrived !== undefined && { arrived: Math.round(arrived * 1e6) }),
        }),
      )
      .map((line) => `${line}\n`)
      .join('');
  }
}
