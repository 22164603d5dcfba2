import type { MailLog } from '../record/mail-log.ts';
import type { Node } from '../runtime.ts';
import type { Readiness } from './ready.ts';
import { within } from './within.ts';

const everyMs = 250;
const answerMs = 500;

export interface Round extends Readiness {
  readonly nodes: readonly Node[];
  readonly mailLog: MailLog;
}

/**
 * Goes round the nodes meanwhile and collects what they have sent each other, for the report. Each stamps by its own clock,
 * which may be wrong: when it was asked and when it had answered is written down as well, and bounds by how much. A node
 * that does not answer keeps its mail for the next round; one that is killed takes the last quarter of a second with it.
 */
export async function collectMail(round: Round, signal: AbortSignal): Promise<void> {
  const { system, nodes, time } = round;
  if (system.mail === undefined) return;
  const cursors = new Map<string, string>();
  const all = () => Promise.all(nodes.map((node) => empty(node, round, cursors)));
  while (!signal.aborted) {
    await all();
    await time.sleep(everyMs, signal).catch(() => {});
  }
  await all();
}

async function empty(
  node: Node,
  { system, settings, time, mailLog }: Round,
  cursors: Map<string, string>,
): Promise<void> {
  const asked = time.now();
  const bag = await within(time, answerMs, undefined, async (signal) =>
    system.mail?.(node, cursors.get(node.name) ?? '', { settings, time, signal }),
  ).catch(() => undefined);
  if (bag === undefined) return;
  const answered = time.now();
  cursors.set(node.name, bag.next);
  const shared = answered - Number(process.hrtime.bigint());
  mailLog.write({ node: node.name, asked, answered, at: bag.at, shared, events: bag.events });
}
