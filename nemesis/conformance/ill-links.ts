import type { Link, Network } from '../../harness/runtime.ts';

/** The links on which something is lost, late, twice, damaged or out of order, or on which a connection does not hold. */
export async function illLinks(network: Network, links: readonly Link[]): Promise<string[]> {
  const { measure, converse } = network;
  if (measure === undefined || converse === undefined) return [];
  const row = { count: 60, everyMs: 0, bytes: 1000, waitMs: 100 };
  const looks = links.map(async (link) => {
    const [passage, talk] = await Promise.all([
      measure.call(network, link, row),
      converse.call(network, link, 200),
    ]);
    const { sent, arrived, again, altered, overtaken, delaysMs } = passage;
    const usual = arrived === sent && again + altered + overtaken === 0 && Math.min(...delaysMs) < 4;
    // A row sent at once takes no time; on a link that is narrow, half a second.
    const wide = Math.max(...delaysMs) < 40;
    return usual && wide && talk === 'held' ? [] : [`${link.from} → ${link.to} carries badly`];
  });
  return (await Promise.all(looks)).flat();
}
