import type { Passage, Row } from '../../../harness/runtime.ts';
import type { Link } from './link.ts';
import type { Surroundings } from './surroundings.ts';

/** Another packet of a conversation, so often. */
const TALK_MS = 10;
const PACKET = 100;

/** What becomes of a row of datagrams on a link: of what it does beyond its weather, which is the same before and after. */
export async function measure(around: Surroundings, link: Link, row: Row): Promise<Passage> {
  const { count, everyMs, bytes, waitMs } = row;
  const arrivals: { readonly number: number; readonly at: number }[] = [];
  const delays = new Map<number, number>();
  let [altered, again] = [0, 0];
  const began = around.now;
  for (let number = 0; number < count; number++) {
    around.after(number * everyMs, () => {
      const sent = around.now;
      const { lost, altered: damaged, copies, lateMs } = link.path.fate(sent, bytes + 28);
      if (lost || !link.carries) return;
      if (damaged) return void altered++;
      around.after(lateMs, () => {
        if (around.now > began + count * everyMs + waitMs) return;
        again += copies - 1;
        arrivals.push({ number, at: around.now });
        delays.set(number, around.now - sent);
      });
    });
  }
  await sleep(around, count * everyMs + waitMs);
  let [overtaken, latest] = [0, -1];
  for (const { number } of arrivals) {
    if (number < latest) overtaken++;
    latest = Math.max(latest, number);
  }
  const delaysMs = [...delays].toSorted(([a], [b]) => a - b).map(([, ms]) => ms);
  return { sent: count, arrived: arrivals.length, again, altered, overtaken, delaysMs };
}

/** Whether a connection holds on it for so long. */
export async function converse(
  around: Surroundings,
  link: Link,
  ms: number,
): Promise<'held' | 'reset' | 'silent'> {
  for (const end = around.now + ms; around.now < end; await sleep(around, TALK_MS)) {
    if (!link.carries) return 'silent';
    if (link.path.fate(around.now, PACKET).resets) return 'reset';
  }
  return 'held';
}

const sleep = (around: Surroundings, ms: number): Promise<void> =>
  new Promise((wake) => around.after(ms, wake));
