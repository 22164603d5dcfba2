import { clientFor, defineSystem, NotApplied } from 'labrys';
import toykv from '../toykv/system.ts';
import counter from './workload.ts';

/** Toykv has no counters, so a client adds as its users would: read, add, compare-and-set, and again if it was refused. */
export default defineSystem({
  ...toykv,
  name: 'toykv-counter',
  about: 'counters, kept in toykv by compare-and-set',
  clients: [
    clientFor(counter, ({ node }) => {
      const read = async (key: string | number, signal: AbortSignal): Promise<number | null> => {
        const reply = await fetch(`http://${node.address('http')}/${key}`, { signal });
        if (!reply.ok) throw new Error(`answered ${reply.status}`);
        return ((await reply.json()) as { value: number | null }).value;
      };
      return {
        read: async ({ key, signal }) => (await read(key, signal)) ?? 0,
        async add({ key, value, signal }) {
          for (;;) {
            // Until a compare-and-set is sent, nothing can have happened.
            const from = await read(key, signal).catch((cause: Error) => {
              throw new NotApplied(cause.message);
            });
            const body = JSON.stringify({ from, value: (from ?? 0) + value });
            const reply = await fetch(`http://${node.address('http')}/${key}`, {
              method: 'PATCH',
              signal,
              body,
            });
            if (reply.ok) return;
            if (reply.status === 503) throw new NotApplied('not the primary');
            if (reply.status !== 409) throw new Error(`answered ${reply.status}`);
          }
        },
      };
    }),
  ],
});
