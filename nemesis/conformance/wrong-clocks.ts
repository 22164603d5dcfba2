import type { ClockReading } from '../../harness/clock.ts';
import type { Node } from '../../harness/runtime.ts';
import type { Time } from '../../harness/time.ts';

/** The nodes whose clocks are not right. A monotonic one that is ahead, and keeps pace with the truth, is as right as it can be. */
export async function wrongClocks(
  nodes: readonly Node[],
  time: Time,
  { lenient = true }: { readonly lenient?: boolean } = {},
): Promise<string[]> {
  const read = (): Promise<readonly (readonly ClockReading[])[]> =>
    Promise.all(nodes.map(async ({ clock }) => (await clock?.read()) ?? []));
  const first = await read();
  if (first.flat().length === 0) return [];
  // Long enough to tell a drift from a reading's error; a strobe is seen sooner or later, for this is asked again.
  await time.sleep(20);
  const second = await read();
  return nodes.flatMap(({ name }, i) =>
    (second[i] ?? []).flatMap((now) => {
      const then = first[i]?.find(({ process }) => process === now.process);
      if (then === undefined) return [];
      const wall = [then, now].some((one) => Math.abs(one.wall.aheadMs) > 0.5);
      const pace = Math.abs(now.monotonic.aheadMs - then.monotonic.aheadMs) > 0.2;
      const apart = lenient ? now.monotonic.aheadMs < -0.5 : Math.abs(now.monotonic.aheadMs) > 0.5;
      return wall || pace || apart ? [`${name}’s clocks`] : [];
    }),
  );
}
