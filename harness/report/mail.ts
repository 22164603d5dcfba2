import type { MailRound } from '../record/mail-log.ts';
import type { MailEvent } from '../system.ts';
import { Offset } from './offset.ts';

/** A message between nodes. Times are nanoseconds since the run began; without `arrived` it was lost, as far as is known. */
export interface Message {
  readonly from: string;
  readonly to: string;
  readonly name: string;
  readonly term?: number;
  readonly sent: number;
  readonly arrived?: number;
}

/**
 * The messages that nodes told of, each from its sender's side and from its receiver's, on the run's own time. Whoever asked
 * and the number that it gave name a message, and its answer; of one that was doubled on its way the first arrival counts.
 * Whoever never told anything is no node.
 */
export function messagesIn(lines: readonly object[]): readonly Message[] {
  const rounds = lines.filter(isRound);
  const known = new Set(rounds.map(({ node }) => node));
  const offsets = new Map<string, Offset>();
  const sent = new Map<string, Message>();
  const arrived = new Map<string, number>();
  for (const { node, asked, answered, at, shared, events } of rounds) {
    const offset = offsets.get(node) ?? new Offset(shared);
    offsets.set(node, offset);
    const ours = offset.learn(asked, at, answered);
    for (const [kind, number, peer, name, term, when] of events.filter(isEvent)) {
      if (!known.has(peer)) continue;
      const asker = kind === 'sent' || kind === 'returned' ? node : peer;
      const reply = kind === 'answered' || kind === 'returned';
      const id = `${asker}/${number}${reply ? '/reply' : ''}`;
      const moment = Math.max(0, Math.round(ours(when)));
      if (kind === 'sent' || kind === 'answered')
        sent.set(id, {
          from: node,
          to: peer,
          name: reply ? `${name} reply` : name,
          ...(term !== null && { term }),
          sent: moment,
        });
      else arrived.set(id, Math.min(moment, arrived.get(id) ?? Infinity));
    }
  }
  return [...sent].map(([id, message]) => {
    const end = arrived.get(id);
    return end === undefined ? message : { ...message, arrived: Math.max(end, message.sent) };
  });
}

function isRound(line: object): line is MailRound {
  const { node, asked, answered, at, shared, events } = line as Partial<MailRound>;
  return (
    typeof node === 'string' && [asked, answered, at, shared].every(Number.isFinite) && Array.isArray(events)
  );
}

function isEvent(event: unknown): event is MailEvent {
  if (!Array.isArray(event)) return false;
  const [, number, peer, name, term, at] = event as unknown[];
  return (
    [number, at].every(Number.isFinite) &&
    [peer, name].every((part) => typeof part === 'string') &&
    (term === null || Number.isFinite(term))
  );
}
